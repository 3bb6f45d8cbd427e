"""Incoming calls: who rings, told once for each call (ITU-T V.250, 3GPP TS 27.007)."""

import contextlib

import voluptuous as vol

from n11bridge.at.command import Report, Setting
from n11bridge.at.errors import Refused
from n11bridge.capability import Capability, on
from n11bridge.entity import Event
from n11bridge.host import Host
from n11bridge.payload import Field

INTERNATIONAL = 145
#: RING comes about every five seconds (manual: none); after such a silence it is another call.
SILENCE = 12.0


class Ring(Report, at="RING", manual="V.250, 6.3.2"):
    """Somebody calls; repeated as long as it rings."""


class CallerIdentity(Report, at="+CLIP", manual="3GPP TS 27.007, 7.11"):
    """Who calls; follows each RING. The number is empty when it is withheld."""

    number: str
    type: int | None = None
    subaddress: str | None = None
    subaddress_type: int | None = None
    name: str | None = None
    validity: int | None = None


class NoCarrier(Report, at="NO CARRIER", manual="V.250, 6.3.3"):
    """The caller gave up; looks like a final result and is none."""


class PresentCaller(Setting[None], at="+CLIP", manual="3GPP TS 27.007, 7.11", timeout=15):
    """Say who calls."""

    enabled: int


class Call(Capability):
    """Tells of calls; nothing is answered."""

    name = "call"
    events = {
        "incoming": {
            "from": Field(vol.Maybe(str), "+491701234567", "null when it is withheld"),
            "contact": Field(vol.Maybe(str), "alice", "its name in the configuration"),
            "trusted": Field(bool, True, "whether sms.trusted names it"),
        }
    }
    entities = (Event("incoming", name="Call", what="incoming", icon="mdi:phone-incoming"),)

    def __init__(self, host: Host) -> None:
        super().__init__(host)
        self._identified = False
        self._forget()

    def _forget(self) -> None:
        self._rings = 0
        self._heard = 0.0
        self._told = False

    async def prepare(self) -> None:
        """No call outlives a restart."""
        self._forget()

    async def sim_ready(self) -> None:
        """Ask to be told who calls; a call without a number is worth telling as well."""
        self._identified = False
        with contextlib.suppress(Refused):
            await self.modem.write(PresentCaller(1))
            self._identified = True

    @on(Ring)
    def ring(self, _: Ring) -> None:
        """Tell of a call that nothing identifies: at once, or when the number did not follow."""
        self._hear()
        self._rings += 1
        if not self._identified or self._rings > 1:
            self._tell(None)

    @on(CallerIdentity)
    def identity(self, caller: CallerIdentity) -> None:
        """Tell of the call."""
        self._hear()
        international = caller.type == INTERNATIONAL and caller.number.isdecimal()
        self._tell(f"+{caller.number}" if international else caller.number or None)

    @on(NoCarrier)
    def no_carrier(self, _: NoCarrier) -> None:
        """The call is over; it may have rung but once."""
        if self._rings:
            self._tell(None)
        self._forget()

    def _hear(self) -> None:
        now = self.host.now()
        if not 0 <= now - self._heard <= SILENCE:
            self._forget()
        self._heard = now

    def _tell(self, number: str | None) -> None:
        if self._told:
            return
        self._told = True
        book = self.host.config.addresses
        contact = book.name_of(number) if number else None
        trusted = bool(number) and book.trusted(number)
        values = {"from": number, "contact": contact, "trusted": trusted}
        self.host.event(self.name, "incoming", values)
