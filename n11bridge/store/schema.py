"""The tables, as an ordered list of migrations: entry n takes a file from version n to n + 1.

A released entry is never edited; a change is a new entry at the end.
"""

APPLICATION_ID = 0x6E313162  # "n11b": tells our file from another program's database

MIGRATIONS = (
    f"""
    PRAGMA application_id = {APPLICATION_ID};

    -- AUTOINCREMENT: a late acknowledgement must never hit a newer row under a reused number.
    CREATE TABLE publication (
        seq INTEGER PRIMARY KEY AUTOINCREMENT,
        topic TEXT NOT NULL,
        payload TEXT NOT NULL,
        properties TEXT
    ) STRICT;

    CREATE TABLE request (
        id TEXT PRIMARY KEY,
        name TEXT NOT NULL,
        digest TEXT NOT NULL,
        properties TEXT,
        packet INTEGER,           -- the MQTT packet identifier of a request that came without id
        response TEXT,            -- null: not answered yet
        begun REAL NOT NULL
    ) STRICT;
    CREATE INDEX request_begun ON request (begun);
    CREATE INDEX request_packet ON request (packet, digest) WHERE packet IS NOT NULL;

    CREATE TABLE message (
        id INTEGER PRIMARY KEY AUTOINCREMENT,       -- the order of acceptance
        key TEXT NOT NULL UNIQUE,
        request TEXT NOT NULL,
        recipient TEXT NOT NULL,
        contact TEXT,
        text TEXT NOT NULL,
        encoding TEXT NOT NULL,
        flash INTEGER NOT NULL,
        report INTEGER NOT NULL,
        priority INTEGER NOT NULL,
        on_unknown TEXT NOT NULL,
        expires REAL,
        state TEXT NOT NULL,
        error TEXT,
        created REAL NOT NULL,
        updated REAL NOT NULL,
        attempts INTEGER NOT NULL DEFAULT 0,
        not_before REAL NOT NULL DEFAULT 0
    ) STRICT;
    CREATE INDEX message_state ON message (state);
    CREATE INDEX message_created ON message (created);

    CREATE TABLE part (
        message TEXT NOT NULL REFERENCES message (key) ON DELETE CASCADE,
        seq INTEGER NOT NULL,                       -- counts from 1, as in the PDU
        pdu TEXT NOT NULL,
        length INTEGER NOT NULL,
        state TEXT NOT NULL DEFAULT 'queued',
        reference INTEGER,                          -- TP-MR, 0..255, comes round again
        status INTEGER,                             -- TP-ST of the last delivery report
        sent REAL,
        PRIMARY KEY (message, seq)
    ) STRICT;
    CREATE INDEX part_state ON part (state);
    CREATE INDEX part_reference ON part (reference) WHERE state = 'sent';

    CREATE TABLE inbox (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        uid TEXT NOT NULL UNIQUE,
        sender TEXT NOT NULL,
        ref INTEGER,                                -- null: a message of one part
        bits INTEGER,                               -- 8 or 16, the width of ref
        total INTEGER NOT NULL,
        received REAL NOT NULL,                     -- when the first part came
        position INTEGER UNIQUE,                    -- order of publication; null: not yet
        published REAL,
        complete INTEGER NOT NULL DEFAULT 0,
        payload TEXT
    ) STRICT;
    CREATE INDEX inbox_concatenation ON inbox (sender, ref, bits, total);

    CREATE TABLE inbox_part (
        hash TEXT PRIMARY KEY,
        uid TEXT NOT NULL REFERENCES inbox (uid) ON DELETE CASCADE,
        seq INTEGER NOT NULL,
        pdu TEXT NOT NULL,
        received REAL NOT NULL,
        UNIQUE (uid, seq)
    ) STRICT;

    CREATE TABLE counter (name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT;

    CREATE TABLE fact (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;

    CREATE TABLE pin (
        iccid TEXT NOT NULL,
        salt BLOB NOT NULL,
        hash BLOB NOT NULL,
        outcome TEXT NOT NULL,
        attempted REAL NOT NULL,
        PRIMARY KEY (iccid, hash)
    ) STRICT;
    """,
    """
    -- A message that counts others: the text that was asked for, how often, and until when it
    -- takes in more.
    ALTER TABLE message ADD COLUMN asked TEXT;
    ALTER TABLE message ADD COLUMN times INTEGER NOT NULL DEFAULT 1;
    ALTER TABLE message ADD COLUMN due REAL;
    CREATE INDEX inbox_received ON inbox (received);
    """,
    """
    -- What is to reach a remote broker over the modem.
    CREATE TABLE uplink (
        seq INTEGER PRIMARY KEY AUTOINCREMENT,
        topic TEXT NOT NULL,
        payload BLOB NOT NULL,
        qos INTEGER NOT NULL,
        retain INTEGER NOT NULL,
        packet INTEGER,           -- the local broker's packet identifier
        refusals INTEGER NOT NULL DEFAULT 0
    ) STRICT;
    CREATE INDEX uplink_order ON uplink (refusals / 3, seq);
    CREATE INDEX uplink_lesser ON uplink (seq) WHERE qos = 0;
    """,
)
