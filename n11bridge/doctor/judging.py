"""What the modem's condition means, and what to do about it."""

from collections.abc import Iterator

from n11bridge.config import Config
from n11bridge.doctor.finding import Finding, bad, good, unknown
from n11bridge.doctor.wire import States

#: Weaker than this, messages fail now and then (dBm).
WEAK = -105
#: The modem is there and answers; what is wrong, if anything, is beyond it.
ANSWERING = ("no_sim", "pin_required", "puk_required", "searching", "denied", "ready", "starting")


def judge(states: States, config: Config) -> Iterator[Finding]:
    """Judge what was published or read."""
    modem = states.get("modem", {})
    if modem.get("status") not in ANSWERING:
        cure = "check its power, which must give 2 A at once, and that TX and RX are crossed"
        yield bad("modem", f"it does not answer ({modem.get('status', 'absent')})", cure)
        return
    named = " ".join(filter(None, (modem.get("manufacturer"), modem.get("model"))))
    yield good("modem", f"{named or 'it'} answers")
    yield _rate(modem.get("baud"), config)
    yield from _sim(states.get("sim", {}), config)
    yield _signal(states.get("signal", {}).get("rssi_dbm"))
    yield _registration(states.get("network", {}))
    yield _centre(states)
    yield _storage(states)
    yield _link(states.get("gprs"))
    yield _access_point(config)


def _rate(baud: int | None, config: Config) -> Finding:
    if baud is None:
        return unknown("rate", "it is not known", "see the modem above")
    if baud != config.modem.baud:
        return bad("rate", f"the modem is at {baud} baud", f"set modem.baud to {baud}")
    return good("rate", f"{baud} baud")


def _sim(sim: dict[str, object], config: Config) -> Iterator[Finding]:
    match sim.get("status"):
        case "ready":
            yield good("SIM", "it is ready")
        case "no_sim":
            cure = "switch the modem off, put the SIM in and switch it on: it wants it at the start"
            yield bad("SIM", "there is none", cure)
        case "puk_required":
            cure = "enter the PUK with n11bridge request sim/unblock puk=... pin=..., or in a phone"
            yield bad("SIM", "it is blocked after three wrong PINs", cure)
        case "pin_required" if config.modem.pin is None:
            yield bad("SIM", "it asks for its PIN", "give it as modem.pin in the configuration")
        case "pin_required" if sim.get("pin_refused"):
            left = sim.get("tries_left")
            said = "it does not accept modem.pin" + (f"; {left} tries are left" if left else "")
            yield bad("SIM", said, "correct modem.pin; the wrong one is not tried again")
        case "pin_required":
            yield unknown("SIM", "it asks for its PIN", "start the bridge, which enters modem.pin")
        case _:
            yield unknown("SIM", "the modem does not say", "wait a minute: it may be starting")


def _signal(rssi: int | None) -> Finding:
    if rssi is None:
        return bad("signal", "none is heard", "check the antenna and its plug")
    if rssi < WEAK:
        return bad("signal", f"{rssi} dBm is weak", "move the antenna, or use a better one")
    return good("signal", f"{rssi} dBm")


def _registration(network: dict[str, object]) -> Finding:
    match network.get("registration"):
        case "home" | "roaming" as word:
            return good("network", f"{network.get('operator') or 'registered'} ({word})")
        case "denied":
            cure = "ask the operator whether the SIM is active and still served by 2G"
            return bad("network", "it does not let this SIM in", cure)
        case None:
            return unknown("network", "the modem does not say", "see the SIM above")
        case word:
            return bad("network", f"not registered ({word})", "wait a minute, then see the signal")


def _centre(states: States) -> Finding:
    if "centre" not in states:
        return unknown("SMS centre", "it could not be asked for", "see the SIM above")
    if not states["centre"]["number"]:
        cure = "set the operator's: n11bridge request sms/centre number=+..."
        return bad("SMS centre", "the SIM knows none, so nothing can be sent", cure)
    return good("SMS centre", "the SIM knows one")


def _storage(states: States) -> Finding:
    if not states.get("storage"):
        return unknown("SMS storage", "it could not be asked for", "see the SIM above")
    said = ", ".join(f"{k} {v['used']} of {v['total']}" for k, v in states["storage"].items())
    if any(use["used"] >= use["total"] > 0 for use in states["storage"].values()):
        cure = "is the bridge running? it empties the storage; or delete messages in a phone"
        return bad("SMS storage", f"full: {said}", cure)
    return good("SMS storage", said)


def _link(gprs: dict[str, object] | None) -> Finding:
    if gprs is None:
        return unknown("data link", "only a running bridge knows", "start the bridge")
    if gprs.get("connected"):
        return good("data link", f"up, with the address {gprs.get('address')}")
    return good("data link", "down; it comes up when something needs it")


def _access_point(config: Config) -> Finding:
    if config.gprs.apn:
        return good("access point", config.gprs.apn)
    cure = "set gprs.apn to what the operator says, if data do not flow without"
    return unknown("access point", "gprs.apn is not set: the network chooses", cure)
