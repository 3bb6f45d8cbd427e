"""What the service manager wants to know: ready, alive, stopping. The only import of systemd."""

import asyncio
import contextlib
import logging
import os
import socket
import sys

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


async def feed_watchdog() -> None:
    """Follow the loop: when it hangs, systemd restarts us. Returns at once without a watchdog."""
    microseconds = int(os.environ.get("WATCHDOG_USEC", "0") or 0)
    if os.environ.get("WATCHDOG_PID", str(os.getpid())) != str(os.getpid()) or not microseconds:
        return
    while True:
        notify("WATCHDOG=1")
        await asyncio.sleep(microseconds / 2_000_000)


def set_up_logging(level: str) -> None:
    """Log to stderr; under systemd with the priorities that the journal reads there."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_Journal() if "JOURNAL_STREAM" in os.environ else _plain())
    logging.basicConfig(handlers=[handler], level=logging.WARNING)
    logging.getLogger("n11bridge").setLevel(level.upper())


def _plain() -> logging.Formatter:
    return logging.Formatter("%(asctime)s %(levelname)-7s %(message)s", "%H:%M:%S")


class _Journal(logging.Formatter):
    """One priority for each line: the journal knows the time and the name already."""

    def format(self, record: logging.LogRecord) -> str:
        """Prefix every line with its priority (sd-daemon(3))."""
        prefix = f"<{_LEVELS.get(record.levelname, 6)}>"
        return "\n".join(prefix + line for line in super().format(record).splitlines())
