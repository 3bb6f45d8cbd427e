"""What the control interface can do: each action is a function, its parameters are JSON's."""

from __future__ import annotations

import inspect
import keyword
from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Any

from .data.actions import ACTIONS as DATA_ACTIONS
from .faults import Fault
from .services.actions import ACTIONS as SERVICE_ACTIONS
from .sim_card import PIN_TRIES, PUK_TRIES
from .traffic import call, receive, receive_pdu, report, reports, store, ussd
from .waiting import wait

if TYPE_CHECKING:
    from .modem import Modem
    from .simulation import Simulator

Result = dict[str, Any]
Action = Callable[..., "Result | Awaitable[Result]"]


async def perform(simulator: Simulator, name: str, parameters: Mapping[str, Any]) -> Result:
    """Perform the action ``name``; ValueError says what is wrong with it.

    A parameter whose name is a word of Python (``from``, ``class``) may end with an underscore.
    """
    action = ACTIONS.get(name)
    if action is None:
        raise ValueError(f"no action {name!r}; there are {', '.join(sorted(ACTIONS))}")
    given = {f"{k}_" if keyword.iskeyword(k) else k: v for k, v in parameters.items()}
    try:
        result = action(simulator, **given)
        return await result if inspect.isawaitable(result) else result
    except (TypeError, LookupError) as error:
        raise ValueError(f"{name}: {error}") from error


def network(simulator: Simulator, **values: Any) -> Result:
    """Change what the air offers: stat, lac, ci, act, rssi, ber, bsic, neighbours, operators."""
    simulator.modem.radio.change(**values)
    return {"stat": simulator.modem.radio.stat}


def sim(
    simulator: Simulator,
    *,
    inserted: bool | None = None,
    pin: str | None = None,
    locked: bool | None = None,
    pin_tries: int | None = None,
    puk_tries: int | None = None,
) -> Result:
    """Pull or insert the card, or change its lock; a new card is seen at the next start."""
    modem, card = simulator.modem, simulator.modem.sim
    if inserted:
        card.insert()
    elif inserted is not None:
        card.remove()
        modem.ready = False
    card.pin = pin if pin is not None else card.pin
    card.locked = locked if locked is not None else card.locked
    if pin_tries is not None:
        card.pin_tries = min(pin_tries, PIN_TRIES)
    if puk_tries is not None:
        card.puk_tries = min(puk_tries, PUK_TRIES)
    modem.radio.refresh()
    return _sim_state(modem)


def _sim_state(modem: Modem) -> Result:
    card = modem.sim
    return {"status": card.status, "pin_tries": card.pin_tries, "puk_tries": card.puk_tries}


def ledger(simulator: Simulator, *, since: int = 0) -> Result:
    """Return everything that happened, what lies in the storages, what waits outside.

    Of what was sent and deleted the first ``since`` entries are left out.
    """
    modem = simulator.modem
    places = {"SM": modem.storages.sm, "ME": modem.storages.me}
    stored = {
        name: {index: {"pdu": s.pdu, "state": s.state} for index, s in place.items()}
        for name, place in places.items()
    }
    return {
        **modem.ledger.summary(since),
        "storages": stored,
        "waiting": list(modem.centre.waiting),
        "sim": _sim_state(modem),
        "stat": modem.radio.stat,
        "data": modem.stack.summary(),
    }


def passed(simulator: Simulator, *, since: float = 0.0) -> Result:
    """Return what passed a paced line after ``since``: [time, "in" or "out", hexadecimal]."""
    uart = simulator.modem.uart
    return {"passed": [(t, way, data.hex()) for t, way, data in uart.passed if t > since]}


def fault(simulator: Simulator, **values: Any) -> Result:
    """Let something go wrong: kind, command, phase, times, skip, or after_in or after_out.

    Kinds: delay (seconds), error (line), silence, hang, hold (until released), lose
    (count), garbage (hex), report (line), restart, unplug (seconds), echo, baud (baud); what each
    trigger means says ``Fault``.
    """
    simulator.modem.faults.arm(Fault(**values))
    return {}


def clear(simulator: Simulator, *, kind: str | None = None) -> Result:
    """Forget all faults, let go what is held, and wake a modem that hangs.

    With a ``kind`` only faults of that kind are forgotten that have not struck yet.
    """
    simulator.modem.faults.clear(kind)
    if kind is not None:
        return {}
    simulator.modem.hung = False
    return release(simulator)


def release(simulator: Simulator, *, drop: bool = False) -> Result:
    """Let the bytes pass that a fault holds; with ``drop`` they are lost."""
    modem = simulator.modem
    for gate in (modem.inlet, modem.outlet):
        if drop:
            gate.discard()
        gate.open()
    return {}


def raw(simulator: Simulator, *, text: str = "", hex: str = "") -> Result:
    """Send these bytes to the client, now."""
    simulator.modem.emit(text.encode() + bytes.fromhex(hex))
    return {}


def restart(simulator: Simulator) -> Result:
    """Restart the modem, or switch it on again."""
    simulator.modem.start()
    return {}


def power_off(simulator: Simulator) -> Result:
    """Take the modem's power away."""
    simulator.modem.stop()
    return {}


def unplug(simulator: Simulator) -> Result:
    """Cut the line; the modem lives on."""
    simulator.port.unplug()
    return {}


def replug(simulator: Simulator) -> Result:
    """Join the line again, under the same name."""
    simulator.port.replug()
    return {}


def stop(simulator: Simulator) -> Result:
    """End the simulator."""
    simulator.stopped.set()
    return {}


ACTIONS: dict[str, Action] = {
    action.__name__: action
    for action in (
        receive,
        receive_pdu,
        store,
        call,
        network,
        sim,
        ledger,
        passed,
        report,
        reports,
        ussd,
        fault,
        clear,
        release,
        raw,
        restart,
        power_off,
        unplug,
        replug,
        stop,
        wait,
        *DATA_ACTIONS,
        *SERVICE_ACTIONS,
    )
}
