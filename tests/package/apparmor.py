"""What a profile of AppArmor lets a program do with files, for kernels that have no AppArmor."""

import itertools
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

from .machine import run

_RULE = re.compile(r"(?:owner )?([/@]\S+) +([rwamlkixpuPUCc]+),$")
_VARIABLE = re.compile(r"(@\{\w+\}) *\+?= *(.+)")
_GLOB = re.compile(r"\*\*|[*?]|\[[^\]]*\]|[{},]|.")
_MEANING = {"**": ".*", "*": "[^/]*", "?": "[^/]", "{": "(?:", "}": ")", ",": "|"}


class Profile:
    """The file rules of one profile, with all that it includes."""

    def __init__(self, file: Path, name: str) -> None:
        parser = shutil.which("apparmor_parser", path="/usr/sbin:/sbin:/usr/bin")
        assert parser is not None
        lines = [line.strip() for line in run(parser, "--preprocess", str(file)).splitlines()]
        self._variables: dict[str, list[str]] = {}
        for found in filter(None, map(_VARIABLE.match, lines)):
            self._variables.setdefault(found[1], []).extend(found[2].split())
        begin = next(i for i, line in enumerate(lines) if line.startswith(f"profile {name} "))
        end = lines.index("}", begin)
        self._rules = [
            (re.compile(_expression(path)), set(found[2]))
            for found in filter(None, map(_RULE.match, lines[begin:end]))
            for path in self._expanded(found[1])
        ]
        assert self._rules

    def denied(self, path: str, wanted: str) -> str:
        """Return which of these letters no rule grants for a path."""
        # Folders end in a slash there, which what opens one need not write.
        path = path.replace("/proc/self/", "/proc/1/")
        granted: set[str] = set()
        for expression, letters in self._rules:
            if expression.fullmatch(path) or expression.fullmatch(f"{path}/"):
                granted |= letters
        return "".join(letter for letter in wanted if letter not in granted)

    def _expanded(self, path: str) -> Iterator[str]:
        used = sorted(set(re.findall(r"@\{\w+\}", path)))
        for values in itertools.product(*(self._variables[name] for name in used)):
            expanded = path
            for name, value in zip(used, values, strict=True):
                expanded = expanded.replace(name, value)
            if "@{" in expanded:
                yield from self._expanded(expanded)
            else:
                yield expanded.replace("//", "/")


def _expression(path: str) -> str:
    depth, parts = 0, []
    for part in _GLOB.findall(path):
        depth += {"{": 1, "}": -1}.get(part, 0)
        meaning = _MEANING.get(part) if part != "," or depth else None
        literal = part if part.startswith("[") else re.escape(part)
        parts.append(literal if meaning is None else meaning)
    return "".join(parts)


#: What strace is to show for `uses`.
SYSCALLS = "%file,chdir,flock,mmap"


def uses(trace: str) -> Iterator[tuple[str, str]]:
    """The paths that a program reached, and the letters of what it did, as ``strace -y`` saw it."""
    folder = "/"
    for line in trace.splitlines():
        found = re.search(r"(\w+)\((.*)\) += \d", line)
        if found is None:  # it failed, or the line tells of something else
            continue
        call, arguments = found.groups()
        paths = [str(Path(folder, name)) for name in re.findall(r'"([^"]*)"', arguments)]
        of_open_file = re.search("<(/[^>]*)>", arguments)
        if call == "chdir":
            folder = paths[0]
        elif call == "execve":
            yield paths[0], "x"
        elif call in ("open", "openat"):
            writes = re.search("O_WRONLY|O_RDWR|O_CREAT|O_TRUNC|O_APPEND", arguments)
            letters = ("" if "O_WRONLY" in arguments else "r") + ("w" if writes else "")
            yield paths[0] + ("/" if "O_DIRECTORY" in arguments else ""), letters
        elif call in ("mkdir", "rmdir"):
            yield f"{paths[0]}/", "w"
        elif call in ("unlink", "rename", "chmod", "chown", "link", "symlink", "utimensat"):
            yield from ((path, "w") for path in paths)
        elif of_open_file and (call == "flock" or "PROT_EXEC" in arguments):
            yield of_open_file[1], "k" if call == "flock" else "m"
