"""What somebody can mend on the page of repairs: a SIM that wants its PIN or its PUK."""

from typing import Any

import voluptuous as vol
from homeassistant.components.repairs import RepairsFlow
from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResult
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers.selector import TextSelector, TextSelectorConfig, TextSelectorType

from .bridge import Bridge, RequestFailed

#: The issue, the request that mends it, and what that takes.
REQUESTS = {
    "pin_required": ("sim/enter_pin", ("pin",)),
    "puk_required": ("sim/unblock", ("puk", "pin")),
}
#: Failures that the form has words of its own for; others it tells as they are.
TOLD = frozenset({"invalid_request", "forbidden", "modem_error", "unavailable"})

_CODE = TextSelector(TextSelectorConfig(type=TextSelectorType.PASSWORD, autocomplete="off"))


async def async_create_fix_flow(
    hass: HomeAssistant, issue_id: str, data: dict[str, str | int | float | None] | None
) -> RepairsFlow:
    """Return the flow for an issue that `issues.py` has called fixable."""
    known = data or {}
    return SimFlow(str(known["kind"]), str(known["entry_id"]))


class SimFlow(RepairsFlow):
    """Asks for codes and hands them to the bridge, which alone judges them; none is kept."""

    def __init__(self, kind: str, entry_id: str) -> None:
        self._request, self._codes = REQUESTS[kind]
        self._entry_id = entry_id

    async def async_step_init(
        self, user_input: dict[str, str] | None = None
    ) -> FlowResult[Any, str]:
        """Begin."""
        return await self.async_step_codes()

    async def async_step_codes(
        self, user_input: dict[str, str] | None = None
    ) -> FlowResult[Any, str]:
        """Ask for the codes, and make the request with them."""
        entry = self.hass.config_entries.async_get_entry(self._entry_id)
        if entry is None or entry.state is not ConfigEntryState.LOADED:
            return self.async_abort(reason="not_loaded")
        bridge: Bridge = entry.runtime_data.bridge
        errors: dict[str, str] = {}
        message = ""
        if user_input is not None:
            try:
                codes = {code: user_input[code].strip() for code in self._codes}
                await bridge.ask(self._request, codes)
            except RequestFailed as error:
                errors["base"] = error.code if error.code in TOLD else "failed"
                message = error.message
            except HomeAssistantError as error:
                errors["base"], message = "failed", str(error)
            else:
                return self.async_create_entry(data={})
        return self.async_show_form(
            step_id="codes",
            data_schema=vol.Schema({vol.Required(code): _CODE for code in self._codes}),
            errors=errors,
            description_placeholders={"name": bridge.name, "message": message},
        )
