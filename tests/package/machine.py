"""A Debian machine in a folder: its own systemd as the first process of its own namespaces.

Needs root, mmdebstrap and a kernel that lets root unshare. Nothing of it touches this machine's
own systemd; the base root is made once, and each machine is a throw-away layer above it.
"""

import contextlib
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

SUITE = "trixie"
PROJECT = Path(__file__).parents[2]
#: What the machine has before our package comes: it has no network to fetch anything from.
PACKAGES = (
    *("systemd", "systemd-sysv", "dbus", "udev", "procps"),
    *("python3", "python3-paho-mqtt", "python3-serial", "python3-voluptuous", "python3-yaml"),
    *("python3-systemd", "python3-h11", "mosquitto", "mosquitto-clients"),
)
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
ENVIRONMENT = {
    "PATH": PATH,
    "HOME": "/root",
    "LANG": "C.UTF-8",
    "SYSTEMD_COLORS": "0",
    "DEBIAN_FRONTEND": "noninteractive",
}
#: How long a boot, or what is waited for inside, may take (seconds).
PATIENCE = 60.0

_INIT = """
set -e
mount --make-rprivate /
mount --bind "$1" "$1"; cd "$1"
mount -t proc proc proc
mount --bind proc/sys proc/sys; mount -o remount,bind,ro,nosuid,nodev,noexec proc/sys
mount -t sysfs sysfs sys -o ro,nosuid,nodev,noexec
mount -t cgroup2 cgroup2 sys/fs/cgroup
mount -t tmpfs tmpfs dev -o mode=755,nosuid
for node in null zero full random urandom tty; do
    touch dev/$node; mount --bind /dev/$node dev/$node
done
mkdir dev/pts dev/shm
mount -t devpts devpts dev/pts -o newinstance,ptmxmode=0666,mode=620,gid=5
ln -s pts/ptmx dev/ptmx; ln -s /proc/self/fd dev/fd
ln -s fd/0 dev/stdin; ln -s fd/1 dev/stdout; ln -s fd/2 dev/stderr
mount -t tmpfs tmpfs dev/shm -o mode=1777
mount -t tmpfs tmpfs run -o mode=755,nosuid,nodev
mount -t tmpfs tmpfs tmp -o mode=1777,nosuid,nodev
# Or the journals of all such machines would count as one boot.
cat /proc/sys/kernel/random/uuid > run/boot_id
mount --bind run/boot_id proc/sys/kernel/random/boot_id
hostname n11test
mkdir run/old; pivot_root . run/old; umount -l run/old
# Without this the directories of LoadCredential= come up empty.
mount --make-rshared /
exec env -i PATH=$PATH container=n11test /usr/lib/systemd/systemd
"""


class Machine:
    """A layer above the base root; `boot` it, `run` commands, and `close` it."""

    def __init__(self, base: Path, folder: Path) -> None:
        self._folder = folder
        self.root = folder / "root"
        self._process: subprocess.Popen[bytes] | None = None
        self._init = 0
        for name in ("upper", "work", "root"):
            (folder / name).mkdir(parents=True)
        layers = f"lowerdir={base},upperdir={folder / 'upper'},workdir={folder / 'work'}"
        run("mount", "-t", "overlay", "overlay", "-o", layers, str(self.root))

    def chroot(self, *command: str) -> str:
        """Run a command in the root without booting it, with this machine's network."""
        shutil.copy("/etc/resolv.conf", self.root / "etc/resolv.conf")
        environment = ["env", "-i", *(f"{k}={v}" for k, v in ENVIRONMENT.items())]
        unshared = ["unshare", "--mount", "--fork", "--pid", f"--mount-proc={self.root}/proc"]
        chroot = ["chroot", str(self.root), "sh", "-c"]
        return run(*unshared, *environment, *chroot, " ".join(command))

    def boot(self) -> None:
        """Start its systemd; return once it says that it is running."""
        (self.root / "usr/sbin/policy-rc.d").unlink(missing_ok=True)
        tree = self._control_groups()
        namespaces = ("--mount", "--pid", "--uts", "--ipc", "--net", "--cgroup")
        script = f"echo $$ > {tree}/cgroup.procs; exec unshare {' '.join(namespaces)} --fork "
        script += f"--kill-child=SIGKILL bash -c '{_INIT}' _ {self.root}"
        with (self._folder / "console").open("wb") as console:
            self._process = subprocess.Popen(
                ["bash", "-c", script],
                stdin=subprocess.DEVNULL,
                stdout=console,
                stderr=console,
                start_new_session=True,
                env={**os.environ, "PATH": PATH},
            )
        self._wait(self._running, "it does not boot")

    def _running(self) -> bool:
        assert self._process is not None
        assert self._process.poll() is None, (self._folder / "console").read_text()
        children = Path(f"/proc/{self._process.pid}/task/{self._process.pid}/children").read_text()
        if not children:
            return False
        self._init = int(children.split()[0])
        if Path(f"/proc/{self._init}/comm").read_text().strip() != "systemd":
            return False
        state = self.run("systemctl is-system-running", check=False).strip()
        assert state != "degraded", self.run("systemctl --failed", check=False)
        return state == "running"

    def _control_groups(self) -> Path:
        for line in Path("/proc/mounts").read_text().splitlines():
            if line.split()[2] == "cgroup2":
                mounted = Path(line.split()[1])
                break
        else:
            mounted = Path("/run/cgroup2")
            mounted.mkdir(exist_ok=True)
            run("mount", "-t", "cgroup2", "none", str(mounted))
        self._groups = mounted / f"n11test-{os.getpid()}"
        self._groups.mkdir(exist_ok=True)
        return self._groups

    def run(self, command: str, *, check: bool = True, text: str | None = None) -> str:
        """Run a shell command inside; return all that it printed."""
        inside = ["nsenter", "-t", str(self._init), "-a", "env", "-i"]
        variables = [f"{name}={value}" for name, value in ENVIRONMENT.items()]
        done = subprocess.run(
            [*inside, *variables, "bash", "-c", command],
            input=text,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
            timeout=180,
        )
        assert not check or done.returncode == 0, f"{command}: {done.returncode}\n{done.stdout}"
        return done.stdout

    def wait(self, command: str, wanted: str, seconds: float = PATIENCE) -> None:
        """Run a command again and again until it prints this."""
        self._wait(lambda: wanted in self.run(command, check=False), command, seconds)

    def _wait(self, holds: "object", what: str, seconds: float = PATIENCE) -> None:
        assert callable(holds)
        until = time.monotonic() + seconds
        while not holds():
            assert time.monotonic() < until, f"{what}: not within {seconds:g} s"
            time.sleep(0.1)

    def close(self) -> None:
        """End everything and forget it."""
        if self._process is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
        run("umount", str(self.root))
        if self._process is not None:
            for group in sorted(self._groups.rglob("*/"), key=lambda p: -len(p.parts)):
                with contextlib.suppress(OSError):
                    group.rmdir()
            with contextlib.suppress(OSError):
                self._groups.rmdir()


def base(packages: Sequence[str] = PACKAGES) -> Path:
    """The base root with these packages, made if it is not there yet (about a minute)."""
    return Path(run(str(PROJECT / ".ci/debian-root"), SUITE, *packages).splitlines()[-1])


def run(*command: str) -> str:
    done = subprocess.run(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
    )
    assert done.returncode == 0, f"{' '.join(command)}: {done.returncode}\n{done.stdout[-4000:]}"
    return done.stdout


def reason_to_skip(commands: Sequence[str] = ("mmdebstrap", "unshare", "nsenter")) -> str | None:
    """Why no such machine can be had here; None when it can."""
    if os.geteuid() != 0:
        return "only root can boot a machine in namespaces"
    missing = [each for each in commands if shutil.which(each) is None]
    return f"not installed: {', '.join(missing)}" if missing else None


@contextlib.contextmanager
def machine(folder: Path) -> Iterator[Machine]:
    """A machine for the length of a block."""
    # An overlay cannot lie above another one; a memory disk is always fit for it.
    folder.mkdir(parents=True, exist_ok=True)
    run("mount", "-t", "tmpfs", "tmpfs", str(folder))
    try:
        made = Machine(base(), folder / "m")
        try:
            yield made
        finally:
            made.close()
    finally:
        run("umount", str(folder))
