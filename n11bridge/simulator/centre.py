"""The SMS centre: takes messages, sends reports back, keeps what the modem cannot take yet."""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import TYPE_CHECKING, Any

from . import delivery
from .errors import CMS_NO_SERVICE, SmsRefused
from .octets import with_centre
from .tpdu import Submit, status_report

if TYPE_CHECKING:
    from .modem import Modem


class Centre:
    """The SMS centre of one modem's network."""

    def __init__(self, modem: Modem) -> None:
        self._modem = modem
        self._reference = 0
        self.waiting: list[str] = []
        """PDUs that the modem could not take: off, not registered, or its storage is full."""
        self.automatic = True
        """Whether a requested delivery report follows by itself."""
        self.delay = modem.profile.report_delay
        """Seconds until it does."""
        self.status = 0
        """Its TP-Status (23.040, 9.2.3.15)."""

    async def submit(self, tpdu: bytes, command: str, centre: str) -> int:
        """Take a message to the network and return its reference; SmsRefused without service.

        ValueError if the TPDU is no SMS-SUBMIT.
        """
        submit = Submit.decode(tpdu)
        await asyncio.sleep(self._modem.profile.send_delay)
        if not self._modem.radio.registered:
            raise SmsRefused(CMS_NO_SERVICE)
        reference = self._reference
        self._reference = (reference + 1) % 256
        self._modem.ledger.send(
            command=command,
            number=submit.number,
            text=submit.user.text,
            data=submit.user.data.hex().upper(),
            header=submit.user.front.hex().upper(),
            dcs=submit.user.dcs,
            pid=submit.pid,
            reference=reference,
            report_requested=submit.wants_report,
            pdu=tpdu.hex().upper(),
            centre=centre,
        )
        if submit.wants_report and self.automatic:
            number, status = submit.number, self.status
            asyncio.get_running_loop().call_later(
                self.delay, lambda: self.report(reference, number, status)
            )
        return reference

    def report(self, reference: int, number: str, status: int) -> None:
        """Send the delivery report of a message back to the modem."""
        now = datetime.now().astimezone()
        self.receive(self.wrapped(status_report(reference, number, now, now, status)))

    def wrapped(self, tpdu: bytes) -> str:
        """Return a TPDU as the PDU that the modem gets: hexadecimal, this centre's number first."""
        return with_centre(self._modem.sim.centre, tpdu).hex().upper()

    def receive(self, pdu: str) -> None:
        """Hand a PDU to the modem, or keep it until that takes it."""
        self.waiting.append(pdu)
        self.flush()

    def flush(self) -> None:
        """Try again what waits, in order."""
        if not (self._modem.ready and self._modem.radio.registered):
            return
        waiting, self.waiting = self.waiting, []
        self.waiting = [pdu for pdu in waiting if not delivery.deliver(self._modem, pdu)]
        self._modem.ledger.touch()

    def sent(self, reference: int) -> dict[str, Any]:
        """Return the latest message sent with this reference; LookupError if there is none."""
        for entry in self._modem.ledger.sent[::-1]:
            if entry["reference"] == reference:
                return entry
        raise LookupError(f"no message was sent with reference {reference}")
