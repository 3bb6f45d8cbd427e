"""What is said about the SIM (manual 2.4, 2.5, 3.14, 3.16, 3.17). No PIN shows in a `repr`."""

import re
from dataclasses import field
from typing import Annotated

from n11bridge.at.command import Command, Reply, Setting
from n11bridge.at.wire import Kind, Misfit, Word


class CardDigits(Kind):
    """A number of the SIM: digits, hexadecimal ones with some operators, padded with F."""

    def read(self, word: Word) -> str:
        """The number without padding."""
        if not re.fullmatch(r"[0-9A-Fa-f]{6,22}", word.text):
            raise Misfit(word.text)
        return word.text.upper().rstrip("F")


class SubscriberIdentity(Reply, at="+CIMI", manual="2.4", bare=True):
    """The IMSI."""

    imsi: Annotated[str, CardDigits()]


class ReadSubscriberIdentity(Command[SubscriberIdentity], at="+CIMI", manual="2.4"):
    """Which subscriber is this?"""


class CardIdentity(Reply, at="+CCID", manual="2.5", bare=True):
    """The ICCID."""

    iccid: Annotated[str, CardDigits()]


class ReadCardIdentity(Command[CardIdentity], at="+CCID", manual="2.5"):
    """Which SIM is this? Some modems say so only after the PIN."""


class PinStatus(Reply, at="+CPIN", manual="3.14"):
    """What the SIM waits for; READY for nothing."""

    code: str


class Pin(Setting[PinStatus], at="+CPIN", manual="3.14", timeout=10):
    """The PIN that is asked for; or the PUK, and the PIN from now on."""

    pin: str = field(repr=False)
    new_pin: str | None = field(default=None, repr=False)


class LockStatus(Reply, at="+CLCK", manual="3.16"):
    """Whether the facility is locked."""

    active: int
    service: int | None = None


class ReadLock(Command[list[LockStatus]], at="+CLCK", manual="3.16", timeout=15):
    """Does the SIM ask for its PIN after a start?"""

    facility: str
    mode: int = 2


class Lock(Command[None], at="+CLCK", manual="3.16", timeout=15):
    """Have the SIM ask for its PIN after a start (1), or not (0)."""

    facility: str
    mode: int
    pin: str = field(repr=False)


class ChangePin(Command[None], at="+CPWD", manual="3.17", timeout=15):
    """Replace the PIN."""

    facility: str
    old: str = field(repr=False)
    new: str = field(repr=False)


#: What CPIN? says; PIN2 guards only what is not used here. Any other word, a lock of the
#: equipment to another SIM say, means that there is no SIM to work with.
CONDITIONS = {
    "READY": "ready",
    "SIM PIN2": "ready",
    "SIM PUK2": "ready",
    "SIM PIN": "pin_required",
    "SIM PUK": "puk_required",
}
#: Refusals of CPIN? that say the same (manual, appendix A): PIN and PUK required; SIM failure
#: and SIM busy, as a SIM is that is still being read.
REFUSALS: dict[int | None, str] = {11: "pin_required", 12: "puk_required", 13: "busy", 14: "busy"}
#: Refusals that may have cost a try: none given, PUK required, incorrect password, verification
#: failed with and without tries left.
WRONG_PIN = {None, 12, 16, 264, 268}
