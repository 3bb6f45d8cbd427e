"""The disk below the store: full, or read-only. A small file system is mounted for it, as root."""

import contextlib
import os
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from ..fault import Catalogue
from ..scene import Scene

CATALOGUE = Catalogue("disk")
SIZE = "4m"


@cache
def hindrance() -> str:
    """Why no file system can be mounted here; "" if one can."""
    if os.getuid() != 0:
        return "only root can mount a small file system"
    with TemporaryDirectory() as folder:
        done = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", f"size={SIZE}", "tmpfs", folder], capture_output=True
        )
        if done.returncode:
            return f"mounting is not allowed here: {done.stderr.decode().strip()}"
        subprocess.run(["umount", folder], check=True)
    return ""


@contextlib.contextmanager
def small_disk(scene: Scene) -> Iterator[Path]:
    """Move the store to a file system of its own, and the daemon with it."""
    assert scene.settle()
    folder = scene.folder / "disk"
    folder.mkdir(exist_ok=True)
    scene.house.daemon.stop()
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={SIZE}", "tmpfs", folder], check=True)
    before = scene.house.store
    for file in before.parent.glob(f"{before.name}*"):
        (folder / file.name).write_bytes(file.read_bytes())
    scene.house.configure(store=str(folder / before.name))
    scene.house.start()
    try:
        yield folder
    finally:
        scene.house.daemon.stop()
        for file in folder.glob(f"{before.name}*"):
            before.with_name(file.name).write_bytes(file.read_bytes())
        subprocess.run(["umount", folder], check=True)
        scene.house.configure(store=str(before))
        scene.start()


def fill(folder: Path) -> Path:
    """Leave no byte free."""
    ballast = folder / "ballast"
    with ballast.open("wb", buffering=0) as file, contextlib.suppress(OSError):
        while True:
            file.write(bytes(4096))
    return ballast


@CATALOGUE.fault(
    "is full for half an hour",
    "requests are answered `internal`; what comes in stays on the SIM; nothing is sent unrecorded",
    hindrance=hindrance,
    alone=True,
)
def full(scene: Scene) -> Iterator[None]:
    with small_disk(scene) as folder:
        scene.excuse(refused=frozenset({"internal"}))
        ballast = fill(folder)
        for _ in range(6):
            scene.traffic()
            scene.rest()
            scene.advance(300)
        ballast.unlink()
        scene.traffic()
        yield
        assert scene.settle()


@CATALOGUE.fault(
    "is read-only when the daemon starts",
    "it says so and ends; the requests wait at the broker for its next start",
    hindrance=hindrance,
    alone=True,
)
def read_only(scene: Scene) -> Iterator[None]:
    with small_disk(scene) as folder:
        scene.excuse(repeated=True)
        scene.kill()
        subprocess.run(["mount", "-o", "remount,ro", folder], check=True)
        mark = scene.house.daemon.output.mark()
        scene.start()
        scene.traffic()
        assert scene.house.daemon.wait() == 1
        said = " ".join(scene.house.daemon.output.since(mark))
        assert str(folder) in said, said
        assert "Traceback" not in said, said
        subprocess.run(["mount", "-o", "remount,rw", folder], check=True)
        scene.start()
        yield
        assert scene.settle()
