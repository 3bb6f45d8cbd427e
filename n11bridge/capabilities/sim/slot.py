"""Which of two SIM slots is looked at first (manual 24.11)."""

from typing import Any

import voluptuous as vol

from n11bridge.at.command import Setting
from n11bridge.capability import Capability, Kept, Request, request
from n11bridge.payload import Field


class SlotOrder(Setting["SlotOrder"], at="+SIMORDER", manual="24.11"):
    """The slot that comes first, counted from 0; kept without power."""

    first_slot: int


class Slot(Capability):
    """The request of `sim` about it."""

    @request(
        "slot",
        {vol.Optional("slot"): vol.In((1, 2))},
        kept=Kept.NOTHING,
        answer={"slot": Field(vol.In((1, 2)), 2)},
        example={"slot": 2},
    )
    async def slot(self, request: Request) -> dict[str, Any]:
        """Prefer SIM 1 or 2 from the modem's next start on, or ask which (manual 24.11)."""
        slot = request.get("slot")
        if slot is None:
            slot = (await self.modem.read(SlotOrder)).first_slot + 1
        else:
            await self.modem.write(SlotOrder(slot - 1))
        return {"slot": slot}
