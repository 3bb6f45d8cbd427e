"""What the service manager wants to know: ready, alive, stopping. The only import of systemd."""

import asyncio
import contextlib
import faulthandler
import logging
import os
import socket
import sys
from collections.abc import Mapping
from typing import Any

_LEVELS = {"DEBUG": 7, "INFO": 6, "WARNING": 4, "ERROR": 3, "CRITICAL": 2}


def notify(message: str) -> None:
    """Tell systemd, if it asked to be told (sd_notify(3)); nothing happens elsewhere."""
    try:
        from systemd import daemon  # type: ignore[attr-defined,unused-ignore]
    except ImportError:
        _notify_socket(message)
    else:
        daemon.notify(message)


def _notify_socket(message: str) -> None:
    address = os.environ.get("NOTIFY_SOCKET", "")
    if not address.startswith(("/", "@")):
        return
    with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as out:
        out.sendto(message.encode(), address.replace("@", "\0", 1))


class StatusLine:
    """The line that ``systemctl status`` shows: modem, operator, signal, queue, broker."""

    def __init__(self) -> None:
        self._told = ""

    def show(self, states: Mapping[str, Mapping[str, Any]], *, connected: bool) -> None:
        """Tell systemd what the states come to, if that is something new."""
        modem, network, signal, sms = (
            states.get(name, {}) for name in ("modem", "network", "signal", "sms")
        )
        strength = signal.get("rssi_dbm")
        said = (
            f"modem {modem.get('status', 'starting')}",
            network.get("operator"),
            None if strength is None else f"{strength} dBm",
            f"{sms.get('queued', 0)} to send",
            "" if connected else "broker away",
        )
        line = ", ".join(filter(None, said))
        if line != self._told:
            self._told = line
            notify(f"STATUS={line}")


async def feed_watchdog() -> None:
    """Follow the loop: when it hangs, systemd restarts us. Returns at once without a watchdog.

    Where nobody listens, as in a container, the program ends itself and says where it hung.
    """
    seconds = int(os.environ.get("WATCHDOG_USEC", "0") or 0) / 1_000_000
    if os.environ.get("WATCHDOG_PID", str(os.getpid())) != str(os.getpid()) or not seconds:
        return
    alone = not os.environ.get("NOTIFY_SOCKET")
    try:
        while True:
            notify("WATCHDOG=1")
            if alone:
                faulthandler.dump_traceback_later(seconds, exit=True)
            await asyncio.sleep(seconds / 2)
    finally:
        if alone:
            faulthandler.cancel_dump_traceback_later()


def set_up_logging(level: str, modem: str) -> None:
    """Log to stderr, or to the journal with fields to filter by: N11_MODEM is on every line.

    Others come with ``extra``: N11_STATUS, N11_STEP, N11_PROBLEM. Without systemd's package the
    journal reads our stderr, which can say priorities only.
    """
    logging.basicConfig(handlers=[_handler(modem)], level=logging.WARNING)
    logging.getLogger("n11bridge").setLevel(level.upper())


def _handler(modem: str) -> logging.Handler:
    if "JOURNAL_STREAM" not in os.environ:
        handler: logging.Handler = logging.StreamHandler(sys.stderr)
        handler.setFormatter(_plain())
        return handler
    try:
        from systemd import journal  # type: ignore[attr-defined,unused-ignore]
    except ImportError:
        handler = logging.StreamHandler(sys.stderr)
        handler.setFormatter(_Journal())
        return handler
    handler = journal.JournalHandler(SYSLOG_IDENTIFIER="n11bridge", N11_MODEM=modem)
    handler.setFormatter(logging.Formatter("%(message)s"))
    return handler


def _plain() -> logging.Formatter:
    return logging.Formatter("%(asctime)s %(levelname)-7s %(message)s", "%H:%M:%S")


class _Journal(logging.Formatter):
    """One priority for each line: the journal knows the time and the name already."""

    def format(self, record: logging.LogRecord) -> str:
        """Prefix every line with its priority (sd-daemon(3))."""
        prefix = f"<{_LEVELS.get(record.levelname, 6)}>"
        return "\n".join(prefix + line for line in super().format(record).splitlines())
