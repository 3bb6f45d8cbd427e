"""The long answers taken apart: a scan for networks, the cells in reach (manual 4.2, 4.3)."""

import re
from typing import Any

from n11bridge.at.wire import words

TECHNOLOGIES: dict[int | None, str] = {0: "gsm", 1: "gsm_compact", 2: "utran", 3: "egprs"}
"""The access technologies of the manual (3.2); newer numbers are no concern of a 2G modem."""

_AVAILABILITY = {"0": "unknown", "1": "available", "2": "current", "3": "forbidden"}
_HEXADECIMAL = re.compile("[0-9A-Fa-f]{1,8}")


def hexadecimal(value: int | None) -> str | None:
    """Return an area or cell as it is usually written; None for 0, which is none."""
    return f"{value:04X}" if value else None


def networks(lines: list[str]) -> list[dict[str, Any]]:
    """Return the networks; on the line follow the modes and formats that the modem knows."""
    found = []
    for line in lines:
        for group in words(line.removeprefix("+COPS:")):
            inner = words(group.text.removeprefix("(").removesuffix(")"))
            status, name, short, plmn, technology = ([it.text for it in inner] + [""] * 5)[:5]
            if re.fullmatch("[0-9]{5,6}", plmn):
                found.append(
                    {
                        "status": _AVAILABILITY.get(status, "unknown"),
                        "operator": name or None,
                        "short": short or None,
                        "plmn": plmn,
                        "technology": TECHNOLOGIES.get(_integer(technology)),
                    }
                )
    return found


def cells(said: tuple[str, ...]) -> list[dict[str, Any]]:
    """Return the cells, seven words each; the level is the negative of dBm."""
    found = []
    for start in range(0, len(said) - 5, 7):
        mcc, mnc, area, cell, bsic, level = said[start : start + 6]
        if _HEXADECIMAL.fullmatch(area) and _HEXADECIMAL.fullmatch(cell) and level.isdecimal():
            found.append(
                {
                    "mcc": mcc,
                    "mnc": mnc,
                    "lac": hexadecimal(int(area, 16)),
                    "cell": hexadecimal(int(cell, 16)),
                    "bsic": bsic.upper(),
                    "rssi_dbm": -int(level),
                }
            )
    return found


def _integer(text: str) -> int | None:
    return int(text) if text.isdecimal() else None
