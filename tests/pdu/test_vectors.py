"""Every row of the table of real PDUs."""

import json
from collections import defaultdict
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from n11bridge.pdu import (
    Broadcast,
    Concatenation,
    Deliver,
    PduError,
    StatusReport,
    Submit,
    alphabet,
    decode,
    join,
    septets,
)

Row = dict[str, Any]
TABLE = Path(__file__).parents[1] / "vectors" / "pdu.jsonl"
ROWS = [json.loads(line) for line in TABLE.read_text(encoding="utf-8").splitlines()]


def rows(*kinds: str) -> Any:
    chosen = [row for row in ROWS if row["kind"] in kinds]
    assert chosen
    return pytest.mark.parametrize("row", chosen, ids=[row.get("pdu", "")[:40] for row in chosen])


def read(row: Row) -> Deliver | Submit | StatusReport:
    return decode(row["pdu"], sent=row["kind"] == "submit", smsc="tpdu_only" not in row)


def meant(row: Row) -> Row:
    """What a row expects, in the words of the codec."""
    expected = dict(row["expect"])
    values: Row = {}
    for key, word in (("class", "message_class"), ("srr", "report_requested")):
        if key in expected:
            values[word] = expected.pop(key)
    if "rd" in expected:
        values["reject_duplicates"] = expected.pop("rd")
    if "mr" in expected:
        values["reference"] = expected.pop("mr")
    if "vp_seconds" in expected:
        values["validity_seconds"] = expected.pop("vp_seconds")
    if "timestamp" in expected:
        values["timestamp"] = datetime.fromisoformat(expected.pop("timestamp"))
    if "data" in expected:
        values["data"] = bytes.fromhex(expected.pop("data"))
    if part := expected.pop("concat", None):
        values["concat"] = Concatenation(part["ref"], part["total"], part["seq"], part["ref_bits"])
    expected.pop("tpdu_length", None)
    return values | expected


@rows("submit", "deliver", "status_report")
def test_decodes(row: Row) -> None:
    message = read(row)
    expected = meant(row)
    assert {key: getattr(message, key) for key in expected} == expected
    if "timestamp" in expected:
        assert isinstance(message, Deliver | StatusReport)
        assert message.timestamp is not None
        assert message.timestamp.utcoffset() == expected["timestamp"].utcoffset()
    kinds = {"submit": Submit, "deliver": Deliver, "status_report": StatusReport}
    assert isinstance(message, kinds[row["kind"]])
    assert decode(row["pdu"].lower(), smsc="tpdu_only" not in row) == message


@pytest.mark.parametrize("row", [row for row in ROWS if row.get("direction") == "encode+decode"])
def test_encodes(row: Row) -> None:
    message = read(row)
    assert isinstance(message, Submit)
    expected = row["expect"]
    made = Submit(
        number=expected["number"],
        text=expected["text"],
        encoding=expected.get("encoding", message.encoding),
        message_class=expected.get("class"),
        concat=meant(row).get("concat"),
        smsc=expected.get("smsc"),
        validity=message.validity,
        report_requested=message.report_requested,
        reject_duplicates=message.reject_duplicates,
        reference=message.reference,
        pid=message.pid,
    )
    encoded = made.encode()
    assert encoded.pdu == ("00" if "tpdu_only" in row else "") + row["pdu"]
    assert message.encode() == encoded
    smsc_octets = int(encoded.pdu[:2], 16) + 1
    assert encoded.length == len(encoded.pdu) // 2 - smsc_octets
    assert encoded.length == expected.get("tpdu_length", encoded.length)


@rows("deliver", "status_report")
def test_what_is_encoded_again_reads_the_same(row: Row) -> None:
    message = read(row)
    assert isinstance(message, Deliver | StatusReport)
    assert decode(message.encode().pdu) == message


@rows("deliver")
def test_deliver_comes_out_as_it_came(row: Row) -> None:
    message = read(row)
    assert isinstance(message, Deliver)
    octets = bytearray.fromhex(("00" if "tpdu_only" in row else "") + row["pdu"])
    if row.get("group") == "mm-multi":  # its sender set the fill bit before the text
        octets[octets.index(b"\x05\x00\x03\x4c\x02") + 6] &= 0xFE
    assert bytes.fromhex(message.encode().pdu) == octets


@rows("invalid")
def test_refuses(row: Row) -> None:
    for sent in (False, True):
        with pytest.raises(PduError):
            decode(row["pdu"], sent=sent)


@rows("gsm7")
def test_alphabet(row: Row) -> None:
    expected = row["expect"]
    units = septets.unpack(bytes.fromhex(row["packed"]), row["septets"])
    tables = {"locking": expected["locking"], "single": expected["single"]}
    assert alphabet.decode(units, **tables) == expected["text"]
    assert septets.pack(units).hex().upper() == row["packed"]


@rows("cbs")
def test_broadcast(row: Row) -> None:
    page = Broadcast.decode(row["pdu"])
    assert page.language == row["expect"]["lang"]
    assert page.text is not None
    assert page.text == row["expect"].get("text", page.text)
    if "text" in row["expect"]:  # the other one escapes a character that needs no escape
        assert page.encode() == row["pdu"]


def test_parts_of_a_group_join() -> None:
    groups = defaultdict(list)
    for row in ROWS:
        if row["kind"] == "deliver" and "group" in row:
            message = read(row)
            assert isinstance(message, Deliver)
            groups[row["group"]].append(message)
    assert len(groups) == 2
    for parts in groups.values():
        whole = join(parts[::-1])
        assert whole.text == "".join(part.text or "" for part in parts)
