"""What this machine has: the port and who holds it, the store, the disk, the clock."""

import contextlib
import os
import shutil
import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path

from n11bridge.config import Config
from n11bridge.doctor.finding import Finding, bad, good, unknown

#: Below this the store will soon be full (bytes).
LITTLE_ROOM = 50 * 2**20
#: systemd-timesyncd's and chrony's words that the clock is right.
SYNCHRONISED = (Path("/run/systemd/timesync/synchronized"), Path("/run/chrony/chronyd.pid"))
#: No clock that is right shows less: this was written later.
THE_PAST = time.mktime((2026, 1, 1, 0, 0, 0, 0, 0, 0))


def examine(config: Config) -> Iterator[Finding]:
    """Look at the machine."""
    yield from _port(config.modem.port)
    yield _store(config.store)
    yield _disk(config.store)
    yield _clock()


def _port(port: str) -> Iterator[Finding]:
    if "://" in port:
        yield good("port", f"{port} is on another machine")
        return
    if not os.path.exists(port):
        cure = "plug the adapter in; n11bridge probe lists the ports that there are"
        yield bad("port", f"{port} does not exist", cure)
        return
    if not os.access(port, os.R_OK | os.W_OK):
        cure = f"add the user to the group of {port}: usermod -aG dialout USER, and log in again"
        yield bad("port", f"{port} may not be read and written by this user", cure)
        return
    yield good("port", f"{port} is there and may be used")
    holders = dict(_holders(os.path.realpath(port)))
    others = {pid: name for pid, name in holders.items() if "n11bridge" not in name}
    if others:
        named = ", ".join(f"{name} (process {pid})" for pid, name in others.items())
        yield bad("port's users", f"{named} uses it too", "stop that program, or use another port")
    elif os.geteuid() != 0 and not holders:
        yield unknown("port's users", "only root sees who else uses it", "run this with sudo")
    else:
        yield good("port's users", "the bridge alone" if holders else "nobody")


def _holders(device: str) -> Iterator[tuple[int, str]]:
    """The processes that have a device open, as far as we may see."""
    for process in Path("/proc").iterdir():
        if not process.name.isdecimal():
            continue
        with contextlib.suppress(OSError):
            if any(os.path.realpath(each) == device for each in (process / "fd").iterdir()):
                words = (process / "cmdline").read_bytes().split(b"\0")
                yield int(process.name), b" ".join(words).decode("utf-8", "replace").strip()


def _store(path: Path) -> Finding:
    if not path.parent.is_dir():
        return bad("store", f"{path.parent} does not exist", "create it, for the bridge's user")
    if not path.exists():
        return good("store", f"{path} will be made at the first start")
    try:
        with contextlib.closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)):
            pass
    except sqlite3.Error as error:
        return bad("store", f"{path}: {error}", "run this as the bridge's user or as root")
    if not os.access(path, os.W_OK):
        return unknown("store", f"{path} is not this user's", "run this as the bridge's user")
    return good("store", str(path))


def _disk(path: Path) -> Finding:
    try:
        left = shutil.disk_usage(path.parent).free
    except OSError as error:
        return unknown("disk", str(error), "create the store's folder")
    room = f"{left // 2**20} MB are free where the store is"
    if left < LITTLE_ROOM:
        return bad("disk", room, "free some space, or no message can be kept")
    return good("disk", room)


def _clock() -> Finding:
    if time.time() < THE_PAST:
        cure = "connect it to a time server, or add a real-time clock"
        return bad("clock", f"it shows {time.ctime()}", cure)
    if any(word.exists() for word in SYNCHRONISED):
        return good("clock", "it follows a time server")
    said = f"nothing says that it follows a time server; it shows {time.ctime()}"
    return unknown("clock", said, "timedatectl set-ntp true has it follow one")
