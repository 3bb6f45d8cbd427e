"""``n11bridge request``: any request of the contract, for shell scripts."""

import argparse
import json
import sys
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import voluptuous as vol

from n11bridge.capabilities import CAPABILITIES
from n11bridge.client.session import DONE, FAILED, Session, add_common, carry_out

DESCRIPTION = """\
Asks the running bridge and prints its answer's data as JSON. Values are JSON where the request
takes them so (true, 7, ["alice", "bob"]) and texts otherwise. docs/topics.md, or n11bridge schema,
lists what can be asked.
"""
EXAMPLES = """\
examples:
  n11bridge request signal/read
  n11bridge request sms/send to=alice text='Water in the pump house' priority=high
  n11bridge request network/scan --timeout 300

exit codes: 0 done, 1 the bridge says no, 2 the call or the configuration is wrong, 3 no answer
"""


def add_request(commands: Any, config: Path) -> None:
    """Add the command."""
    parser = commands.add_parser(
        "request",
        help="ask a running bridge for anything, over MQTT",
        description=DESCRIPTION,
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("name", metavar="CAPABILITY/VERB", type=_name, help="as in signal/read")
    parser.add_argument(
        "parameters", metavar="KEY=VALUE", type=_parameter, nargs="*", help="its parameters"
    )
    add_common(parser, config)
    parser.set_defaults(function=partial(carry_out, work=_request))


def _name(text: str) -> str:
    capability, _, verb = text.partition("/")
    if not capability or not verb or set("+#/") & set(capability + verb):
        raise argparse.ArgumentTypeError(f"{text!r} is not of the form capability/verb")
    return text


def _parameter(text: str) -> tuple[str, "_Given"]:
    key, equals, value = text.partition("=")
    if not key or not equals:
        raise argparse.ArgumentTypeError(f"{text!r} is not of the form key=value")
    try:
        read = json.loads(value)
    except ValueError:
        read = value
    return key, _Given(value, read)


class _Given(NamedTuple):
    text: str
    read: Any


def _taken(name: str, given: Mapping[str, _Given]) -> dict[str, Any]:
    """Which of the two each value is: a PIN or a number to call is a text though it reads as 7."""
    read = {key: value.read for key, value in given.items()}
    capability, _, verb = name.partition("/")
    known = {each.name: each for each in CAPABILITIES}.get(capability)
    if known is None or verb not in known.verbs():
        return read
    try:
        known.verbs()[verb].schema(read)
    except vol.MultipleInvalid as error:
        for wrong in {str(each.path[0]) for each in error.errors if each.path} & set(given):
            read[wrong] = given[wrong].text
    return read


def _request(session: Session, arguments: argparse.Namespace) -> int:
    parameters = _taken(arguments.name, dict(arguments.parameters))
    response = session.ask(arguments.name, parameters, arguments.timeout)
    failed = response["status"] == "error"
    shown = response["error"] if failed else response["data"]
    text = json.dumps(shown, indent=2, ensure_ascii=False)
    (sys.stderr if failed else sys.stdout).write(text + "\n")
    return FAILED if failed else DONE
