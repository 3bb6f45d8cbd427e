"""What Home Assistant reads beside the code: words, icons, actions on the page, the manifest."""

import json
import re
import string
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import voluptuous as vol
import yaml
from custom_components.n11bridge.actions import ACTIONS, CONF_ENTRY
from custom_components.n11bridge.bridge import CODES
from custom_components.n11bridge.issues import KINDS
from custom_components.n11bridge.repairs import REQUESTS, TOLD
from homeassistant.core import HomeAssistant, SupportsResponse
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers.selector import validate_selector
from homeassistant.helpers.service import async_get_all_descriptions
from homeassistant.helpers.translation import async_get_translations
from pytest_homeassistant_custom_component.common import MockConfigEntry

OURS = Path(__file__).parents[2] / "homeassistant" / "custom_components" / "n11bridge"
CODE = "\n".join(path.read_text() for path in sorted(OURS.glob("*.py")))
#: What Home Assistant takes as the name of something to translate.
KEY = re.compile(r"[a-z0-9]+([-_][a-z0-9]+)*\Z")


def load(name: str) -> Any:
    return json.loads((OURS / name).read_text())


ENGLISH = load("translations/en.json")
SERVICES = {
    name: action
    for name, action in yaml.safe_load((OURS / "services.yaml").read_text()).items()
    if not name.startswith(".")  # shared by several
}


def flat(words: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], str]]:
    if isinstance(words, dict):
        for key, value in words.items():
            yield from flat(value, (*path, key))
    else:
        yield path, words


def fields_of(action: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Its fields by name, those of its sections included."""
    found = {}
    for name, field in action["fields"].items():
        found |= field.get("fields", {name: field})
    return found


def placeholders(words: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(words) if name is not None}


def test_both_languages_say_the_same() -> None:
    english, german = dict(flat(ENGLISH)), dict(flat(load("translations/de.json")))
    assert load("strings.json") == ENGLISH
    assert german.keys() == english.keys()
    for path, words in english.items():
        assert placeholders(words) == placeholders(german[path]), path


@pytest.mark.parametrize("language", ["en", "de"])
def test_words_are_such_as_home_assistant_shows(language: str) -> None:
    for path, words in flat(load(f"translations/{language}.json")):
        assert words == words.strip() != "", path
        assert cv.string_with_no_html(words) == words
        assert "://" not in words, path
        assert not re.search(r"'\{\w+\}'", words), path
        assert all(name.isidentifier() for name in placeholders(words)), path
        assert all(KEY.match(key) for key in path), path
    # Every field of every form has a description.
    fixes = [ENGLISH["issues"][kind]["fix_flow"] for kind in REQUESTS]
    for flow in (ENGLISH["config"], ENGLISH["options"], *fixes):
        for step in flow["step"].values():
            assert step.get("data", {}).keys() == step.get("data_description", {}).keys()


@pytest.mark.parametrize("language", ["en", "de"])
async def test_home_assistant_reads_them(
    hass: HomeAssistant, loaded: MockConfigEntry, language: str
) -> None:
    for category, words in load(f"translations/{language}.json").items():
        read = await async_get_translations(hass, language, category, {"n11bridge"})
        expected = {".".join(path): each for path, each in flat(words)}
        start = f"component.n11bridge.{category}."
        assert {key.removeprefix(start): each for key, each in read.items()} == expected


async def test_home_assistant_reads_the_actions(
    hass: HomeAssistant, loaded: MockConfigEntry, caplog: pytest.LogCaptureFixture
) -> None:
    described = (await async_get_all_descriptions(hass))["n11bridge"]
    assert described.keys() == SERVICES.keys()
    for name, action in SERVICES.items():
        assert described[name]["fields"].keys() == action["fields"].keys()
        answers = hass.services.supports_response("n11bridge", name)
        assert described[name]["response"] == {"optional": answers is SupportsResponse.OPTIONAL}
    assert "services.yaml" not in caplog.text


def test_all_that_the_code_names_has_words() -> None:
    raised = {*re.findall(r'translation_key="(\w+)"', CODE)} - {"not_"}
    failures = {
        f"not_{goal}"
        for goal in SERVICES["send_sms"]["fields"]["wait"]["selector"]["select"]["options"]
    }
    chosen = {"which_bridge", "not_loaded", "no_bridge", "request_failed"}
    assert {*ENGLISH["exceptions"]} == {*CODES} | raised | failures | chosen
    assert ENGLISH["issues"].keys() == {*KINDS}
    for kind, (_, codes) in REQUESTS.items():
        flow = ENGLISH["issues"][kind]["fix_flow"]
        assert flow["error"].keys() == TOLD | {"failed"}
        assert flow["abort"].keys() == {"not_loaded"}
        assert flow["step"]["codes"]["data"].keys() == {*codes}
    aborts = {*re.findall(r'async_abort\(reason="(\w+)"\)', (OURS / "config_flow.py").read_text())}
    by_itself = {"already_configured", "already_in_progress", "reconfigure_successful"}
    assert {*ENGLISH["config"]["abort"]} == aborts | by_itself


def test_each_action_is_described() -> None:
    icons = load("icons.json")["services"]
    assert SERVICES.keys() == ACTIONS.keys() == icons.keys() == ENGLISH["services"].keys()
    for name, action in ACTIONS.items():
        fields = {CONF_ENTRY} | {str(key) for key in action.fields}
        assert fields_of(SERVICES[name]).keys() == fields
        sections = {key for key, field in SERVICES[name]["fields"].items() if "fields" in field}
        assert ENGLISH["services"][name].get("sections", {}).keys() == sections
        # What must be given comes first, and which bridge last of what is shown at once.
        shown = [key for key in SERVICES[name]["fields"] if key not in sections]
        needed = [bool(SERVICES[name]["fields"][key].get("required")) for key in shown]
        assert needed == sorted(needed, reverse=True)
        assert shown[-1] == CONF_ENTRY
        assert ENGLISH["services"][name]["fields"].keys() == fields


@pytest.mark.parametrize("name", ACTIONS)
def test_what_the_page_offers_is_what_the_action_takes(name: str) -> None:
    fields = fields_of(SERVICES[name])
    schema = vol.Schema(ACTIONS[name].fields)
    needed = {key: field["example"] for key, field in fields.items() if field.get("required")}
    assert {str(key) for key in schema.schema if isinstance(key, vol.Required)} == needed.keys()
    schema(needed)
    for key, field in fields.items():
        validate_selector(field["selector"])
        if key == CONF_ENTRY:
            assert field["selector"] == {"config_entry": {"integration": "n11bridge"}}
            continue
        ((kind, how),) = field["selector"].items()
        example = field["example"]
        for marker in schema.schema:
            if marker == key and marker.default is not vol.UNDEFINED:
                assert field.get("default", {}) == marker.default()
        if "default" in field:
            schema({**needed, key: field["default"]})
        schema({**needed, key: yaml.safe_load(example) if kind == "object" else example})
        if kind == "number":
            for number in (how["min"], how["max"]):
                schema({**needed, key: number})
            for number in (how["min"] - 1, how["max"] + 1):
                with pytest.raises(vol.Invalid):
                    schema({**needed, key: number})
        if kind == "select":
            for option in how["options"]:
                schema({**needed, key: option})
            if words := how.get("translation_key"):
                assert ENGLISH["selector"][words]["options"].keys() == {*how["options"]}


#: As Home Assistant's developer documentation lists them, late in 2026.
RULES = re.findall(
    "[a-z-]+",
    """
action-setup appropriate-polling brands common-modules config-flow config-flow-test-coverage
dependency-transparency docs-actions docs-conditions docs-high-level-description
docs-installation-instructions docs-removal-instructions docs-triggers entity-event-setup
entity-unique-id has-entity-name runtime-data test-before-configure test-before-setup
unique-config-entry
action-exceptions config-entry-unloading docs-configuration-parameters docs-installation-parameters
entity-unavailable integration-owner log-when-unavailable parallel-updates reauthentication-flow
test-coverage
devices diagnostics discovery discovery-update-info docs-data-update docs-examples
docs-known-limitations docs-supported-devices docs-supported-functions docs-troubleshooting
docs-use-cases dynamic-devices entity-category entity-device-class entity-disabled-by-default
entity-translations exception-translations icon-translations reconfiguration-flow repair-issues
stale-devices
async-dependency inject-websession strict-typing
""",
)


def test_the_ledger_has_every_rule() -> None:
    ledger = yaml.safe_load((OURS / "quality_scale.yaml").read_text())["rules"]
    assert len(RULES) == 54
    assert [*ledger] == RULES
    for rule, entry in ledger.items():
        status = entry if isinstance(entry, str) else entry["status"]
        assert status in ("done", "todo", "exempt"), rule
        assert status == "done" or entry["comment"], rule


def test_the_manifest() -> None:
    manifest = load("manifest.json")
    first = {"domain": 0, "name": 1}
    assert [*manifest] == sorted(manifest, key=lambda key: (first.get(key, 2), key))
    assert manifest["domain"] == OURS.name
    assert {"codeowners", "iot_class", "version"} <= manifest.keys()
    assert all(topic.startswith("n11bridge/") for topic in manifest["mqtt"])


@pytest.mark.parametrize("name", ["icon", "dark_icon"])
@pytest.mark.parametrize(("scale", "side"), [("", 256), ("@2x", 512)])
def test_the_icon(name: str, scale: str, side: int) -> None:
    header = (OURS / "brand" / f"{name}{scale}.png").read_bytes()[:24]
    assert header[:8] == b"\x89PNG\r\n\x1a\n"
    assert struct.unpack(">II", header[16:]) == (side, side)
