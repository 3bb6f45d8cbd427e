"""The command line: ``n11bridge run | check | probe | doctor | sms | request | ...``."""

import argparse
import asyncio
import json
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

from n11bridge import __version__

CONFIG = Path("/etc/n11bridge/n11bridge.yaml")

#: Exit codes: all is well; it did not work; the configuration or the call is wrong.
GOOD, FAILED, WRONG = 0, 1, 2


def main(argv: Sequence[str] | None = None) -> int:
    """Run a subcommand; return its exit code."""
    try:
        arguments = parser().parse_args(argv)
        code: int = arguments.function(arguments)
    except KeyboardInterrupt:
        return GOOD
    except BrokenPipeError:
        # The reader of our output has gone, as `head` does; there is nobody left to tell.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILED
    return code


def parser() -> argparse.ArgumentParser:
    """All commands with their options."""
    parser = argparse.ArgumentParser(
        prog="n11bridge",
        description="A cellular modem on a serial line becomes MQTT topics.",
        epilog="Try it without a modem: n11bridge demo",
    )
    parser.add_argument("--version", action="version", version=f"n11bridge {__version__}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    run = commands.add_parser(
        "run",
        help="serve a modem in the foreground",
        description="Serves a modem until SIGTERM or SIGINT, and logs to stderr. A missing modem "
        "or broker is waited for; a wrong configuration ends it with exit code 2.",
    )
    run.add_argument(
        "-c",
        "--config",
        type=Path,
        default=CONFIG,
        metavar="FILE",
        help="the configuration (default: %(default)s)",
    )
    run.set_defaults(function=_run)

    check = commands.add_parser(
        "check",
        help="say what is wrong with a configuration",
        description="Says what is wrong, at which key and line, and how to mend it; exit code 2 "
        "then, and 0 for a good file. Opens neither modem nor broker.",
    )
    check.add_argument(
        "file",
        type=Path,
        nargs="?",
        default=CONFIG,
        metavar="FILE",
        help="the configuration (default: %(default)s)",
    )
    check.add_argument(
        "--names-port",
        action="store_true",
        help="say nothing, and fail only where no modem's port is named yet",
    )
    check.set_defaults(function=_check)

    probe = commands.add_parser(
        "probe",
        help="find the modem's port and say what it is",
        description="Tries each serial port at each rate, and says what answers; exit code 1 if "
        "nothing does. Takes up to a quarter of a minute for a port.",
    )
    probe.add_argument(
        "port",
        nargs="*",
        metavar="PORT",
        help="look only there: a device path, socket://HOST:PORT or rfc2217://HOST:PORT",
    )
    probe.set_defaults(function=_probe)

    schema = commands.add_parser(
        "schema",
        help="print all topics and payloads, as AsyncAPI or Markdown",
        description="Prints the MQTT topics, what their payloads hold, and examples, as an "
        "AsyncAPI 3 document in JSON.",
    )
    schema.add_argument("--markdown", action="store_true", help="print a page to read instead")
    schema.set_defaults(function=_schema)

    # Imported here: the daemon does not need them, and it is to start fast on a small machine.
    if sys.argv[1:2] != ["run"]:
        from n11bridge import client, demo, doctor, home_assistant, monitor, report, wizard
        from n11bridge.simulator import command_line as simulator

        set_up = commands.add_parser(
            "setup", help="find modem and broker, and write a configuration"
        )
        wizard.add_arguments(set_up, CONFIG)
        set_up.set_defaults(function=wizard.run)
        examine = commands.add_parser("doctor", help="look at everything, and say what is wrong")
        doctor.add_arguments(examine, CONFIG)
        examine.set_defaults(function=doctor.run)
        bundle = commands.add_parser("report", help="write what a bug report needs to a file")
        report.add_arguments(bundle, CONFIG)
        bundle.set_defaults(function=report.run)
        assistant = commands.add_parser(
            "homeassistant", help="put the component for Home Assistant in place"
        )
        home_assistant.add_arguments(assistant)
        assistant.set_defaults(function=home_assistant.run)
        monitor.add_monitor(commands, CONFIG)
        client.add_sms(commands, CONFIG)
        client.add_request(commands, CONFIG)

        simulate = commands.add_parser("simulate", help="be an N11V2 on a pty or a TCP port")
        simulator.add_arguments(simulate)
        simulate.set_defaults(function=simulator.run)

        show = commands.add_parser("demo", help="simulator, broker and bridge, and what they do")
        demo.add_arguments(show)
        show.set_defaults(function=demo.run)
    return parser


def _run(arguments: argparse.Namespace) -> int:
    # As early as can be: the imports take longer than all the rest of the start.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    from n11bridge import daemon, service
    from n11bridge.config import ConfigError, load
    from n11bridge.store import StoreError

    try:
        config = load(arguments.config)
    except ConfigError as error:
        _complain(str(error))
        return WRONG
    service.set_up_logging(config.log.level, config.modem.name)
    try:
        again = asyncio.run(daemon.run(config))
    except StoreError as error:
        _complain(str(error))
        return FAILED
    if again:
        os.execv(sys.executable, [sys.executable, *sys.orig_argv[1:]])
    return GOOD


def _check(arguments: argparse.Namespace) -> int:
    from n11bridge.config import ConfigError, load, names_port

    if arguments.names_port:
        return GOOD if names_port(arguments.file) else FAILED
    try:
        config = load(arguments.file)
    except ConfigError as error:
        _complain(str(error))
        return WRONG
    security = ", TLS" if config.mqtt.tls else ""
    sys.stdout.write(
        f"{arguments.file} is good: the modem on {config.modem.port} becomes "
        f"{config.base}/# at {config.mqtt.host}:{config.mqtt.port}{security}\n"
    )
    return GOOD


def _probe(arguments: argparse.Namespace) -> int:
    from n11bridge import probe

    return GOOD if asyncio.run(probe.run(arguments.port)) else FAILED


def _schema(arguments: argparse.Namespace) -> int:
    try:
        from n11bridge import asyncapi
    except ModuleNotFoundError as error:
        if error.name != "voluptuous_openapi":
            raise
        _complain(
            "schema needs one more package: voluptuous-openapi (pip install), "
            "python3-voluptuous-openapi (apt install)"
        )
        return FAILED
    if arguments.markdown:
        sys.stdout.write(asyncapi.page())
    else:
        json.dump(asyncapi.document(), sys.stdout, indent=2, ensure_ascii=False)
        sys.stdout.write("\n")
    return GOOD


def _complain(message: str) -> None:
    sys.stderr.write(message.rstrip("\n") + "\n")
