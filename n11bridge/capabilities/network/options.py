"""Rarely used settings of the radio (manual 24.10, 24.14, 24.15)."""

from enum import IntEnum
from typing import Any

import voluptuous as vol

from n11bridge.at.command import Command, Setting
from n11bridge.capability import Capability, Kept, Request, request
from n11bridge.payload import Field

ENABLED = Field(bool, True)


class SelfRegistering(IntEnum):
    """Operators that a device can register itself with (manual 24.10)."""

    CMCC = 0
    UNICOM = 1
    CTCC = 2


class SelfRegister(Command[None], at="+SELFREGISTER", manual="24.10"):
    """Have the modem register itself with an operator, or not; kept without power."""

    operator: SelfRegistering
    enabled: int


class SelfRegisterNow(Setting["SelfRegisterNow"], at="+SELFREGISTER", manual="24.10"):
    """Whether it does; the answer names no operator."""

    enabled: int


class MultislotClass(Setting["MultislotClass"], at="+NGPCLASS", manual="24.14"):
    """How many time slots GPRS may use: a class of 3GPP TS 45.002, annex B."""

    number: int


class AntiFakeCell(Setting["AntiFakeCell"], at="+SDMBS", manual="24.15"):
    """Whether the modem avoids cells that only look like the network's."""

    enabled: int


class Options(Capability):
    """The requests of `network` about these."""

    @request(
        "self_register",
        {
            vol.Inclusive("operator", "setting", msg="operator and enabled go together"): vol.In(
                tuple(each.name.lower() for each in SelfRegistering)
            ),
            vol.Inclusive("enabled", "setting", msg="operator and enabled go together"): bool,
        },
        kept=Kept.NOTHING,
        answer={"enabled": ENABLED},
        example={"operator": "cmcc", "enabled": True},
    )
    async def self_register(self, request: Request) -> dict[str, Any]:
        """Have the modem register itself with an operator, or ask whether it does (24.10)."""
        enabled = request.get("enabled")
        if enabled is None:
            return {"enabled": bool((await self.modem.read(SelfRegisterNow)).enabled)}
        operator = SelfRegistering[request["operator"].upper()]
        await self.modem.run(SelfRegister(operator, int(enabled)))
        return {"enabled": enabled}

    @request(
        "multislot_class",
        {vol.Optional("class"): vol.All(int, vol.Range(min=1, max=12))},
        kept=Kept.NOTHING,
        answer={"class": Field(int, 12, "1 to 12")},
        example={"class": 10},
    )
    async def multislot_class(self, request: Request) -> dict[str, Any]:
        """Set the multislot class, or ask for it (manual 24.14)."""
        number = request.get("class")
        if number is None:
            number = (await self.modem.read(MultislotClass)).number
        else:
            await self.modem.write(MultislotClass(number))
        return {"class": number}

    @request(
        "anti_fake_cell",
        {vol.Optional("enabled"): bool},
        kept=Kept.NOTHING,
        answer={"enabled": ENABLED},
        example={"enabled": True},
    )
    async def anti_fake_cell(self, request: Request) -> dict[str, Any]:
        """Avoid false cells, from the modem's next restart on, or ask whether it does (24.15)."""
        enabled = request.get("enabled")
        if enabled is None:
            return {"enabled": bool((await self.modem.read(AntiFakeCell)).enabled)}
        await self.modem.write(AntiFakeCell(int(enabled)))
        return {"enabled": enabled}
