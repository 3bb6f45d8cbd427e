"""The list of forwards: what its keys mean together."""

from ipaddress import ip_address
from typing import Any

from .document import Document
from .schema import Misfit, local
from .settings import Forward

#: What makes sense in a SOCKS5 proxy alone, and what in a forward to one place.
_SOCKS_ONLY, _FORWARD_ONLY = ("username", "password"), ("listen", "to", "tls", "udp")
_TLS_ONLY = ("ca", "certificate", "key", "insecure")
#: Whoever sends datagrams does not say when that was the last one; so many seconds of silence do.
UDP_IDLE = 60


def check_forwards(document: Document) -> None:
    """Check that each is either a forward or a proxy, and open to nobody by mistake."""
    taken: dict[tuple[str, bool], int] = {}
    for index, given in document.items("forwards"):
        where = ("forwards", index)
        listen = given.get("socks" if "socks" in given else "listen")
        if "socks" in given:
            _forbid(document, index, _FORWARD_ONLY, "has no meaning beside socks")
        elif not given.get("listen") or not given.get("to"):
            cure = "give listen and to, or socks alone"
            document.complain(where, "says not what it forwards", cure)
        else:
            _forbid(document, index, _SOCKS_ONLY, "has no meaning without socks")
        if given.get("tls") is True and given.get("udp") is True:
            document.complain((*where, "tls"), "cannot be had over udp", "leave one of them out")
        if given.get("tls") is not True:
            _forbid(document, index, _TLS_ONLY, "has no meaning without tls: true")
        elif "socks" not in given and not given.get("ca") and given.get("insecure") is not True:
            cure = "add ca: with a file of the modem, or insecure: true to believe any server"
            document.complain((*where, "tls"), "does not say whom to believe", cure)
        elif given.get("key") and not given.get("certificate"):
            document.complain((*where, "key"), "has no certificate", "add certificate")
        if given.get("username") and not given.get("password"):
            document.complain((*where, "username"), "has no password", "add password")
        _check_address(document, index, listen)
        key = (str(listen), given.get("udp") is True)
        if listen and key in taken:
            message = f"has the address of forwards.{taken[key]}"
            document.complain(where, message, "give each a port of its own")
        taken[key] = index


def _forbid(document: Document, index: int, keys: tuple[str, ...], message: str) -> None:
    given = document.data["forwards"][index]
    for key in keys:
        if given.get(key):
            document.complain(("forwards", index, key), message, "leave it out")


def _check_address(document: Document, index: int, listen: Any) -> None:
    """Loopback alone, unless a password guards it or it is said to be public."""
    given = document.data["forwards"][index]
    try:
        address = ip_address(local(listen).host)
    except Misfit:
        return  # the schema has complained already
    if not address.is_loopback and not given.get("password") and given.get("public") is not True:
        where = ("forwards", index, "socks" if "socks" in given else "listen")
        cure = "listen on 127.0.0.1 or [::1], or add public: true if it must be"
        document.complain(where, "lets anyone in the network use the modem", cure)


def forwards(items: list[dict[str, Any]]) -> tuple[Forward, ...]:
    """Build the settings from what the schema let pass."""
    built = []
    for given in items:
        if "socks" in given:
            given = {**given, "listen": given["socks"]}
            del given["socks"]
        if given.get("udp"):
            given = {"idle": UDP_IDLE, **given}
        built.append(Forward(**given))
    return tuple(built)
