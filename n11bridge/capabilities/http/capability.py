"""The `http` capability: a URL in, the server's answer out."""

import asyncio
import re
from typing import Any

import voluptuous as vol

from n11bridge import content
from n11bridge.at.errors import Lost, TimedOut
from n11bridge.capabilities.certificates import NAME
from n11bridge.capabilities.http import published, wire
from n11bridge.capabilities.http.answer import Answer
from n11bridge.capabilities.http.asking import Asked, Place
from n11bridge.capabilities.http.connection import Connector
from n11bridge.capabilities.http.segments import Segments
from n11bridge.capability import Capability, Request, RequestError, on, request
from n11bridge.host import Host, Trust

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
REDIRECTS = (301, 302, 303, 307, 308)
#: The largest body that may be asked for, in bytes, and the one that is if nothing is said.
LARGEST, USUAL = 8 << 20, 1 << 20
#: The smallest segment: each one costs a connection.
SMALLEST_SEGMENT = 1024

WORD = vol.All(str, vol.Match(r"[!-9;-~]{1,100}\Z", msg="the name of a header"))
VALUE = vol.All(str, vol.Match(r"[ -~\t]{0,1000}\Z", msg="one line of plain ASCII"))


class Http(Capability):
    """Requests, one at a time; the modem talks to nobody else while an answer pours out."""

    name = "http"

    def __init__(self, host: Host) -> None:
        super().__init__(host)
        self._connector = Connector(self.modem, host.link)
        self._turn = asyncio.Lock()

    async def prepare(self) -> None:
        """Close what was left open."""
        await self._connector.close_all()

    @on(wire.Closed)
    @on(wire.SecureClosed)
    @on(wire.SecureClosedAsPrinted)
    def closed(self, _: wire.Closed) -> None:
        """Whoever reads an answer has seen it; at other times it says nothing new."""

    @request(
        "request",
        {
            vol.Required("url"): vol.All(str, vol.Length(max=1500)),
            vol.Optional("method", default="GET"): vol.All(vol.Upper, vol.In(METHODS)),
            vol.Optional("headers", default=dict): {WORD: VALUE},
            **content.parameters(),
            vol.Optional("timeout", default=60): vol.All(int, vol.Range(min=1, max=600)),
            vol.Optional("max_length", default=USUAL): vol.All(int, vol.Range(min=1, max=LARGEST)),
            vol.Optional("segment"): vol.All(int, vol.Range(min=SMALLEST_SEGMENT, max=LARGEST)),
            vol.Optional("redirects", default=0): vol.All(int, vol.Range(min=0, max=5)),
            vol.Optional("certificates", default=dict): {
                vol.Optional("ca"): NAME,
                vol.Optional("certificate"): NAME,
                vol.Optional("key"): NAME,
            },
        },
        answer=published.ANSWER,
        example={"url": "http://www.example.com/status", "headers": {"Accept": "text/plain"}},
    )
    async def request(self, request: Request) -> dict[str, Any]:
        """Ask a server over http or https (manual 16, 17).

        timeout: seconds without a byte of the answer; max_length: bytes of the body, more are cut;
        segment: fetch it in parts of so many bytes, and go on where it broke; redirects: how many
        to follow; certificates: files in the modem that https is secured with.
        """
        asked = _asked(request)
        trust = Trust(**request["certificates"])
        if (trust.certificate is None) != (trust.key is None):
            message = "certificates: a certificate needs its key, and a key its certificate"
            raise RequestError("invalid_request", message)
        async with self._turn, self.host.link.held(self.name):
            answer, url = await self._follow(asked, trust, request)
        return published.shown(answer, url, request["max_length"])

    async def _follow(self, asked: Asked, trust: Trust, request: Request) -> tuple[Answer, str]:
        for left in range(request["redirects"], -1, -1):
            answer = await self._answer(asked, trust, request)
            location = answer.header("location")
            if not left or answer.status not in REDIRECTS or location is None:
                break
            try:
                asked = asked.redirected(answer.status, location)
            except RequestError:
                break  # to where the modem cannot go
        return answer, asked.place.url

    async def _answer(self, asked: Asked, trust: Trust, request: Request) -> Answer:
        most, segment = request["max_length"], request.get("segment")
        if segment is None or asked.method != "GET":
            return await self._fetch(asked, trust, request["timeout"], most)
        segments = Segments(asked, segment, most)
        while (part := segments.next()) is not None:
            try:
                segments.take(await self._fetch(part, trust, request["timeout"], most, cut=True))
            except RequestError as error:
                if not segments.fail(error):
                    raise
        return segments.answer()

    async def _fetch(
        self, asked: Asked, trust: Trust, patience: float, most: int, *, cut: bool = False
    ) -> Answer:
        """Ask once; ``cut``: an answer that breaks off will do."""
        try:
            reader = await self._connector.fetch(asked, trust, patience, most)
        except (TimedOut, Lost) as error:
            if error.acted and not asked.safe:
                raise
            code = "timeout" if isinstance(error, TimedOut) else "unavailable"
            raise RequestError(code, str(error), retryable=True) from error
        answer = reader.answer
        if answer is not None and (answer.whole or reader.cut or cut):
            return answer
        code, what = "modem_error", "the server closed the connection"
        if reader.late:
            code, what = "timeout", f"nothing came from the server for {patience:g} s"
        elif reader.gone:
            code, what = "unavailable", "the data link was lost"
        if answer is not None:
            length = answer.header("content-length")
            of = f" of {length}" if length and re.fullmatch("[0-9]{1,19}", length) else ""
            what += f" after {len(answer.body)}{of} bytes of the body (status {answer.status})"
        elif not reader.late and not reader.gone and reader.heard:
            what = "what came from the server is no HTTP"
        if not asked.safe and answer is None:
            raise RequestError("unknown_outcome", f"{what}; it may have been carried out")
        raise RequestError(code, what, retryable=asked.safe)


def _asked(request: Request) -> Asked:
    """What is asked, with a type for a body that has none; RequestError."""
    method, body = request["method"], content.given(request.parameters)
    headers = dict(request["headers"])
    if request.get("segment") is not None and any(name.lower() == "range" for name in headers):
        raise RequestError("invalid_request", "headers: Range does not go with segment")
    if body is not None:
        if method in ("GET", "HEAD"):
            raise RequestError("invalid_request", f"{method} takes no text, hex or data")
        if not any(name.lower() == "content-type" for name in headers):
            text = request.get("text") is not None
            headers["Content-Type"] = (
                "text/plain; charset=utf-8" if text else "application/octet-stream"
            )
    return Asked(method, Place.of(request["url"]), headers, body)
