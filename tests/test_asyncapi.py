"""The contract for machines: what it says is true of itself, and the official schema takes it."""

import json
import sys
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from n11bridge.asyncapi import document, page
from n11bridge.capabilities import CAPABILITIES
from n11bridge.cli import main
from n11bridge.requests import reading

DOCUMENT = document()
OFFICIAL = Path(sys.prefix, "asyncapi/node_modules/@asyncapi/specs/schemas/3.0.0.json")


def messages() -> list[tuple[str, Any]]:
    return [
        (name, message)
        for name, channel in DOCUMENT["channels"].items()
        for message in channel["messages"].values()
    ]


def schema_for(payload: Any) -> dict[str, Any]:
    return {**payload, "components": DOCUMENT["components"]}


def test_the_official_schema_takes_it() -> None:
    if not OFFICIAL.exists():
        pytest.skip("the official schema is not here: make peers fetches it")
    jsonschema.Draft7Validator(json.loads(OFFICIAL.read_text())).validate(DOCUMENT)


@pytest.mark.parametrize(("name", "message"), messages(), ids=[name for name, _ in messages()])
def test_examples_are_of_the_form_they_illustrate(name: str, message: Any) -> None:
    schema = schema_for(message["payload"])
    jsonschema.Draft202012Validator.check_schema(schema)
    for example in message["examples"]:
        jsonschema.Draft202012Validator(schema).validate(example["payload"])


def test_examples_of_requests_pass_the_bridges_own_check() -> None:
    for capability in CAPABILITIES:
        for verb in capability.verbs().values():
            example = json.dumps({"id": "a1", "ttl": 5, **verb.example}).encode()
            verb.schema(reading.read(capability.name, verb.name, example, "").parameters)


def test_every_operation_has_its_channel() -> None:
    channels = DOCUMENT["channels"]
    assert set(DOCUMENT["operations"]) == set(channels)
    for operation in DOCUMENT["operations"].values():
        for reference in (operation["channel"], operation.get("reply", {}).get("channel")):
            if reference is not None:
                name = reference["$ref"].removeprefix("#/channels/").replace("~1", "/")
                assert name in channels


def test_the_page_has_every_topic() -> None:
    text = page()
    for name in DOCUMENT["channels"]:
        if name.startswith(("state/", "event/", "request/")) and "{" not in name:
            assert f"### `{name}`" in text


def test_the_command_prints_it(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["schema"]) == 0
    assert json.loads(capsys.readouterr().out) == DOCUMENT
    assert main(["schema", "--markdown"]) == 0
    assert capsys.readouterr().out == page()


def test_the_page_in_docs_is_up_to_date() -> None:
    topics = Path(__file__).parents[1] / "docs" / "topics.md"
    assert topics.read_text() == page(), "make docs writes it anew"
