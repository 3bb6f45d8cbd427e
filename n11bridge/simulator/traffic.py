"""Actions of the control interface: what comes from the network."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Literal

from .compose import compose
from .octets import split_centre
from .storage import UNREAD, Stored

if TYPE_CHECKING:
    from .actions import Result
    from .simulation import Simulator


def receive(
    simulator: Simulator,
    *,
    from_: str,
    text: str = "",
    data: str = "",
    class_: int | None = None,
    alphabet: Literal["auto", "gsm7", "ucs2", "8bit"] = "auto",
    order: list[int] | None = None,
    ports: tuple[int, int] | None = None,
    time: str | None = None,
) -> Result:
    """Let a message come in: text, or data in hexadecimal; ``order`` numbers the parts from 1."""
    stamp = datetime.fromisoformat(time) if time else datetime.now().astimezone()
    tpdus = compose(
        from_,
        text,
        bytes.fromhex(data),
        alphabet=alphabet if not data else "8bit",
        message_class=class_,
        ports=ports,
        time=stamp,
    )
    centre = simulator.modem.centre
    pdus = [centre.wrapped(tpdu) for tpdu in tpdus]
    for pdu in [pdus[number - 1] for number in order] if order else pdus:
        centre.receive(pdu)
    return {"parts": len(pdus), "pdus": pdus, "waiting": len(centre.waiting)}


def receive_pdu(simulator: Simulator, *, pdus: list[str]) -> Result:
    """Let PDUs come in as they are, each with the centre's address in front."""
    for pdu in pdus:
        _check(pdu)
    for pdu in pdus:
        simulator.modem.centre.receive(pdu.upper())
    return {"waiting": len(simulator.modem.centre.waiting)}


def store(
    simulator: Simulator,
    *,
    pdu: str,
    storage: str = "SM",
    index: int | None = None,
    state: int = UNREAD,
) -> Result:
    """Put a PDU into a storage without a word to anyone; ``state`` as CMGL numbers it."""
    _check(pdu)
    place = simulator.modem.storages
    target = {"SM": place.sm, "ME": place.me}[storage]
    stored = Stored(pdu.upper(), state)
    if index is None:
        found = target.add(stored)
        if found is None:
            raise ValueError(f"{storage} is full")
        index = found[1]
    elif 1 <= index <= target.size:
        target.slots[index] = stored
    else:
        raise ValueError(f"{storage} has {target.size} slots")
    simulator.modem.ledger.touch()
    return {"storage": target.name, "index": index}


def _check(pdu: str) -> None:
    if not split_centre(bytes.fromhex(pdu))[1]:
        raise ValueError("a PDU without a TPDU")


async def call(
    simulator: Simulator, *, from_: str, rings: int = 1, interval: float = 0.0
) -> Result:
    """Ring, with ``interval`` seconds between the rings, until NO CARRIER or ATH."""
    await simulator.modem.call.ring(from_, rings, interval)
    return {}


def report(
    simulator: Simulator, *, reference: int, status: int = 0, number: str | None = None
) -> Result:
    """Send the delivery report for the latest message with this reference, now.

    With a ``number`` it is for a message to that one, whether or not there was any.
    """
    centre = simulator.modem.centre
    centre.report(reference, number or centre.sent(reference)["number"], status)
    return {"waiting": len(centre.waiting)}


def reports(
    simulator: Simulator,
    *,
    automatic: bool | None = None,
    delay: float | None = None,
    status: int | None = None,
) -> Result:
    """Say whether, after how many seconds and with which status reports come by themselves."""
    centre = simulator.modem.centre
    centre.automatic = automatic if automatic is not None else centre.automatic
    centre.delay = delay if delay is not None else centre.delay
    centre.status = status if status is not None else centre.status
    return {"automatic": centre.automatic, "delay": centre.delay, "status": centre.status}


def ussd(simulator: Simulator, *, answer: str, code: str | None = None) -> Result:
    """Let a USSD code or reply be answered with ``answer``, as it stands after ``+CUSD: ``.

    Without a code the network says it by itself, now; an empty answer to a code is silence.
    """
    if code is None:
        simulator.modem.ussd.say(answer)
    else:
        simulator.modem.ussd.answers[code] = answer
    return {}
