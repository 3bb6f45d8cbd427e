"""The `ussd` capability: codes and sessions, and the credit now and then."""

import asyncio
import logging
from collections.abc import Sequence
from typing import Any

import voluptuous as vol

from n11bridge import pdu
from n11bridge.at.errors import AtError, Refused, Unavailable
from n11bridge.at.spelling import Spelling
from n11bridge.capabilities.ussd import published, wire
from n11bridge.capabilities.ussd.balance import Balance
from n11bridge.capability import Capability, Request, RequestError, on, request
from n11bridge.entity import Entity, Event, Sensor, Text
from n11bridge.host import Host
from n11bridge.templates import json_command

log = logging.getLogger(__name__)

#: How long a network may take to answer (seconds).
PATIENCE = 60
#: When the credit could not be read it is tried again after this long (seconds).
SECOND_TRY = 900.0
#: Results that say nothing but that it did not work.
FAILURES = {
    wire.Result.TERMINATED: "the network ended the session",
    wire.Result.OTHER_CLIENT: "another client has responded",
    wire.Result.NOT_SUPPORTED: "the operator does not support this code",
    wire.Result.NETWORK_TIMEOUT: "the network timed out",
}
CODE = vol.All(str, vol.Match(r"[^\x00-\x1f\x7f]{1,160}\Z", msg="one line of 1 to 160 characters"))


class Ussd(Capability):
    """One code at a time; its answer may ask for a reply, and so on."""

    name = "ussd"
    states = {"ussd": published.STATE}
    events = {"received": published.RECEIVED, "low": published.LOW}
    entities = (
        Event("received", name="USSD", what="received", icon="mdi:message-text-fast"),
        Text(
            "send",
            name="USSD code",
            verb="send",
            command_template=json_command("code"),
            icon="mdi:pound",
        ),
    )

    def __init__(self, host: Host) -> None:
        super().__init__(host)
        self._balance = Balance(host)
        self._show = Spelling(wire.ShowAnswers, wire.ShowAnswersAsListed)
        self._send = Spelling(wire.Send, wire.SendAsListed)
        self._cancel = Spelling(wire.Cancel, wire.CancelAsListed)
        self._turn = asyncio.Lock()
        self._code: str | None = None
        self._answer: asyncio.Future[wire.Answer] | None = None
        self._session = False
        self._ready = asyncio.Event()

    def extra_entities(self) -> Sequence[Entity]:
        """The credit, where the configuration says how to ask for it."""
        if self._balance.settings is None:
            return ()
        balance = Sensor(
            "balance",
            name="Balance",
            value="balance",
            attributes=("balance_time", "low"),
            icon="mdi:cash",
            state_class="measurement",
            suggested_display_precision=2,
            needs="bridge",
        )
        return (balance, Event("low", name="Low balance", what="low", icon="mdi:cash-remove"))

    async def started(self) -> None:
        """Begin to look after the credit."""
        if self._balance.settings is not None:
            await self._balance.recall()
            self.host.keep(self._watch_balance, "balance")
        self._publish()

    async def prepare(self) -> None:
        """No session outlives a restart."""
        self._end("the modem restarted")

    def gone(self) -> None:
        """No session is open."""
        self._end("the modem went away")

    async def sim_ready(self) -> None:
        """Have what the network says handed on; the manual shows the short form for other modes."""
        try:
            await self._show.attempt(lambda record: self.modem.run(record()))
        except Refused as error:
            log.info("USSD of the network's own may go unheard: %s", error)

    def status_changed(self, status: str) -> None:
        """The credit can be asked for while registered."""
        if status == "ready":
            self._ready.set()
        else:
            self._ready.clear()

    @on(wire.Answer)
    @on(wire.AnswerAsListed)
    def answered(self, said: wire.Answer) -> None:
        """Tell of it, and hand it to the request that waits for it."""
        code, waiting = self._code, self._answer
        self._code = None
        self._session = said.result is wire.Result.REPLY_EXPECTED
        self.host.event(self.name, "received", {"code": code, **_told(said)})
        if waiting is not None and not waiting.done():
            waiting.set_result(said)
        self._publish()

    def _end(self, why: str) -> None:
        self._session, self._code = False, None
        if self._answer is not None and not self._answer.done():
            message = f"{why} while the network had not answered"
            self._answer.set_exception(RequestError("unknown_outcome", message))
        self._publish()

    def _publish(self) -> None:
        self.host.state(self.name, {"session": self._session, **self._balance.values()})

    async def _ask(self, code: str, seconds: float) -> wire.Answer:
        """Send a code and wait for its answer; RequestError when there is none."""
        string, dcs = pdu.ussd.encode(code)
        async with self._turn:
            # Before it is sent: an answer may come before the OK.
            self._code = code
            self._answer = asyncio.get_running_loop().create_future()
            try:
                async with self.modem.character_set:
                    await self._send.attempt(lambda record: self.modem.run(record(1, string, dcs)))
                async with asyncio.timeout(seconds):
                    said = await self._answer
            except TimeoutError:
                message = f"the network did not answer within {seconds:g} s; it may have acted"
                raise RequestError("unknown_outcome", message) from None
            finally:
                self._answer.cancel()
                self._answer = self._code = None
        if said.result in FAILURES and said.text is None:
            words = f"+CUSD: {said.result.value}"
            raise RequestError("modem_error", FAILURES[said.result], modem=words)
        return said

    @request(
        "send",
        {
            vol.Required("code"): CODE,
            vol.Optional("timeout", default=PATIENCE): vol.All(int, vol.Range(min=1, max=300)),
        },
        answer=published.ANSWER,
        example={"code": "*100#"},
    )
    async def send(self, request: Request) -> dict[str, Any]:
        """Send a code, or the reply that the network waits for; timeout in seconds (5.2)."""
        return _told(await self._ask(request["code"], request["timeout"]))

    @request("cancel")
    async def cancel(self, _: Request) -> dict[str, Any]:
        """End the session, and give up what the network has not answered (manual 5.2)."""
        await self._cancel.attempt(lambda record: self.modem.run(record()))
        self._end("it was cancelled")
        return {}

    # -- the credit

    async def _watch_balance(self) -> None:
        while True:
            await self._ready.wait()
            wait = self._balance.due - self.host.now()
            if wait > 0 or self._session:
                # The clock may be set meanwhile, so not for long.
                await asyncio.sleep(min(max(wait, 10.0), 60.0))
            elif not await self._read_balance():
                await asyncio.sleep(SECOND_TRY)

    async def _read_balance(self) -> bool:
        try:
            said = await self._ask(self._balance.settings.code, PATIENCE)
        except (AtError, Unavailable, RequestError) as error:
            log.warning("the balance could not be asked for: %s", error)
            return False
        if self._session:
            await self._cancel.attempt(lambda record: self.modem.run(record()))
            self._end("the balance is known")
        value = await self._balance.take(said.text)
        if value is None:
            self.host.problem(
                "balance", "balance.pattern finds no amount in the answer: see event/ussd/received"
            )
        self._publish()
        return value is not None


def _told(said: wire.Answer) -> dict[str, Any]:
    return {"result": said.result.name.lower(), "text": said.text}
