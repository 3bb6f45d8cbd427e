"""A container of the add-on's image, as the Supervisor would have Docker's runc run it."""

import json
import os
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.e2e.processes import Program

from .image import ROOTS, Image
from .machine import run

#: What Docker leaves to a container that asks for nothing more.
CAPABILITIES = [
    f"CAP_{name}"
    for name in (
        *("CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID", "KILL", "SETGID", "SETUID", "SETPCAP"),
        *("NET_BIND_SERVICE", "NET_RAW", "SYS_CHROOT", "MKNOD", "AUDIT_WRITE", "SETFCAP"),
    )
]
_RUNC = ["runc", "--root", str(ROOTS / "runc")]


class Container(Program):
    """One container; its folders outlive it, as the Supervisor's do."""

    def __init__(
        self, folder: Path, image: Image, mounts: Mapping[str, Path], environment: Mapping[str, str]
    ) -> None:
        super().__init__()
        self._id = f"{folder.parent.name}-{folder.name}-{os.getpid()}"
        self._layers, self.root = folder / "layers", folder / "root"
        for each in (self._layers, self.root):
            each.mkdir(parents=True)
        # An overlay cannot lie above another one; a memory disk is always fit for it.
        run("mount", "-t", "tmpfs", "tmpfs", str(self._layers))
        upper, work = self._layers / "upper", self._layers / "work"
        upper.mkdir()
        work.mkdir()
        layers = f"lowerdir={image.root},upperdir={upper},workdir={work}"
        run("mount", "-t", "overlay", "overlay", "-o", layers, str(self.root))
        self._specify(folder, image.configuration, mounts, environment)
        self.command = [*_RUNC, "run", "--bundle", str(folder), self._id]

    def _specify(
        self,
        bundle: Path,
        image: Mapping[str, Any],
        mounts: Mapping[str, Path],
        environment: Mapping[str, str],
    ) -> None:
        run(*_RUNC, "spec", "--bundle", str(bundle))
        file = bundle / "config.json"
        spec = json.loads(file.read_text())
        process = spec["process"]
        variables = [*image["Env"], *(f"{name}={value}" for name, value in environment.items())]
        process.update(
            terminal=False,
            noNewPrivileges=False,
            args=image["Entrypoint"] + (image.get("Cmd") or []),
            env=variables,
            capabilities=dict.fromkeys(("bounding", "effective", "permitted"), CAPABILITIES),
        )
        spec["root"] = {"path": str(self.root), "readonly": False}
        # The broker and the Supervisor are on this machine's loopback.
        spec["linux"]["namespaces"] = [
            each for each in spec["linux"]["namespaces"] if each["type"] != "network"
        ]
        spec["mounts"] += [
            {"destination": inside, "type": "bind", "source": str(outside), "options": ["bind"]}
            for inside, outside in mounts.items()
        ]
        file.write_text(json.dumps(spec))

    def inside(self, command: str) -> str:
        """Run a shell command in it; return what it printed."""
        return run(*_RUNC, "exec", self._id, "sh", "-c", command)

    def clean_up(self) -> None:
        """Leave nothing running, and nothing of it."""
        if not self.root.exists():
            return
        subprocess.run([*_RUNC, "delete", "--force", self._id], capture_output=True, check=False)
        super().clean_up()
        run("umount", str(self.root), str(self._layers))
        self.root.rmdir()
