"""The command: who is asked, in which order, and how it is shown."""

import argparse
import asyncio
import json
import sys
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

from n11bridge.client.session import ClientError, Session
from n11bridge.config import Config, ConfigError, load
from n11bridge.doctor import broker, judging, machine, running, wire
from n11bridge.doctor.finding import Finding, Verdict, bad, good, unknown
from n11bridge.port import PortError

DESCRIPTION = """\
Looks at everything that must be right, from the port to Home Assistant, and says what is not and
what to do about it. While the bridge runs it is asked over MQTT; otherwise the modem is asked
itself. Nothing is changed, and no PIN is entered.
"""
CODES = """\
exit codes: 0 nothing is bad, 1 something is, 2 the configuration is wrong
"""


def add_arguments(parser: argparse.ArgumentParser, config: Path) -> None:
    """Add what the command takes."""
    parser.description, parser.epilog = DESCRIPTION, CODES
    parser.add_argument(
        "-c",
        "--config",
        type=Path,
        default=config,
        metavar="FILE",
        help="the bridge's configuration (default: %(default)s)",
    )
    parser.add_argument("--json", action="store_true", help="print a list of objects instead")


def run(arguments: argparse.Namespace) -> int:
    """Examine, and print each finding as soon as it is there."""
    findings: list[Finding] = []
    for finding in examine(arguments.config):
        findings.append(finding)
        if not arguments.json:
            sys.stdout.write(_line(finding))
            sys.stdout.flush()
    if arguments.json:
        sys.stdout.write(json.dumps([asdict(each) for each in findings], indent=2) + "\n")
    bad_ones = [each for each in findings if each.verdict is Verdict.BAD]
    if not arguments.json:
        sys.stdout.write(f"\n{_summary(findings)}\n")
    wrong = any(each.subject == "configuration" for each in bad_ones)
    return 2 if wrong else 1 if bad_ones else 0


def examine(path: Path) -> Iterator[Finding]:
    """Look at everything that a configuration speaks of."""
    try:
        config = load(path)
    except ConfigError as error:
        yield bad("configuration", str(error), f"mend it; n11bridge check {path} tells again")
        return
    yield good("configuration", str(path))
    yield from machine.examine(config)
    states = None
    try:
        with Session(config) as session:
            yield from broker.examine(session, config)
            states = running.ask(session)
    except ClientError as error:
        cure = "is it running, and are mqtt.host, port, username and password right?"
        yield bad("broker", str(error), cure)
    if states is not None:
        yield good("bridge", "it runs, and is asked")
        yield from judging.judge(states, config)
    else:
        said = "none runs at this broker; the modem itself is asked"
        yield unknown("bridge", said, f"n11bridge run -c {path}, or systemctl start n11bridge")
        yield from _at_the_wire(config)


def _at_the_wire(config: Config) -> Iterable[Finding]:
    try:
        states: Any = asyncio.run(wire.ask(config))
    except PortError as error:
        return [bad("modem", str(error), "see the port above; if a bridge runs, so is its broker")]
    return judging.judge(states, config)


_SIGNS = {Verdict.GOOD: "good   ", Verdict.BAD: "BAD    ", Verdict.UNKNOWN: "unknown"}


def _line(finding: Finding) -> str:
    cure = f"\n         {'':24}{finding.cure}" if finding.cure else ""
    return f"{_SIGNS[finding.verdict]}  {finding.subject:24}{finding.said}{cure}\n"


def _summary(findings: list[Finding]) -> str:
    count = dict.fromkeys(Verdict, 0)
    for finding in findings:
        count[finding.verdict] += 1
    return ", ".join(f"{number} {verdict}" for verdict, number in count.items())
