"""Byte streams that no modem should send: what modems do send, damaged in every way."""

import json
import random
from collections.abc import Iterator
from pathlib import Path

from .dialogue import FRAMINGS, turns
from .transcripts import TRANSCRIPTS

VECTORS = Path(__file__).parent.parent / "vectors"

#: What means something to a reader of lines, prompts or counted data, or nearly does.
TOKENS = [
    *(b"\r", b"\n", b"\r\n", b"\0", b" ", b"\t", b">", b"> ", b"\x1b", b"\x1a", b'"', b",", b":"),
    *(b"OK", b"ERROR", b"+", b"+CME ERROR: ", b"+CMS ERROR: 38", b"NO CARRIER", b"RING"),
    *(b"+TCPRECV: 0,99999,", b"+TCPRECV: 0,4,", b"+TCPREAD: 0,0,", b'+MQTTSUB:1,"', b"+CMT: ,24"),
    *(b"+CMGL: 1,1,,24", b"+CMGR: 1,,24", b"+CDS: 24", b"+CREG: ", b"+IPR: 9", b"AT+IPR?\r"),
    *(b"+TCPSETUP: 0,OK", b"+TCPSETUP: ERROR", b"MODEM:STARTUP", b"07914306073011F0", b"\xff\xfe"),
    *(b" " * 300, b"9" * 300, b"," * 300, b"(" * 300, b'"' * 301, b"x" * 300, b"\r\n" * 100),
]


def genuine() -> list[bytes]:
    """What modems said, by the transcripts and the vectors."""
    said = [
        turn.received
        for transcript in TRANSCRIPTS.values()
        for framing in FRAMINGS
        for turn in turns(transcript.text, framing)
    ]
    for line in (VECTORS / "at.jsonl").read_text(encoding="utf-8").splitlines():
        said.append(json.loads(line)["raw"].encode("latin-1", "replace"))
    for line in (VECTORS / "pdu.jsonl").read_text(encoding="utf-8").splitlines():
        said.append(b"+CMT: ,24\r\n" + str(json.loads(line).get("pdu", "")).encode() + b"\r\n")
    return said


def damaged(chance: random.Random, said: list[bytes]) -> bytes:
    """One or a few of them, run together and damaged."""
    stream = bytearray(b"".join(chance.choices(said, k=chance.randint(1, 3))))
    for _ in range(chance.choice((0, 1, 1, 2, 3, 8))):
        at = chance.randint(0, len(stream))
        to = min(len(stream), at + chance.randint(0, 30))
        match chance.randrange(7):
            case 0 if at < len(stream):
                stream[at] = chance.randrange(256)
            case 1 if at < len(stream):
                stream[at] ^= 1 << chance.randrange(8)
            case 2:
                del stream[at:to]
            case 3:
                stream[at:at] = stream[at:to] * chance.randint(1, 5)
            case 4:
                stream[at:at] = chance.choice(TOKENS)
            case 5:
                stream[at:to] = chance.randbytes(to - at)
            case _:
                stream[at:] = b"".join(chance.choices(TOKENS, k=chance.randint(0, 6)))
    return bytes(stream)


def portions(chance: random.Random, stream: bytes) -> Iterator[bytes]:
    """A stream as it may come off a line."""
    most = chance.choice((1, 7, 64, len(stream) or 1))
    while stream:
        size = chance.randint(1, most)
        yield stream[:size]
        stream = stream[size:]
