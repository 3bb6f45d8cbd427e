"""The SIM card: PIN, PUK and the tries they have (manual 3.14, 3.16, 3.17)."""

from __future__ import annotations

from .errors import (
    INVALID,
    NO_SIM,
    NOT_ALLOWED,
    PUK_REQUIRED,
    SIM_FAILURE,
    WRONG_PASSWORD,
    Refused,
)
from .profile import Profile

PIN_TRIES = 3
PUK_TRIES = 10


class SimCard:
    """A SIM card in the slot; it forgets that the PIN was entered whenever it loses power."""

    def __init__(self, profile: Profile) -> None:
        self.imsi = profile.imsi
        self.iccid = profile.iccid
        self.pin = profile.pin or "0000"
        self.puk = profile.puk
        self.locked = profile.pin is not None
        self.inserted = profile.sim
        self.centre = profile.centre
        self.pin_tries = PIN_TRIES
        self.puk_tries = PUK_TRIES
        self._powered = False
        self._verified = False

    @property
    def powered(self) -> bool:
        """Whether the modem sees a card at all."""
        return self._powered

    @property
    def status(self) -> str:
        """What AT+CPIN? says: READY, SIM PIN, SIM PUK; BLOCKED and ABSENT are errors there."""
        if not self.powered:
            return "ABSENT"
        if self.puk_tries == 0:
            return "BLOCKED"
        if self.pin_tries == 0:
            return "SIM PUK"
        return "READY" if self._verified else "SIM PIN"

    def power(self, on: bool) -> None:
        """Switch the card's power: a card that is not inserted by then stays unseen."""
        self._powered = on and self.inserted
        self._verified = not self.locked

    def insert(self) -> None:
        """Put the card in: the modem finds it when it powers its slot the next time."""
        self.inserted = True

    def remove(self) -> None:
        """Pull the card out."""
        self.inserted = False
        self.power(False)

    def require(self) -> None:
        """Return if there is a usable card, whatever its lock says; Refused otherwise."""
        if self.status == "ABSENT":
            raise Refused(NO_SIM)
        if self.status == "BLOCKED":
            raise Refused(SIM_FAILURE)

    def enter_pin(self, pin: str, *, malformed_counts: bool) -> None:
        """Verify the PIN; Refused costs a try, but for a string that can be no PIN."""
        self.require()
        if self.status == "READY":
            raise Refused(NOT_ALLOWED)
        self._check(pin, malformed_counts)

    def unblock(self, puk: str, pin: str) -> None:
        """Set a new PIN with the PUK; Refused costs one of its tries."""
        self.require()
        if self.status != "SIM PUK":
            raise Refused(NOT_ALLOWED)
        if not _possible(pin):
            raise Refused(INVALID)
        if puk != self.puk:
            self.puk_tries -= 1
            raise Refused(WRONG_PASSWORD)
        self.pin, self.pin_tries, self.puk_tries = pin, PIN_TRIES, PUK_TRIES
        self._verified = True

    def change_pin(self, old: str, new: str) -> None:
        """Set a new PIN; Refused with a wrong old one, which costs a try."""
        self.require()
        if not self.locked:  # a card whose PIN is off does not take a new one
            raise Refused(NOT_ALLOWED)
        if not _possible(new):
            raise Refused(INVALID)
        self._check(old, False)
        self.pin = new

    def set_lock(self, on: bool, pin: str) -> None:
        """Ask for the PIN from the next start on, or no longer; Refused with a wrong PIN."""
        self.require()
        self._check(pin, False)
        self.locked = on

    def _check(self, pin: str, malformed_counts: bool) -> None:
        if self.status == "SIM PUK":
            raise Refused(PUK_REQUIRED)
        if not _possible(pin) and not malformed_counts:
            raise Refused(INVALID)
        if pin != self.pin:
            self.pin_tries -= 1
            self._verified = self._verified and self.pin_tries > 0
            raise Refused(WRONG_PASSWORD)
        self.pin_tries = PIN_TRIES
        self._verified = True


def _possible(pin: str) -> bool:
    return pin.isascii() and pin.isdigit() and 4 <= len(pin) <= 8
