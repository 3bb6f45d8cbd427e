"""What the control interface can do to the data side."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ..simulation import Simulator

Result = dict[str, Any]


def data(simulator: Simulator) -> Result:
    """Return the link, what is open now, everything that was, and what waits to be read."""
    return simulator.modem.stack.summary()


def link(
    simulator: Simulator,
    *,
    lost: bool = False,
    dead: bool | None = None,
    refused: bool | None = None,
    access: list[str] | None = None,
    address: str | None = None,
    up: float | None = None,
    down: float | None = None,
    lose: int | None = None,
) -> Result:
    """Change the PPP link: ``lost`` takes it away with GPRS DISCONNECTION.

    ``dead``: it says 1 but nothing passes; ``refused``: it does not come up; ``access``: APN, user
    and password that it wants, empty for any; ``up`` and ``down``: bytes per second, 0 for any;
    ``lose``: how many of the next datagrams are lost, whichever way they go.
    """
    found = simulator.modem.stack.link
    found.dead = dead if dead is not None else found.dead
    found.refused = refused if refused is not None else found.refused
    if access is not None:
        found.access = (access[0], access[1], access[2]) if access else None
    found.own_address = address if address is not None else found.own_address
    found.up.rate = up if up is not None else found.up.rate
    found.down.rate = down if down is not None else found.down.rate
    if lose is not None:
        simulator.modem.stack.datagrams_to_lose = lose
    if lost:
        found.lose()
    found.refresh()
    return {"active": found.active, "flowing": found.flowing}


def peers(
    simulator: Simulator,
    *,
    names: dict[str, str] | None = None,
    routes: dict[str, str] | None = None,
    listeners: dict[str, int] | None = None,
    pings: dict[str, list[int | None]] | None = None,
) -> Result:
    """Say where names (name: address) and HOST:PORT (routes) really lead, for good.

    ``listeners``: real ports for those that the modem listens at, 0 for any free one; ``pings``:
    the round trips of an address in milliseconds, null for one that is lost.
    """
    table = simulator.modem.stack.names
    table.addresses |= names or {}
    table.routes |= routes or {}
    table.listeners |= {int(port): real for port, real in (listeners or {}).items()}
    table.pings |= pings or {}
    return {}


def refuse(simulator: Simulator, *, outcome: str = "FAIL", times: int = 1) -> Result:
    """Let the next set-ups of sockets end with this word: FAIL, AUTHFAIL; those of HTTP fail."""
    simulator.modem.stack.refusals.extend([outcome] * times)
    return {}


def platform(simulator: Simulator, *, send: str | None = None) -> Result:
    """Let OceanConnect's platform send hex digits down; return all that came up to it."""
    ocean = simulator.modem.stack.oceanconnect
    delivered = send is not None and ocean.deliver(bytes.fromhex(send))
    return {"delivered": delivered, "sent": [*ocean.sent], "server": ocean.server}


ACTIONS = (data, link, peers, refuse, platform)
