"""A body fetched part by part (RFC 9110, 14), so that others get their turn in between.

And so that what broke off is gone on with, and not begun again.
"""

import re
from dataclasses import replace

from n11bridge.capabilities.http.answer import Answer
from n11bridge.capabilities.http.asking import Asked
from n11bridge.capability import RequestError

#: So often in a row a part may fail before it is given up.
TRIES = 3


class Segments:
    """The parts of one body: `next` to ask for, `take` what came, `answer` in the end."""

    def __init__(self, asked: Asked, size: int, most: int) -> None:
        self._asked = asked
        self._size = size
        self._most = most
        self._head: Answer | None = None
        self._body = b""
        self._total: int | None = None
        self._whole: Answer | None = None
        self._plain = False
        self._failed = 0

    def next(self) -> Asked | None:
        """The request for the next part; None when there is none to ask for."""
        if self._whole is not None or len(self._body) > self._most:
            return None
        if self._total is not None and len(self._body) >= self._total:
            return None
        if self._plain:
            return self._asked
        start = len(self._body)
        asked = self._asked.with_headers(Range=f"bytes={start}-{start + self._size - 1}")
        validator = self._head and (self._head.header("etag") or self._head.header("last-modified"))
        # A weak one proves nothing (RFC 9110, 13.1.5).
        if start and validator and not validator.startswith("W/"):
            asked = asked.with_headers(If_Range=validator)
        return asked

    def take(self, answer: Answer) -> None:
        """Take an answer, a broken one as well."""
        told = re.match(
            r"bytes (\d{1,18})-\d{1,18}/(\d{1,18})", answer.header("content-range") or ""
        )
        if answer.status == 206 and told and int(told[1]) == len(self._body):
            self._head = self._head or answer
            self._total = int(told[2])
            self._body += answer.body
            self._failed = 0 if answer.body else self._failed + 1
        elif answer.status == 416 and not self._body:
            self._plain = True  # nothing to have a part of
        elif answer.whole or len(answer.body) > self._most:
            self._whole = answer  # a server that knows no parts, or a body that has changed
        else:
            self._body, self._total = b"", None
            self._failed += 1
        if self._failed >= TRIES:
            message = f"the connection broke {TRIES} times after {len(self._body)} bytes"
            raise RequestError("modem_error", message, retryable=True)

    def fail(self, error: RequestError) -> bool:
        """Take note that a part did not come at all; whether to try again."""
        self._failed += 1
        return error.retryable and bool(self._body) and self._failed < TRIES

    def answer(self) -> Answer:
        """The whole, as if it had been fetched at once."""
        if self._whole is not None:
            return self._whole
        assert self._head is not None
        headers = [
            (name, str(self._total) if name == "content-length" else value)
            for name, value in self._head.headers
            if name != "content-range"
        ]
        whole = self._total is not None and len(self._body) >= self._total
        return replace(
            self._head, status=200, reason="OK", headers=headers, body=self._body, whole=whole
        )
