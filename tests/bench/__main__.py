"""How close the bridge comes to the wire's own time, and what it costs. The exit code is always 0.

Ratios are to the time that the bytes of the exchange need at 115200 baud, ten bits each. Shown are
the run in the middle and the worst one; the one in the middle is held against the aim.
"""

from __future__ import annotations

import argparse
import compileall
import platform
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

import n11bridge
from n11bridge.simulator import ControlError

from .messages import SENT, STORED, announcements, drains, sendings
from .outcome import NotMeasured, Outcome, Run, as_json, table
from .rig import rig
from .sockets import PAYLOAD, PING, downwards, round_trips, upwards
from .upkeep import idle, libraries, memory, start

LENGTHS = (70, 160)

ANNOUNCEMENT = (
    "from the last byte of +CMTI on the wire to event/sms/received at the subscriber; "
    "the wire's own is the bytes of AT+CMGR and its answer"
)
DRAIN = (
    f"from the first byte of AT+CMGL on the wire to event/sms/received number {STORED} at the "
    "subscriber; the wire's own is the bytes of AT+CMGL and its answer, and not the deletions "
    "that run beside; bridge, store, broker and modem are new for each run"
)
SENDING = (
    f"{SENT} requests published at once, without delivery reports; from the first byte of the "
    f"first AT+CMGS on the wire to event/sms/status `sent` number {SENT} at the subscriber; the "
    "wire's own is the bytes of each AT+CMGS, its prompt, PDU and answer"
)
UPWARDS = (
    f"{PAYLOAD} bytes from a client of a forward to a server, from the first byte of AT+TCPSEND to "
    "the last of its last outcome; the wire's own is these bytes alone, so 1.11 is 90 % of it"
)
DOWNWARDS = (
    f"{PAYLOAD} bytes from a server to a client of a forward, from the first byte of AT+TCPREAD to "
    "the last of its last answer; the wire's own is these bytes alone, so 1.05 is 95 % of it"
)
ROUND_TRIP = (
    f"{PING} bytes there and {PING} back through a forward, at its client; the wire's own is the "
    "bytes of AT+TCPSEND, prompt, data and outcome, +TCPRECV, AT+TCPREAD and its answer"
)
START = "from the birth of the process to the discovery payload at the subscriber"


class Bench:
    """What was measured so far."""

    def __init__(self, *, quick: bool) -> None:
        self.quick = quick
        self.outcomes: list[Outcome] = []

    def measure(
        self, name: str, unit: str, aim: float, how: str, runs: Callable[[], list[Run]]
    ) -> None:
        """Measure, and keep what came of it or why nothing did."""
        sys.stderr.write(f"{name} ...\n")
        try:
            self.outcomes.append(Outcome(name, unit, aim, how, runs()))
        except (NotMeasured, ControlError, OSError) as error:
            self.outcomes.append(Outcome(name, unit, aim, how, failure=str(error)))

    def messages(self) -> None:
        """Measure how fast stored messages are fetched."""
        for length in LENGTHS:
            name = f"draining {STORED}, {length} characters"
            runs = partial(drains, length, 1 if self.quick else 5)
            self.measure(name, "s", 1.2, DRAIN, runs)

    def one_bridge(self) -> None:
        """Measure what a bridge does that has started, from its first minute on."""
        with rig() as parts, parts.ready_bridge() as bridge:
            resident = partial(memory, bridge.pid)
            where = "VmRSS of the bridge in MB of 1024 * 1024 bytes; a process that only imports "
            where += f"the libraries has {libraries():.1f} MB"
            self.measure("memory after the start", "MB", 34, where, resident)
            seconds = 10 if self.quick else 60
            how = f"user and system time in {seconds} s without messages"
            how += f", times {60 // seconds}" if self.quick else ""
            self.measure("idle for a minute", "s", 0.1, how, partial(idle, bridge.pid, seconds))
            for length in LENGTHS:
                name = f"announcement, {length} characters"
                runs = partial(announcements, parts, length, 5 if self.quick else 20)
                self.measure(name, "ms", 1.3, ANNOUNCEMENT, runs)
            for length in LENGTHS:
                name = f"sending {SENT}, {length} characters"
                runs = partial(sendings, parts, length, 1 if self.quick else 5)
                self.measure(name, "s", 1.3, SENDING, runs)
            self.measure("memory after all that", "MB", 34, where, resident)

    def sockets(self) -> None:
        """Measure how fast bytes pass through a forward, and how late they are."""
        for name, aim, how, measured in (
            ("payload upwards", 1 / 0.9, UPWARDS, upwards),
            ("payload downwards", 1 / 0.95, DOWNWARDS, downwards),
            ("round trip of a forward", 1.3, ROUND_TRIP, round_trips),
        ):
            count = 1 if measured is not round_trips else 10
            runs = partial(measured, count if self.quick else 3 * count)
            self.measure(name, "ms" if measured is round_trips else "s", aim, how, runs)

    def starts(self) -> None:
        """Measure how long a start takes."""
        with rig() as parts:
            for name, cold, how in (
                ("start, new store", True, "nothing stored before"),
                ("start, known modem", False, "the bridge ran with this modem before"),
            ):
                runs = partial(start, parts, 2 if self.quick else 5, cold=cold)
                self.measure(name, "s", 1.0, f"{START}; {how}", runs)


#: The parts that can be measured alone, in their order.
PARTS = {
    "bridge": Bench.one_bridge,
    "starts": Bench.starts,
    "sockets": Bench.sockets,
    "messages": Bench.messages,
}


def main() -> None:
    """Measure everything or the parts that are named, and print it."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer runs, 10 s of idleness")
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    parser.add_argument(
        "parts", nargs="*", metavar="PART", help=f"what to measure: {', '.join(PARTS)}"
    )
    arguments = parser.parse_args()
    if unknown := set(arguments.parts) - set(PARTS):
        parser.error(f"there is no {', '.join(sorted(unknown))}: choose from {', '.join(PARTS)}")
    # As an installation has it: otherwise the first start, or each, would compile everything.
    compileall.compile_dir(Path(n11bridge.__file__).parent, quiet=1)
    bench = Bench(quick=arguments.quick)
    try:
        for part in arguments.parts or PARTS:
            PARTS[part](bench)
    except NotMeasured as error:
        sys.stderr.write(f"{error}\n")
    except KeyboardInterrupt:
        sys.stderr.write("interrupted\n")
    if arguments.json:
        sys.stdout.write(as_json(bench.outcomes) + "\n")
    elif bench.outcomes:
        where = f"Python {platform.python_version()} on {platform.machine()}"
        sys.stdout.write(f"{where}\n\n{table(bench.outcomes)}\n")


if __name__ == "__main__":
    main()
