"""GPRS: contexts, the PPP link and attachment (manual chapter 5; USSD is elsewhere)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..commands import Body, Commands, Form, Lines, Request
from ..errors import INVALID, NO_SERVICE, NOT_ALLOWED, EndedWith, Refused
from ..lock import require_sim

if TYPE_CHECKING:
    from ..modem import Modem

COMMANDS = Commands()

_CONTEXTS = range(1, 8)
_TYPES = ("IP", "IPV6", "PPP")
_LOGIN = 32
_IPV6 = "2401:4900:7971:4C79::C36:A899"


@COMMANDS.on("+CGDCONT", Form.SET)
def _define(modem: Modem, request: Request) -> Lines:
    context = request.number(0, _CONTEXTS)
    contexts = modem.settings.contexts
    if len(request.arguments) == 1:
        contexts.pop(context, None)
        return []
    kind = request.string(1)
    if kind not in _TYPES:
        raise Refused(INVALID)
    apn, address = request.string(2, ""), request.string(3, "0.0.0.0")
    compression = request.number(4, range(4), 0), request.number(5, range(5), 0)
    contexts[context] = (kind, apn, address, *compression)
    modem.settings.apn = apn
    return []


@COMMANDS.on("+CGDCONT", Form.QUERY)
def _contexts(modem: Modem, _request: Request) -> Lines:
    return [
        f'+CGDCONT: {context},"{kind}","{apn}","{address}",{data},{header}'
        for context, (kind, apn, address, data, header) in sorted(modem.settings.contexts.items())
    ]


@COMMANDS.on("+CGDCONT", Form.TEST)
def _context_ranges(_modem: Modem, _request: Request) -> Lines:
    return ["+CGDCONT: (1-7),(IP,IPV6,PPP),(0-3),(0-4)"]


@COMMANDS.on("+XGAUTH", Form.SET)
def _authenticate(modem: Modem, request: Request) -> Lines:
    request.number(0, (1,))
    kind = request.number(1, range(4))
    name, password = request.string(2, ""), request.string(3, "")
    if max(len(name), len(password)) > _LOGIN or (kind and len(request.arguments) < 4):
        raise Refused(INVALID)
    modem.settings.apn_login = (name, password) if kind else ("", "")
    return []


@COMMANDS.on("+XGAUTH", Form.TEST)
def _authentications(_modem: Modem, _request: Request) -> Lines:
    return ["+XGAUTH: (1),(0-3),32,32"]


@COMMANDS.on("+NETAPN", Form.SET)
def _set_access_point(modem: Modem, request: Request) -> Lines:
    apn, *login = (request.string(index) for index in range(3))
    modem.settings.apn = apn
    modem.settings.apn_login = (login[0], login[1])
    return []


@COMMANDS.on("+NETAPN", Form.QUERY)
def _access_point(modem: Modem, _request: Request) -> Lines:
    name, password = modem.settings.apn_login
    return [f'+NETAPN: "{modem.settings.apn}","{name}","{password}"']


@COMMANDS.on("+XIIC", Form.SET)
def _switch_link(modem: Modem, request: Request) -> Lines:
    link = modem.stack.link
    if request.number(0, (0, 1)):
        require_sim(modem)
        if not link.attached:
            raise Refused(NO_SERVICE)
        modem.afterwards(link.activate)
    elif modem.style.deactivation == "loud":
        modem.afterwards(link.lose)
    else:
        link.drop("client")
    return []


@COMMANDS.on("+XIIC", Form.QUERY)
def _link(modem: Modem, _request: Request) -> Lines:
    link, style = modem.stack.link, modem.style.xiic
    blank = " " if style == "m590" else ""
    lines = [f"+XIIC:    {int(link.active)},{blank}{link.address}"]
    if style == "n706" and link.active:
        lines.append(f"+XIIC:    1,{_IPV6}")
    return [Body(line) for line in lines]


@COMMANDS.on("+CGATT", Form.SET)
def _attach(modem: Modem, request: Request) -> Lines:
    link = modem.stack.link
    state = request.number(0, (0, 1))
    require_sim(modem)
    link.detached = state == 0
    if state or not link.active:
        return []
    modem.afterwards(link.lose_sockets)
    return ["GPRS DISCONNECTION"]  # before the OK, though it is a report (5.7)


@COMMANDS.on("+CGATT", Form.QUERY)
def _attached(modem: Modem, _request: Request) -> Lines:
    return [f"+CGATT: {int(modem.stack.link.attached)}"]


@COMMANDS.on("+CGATT", Form.TEST)
def _attachments(_modem: Modem, _request: Request) -> Lines:
    return ["+CGATT: (0,1)"]


@COMMANDS.on("&D", Form.EXECUTE)
def _circuit(modem: Modem, request: Request) -> Lines:
    modem.settings.dtr = request.number(0, range(3), 1)
    return []


@COMMANDS.on("O", Form.EXECUTE)
def _data_mode(modem: Modem, request: Request) -> Lines:
    request.number(0, (0,), 0)
    if not modem.stack.transparent.resume():
        raise Refused(NOT_ALLOWED)
    raise EndedWith("CONNECT")
