"""Puts files into a configuration folder of Home Assistant: all of them, or none."""

import contextlib
import json
import os
import re
import shutil
import stat
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from .contents import COMPONENT, DASHBOARDS, Contents, edited, seal, unsealed


class Refused(Exception):
    """Something there would be lost; the message says what, and what to do."""


@dataclass
class Report:
    """What was done; versions are the component's, paths are below the configuration folder."""

    before: str | None
    now: str
    component: bool = False
    """Whether the component was put in place, or was the same already."""
    new: list[str] = field(default_factory=list)
    replaced: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    edited: dict[str, str | None] = field(default_factory=dict)
    """What was left as it is, and where what is new in it lies, if anything is."""


def install(folder: Path, files: Contents, *, downgrade: bool = False) -> Report:
    """Bring a folder to these contents, but for what its user has edited.

    Raises Refused before anything is touched; OSError, such as for a full disk, while all that was
    there is still in place.
    """
    # Relative from here on: the folder's owner may not be able to reach it from the root.
    with contextlib.chdir(folder), _readable_for_all():
        target = Path(COMPONENT)
        component = {n: text for n, text in files.items() if n.startswith(f"{COMPONENT}/")}
        manifest = component[f"{COMPONENT}/manifest.json"]
        report = Report(_version_in(target / "manifest.json"), _version(manifest) or "?")
        if target.is_symlink():
            raise Refused(f"{COMPONENT} is a link, somebody's own: take it away first")
        if not downgrade and _order(report.before) > _order(report.now):
            raise Refused(
                f"the component there, {report.before}, is newer than this program, {report.now}: "
                "upgrade the program, or say --downgrade"
            )
        steps: list[_Step] = []
        if not _is_there(component):
            report.component = True
            steps.append(_Folder(target, component))
        for name in sorted(files.keys() - component.keys()):
            _plan(name, files[name], report, steps)
        _carry_out(steps)
        return report


def _plan(name: str, text: bytes, report: Report, steps: list["_Step"]) -> None:
    """Decide what becomes of one file."""
    there = Path(name)
    # A link is somebody's own as well, wherever it leads.
    before = None if there.is_symlink() or not there.exists() else there.read_bytes()
    if before == text:
        report.unchanged.append(name)
    elif before is None and not there.is_symlink():
        report.new.append(name)
        steps.append(_File(there, text))
    elif before is not None and (not edited(before) or before == unsealed(text)):
        report.replaced.append(name)
        steps.append(_File(there, text))
    elif before is not None and seal(before) == seal(text):
        report.edited[name] = None
    else:
        report.edited[name] = f"{name}.new"
        steps.append(_File(Path(f"{name}.new"), text))


# -- in two turns, so that a disk that gets full leaves everything as it was


class _Step(Protocol):
    def write(self) -> None:
        """Write it, aside."""

    def put(self) -> None:
        """Put it in place, by no more than renaming."""

    def clean_up(self) -> None:
        """Leave nothing aside."""


def _carry_out(steps: list[_Step]) -> None:
    try:
        for step in steps:
            step.write()
        for step in steps:
            step.put()
    finally:
        for step in steps:
            step.clean_up()


class _File:
    """One file in place of another."""

    def __init__(self, target: Path, text: bytes) -> None:
        self._target = target
        self._text = text
        self._aside = target.with_name(f".{target.name}.n11bridge")

    def write(self) -> None:
        with _as_owner_of(self._target.parent):
            self._aside.unlink(missing_ok=True)
            _write(self._aside, self._text)

    def put(self) -> None:
        with _as_owner_of(self._target.parent):
            self._aside.replace(self._target)
            _sync(self._target.parent)

    def clean_up(self) -> None:
        with contextlib.suppress(OSError):
            self._aside.unlink(missing_ok=True)


class _Folder:
    """A folder with all its files in place of another, so that nothing is left of that one."""

    def __init__(self, target: Path, files: Contents) -> None:
        self._target = target
        self._files = files
        # Home Assistant takes each folder beside the component that has a manifest for a component,
        # whatever its name: what is aside lies one level deeper.
        self._aside = target.with_name(f".{target.name}")

    def write(self) -> None:
        self.clean_up()
        with _as_owner_of(self._target):
            for name, text in self._files.items():
                _write(self._aside / "new" / Path(name).relative_to(self._target), text)

    def put(self) -> None:
        old = self._aside / "old"
        with _as_owner_of(self._target):
            if self._target.exists():
                self._target.rename(old)
            try:
                (self._aside / "new").rename(self._target)
            except OSError:
                with contextlib.suppress(OSError):
                    old.rename(self._target)
                raise
            _sync(self._target.parent)

    def clean_up(self) -> None:
        shutil.rmtree(self._aside, ignore_errors=True)


def _write(path: Path, text: bytes) -> None:
    """Write a new file and have it on the disk."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("xb") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())


def _sync(folder: Path) -> None:
    """Have the names in a folder on the disk."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


# -- who does it


@contextlib.contextmanager
def _as_owner_of(path: Path) -> Iterator[None]:
    """Be who owns a path, or the folder where it will be, so that what root writes is theirs."""
    user, group = _owner(path)
    if os.geteuid() != 0 or user == 0:
        yield
        return
    before = os.getegid()
    os.setegid(group)
    os.seteuid(user)
    try:
        yield
    finally:
        os.seteuid(0)
        os.setegid(before)


def _owner(path: Path) -> tuple[int, int]:
    """Return user and group. Behind a link they are those of the link: it leads nobody further."""
    there = os.lstat(".")
    for each in (*reversed(path.parents), path):
        try:
            there = each.lstat()
        except FileNotFoundError:
            break
        if stat.S_ISLNK(there.st_mode):
            break
    return there.st_uid, there.st_gid


@contextlib.contextmanager
def _readable_for_all() -> Iterator[None]:
    """Nothing here is secret, and Home Assistant may be another user than who owns the folder."""
    before = os.umask(0o022)
    try:
        yield
    finally:
        os.umask(before)


# -- what is there


def modems_in(folder: Path) -> list[str]:
    """Return for which modems this program has written dashboards there."""
    found = sorted((folder / DASHBOARDS).glob("*.yaml"))
    return [path.stem for path in found if path.is_file() and seal(path.read_bytes())]


def _is_there(files: Contents) -> bool:
    """Whether the component is there, with just these files."""
    found = {
        path.as_posix(): path.read_bytes()
        for path in Path(COMPONENT).rglob("*")
        if path.is_file() and path.parent.name != "__pycache__"
    }
    return found == files


def _version_in(manifest: Path) -> str | None:
    """Return the version of the component that is there; None where there is none."""
    try:
        return _version(manifest.read_bytes()) or "?"
    except FileNotFoundError:
        return None


def _version(manifest: bytes) -> str | None:
    with contextlib.suppress(ValueError, TypeError, KeyError):
        return str(json.loads(manifest)["version"])
    return None


def _order(version: str | None) -> list[int]:
    return [int(number) for number in re.findall(r"\d+", version or "")[:3]]
