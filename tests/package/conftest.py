"""One package, built once, and machines for it to be installed on."""

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from .machine import PROJECT, Machine, machine, reason_to_skip

BUILD = """
set -e
mkdir -p /tmp/dependencies/debian && cp /source/systemd/debian/control /tmp/dependencies/debian
apt-get update -q
apt-get install -qy --no-install-recommends dpkg-dev build-essential lintian
apt-get build-dep -qy --no-install-recommends /tmp/dependencies
/source/systemd/debian/build /out
lintian --allow-root --fail-on error,warning --suppress-tags bogus-mail-host,\
bogus-mail-host-in-debian-changelog,initial-upload-closes-no-bugs /out/*.deb
"""


@pytest.fixture(scope="session")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The Debian package, built in a root of its own from what git knows."""
    if (reason := reason_to_skip()) is not None:
        pytest.skip(reason)
    folder = tmp_path_factory.mktemp("package")
    with machine(folder / "builder") as builder:
        _copy_source(builder.root / "source")
        print(builder.chroot(BUILD))
        (built,) = (builder.root / "out").glob("*.deb")
        return Path(shutil.copy(built, folder))


def _copy_source(to: Path) -> None:
    listing = subprocess.run(
        ["git", "ls-files", "-z"], cwd=PROJECT, capture_output=True, check=True, text=True
    )
    for name in filter(None, listing.stdout.split("\0")):
        (to / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(PROJECT / name, to / name, follow_symlinks=False)


@pytest.fixture
def fresh(tmp_path: Path, package: Path) -> Iterator[Machine]:
    """A machine that runs and has the package's file in /root, not yet installed."""
    with machine(tmp_path / "machine") as made:
        shutil.copy(package, made.root / "root")
        made.boot()
        yield made


@pytest.fixture
def installed(fresh: Machine) -> Machine:
    """A machine with the package, a broker, and a modem at /run/modem; the service runs."""
    fresh.run("apt-get install -y /root/n11bridge_*.deb && systemctl start mosquitto")
    switch_modem_on(fresh)
    fresh.run("sed -i 's|^  port:$|  port: /run/modem|' /etc/n11bridge/n11bridge.yaml")
    fresh.run("systemctl start n11bridge")
    wait_until_ready(fresh)
    return fresh


def switch_modem_on(machine: Machine) -> None:
    """Start a simulated modem, at a port that is like those of udev's making."""
    machine.run("systemd-run -q --unit=modem n11bridge simulate --pty /run/modem --control /run/c")
    machine.wait("ls /run/modem", "/run/modem\n")
    machine.run("chgrp dialout $(readlink -f /run/modem); chmod 660 $(readlink -f /run/modem)")


def wait_until_ready(machine: Machine) -> None:
    """Return once the service says that its modem is ready."""
    machine.wait("systemctl show n11bridge -p StatusText", "modem ready")
