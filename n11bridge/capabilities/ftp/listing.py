"""What servers say of files: nothing prescribes its form, so what is common is understood."""

import re
from typing import Any

_UNIX = re.compile(
    r"(?P<type>[-dl])[-rwxsStT]{9}\S?\s+\d+\s+\S+\s+\S+\s+(?P<size>\d{1,15})\s+"
    r"\S+\s+\S+\s+\S+\s(?P<name>\S.*?)\s*"
)
_DOS = re.compile(
    r"[\d-]+\s+[\d:]+[AP]M\s+(?:(?P<type><DIR>)|(?P<size>\d{1,15}))\s+(?P<name>\S.*?)\s*"
)


def entries(text: str) -> list[dict[str, Any]]:
    """The files and directories, without `.` and `..`; lines of another form are left out."""
    found = []
    for line in text.splitlines():
        match = _UNIX.fullmatch(line) or _DOS.fullmatch(line)
        if match is None:
            continue
        directory = match["type"] in ("d", "<DIR>")
        name = match["name"].partition(" -> ")[0] if match["type"] == "l" else match["name"]
        if name not in (".", ".."):
            size = None if directory else int(match["size"])
            found.append({"name": name, "size": size, "directory": directory})
    return found


def size(text: str) -> int | None:
    """The size of the one file that is described; None when that cannot be told."""
    files = [entry for entry in entries(text) if not entry["directory"]]
    return files[0]["size"] if len(files) == 1 else None
