"""What SSLTCPREAD answers: data with no length before them, unless the modem gives one after all.

The manual's table has ``0,<data>``, its example ``+SSLTCPREAD:0,<data>``, and TCPREAD's answer has
a length. So the data end where as many came as were asked for, or where an OK is followed by
silence.
"""

import re

from n11bridge.internet.manners import Manners

#: How long nothing comes behind an OK that ends the answer, and within the data (seconds).
SILENCE, STALL = 0.15, 2.0

_OK = re.compile(rb"(?:\r\n){1,2}OK\r\n")
#: Reports that had to wait for the end of the answer.
_REPORTS = re.compile(rb"(?:\r\n[^\r\n]+\r\n)*")
_LENGTH = re.compile(rb"(\d{1,5})(?: *,|(?=\r\n))")


class TlsPortion:
    """Reads one answer (at.pouring.Pouring); ``data`` is what came, of ``size`` bytes at most."""

    header = re.compile(rb"(?:\+SSLTCPS?READ *: *)?\d *,")
    refusal = re.compile(r"\+SSLTCPS?READ: *ERROR", re.IGNORECASE)

    def __init__(self, size: int, manners: Manners) -> None:
        self.data = b""
        self.rest: bytes | None = None
        self.in_step = True
        self._size = size
        self._manners = manners
        self._came = bytearray()

    @property
    def patience(self) -> float:
        """Short behind what may be the end."""
        return SILENCE if not self._came or self._last_ok() else STALL

    def ends(self, line: str) -> bool:
        """No report does."""
        return False

    def take(self, data: bytes) -> bytes:
        """Take bytes; nothing is to be written meanwhile."""
        self._came += data
        if not self._counted() and (end := _OK.match(self._came, self._size)):
            self._end(bytes(self._came[: self._size]), end.end())
        return b""

    def _counted(self) -> bool:
        """Whether a length stands before the data and an OK behind so many."""
        length = _LENGTH.match(self._came) if self._manners.tls_counted is not False else None
        if length is None:
            return False
        last = length.end() + int(length[1])
        end = _OK.match(self._came, last)
        if end is None:
            return False
        if int(length[1]):
            self._manners.tls_counted = True
        self._end(bytes(self._came[length.end() : last]), end.end())
        return True

    def _last_ok(self) -> "re.Match[bytes] | None":
        """The OK that nothing follows but reports: the data may hold others."""
        ok = next(reversed([*_OK.finditer(self._came)]), None)
        return ok if ok and _REPORTS.fullmatch(self._came, ok.end()) else None

    def quiet(self) -> bytes:
        """Take what came for the whole."""
        ok = self._last_ok()
        if ok is None:
            self.in_step = not self._came
            self._end(bytes(self._came), len(self._came))
            return b""
        if ok.start():
            self._manners.tls_counted = False
        self._end(bytes(self._came[: ok.start()]), ok.end())
        return b""

    def _end(self, data: bytes, end: int) -> None:
        self.data, self.rest = data, bytes(self._came[end:])
