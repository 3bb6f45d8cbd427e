"""Messages as text mode writes and reads them: header fields and character sets (6.3, 6.5)."""

from __future__ import annotations

from dataclasses import dataclass

from . import alphabet
from .commands import Body
from .octets import split_centre, stamp_text
from .tpdu import STATUS_REPORT, SUBMIT, Deliver, StatusReport, Submit, UserData, is_gsm7, is_ucs2

CHARSETS = ("GSM", "HEX", "PCCP936", "UCS2")


@dataclass(frozen=True)
class Shown:
    """A message taken apart for text mode."""

    who: str
    """Quoted number and name, as CMGR, CMGL and CMT begin after the state."""
    time: str
    """Quoted time stamp; empty for a message of one's own."""
    details: str
    """What CSDH=1 adds in CMGR and CMT."""
    number_type: int
    length: int
    body: Body
    report: str = ""
    """``<fo>,<mr>,...`` of a delivery report, which has no body."""


def show(pdu: str, charset: str, *, long_stamp: bool) -> Shown:
    """Take a PDU apart for text mode; one that makes no sense is shown as it is."""
    try:
        return _show(bytes.fromhex(pdu), charset, long_stamp)
    except (ValueError, IndexError):
        return Shown('"",', '""', "", 129, len(pdu) // 2, Body(pdu))


def _show(pdu: bytes, charset: str, long_stamp: bool) -> Shown:
    centre, tpdu = split_centre(pdu)
    tail = f'"{centre}",{_type(centre)}'
    kind = tpdu[0] & 3
    if kind == STATUS_REPORT:
        status = StatusReport.decode(tpdu)
        times = ",".join(
            f'"{stamp_text(stamp, long=long_stamp)}"' for stamp in (status.stamp, status.discharge)
        )
        number = f'"{status.number}",{_type(status.number)}'
        report = f"{status.first},{status.reference},{number},{times},{status.status}"
        return Shown("", "", "", 0, len(tpdu), Body(""), report)
    if kind == SUBMIT:
        submit = Submit.decode(tpdu)
        number, time, user = submit.number, "", submit.user
        fields = f"{_type(number)},{submit.first},{submit.pid},{user.dcs},,{tail},{user.length}"
    else:
        deliver = Deliver.decode(tpdu)
        number, user = deliver.sender, deliver.user
        time = f'"{stamp_text(deliver.stamp, long=long_stamp)}"'
        fields = f"{_type(number)},{deliver.first},{deliver.pid},{user.dcs},{tail},{user.length}"
    body = Body(from_user_data(user, charset))
    return Shown(f'"{number}",', time, fields, _type(number), user.length, body)


def _type(number: str) -> int:
    return 145 if number.startswith("+") else 129


def from_user_data(user: UserData, charset: str) -> str:
    """Return the content in the character set of AT+CSCS; hexadecimal where that has no letters."""
    if not is_gsm7(user.dcs):
        if is_ucs2(user.dcs) and charset == "PCCP936":
            return user.text.encode("gbk", "replace").decode("latin-1")
        return user.data.hex().upper()
    if charset == "UCS2":
        return user.text.encode("utf-16-be").hex().upper()
    if charset == "PCCP936":
        return user.text.encode("gbk", "replace").decode("latin-1")
    septets = bytes(code for codes in alphabet.encode(user.text) for code in codes)
    return septets.hex().upper() if charset == "HEX" else septets.decode("latin-1")


def to_text(typed: str, charset: str, dcs: int) -> tuple[str, bytes]:
    """Return text and data of what was typed at the prompt; ValueError if it does not fit."""
    if not is_gsm7(dcs):
        data = bytes.fromhex(typed)
        return (data.decode("utf-16-be"), b"") if is_ucs2(dcs) else ("", data)
    if charset == "UCS2":
        return bytes.fromhex(typed).decode("utf-16-be"), b""
    if charset == "PCCP936":
        return typed.encode("latin-1").decode("gbk"), b""
    septets = bytes.fromhex(typed) if charset == "HEX" else typed.encode("latin-1")
    if any(septet > 0x7F for septet in septets):
        raise ValueError("no septet")
    return alphabet.decode(septets), b""
