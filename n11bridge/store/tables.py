"""All tables of the file in one hand: what a piece of work in the store works with."""

import sqlite3

from n11bridge.store.counters import Counters
from n11bridge.store.facts import Facts
from n11bridge.store.inbox import Inbox
from n11bridge.store.outbox import Outbox
from n11bridge.store.pins import Pins
from n11bridge.store.publications import Publications
from n11bridge.store.requests import Requests
from n11bridge.store.storms import Storms
from n11bridge.store.talks import Talks
from n11bridge.store.times import Times
from n11bridge.store.uplink import Uplink


class Tables:
    """The tables, usable inside a work function of the store only."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.requests = Requests(connection)
        self.outbox = Outbox(connection)
        self.inbox = Inbox(connection)
        self.publications = Publications(connection)
        self.counters = Counters(connection)
        self.pins = Pins(connection)
        self.facts = Facts(connection)
        self.storms = Storms(connection)
        self.talks = Talks(connection)
        self.times = Times(connection)
        self.uplink = Uplink(connection)
