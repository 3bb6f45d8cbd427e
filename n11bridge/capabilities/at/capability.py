"""Any AT command, for those who know what they do; and lines that nothing was declared for."""

import logging
from dataclasses import field
from typing import Any

import voluptuous as vol

from n11bridge.at.command import Command, Exchange, PayloadCommand
from n11bridge.capabilities.at.rules import objection, permitted
from n11bridge.capability import Capability, Request, RequestError, request
from n11bridge.host import Host
from n11bridge.payload import Field

log = logging.getLogger(__name__)

#: Lines told of in one second; more are counted only.
MOST = 10
LONGEST = 600


class RawCommand(Command[list[str]], at="", manual="1.2"):
    """A command line as it was given; the seconds are for its answer."""

    seconds: int
    line: str = field(repr=False)

    def exchange(self) -> Exchange[list[str]]:
        """The line as it is."""
        return Exchange(self.line, "", self.seconds, lines=True)


class RawPayloadCommand(PayloadCommand[list[str]], at="", manual="1.2", pause=0.1):
    """A command line as it was given, whose data follow a prompt."""

    seconds: int
    line: str = field(repr=False)

    def exchange(self) -> Exchange[list[str]]:
        """The line as it is."""
        return Exchange(self.line, "", self.seconds, lines=True)


class At(Capability):
    """The way to what has no capability of its own."""

    name = "at"
    events = {
        "unknown": {
            "line": Field(str, "+NEW: 1", "as the modem said it, bytes as Latin-1"),
            "dropped": Field(int, 3, "lines not told of since the last one", optional=True),
        }
    }

    def __init__(self, host: Host) -> None:
        super().__init__(host)
        self._second = 0.0
        self._told = 0
        self._dropped = 0

    def unknown(self, line: str) -> None:
        """Publish a line that nothing was declared for, ten in a second at most.

        ``dropped`` tells with the next one how many were not. The line itself is in no log: it may
        hold a number or a text.
        """
        now = self.host.now()
        if not 0 <= now - self._second < 1:
            self._second, self._told = now, 0
        self._told += 1
        if self._told > MOST:
            self._dropped += 1
            return
        log.debug("unknown line of %d characters", len(line))
        values: dict[str, Any] = {"line": line}
        if self._dropped:
            values["dropped"], self._dropped = self._dropped, 0
        self.host.event(self.name, "unknown", values)

    @request(
        "send",
        {
            vol.Required("command"): vol.All(
                str,
                vol.Length(max=LONGEST),
                vol.Match(r"[Aa][Tt][ -~]*\Z", msg="one line of plain text that begins with AT"),
            ),
            vol.Optional("timeout", default=10): vol.All(int, vol.Range(min=1, max=600)),
            vol.Optional("payload"): vol.All(str, vol.Length(min=1)),
        },
        dangerous=True,
        answer={
            "lines": Field([str], ["+CSQ: 23,0"], "what came before the final result"),
            "result": Field("OK", "OK"),
        },
        example={"command": "AT+CSQ"},
    )
    async def send(self, request: Request) -> dict[str, Any]:
        """Send one command line, and the payload after its prompt; timeout in seconds."""
        line, seconds = request["command"], request["timeout"]
        reason = objection(line)
        if reason is not None:
            raise RequestError("forbidden", reason)
        allowed = self.host.config.at.allow
        if allowed is not None and not permitted(line, allowed):
            raise RequestError(
                "forbidden", "at.allow of the configuration does not name this command"
            )
        if request.get("payload") is None:
            lines = await self.modem.run(RawCommand(seconds, line))
        else:
            command = RawPayloadCommand(seconds, line)
            lines = await self.modem.send(command, request["payload"].encode())
        return {"lines": lines, "result": "OK"}
