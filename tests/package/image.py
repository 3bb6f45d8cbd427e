"""The add-on's image, built by buildah from its own Dockerfile, on a stand-in for its base.

The real base is Debian with s6-overlay, and cannot be fetched here. The stand-in is Debian as well;
s6 supervises in it too, but what s6-overlay makes of that is told in a few lines of shell.
"""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .machine import base, run

PROJECT = Path(__file__).parents[2]
#: Beside the roots of Debian: image and containers of the last run, until the next one.
ROOTS = Path(os.environ.get("N11BRIDGE_ROOTS", "/var/tmp/n11bridge-roots"))
#: What the real base has of Debian, what stands for s6-overlay, and what a test looks with.
PACKAGES = (
    "bash",
    "ca-certificates",
    "curl",
    "jq",
    "tzdata",
    "xz-utils",
    "execline",
    "s6",
    "strace",
)

#: Every service of s6-rc.d/user is supervised; whoever is asked to stop, or runs `halt`, ends all.
_INIT = """#!/bin/bash
set -e
mkdir -p /run/s6/container_environment /run/s6/basedir/bin /run/service
mkdir -p /run/s6-linux-init-container-results
echo 0 > /run/s6-linux-init-container-results/exitcode
while IFS== read -r -d '' name value; do
    printf '%s' "$value" > "/run/s6/container_environment/$name"
done < <(env -0)
for service in /etc/s6-overlay/s6-rc.d/user/contents.d/*; do
    source=/etc/s6-overlay/s6-rc.d/${service##*/}
    [ "$(< "$source/type")" = longrun ]
    cp -R "$source" /run/service/
done
printf '#!/bin/sh\\nexec s6-svscanctl -t /run/service\\n' > /run/s6/basedir/bin/halt
chmod +x /run/s6/basedir/bin/halt
trap /run/s6/basedir/bin/halt TERM
env -i PATH=/command:/usr/bin:/bin s6-svscan /run/service &
while kill -0 $! 2> /dev/null; do wait $! || true; done
exit "$(< /run/s6-linux-init-container-results/exitcode)"
"""
_WITH_CONTENV = '#!/bin/sh\nexec env -i s6-envdir -Lf /run/s6/container_environment "$@"\n'


@dataclass(frozen=True)
class Image:
    """What there is to run."""

    root: Path
    configuration: Mapping[str, Any]
    """What it says of how it is run, as OCI has it."""


def build_addon(folder: Path) -> Path:
    """Return the folder that homeassistant/build-addon makes."""
    made = folder / "addon"
    environment = {**os.environ, "PYTHON": sys.executable}
    subprocess.run([PROJECT / "homeassistant/build-addon", made], env=environment, check=True)
    return made


def build(context: Path) -> Image:
    """Build an add-on's folder, as the Supervisor would."""
    lines = (context / "Dockerfile").read_text().splitlines()
    (base_image,) = (line.split()[1] for line in lines if line.startswith("FROM "))
    _stand_in(base_image)
    name = "localhost/addon-n11bridge"
    how = ("--isolation", "chroot", "--pull-never", "--no-cache")
    _buildah("build", *how, "--tag", name, str(context))
    said = json.loads(_buildah("inspect", "--type", "image", name))
    container = _buildah("from", "--pull-never", name).strip()
    return Image(Path(_buildah("mount", container).strip()), said["OCIv1"]["config"])


def _stand_in(name: str) -> None:
    _buildah("rm", "--all")
    container = _buildah("from", "scratch").strip()
    root = Path(_buildah("mount", container).strip())
    run("cp", "-a", f"{base(PACKAGES)}/.", str(root))
    for path, text in (("init", _INIT), ("command/with-contenv", _WITH_CONTENV)):
        (root / path).parent.mkdir(exist_ok=True)
        (root / path).write_text(text)
        (root / path).chmod(0o755)
    _buildah("config", "--entrypoint", '["/init"]', "--env", "LANG=C.UTF-8", container)
    _buildah("commit", "--quiet", container, name)
    _buildah("rm", container)


def _buildah(*arguments: str) -> str:
    store = ROOTS / "buildah"
    places = ("--root", str(store / "root"), "--runroot", str(store / "run"))
    command = ["buildah", *places, "--storage-driver", "vfs", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{command}\n{done.stdout[-4000:]}\n{done.stderr[-4000:]}"
    return done.stdout


def reason_to_skip() -> str | None:
    """Why no image can be built here; None when it can."""
    if os.geteuid() != 0:
        return "only root can build an image and run it"
    needed = ("mmdebstrap", "buildah", "runc", "mosquitto")
    missing = [each for each in needed if shutil.which(each) is None]
    return f"not installed: {', '.join(missing)}" if missing else None
