"""What other rooms remember over a restart, kept in the store."""

import json
from typing import Any

from n11bridge.capability import Host
from n11bridge.discovery import Announced
from n11bridge.modem import Ladder

ANNOUNCED, LADDER = "announced", "ladder"


class AnnouncedMemory:
    """What discovery announced last."""

    def __init__(self, store: Any) -> None:
        self._store = store

    async def get(self) -> Announced | None:
        """What was announced, None if nothing was."""
        text = await self._store.read(lambda tables: tables.facts.get(ANNOUNCED))
        return json.loads(text) if text else None

    async def set(self, announced: Announced | None) -> None:
        """Remember what was announced."""
        text = json.dumps(announced)
        await self._store.commit(lambda tables: tables.facts.set(ANNOUNCED, text))


class LadderMemory:
    """How far recovery has come, so that a daemon started again does not cure too often."""

    def __init__(self, host: Host) -> None:
        self._host = host

    async def recall(self, ladder: Ladder, now: float) -> None:
        """Go on where the process before this one stood; ``now`` is on the loop's clock."""
        text = await self._host.store.read(lambda tables: tables.facts.get(LADDER))
        if text:
            kept = json.loads(text)
            ladder.recall(kept["ladder"], self._host.now() - kept["time"], now)

    def keep(self, ladder: Ladder, now: float) -> None:
        """Remember where it stands now."""
        text = json.dumps({"time": self._host.now(), "ladder": ladder.remember(now)})
        self._host.start(
            self._host.store.commit(lambda tables: tables.facts.set(LADDER, text)), "recovery"
        )
