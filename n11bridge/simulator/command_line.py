"""``n11bridge simulate``: the simulator as a program."""

from __future__ import annotations

import argparse
import asyncio
import inspect
import selectors
import signal
import sys
import textwrap
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import fields
from pathlib import Path
from typing import get_args, get_type_hints

from .actions import ACTIONS, Action
from .control import ControlServer, host_and_port
from .line import PtyLine, TcpLine
from .profile import PRESETS, Profile, Style
from .simulation import PacedPort, Port, Simulator
from .uart import RATES, Uart

DESCRIPTION = """\
An N11V2 modem in software. It answers AT commands on a pty or a TCP port and plays SIM card,
network and SMS centre as well. Its TCP, UDP, TLS, FTP and HTTP are real: they reach addresses
and localhost, and other names as "peers" of the control interface says. Prints "listening on ..."
once it can be used, and runs until SIGTERM or SIGINT."""

EPILOG = """\
Control takes one JSON object a line and answers each with one, for example:
  {"do": "receive", "from": "+491701234567", "text": "Hello"}
  {"do": "fault", "kind": "error", "command": "+CMGS", "phase": "payload",
   "line": "+CMS ERROR: 38"}
  {"do": "wait", "sent": 1, "timeout": 5}
  {"do": "peers", "names": {"example.com": "127.0.0.1"},
   "routes": {"example.com:80": "127.0.0.1:8080"}}

What it can do, with the parameters in brackets:
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Give ``parser`` the options of the simulator."""
    parser.description = DESCRIPTION
    actions = "\n".join(map(_described, ACTIONS.items()))
    parser.epilog = f"{_styles()}\n\n{EPILOG}{actions}"
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    where = parser.add_mutually_exclusive_group()
    where.add_argument("--pty", metavar="LINK", type=Path, help="a pty, with this symbolic link")
    where.add_argument("--tcp", metavar="HOST:PORT", type=_endpoint, help="a TCP port instead")
    parser.add_argument("--control", metavar="PATH|HOST:PORT", help="where tests reach in")
    parser.add_argument(
        "--style",
        metavar="NAME|KEY=VALUE",
        action="append",
        type=_style,
        default=[],
        help=f"how to read the manual: {', '.join(PRESETS)}, or one of the keys below; "
        "may be given again",
    )
    parser.add_argument("--pace", action="store_true", help="let every byte take its time")
    parser.add_argument(
        "--baud",
        metavar="RATE",
        type=int,
        choices=RATES[1:],
        help="the only baud rate that is understood (default: any)",
    )
    plain = Profile()
    for name, meaning in (
        ("pin", "the SIM's PIN (default: it asks for none)"),
        ("puk", "the SIM's PUK"),
        ("iccid", "the SIM's number"),
        ("imsi", "the subscriber's number"),
        ("imei", "the modem's number"),
        ("centre", "the number of the SMS centre"),
    ):
        parser.add_argument(f"--{name}", default=getattr(plain, name), help=meaning)
    parser.add_argument("--no-sim", dest="sim", action="store_false", help="leave the slot empty")
    parser.add_argument(
        "--storage", metavar="SIZE", type=int, default=plain.storage, help="slots of SM and of ME"
    )
    for name, meaning in (
        ("boot-delay", "from power to MODEM:STARTUP"),
        ("ready-delay", "from there, or the PIN, to +PBREADY"),
        ("registration-delay", "from there, or the PIN, to registration"),
        ("send-delay", "to hand a message to the network"),
        ("report-delay", "until its delivery report"),
        ("scan-delay", "to look for operators"),
        ("location-delay", "to ask where it is"),
        ("upgrade-delay", "between two steps of an upgrade"),
        ("link-delay", "from AT+XIIC=1 until the PPP link is up"),
        ("setup-delay", "to set a connection up, beside what the peer takes"),
        ("setup-timeout", "until a connection that does not come up has failed"),
        ("guard", "of silence before and after +++"),
        ("settling", "after a prompt for data in which what comes is lost"),
    ):
        value = getattr(plain, name.replace("-", "_"))
        parser.add_argument(f"--{name}", metavar="SECONDS", type=float, default=value, help=meaning)
    parser.add_argument(
        "--patience",
        metavar="FACTOR",
        type=float,
        default=plain.patience,
        help="what the time-outs of prompts and of FTP are multiplied with",
    )


def _styles() -> str:
    lines = ["Readings of the manual, the usual one first:"]
    for name, hint in get_type_hints(Style).items():
        values = ("no", "yes") if hint is bool else get_args(hint) or ("any text",)
        lines.append(f"  {name + '=':18}{'|'.join(values)}")
    return "\n".join(lines)


def _described(entry: tuple[str, Action]) -> str:
    name, action = entry
    parameters = [parameter.rstrip("_") for parameter in inspect.signature(action).parameters]
    told = textwrap.indent(inspect.getdoc(action) or "", "      ")
    return f"  {name} [{', '.join(parameters[1:])}]\n{told}"


def _endpoint(text: str) -> tuple[str, int]:
    endpoint = host_and_port(text)
    if endpoint is None:
        raise argparse.ArgumentTypeError("HOST:PORT is wanted")
    return endpoint


def run(arguments: argparse.Namespace) -> int:
    """Run the simulator until it is told to stop; 0 is success, 2 a wrong option."""
    try:
        with asyncio.Runner(loop_factory=_loop) as runner:
            runner.run(_run(arguments))
    except OSError as error:
        sys.stderr.write(f"n11bridge simulate: {error}\n")
        return 2
    return 0


def _style(text: str) -> str:
    try:
        Style.named(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None
    return text


def _loop() -> asyncio.AbstractEventLoop:
    # epoll rounds every wait up to a millisecond, the time of eleven bytes at full speed.
    return asyncio.SelectorEventLoop(selectors.SelectSelector())


async def _run(arguments: argparse.Namespace) -> None:
    style = Style.named(*arguments.style)
    values = vars(arguments)
    profile = Profile(**{field.name: values[field.name] for field in fields(Profile)})
    uart = Uart(arguments.baud or 115200, enforced=arguments.baud is not None)
    port: Port
    if arguments.tcp:
        port = TcpLine(*arguments.tcp)
    else:
        port = PtyLine(uart, arguments.pty, garbage=style.wrong_rate == "garbage")
    if arguments.pace:
        port = PacedPort(port, uart)
    simulator = Simulator(port, profile, style, uart)
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, simulator.stopped.set)
    async with AsyncExitStack() as stack:
        if arguments.control:
            control = await stack.enter_async_context(ControlServer(simulator, arguments.control))
            sys.stdout.write(f"control on {control.name}\n")
        await stack.enter_async_context(simulator)
        sys.stdout.write(f"listening on {port.name}\n")
        sys.stdout.flush()
        await simulator.stopped.wait()


def main(argv: Sequence[str] | None = None) -> int:
    """Run the simulator as a program of its own."""
    parser = argparse.ArgumentParser(prog="n11bridge simulate")
    add_arguments(parser)
    return run(parser.parse_args(argv))
