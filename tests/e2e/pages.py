"""The YAML of our pages, as somebody who reads them would use it, and where it is used."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from .home_assistant import HomeAssistant
from .house import House
from .subscriber import Subscriber

DOCS = Path(__file__).parents[2] / "docs"

#: The first line of what is not for Home Assistant, or not any more.
_NOT_OURS = ("# before\n", "# n11bridge.yaml\n")
#: Sections of the bridge's configuration.
_THE_BRIDGES = {"modem", "forwards"}


class Page:
    """What a page tells to write: automations and scripts, and actions as scripts `page_<n>`."""

    def __init__(self, name: str) -> None:
        self.text = (DOCS / name).read_text("utf-8")
        self.automations: list[Any] = []
        self.scripts: dict[str, Any] = {}
        self.actions: list[str] = []
        self.other: dict[str, Any] = {}
        for block in re.findall(r"^```yaml\n(.*?)^```", self.text, re.DOTALL | re.MULTILINE):
            if not block.startswith(_NOT_OURS):
                self._take(yaml.safe_load(block))

    def _take(self, block: Any) -> None:
        if isinstance(block, list) or "action" in block:
            name = f"page_{len(self.actions) + 1}"
            self.scripts[name] = {"sequence": block}
            self.actions.append(name)
        elif "triggers" in block:
            self.automations.append(block)
        elif not block.keys() & _THE_BRIDGES:
            self.automations += block.pop("automation", [])
            self.scripts |= block.pop("script", {})
            self.other |= block

    @property
    def configuration(self) -> str:
        """All of it as a part of configuration.yaml."""
        for number, automation in enumerate(self.automations, 1):
            automation.setdefault("alias", f"Page {number}")
        parts = {"automation page": self.automations, "script page": self.scripts, **self.other}
        text: str = yaml.safe_dump(parts, allow_unicode=True)
        return text

    @property
    def entities(self) -> set[str]:
        """The entities of a modem named n11 that it speaks of."""
        found = re.findall(r"\b([a-z_]+\.n11_[a-z_]+)\b(?!<)", self.text)
        return {each.rstrip("_") for each in found}


@dataclass
class Home:
    """Home Assistant with a page's YAML, the house of its modem, and who else is at the broker."""

    assistant: HomeAssistant
    house: House
    others: Subscriber

    def wait_sent(self, before: int, *expected: tuple[str, str]) -> None:
        """Return once these went out to the network after so many others."""
        self.house.wait(sent=before + len(expected))
        sent = [(each["number"], each["text"]) for each in self.house.sent()[before:]]
        assert sorted(sent) == sorted(expected)
