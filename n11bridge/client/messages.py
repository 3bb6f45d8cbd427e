"""``n11bridge sms send`` and ``n11bridge sms list``: texts from the shell."""

import argparse
import json
import sys
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

from n11bridge.client.session import (
    DONE,
    FAILED,
    UNANSWERED,
    WRONG,
    ClientError,
    Session,
    add_common,
    carry_out,
    good,
    visible,
)

#: The last states of a message; before them it may still be sent or delivered.
GOOD_END = {"sent": ("sent", "delivered", "undelivered"), "delivered": ("delivered",)}
BAD_END = ("undelivered", "expired", "cancelled", "failed", "unknown")

SEND = """\
Sends a text to numbers, contacts or groups of the bridge's configuration, several with commas
between. Returns when the bridge has it on its disk, from where it leaves as soon as it can; with
--wait, when the network took it, or the telephone did.
"""
CODES = """\
exit codes: 0 done, 1 refused or not sent, 2 the call or the configuration is wrong, 3 no answer
"""


def add_sms(commands: Any, config: Path) -> None:
    """Add the commands."""
    sms = commands.add_parser("sms", help="send and list texts, by a running bridge")
    verbs = sms.add_subparsers(required=True, metavar="VERB")
    send = verbs.add_parser("send", help="send a text", description=SEND, epilog=CODES)
    send.add_argument("to", metavar="TO", help="whom to write to")
    send.add_argument("text", metavar="TEXT", help="the text, or - to read it from standard input")
    send.add_argument("--wait", choices=sorted(GOOD_END), help="wait until it is so")
    send.add_argument("--high", action="store_true", help="overtake messages that wait")
    send.add_argument("--flash", action="store_true", help="shown at once and not kept")
    add_common(send, config)
    send.set_defaults(function=partial(carry_out, work=_send))

    list_ = verbs.add_parser("list", help="list texts, the newest last", epilog=CODES)
    list_.add_argument("--outbox", action="store_true", help="those to send and sent instead")
    list_.add_argument("--since", metavar="UID", help="only what came after this message")
    list_.add_argument("-n", "--limit", type=int, default=100, help="(default: %(default)s)")
    list_.add_argument("--json", action="store_true", help="one JSON object on each line")
    add_common(list_, config)
    list_.set_defaults(function=partial(carry_out, work=_list))


def _send(session: Session, arguments: argparse.Namespace) -> int:
    text = sys.stdin.read().removesuffix("\n") if arguments.text == "-" else arguments.text
    if not text:
        raise ClientError("there is no text to send", WRONG)
    parameters: dict[str, Any] = {"to": arguments.to.split(","), "text": text}
    if arguments.high:
        parameters["priority"] = "high"
    if arguments.flash:
        parameters["flash"] = True
    if arguments.wait == "delivered":
        parameters["delivery_report"] = True
    accepted = good(session.ask("sms/send", parameters, arguments.timeout, "event/sms/status"))
    waiting = {message["message"]: message["to"] for message in accepted["messages"]}
    if arguments.wait is None:
        for key, to in waiting.items():
            sys.stdout.write(f"{to}: accepted as {key}\n")
        return DONE
    return _wait(session, waiting, GOOD_END[arguments.wait], arguments.timeout)


def _wait(session: Session, waiting: dict[str, str], good_end: Any, seconds: float) -> int:
    """Follow messages to their end; those that ended before we knew their names are asked for."""
    code = DONE
    said = [good(session.ask("sms/status", {"message": key}, seconds)) for key in waiting]
    heard = (event for topic, event in session.heard(seconds) if topic == "event/sms/status")
    while waiting:
        event = said.pop() if said else next(heard, None)
        if event is None:
            left = ", ".join(waiting.values())
            raise ClientError(f"still under way after {seconds:g} s: {left}", UNANSWERED)
        state = event["state"]
        if event["message"] not in waiting or state not in (*good_end, *BAD_END):
            continue
        to = waiting.pop(event["message"])
        bad = state not in good_end
        error = f": {event['error']}" if bad and event["error"] else ""
        (sys.stderr if bad else sys.stdout).write(f"{to}: {state}{error}\n")
        code = FAILED if bad else code
    return code


def _list(session: Session, arguments: argparse.Namespace) -> int:
    parameters: dict[str, Any] = {"limit": arguments.limit}
    if arguments.since and not arguments.outbox:
        parameters["since"] = arguments.since
    name = "sms/outbox" if arguments.outbox else "sms/inbox"
    for message in good(session.ask(name, parameters, arguments.timeout))["messages"]:
        if arguments.json:
            line = json.dumps(message, ensure_ascii=False)
        elif arguments.outbox:
            who = message["contact"] or message["to"]
            line = _line(message["created"], f"to {who}", message["state"], message["text"])
        else:
            who = message["contact"] or message["from"] or "unknown"
            text = message["text"] if message["text"] is not None else "(data)"
            line = _line(message["received"], f"from {who}", message["uid"], text)
        sys.stdout.write(line + "\n")
    return DONE


def _line(time: str, who: str, what: str, text: str) -> str:
    """One line of a list."""
    when = datetime.fromisoformat(time).strftime("%Y-%m-%d %H:%M")
    return f"{when}  {who:20}  {what:20}  {visible(text)}"
