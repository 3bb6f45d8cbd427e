"""How the modem is, from the modem itself: for when no bridge runs."""

import contextlib
from pathlib import Path
from typing import Any

from n11bridge.at.errors import AtError, Malformed, Refused
from n11bridge.capabilities.modem.wire import ReadInformation
from n11bridge.capabilities.network import wire as network
from n11bridge.capabilities.network.capability import WORDS
from n11bridge.capabilities.signal import ReadSignalQuality, published
from n11bridge.capabilities.sim import wire as sim
from n11bridge.capabilities.sim.guard import UNIDENTIFIED
from n11bridge.capabilities.sms import wire as sms
from n11bridge.config import Config
from n11bridge.modem import Modem
from n11bridge.probe import visit
from n11bridge.store import Store, StoreError

States = dict[str, dict[str, Any]]
#: How attempts end that are not made again.
LATCHED = ("refused", "pending")


async def ask(config: Config) -> States:
    """Ask for what the bridge would publish, as far as it can be read; PortError without a port.

    Nothing is set, and no PIN is entered.
    """
    states = await look(config.modem.port, config.modem.baud)
    card, pin = states.get("sim", {}), config.modem.pin
    if card.get("status") == "pin_required" and pin is not None and config.store.exists():
        card["pin_refused"] = await _refused(config.store, str(card["iccid"] or UNIDENTIFIED), pin)
    return states


async def _refused(path: Path, iccid: str, pin: str) -> bool:
    """Whether the bridge tried this PIN on this SIM and must not try it again."""
    try:
        store = await Store.open(path)
    except StoreError:
        return False  # not ours to read; the finding about the store says so
    try:
        return await store.read(lambda tables: tables.pins.attempted(iccid, pin)) in LATCHED
    finally:
        await store.close()


async def look(port: str, baud: int) -> States:
    """The same for a modem that is not configured yet."""
    return await visit(port, baud, _read) or {"modem": {"status": "absent"}}


async def _read(modem: Modem) -> States:
    lines = await _try(modem.run(ReadInformation())) or []
    identity = dict(zip(("manufacturer", "model", "revision"), lines, strict=False))
    states: States = {"modem": {"status": "starting", "baud": modem.actual_baud, **identity}}
    try:
        condition = sim.CONDITIONS.get((await modem.read(sim.Pin)).code, "no_sim")
    except Refused as refused:
        condition = sim.REFUSALS.get(refused.code, "no_sim")
    except AtError:
        condition = "unknown"
    card = await _try(modem.run(sim.ReadCardIdentity()))
    states["sim"] = {"status": condition, "iccid": card and card.iccid}
    if (heard := await _try(modem.run(ReadSignalQuality()))) is not None:
        states["signal"] = published(heard)
    if condition != "ready":
        return states
    if (registered := await _try(modem.read(network.Registration))) is not None:
        states["network"] = {"registration": WORDS.get(registered.status)}
    if (centre := await _try(modem.read(sms.ServiceCentre))) is not None:
        states["centre"] = {"number": centre.number or None}
    if (storage := await _try(modem.read(sms.PreferredStorages))) is not None:
        states["storage"] = {storage.memory: {"used": storage.used, "total": storage.total}}
    return states


async def _try(asking: Any) -> Any:
    with contextlib.suppress(Refused, Malformed):
        return await asking
    return None
