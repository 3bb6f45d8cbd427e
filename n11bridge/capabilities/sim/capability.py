"""The `sim` capability: makes the SIM usable, and says why it is not."""

import asyncio
from typing import Any

import voluptuous as vol

from n11bridge.at.basic import Functionality, PhonebookReady
from n11bridge.at.command import Command
from n11bridge.at.errors import AtError, Malformed, Refused, TimedOut, Unavailable
from n11bridge.capabilities.sim import wire
from n11bridge.capabilities.sim.guard import Attempt, Guard
from n11bridge.capabilities.sim.search import Search
from n11bridge.capabilities.sim.slot import Slot
from n11bridge.capability import Request, RequestError, every, on, request
from n11bridge.entity import BinarySensor
from n11bridge.host import Host
from n11bridge.payload import Field

#: A SIM is busy for some seconds after its start, and after its PIN: look so often.
PATIENCE = 10
#: A card allows three tries in a row (3GPP TS 31.101, 9.5.1).
TRIES = 3
#: PINs and numbers belong to the lock of the SIM card (manual 3.16, 3.17).
CARD = "SC"

STATUSES = ("no_sim", "pin_required", "puk_required", "ready")
STATUS = Field(vol.Maybe(vol.In(STATUSES)), "ready")
LOCK = Field(vol.Maybe(bool), True, "whether it asks for its PIN after each start")

PIN = vol.All(str, vol.Match(r"[0-9]{4,8}\Z", msg="a PIN has 4 to 8 digits"))
PUK = vol.All(str, vol.Match(r"[0-9]{8}\Z", msg="a PUK has 8 digits"))


class Sim(Slot):
    """Condition, numbers and PIN of the SIM."""

    name = "sim"
    states = {
        "sim": {
            "status": STATUS,
            "imsi": Field(vol.Maybe(str), "460001234567890"),
            "iccid": Field(vol.Maybe(str), "89860012345678901234", "the card's number"),
            "lock": LOCK,
            "tries_left": Field(vol.Maybe(int), 3, "of the PIN, where it is known"),
        }
    }
    entities = (
        BinarySensor(
            "problem",
            name="SIM problem",
            value="status",
            on=("no_sim", "pin_required", "puk_required"),
            attributes=("status",),
            device_class="problem",
            entity_category="diagnostic",
        ),
    )
    #: Seconds between two looks at a SIM that is busy.
    pause = 1.0

    def __init__(self, host: Host) -> None:
        super().__init__(host)
        self.status: str | None = None
        self._imsi: str | None = None
        self._iccid: str | None = None
        self._locked: bool | None = None
        self._tries_left: int | None = None
        self._guard = Guard(host)
        self._turn = asyncio.Lock()
        self._search = Search()

    def gone(self) -> None:
        """Nobody knows how it is, nor whether it is the same when the modem is back."""
        self.status = self._imsi = self._iccid = self._locked = self._tries_left = None
        self._publish()

    async def prepare(self) -> None:
        """Find out what the SIM waits for, and give it the configured PIN."""
        self._tries_left = None
        await self._look()

    async def sim_ready(self) -> None:
        """Read its numbers."""
        await self._read_iccid()
        try:
            self._imsi = (await self.modem.run(wire.ReadSubscriberIdentity())).imsi
        except (Refused, Malformed):
            self._imsi = None
        await self._read_lock()
        pin = self.host.config.modem.pin
        if self._locked and pin is not None:
            await self._guard.proved(self._iccid, pin)
        self._publish()

    @on(PhonebookReady)
    async def phonebook_ready(self, _: PhonebookReady) -> None:
        """A SIM that was slow to start is there now."""
        if self.status != "ready":
            await self.look_again()

    @every(10)
    async def look_again(self) -> None:
        """Look for a SIM that was not usable, and at one that may have been pulled."""
        if self.status == "ready" and self.modem.status == "ready":
            return
        if await self._look():
            self.host.sim_is_ready()
        elif self.status == "no_sim" and self._search.missing(asyncio.get_running_loop().time()):
            await self.modem.write(Functionality(1, restart=1))
            self.modem.restart("the SIM vanished: it is looked for again")

    async def _look(self) -> bool:
        async with self._turn:
            status = await self._ask()
            pin = self.host.config.modem.pin
            if status == "pin_required" and pin is not None:
                status = await self._enter_configured(pin)
            return self._become(status)

    async def _enter_configured(self, pin: str) -> str:
        try:
            status, _ = await self._enter(pin)
        except RequestError:
            status = "pin_required"
        if status in ("pin_required", "puk_required"):
            self.host.problem(
                "pin_refused",
                "the SIM did not accept modem.pin of the configuration; "
                "it is not tried again on this SIM until another PIN is configured",
            )
        return status

    async def _ask(self, *, after: str = "busy") -> str:
        """What the SIM waits for; ``after`` that it may need a moment to say otherwise.

        A SIM that stays busy is as good as none: it is looked for again.
        """
        status = "busy"
        for _ in range(PATIENCE):
            try:
                status = wire.CONDITIONS.get((await self.modem.read(wire.Pin)).code, "no_sim")
            except Refused as refused:
                status = wire.REFUSALS.get(refused.code, "no_sim")
            if status not in ("busy", after):
                break
            await asyncio.sleep(self.pause)
        return "no_sim" if status == "busy" else status

    async def _enter(self, pin: str) -> tuple[str, AtError | None]:
        """Enter a PIN; what the SIM waits for then, and what the modem said against the PIN.

        RequestError when the PIN had its attempt.
        """
        attempt = await self._guard.begin(await self._read_iccid(), pin)
        error: AtError | None = None
        try:
            await self.modem.write(wire.Pin(pin))
        except Unavailable:
            await self._guard.unjudged(attempt)
            raise
        except (Refused, TimedOut) as refusal:
            # Not every modem says why, and an answer may be lost: what the SIM waits for decides.
            error, status = refusal, await self._ask()
        else:
            # At once: the radio starts now, and many a supply breaks down under its first burst.
            await self._guard.accepted(attempt)
            status = await self._ask(after="pin_required")
        if status == "ready":
            await self._guard.accepted(attempt)
            self._tries_left, error = TRIES, None
        elif error is not None or status in ("pin_required", "puk_required"):
            await self._guard.refused(attempt)
            self._one_try_less()
            error = error or Malformed("OK to a PIN, which the SIM asks for again")
        return status, error

    async def _prove(self, pin: str, command: Command[None]) -> Attempt:
        """Carry out what takes the PIN of a SIM that is ready."""
        attempt = await self._guard.begin(await self._read_iccid(), pin)
        try:
            await self.modem.run(command)
        except (AtError, Unavailable) as error:
            if isinstance(error, Refused) and error.code in wire.WRONG_PIN:
                await self._guard.refused(attempt)
                self._one_try_less()
            else:
                await self._guard.unjudged(attempt)
            raise
        await self._guard.accepted(attempt)
        self._tries_left = TRIES
        return attempt

    async def _learn(self, pin: str) -> None:
        """Remember the PIN that the SIM has just been given."""
        await self._guard.learn(await self._read_iccid(), pin)
        self._tries_left = TRIES
        if pin != self.host.config.modem.pin:
            self.host.problem(
                "pin_changed", "the SIM has a new PIN: set modem.pin of the configuration to it"
            )

    def _one_try_less(self) -> None:
        if self._tries_left:
            self._tries_left -= 1

    def _become(self, status: str) -> bool:
        """Take note of the status; whether the SIM was not ready before and is now."""
        became_ready = status == "ready" != self.status
        self.status = status
        if status == "puk_required":
            self._tries_left = 0
        if status == "no_sim":
            self._iccid = self._tries_left = None
        if status != "no_sim":
            self._search.found()
        if status != "ready":
            self._imsi = self._locked = None
        self.modem.set_sim(status)
        self._publish()
        return became_ready

    async def _read_iccid(self) -> str | None:
        """Read which SIM it is; None when it does not say, as some do not before their PIN."""
        try:
            self._iccid = (await self.modem.run(wire.ReadCardIdentity())).iccid
        except (Refused, Malformed):
            self._iccid = None
        return self._iccid

    async def _read_lock(self) -> None:
        try:
            said = await self.modem.run(wire.ReadLock(CARD))
        except Refused:
            said = []
        self._locked = any(each.active for each in said) if said else None

    def _publish(self) -> None:
        values = {
            "status": self.status,
            "imsi": self._imsi,
            "iccid": self._iccid,
            "lock": self._locked,
            "tries_left": self._tries_left,
        }
        self.host.state(self.name, values)

    async def _expect(self, wanted: str) -> None:
        status = await self._ask()
        if status != wanted:
            raise RequestError("unavailable", f"the SIM is {status}, not {wanted}")

    @request(
        "enter_pin",
        {vol.Required("pin"): PIN},
        secret=True,
        answer={"status": STATUS},
        example={"pin": "1234"},
    )
    async def enter_pin(self, request: Request) -> dict[str, Any]:
        """Enter the PIN that the SIM asks for; once for each PIN (manual 3.14)."""
        async with self._turn:
            await self._expect("pin_required")
            status, error = await self._enter(request["pin"])
            if self._become(status):
                self.host.sim_is_ready()
        if error is not None:
            raise error
        return {"status": status}

    @request(
        "unblock",
        {vol.Required("puk"): PUK, vol.Required("pin"): PIN},
        secret=True,
        answer={"status": STATUS},
        example={"puk": "12345678", "pin": "1234"},
    )
    async def unblock(self, request: Request) -> dict[str, Any]:
        """Unblock the SIM with its PUK and give it a PIN; ten wrong PUKs destroy it (3.14)."""
        async with self._turn:
            await self._expect("puk_required")
            await self.modem.write(wire.Pin(request["puk"], request["pin"]))
            await self._learn(request["pin"])
            if self._become(await self._ask(after="puk_required")):
                self.host.sim_is_ready()
        return {"status": self.status}

    @request(
        "change_pin",
        {vol.Required("old"): PIN, vol.Required("new"): PIN},
        secret=True,
        example={"old": "1234", "new": "4321"},
    )
    async def change_pin(self, request: Request) -> dict[str, Any]:
        """Replace the PIN of a SIM that is locked with it (manual 3.17)."""
        async with self._turn:
            await self._expect("ready")
            old, new = request["old"], request["new"]
            attempt = await self._prove(old, wire.ChangePin(CARD, old, new))
            if old != new:
                # From now on it is a wrong one, which would only cost a try.
                await self._guard.refused(attempt)
            await self._learn(new)
        self._publish()
        return {}

    @request(
        "lock",
        {vol.Required("enabled"): bool, vol.Required("pin"): PIN},
        secret=True,
        answer={"lock": LOCK},
        example={"enabled": True, "pin": "1234"},
    )
    async def lock(self, request: Request) -> dict[str, Any]:
        """Have the SIM ask for its PIN after each start, or not (manual 3.16)."""
        async with self._turn:
            await self._expect("ready")
            pin, enabled = request["pin"], int(request["enabled"])
            await self._prove(pin, wire.Lock(CARD, enabled, pin))
            await self._read_lock()
        self._publish()
        return {"lock": self._locked}
