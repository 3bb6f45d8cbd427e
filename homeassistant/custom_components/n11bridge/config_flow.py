"""Set-up: by MQTT discovery, or by hand where the prefix is another one; and the options."""

from collections.abc import Mapping
from typing import Any

import voluptuous as vol
from homeassistant.components import mqtt
from homeassistant.config_entries import (
    ConfigEntry,
    ConfigFlow,
    ConfigFlowResult,
    OptionsFlow,
)
from homeassistant.core import callback
from homeassistant.helpers.selector import (
    BooleanSelector,
    ConversationAgentSelector,
    NumberSelector,
    NumberSelectorConfig,
    TextSelector,
)
from homeassistant.helpers.service_info.mqtt import MqttServiceInfo

from .bridge import Bridge
from .const import (
    AGENT,
    CONF_AGENT,
    CONF_ASSIST,
    CONF_BASE,
    CONF_CODE_WORD,
    CONF_LEGACY_EVENT,
    CONF_LIMIT,
    CONF_REPLAY,
    CONTRACT,
    DOMAIN,
    LIMIT,
)
from .payloads import document_of, major

#: Seconds in which the broker hands over what it has retained.
PATIENCE = 5.0
USUAL = "n11bridge/n11"


class N11BridgeFlow(ConfigFlow, domain=DOMAIN):
    """Adds a bridge, or has it move to other topics."""

    VERSION = 1
    _base = ""

    @staticmethod
    @callback
    def async_get_options_flow(config_entry: ConfigEntry[Any]) -> OptionsFlow:
        """The options of an entry."""
        return Options()

    async def async_step_mqtt(self, discovery_info: MqttServiceInfo) -> ConfigFlowResult:
        """A bridge said what it is."""
        said = document_of(discovery_info.payload)
        if said is None or major(said) is None:
            return self.async_abort(reason="not_a_bridge")
        self._base = discovery_info.topic.removesuffix("/state/bridge")
        await self.async_set_unique_id(self._base)
        self._abort_if_unique_id_configured()
        if major(said) != CONTRACT:
            return self.async_abort(reason="contract")
        self.context["title_placeholders"] = {"name": _name(self._base)}
        return await self.async_step_confirm()

    async def async_step_confirm(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask whether to add what was discovered."""
        if user_input is not None:
            return self._create()
        self._set_confirm_only()
        placeholders = {"name": _name(self._base), "base": self._base}
        return self.async_show_form(step_id="confirm", description_placeholders=placeholders)

    async def async_step_user(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Ask for the topics, and look whether a bridge is there."""
        errors: dict[str, str] = {}
        if user_input is not None:
            self._base = _cleaned(user_input[CONF_BASE])
            self._async_abort_entries_match({CONF_BASE: self._base})
            errors = await self._errors()
            if not errors:
                # Not before: a form that was left open would keep the bridge from being discovered.
                await self.async_set_unique_id(self._base, raise_on_progress=False)
                self._abort_if_unique_id_configured()
                return self._create()
        return self._form("user", user_input or {CONF_BASE: USUAL}, errors)

    async def async_step_reconfigure(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask for other topics: the prefix or the modem was renamed."""
        entry = self._get_reconfigure_entry()
        errors: dict[str, str] = {}
        if user_input is not None:
            self._base = _cleaned(user_input[CONF_BASE])
            if any(
                other.unique_id == self._base and other.entry_id != entry.entry_id
                for other in self._async_current_entries()
            ):
                return self.async_abort(reason="already_configured")
            errors = await self._errors()
            if not errors:
                return self.async_update_reload_and_abort(
                    entry,
                    unique_id=self._base,
                    title=_name(self._base),
                    data={CONF_BASE: self._base},
                )
        return self._form("reconfigure", user_input or entry.data, errors)

    def _form(
        self, step: str, shown: Mapping[str, Any], errors: dict[str, str]
    ) -> ConfigFlowResult:
        schema = vol.Schema({vol.Required(CONF_BASE): TextSelector()})
        return self.async_show_form(
            step_id=step,
            data_schema=self.add_suggested_values_to_schema(schema, shown),
            errors=errors,
        )

    def _create(self) -> ConfigFlowResult:
        return self.async_create_entry(title=_name(self._base), data={CONF_BASE: self._base})

    async def _errors(self) -> dict[str, str]:
        """Look for the bridge below these topics."""
        try:
            mqtt.valid_publish_topic(self._base)
        except vol.Invalid:
            return {CONF_BASE: "invalid_topic"}
        if not await mqtt.async_wait_for_mqtt_client(self.hass):
            return {"base": "mqtt_unavailable"}
        bridge = Bridge(self.hass, self._base)
        await bridge.start()
        try:
            if not await bridge.known(PATIENCE):
                return {CONF_BASE: "cannot_connect"}
            return {} if bridge.understood else {"base": "contract"}
        finally:
            bridge.stop()


class Options(OptionsFlow):
    """What the user may choose; it is read anew at each text, so nothing is loaded again."""

    async def async_step_init(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Ask."""
        errors: dict[str, str] = {}
        if user_input is not None:
            word = str(user_input.pop(CONF_CODE_WORD, "")).strip()
            chosen = user_input | ({CONF_CODE_WORD: word} if word else {})
            if len(word.split()) < 2:
                return self.async_create_entry(data=chosen)
            user_input, errors = chosen, {CONF_CODE_WORD: "one_word"}
        number = NumberSelectorConfig(min=1, max=100, step=1)
        schema = vol.Schema(
            {
                vol.Required(CONF_REPLAY, default=True): BooleanSelector(),
                vol.Required(CONF_LEGACY_EVENT, default=False): BooleanSelector(),
                vol.Required(CONF_ASSIST, default=False): BooleanSelector(),
                vol.Required(CONF_AGENT, default=AGENT): ConversationAgentSelector(),
                # A selector alone: the page cannot show one that is combined with more.
                vol.Optional(CONF_CODE_WORD): TextSelector(),
                vol.Required(CONF_LIMIT, default=LIMIT): NumberSelector(number),
            }
        )
        shown = user_input or self.config_entry.options
        return self.async_show_form(
            step_id="init",
            data_schema=self.add_suggested_values_to_schema(schema, shown),
            errors=errors,
        )


def _cleaned(base: str) -> str:
    return base.strip().strip("/")


def _name(base: str) -> str:
    return base.rpartition("/")[2]
