"""Whatever stands in the file: it is good, or it is said what is wrong with it."""

import itertools
import time
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from n11bridge.cli import main
from n11bridge.config import ConfigError, load
from n11bridge.config.problems import MOST_SHOWN
from n11bridge.config.schema import keys_of

MINIMAL = "modem: {port: /dev/n11v2}\nmqtt: {host: localhost}\n"


@pytest.fixture
def written(tmp_path: Path) -> Any:
    def write(text: str) -> Path:
        path = tmp_path / "n11.yaml"
        path.write_text(text, encoding="utf-8")
        return path

    return write


BOMB = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{name}: &{name} [{', '.join([f'*{before}'] * 9)}]\n"
    for before, name in itertools.pairwise("abcdefghi")
)
HOSTILE: dict[str, tuple[str, str]] = {
    "a bomb of aliases": (BOMB, ""),
    "a bomb in a section": (MINIMAL + "contacts:\n  " + BOMB.replace("\n", "\n  "), "contacts"),
    "nested in brackets": (MINIMAL + "groups: " + "[" * 5000, ""),
    "nested, but not too deeply to be read": (
        MINIMAL + "groups: {a: " + "[" * 60 + "]" * 60 + "}",
        "groups.a",
    ),
    "nested by indentation": (
        MINIMAL + "sms:\n" + "\n".join(" " * n + "a:" for n in range(1, 300)),
        "sms.a",
    ),
    "a decimal number of thousands of digits": (
        MINIMAL + f"sms: {{keep: {'9' * 9000}}}",
        "sms.keep",
    ),
    "a hexadecimal one": (MINIMAL + f"sms: {{encoding: 0x{'f' * 9000}}}", "sms.encoding"),
    "a hexadecimal one for a rate": (
        f"modem: {{port: /a, baud: 0x{'f' * 9000}}}\nmqtt: {{host: a}}",
        "modem.baud",
    ),
    "infinity": (MINIMAL + "signal: {interval: .inf}", "signal.interval"),
    "no number": (MINIMAL + "signal: {interval: .nan}", "signal.interval"),
    "an exponent": ("modem: {port: /a}\nmqtt: {host: a, port: 1e9999}", "mqtt.port"),
    "a list for a section": ("modem: [1]\nmqtt: {host: a}", "modem"),
    "a section for a text": ("modem: {port: {a: b}}\nmqtt: {host: a}", "modem.port"),
    "a date": (MINIMAL + "store: 2026-11-26", "store"),
    "a day that is none": (MINIMAL + "sms: {keep: 2026-99-99}", "sms.keep"),
    "binary data": (MINIMAL + "log: {level: !!binary AAAA}", "log.level"),
    "a bool that is none": (MINIMAL + "sms: {delivery_report: !!bool x}", "sms.delivery_report"),
    "a number that is none": (MINIMAL + "sms: {keep: !!int ''}", "sms.keep"),
    "a time that is none": (MINIMAL + "sms: {keep: !!timestamp x}", "sms.keep"),
    "a Python object": (MINIMAL + "store: !!python/object/apply:os.system [ls]", "store"),
    "a set": (MINIMAL + "contacts: !!set {a}", "contacts.a"),
    "a key that is a list": (MINIMAL + "? [a]\n: b", "?"),
    "merged keys": ("x: &x {port: /a}\nmodem: {<<: *x}\nmqtt: {host: a}", "modem.?"),
    "half a character": (
        'modem: {port: /a}\nmqtt: {host: a, username: "\\ud800"}',
        "mqtt.username",
    ),
    "half a character in a secret": (
        'modem: {port: /a}\nmqtt: {host: a, username: u, password: "\\udfff"}',
        "mqtt.password",
    ),
    "a NUL in a path": ('modem: {port: /a, pin_file: "a\\0b"}\nmqtt: {host: a}', "modem.pin_file"),
    "a path without an end": (
        f"modem: {{port: /a}}\nmqtt: {{host: a, tls: {{ca: {'x' * 5000}}}}}",
        "mqtt.tls.ca",
    ),
    "a device for a secret": (
        "modem: {port: /a, pin_file: /dev/zero}\nmqtt: {host: a}",
        "modem.pin_file",
    ),
    "a topic without an end": (
        f"modem: {{port: /a}}\nmqtt: {{host: a, prefix: {'x' * 70000}}}",
        "mqtt.prefix",
    ),
    "a name without an end": (MINIMAL + f"contacts: {{{'x' * 900}: '+49301'}}", "contacts.x"),
    "a key without an end": (MINIMAL + f"? {'x' * 70000}\n: 1", "x"),
    "a thousand mistakes": (
        MINIMAL
        + "contacts:\n"
        + "".join(f"  name{n:05}: '+4930{n:05}'\n" for n in range(3000))
        + "groups: {g: ["
        + ", ".join(f"nane{n:05}" for n in range(3000))
        + "]}",
        "groups.g.0",
    ),
    "too many values": (MINIMAL + "groups: {g: [" + "a, " * 30_000 + "]}", "groups.g"),
    "too long": (MINIMAL + "# " + "x" * 300_000, ""),
    "control characters": (MINIMAL + "store: a\0b", ""),
    "another kind of text": ("\ufeff<xml/>", ""),
    "several documents": (MINIMAL + "---\n" + MINIMAL, ""),
    "nothing but an alias": ("*a", ""),
    "tabs": ("modem:\n\tport: /a", ""),
}


@pytest.mark.parametrize(("text", "key"), HOSTILE.values(), ids=HOSTILE)
def test_what_is_no_configuration_ends_with_2_and_words(
    written: Any, text: str, key: str, capsys: pytest.CaptureFixture[str]
) -> None:
    path = written(text)
    began = time.process_time()
    for command in (["check", str(path)], ["run", "-c", str(path)]):
        assert main(command) == 2
        said = capsys.readouterr()
        assert not said.out
        lines = said.err.splitlines()
        assert 1 <= len(lines) <= MOST_SHOWN + 1
        assert all(
            line.startswith(str(path)) and len(line) < len(str(path)) + 300 for line in lines
        )
        assert any(f" {key}" in line or not key for line in lines), lines
    assert time.process_time() - began < 20


yaml_values = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(),
        st.floats(),
        st.text(max_size=20),
        st.dates(),
        st.sampled_from(["/a", "+491701234567", "alice", "${HOME}", "${N11_NONE}", "5", "auto"]),
    ),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=6,
)


def values(section: tuple[str, ...], *without: str) -> dict[str, Any]:
    return {key: yaml_values for key in keys_of(section) if key not in without}


sections = st.fixed_dictionaries(
    {
        "modem": st.fixed_dictionaries(
            {"port": st.just("/a")}, optional=values(("modem",), "port")
        ),
        "mqtt": st.fixed_dictionaries({"host": st.just("a")}, optional=values(("mqtt",), "host")),
    },
    optional={
        **values((), "modem", "mqtt"),
        "sms": st.fixed_dictionaries({}, optional=values(("sms",))),
    },
)


@settings(max_examples=300, deadline=None, derandomize=True)
@given(sections)
def test_values_of_any_type(tmp_path_factory: pytest.TempPathFactory, content: Any) -> None:
    path = tmp_path_factory.getbasetemp() / "any.yaml"
    path.write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")
    try:
        config = load(path)
    except ConfigError as error:
        problems, words = error.problems, str(error)
    else:
        assert config.base.encode()
        assert config.addresses.name_of("+491701234567") in (None, *config.contacts)
        return
    assert problems
    assert all(problem.key for problem in problems)
    assert words.startswith(str(path))


def test_a_suggestion_costs_no_time(written: Any) -> None:
    path = written(MINIMAL + f"log: {{level: {'debug' * 20_000}}}")
    with pytest.raises(ConfigError) as caught:
        load(path)
    (problem,) = caught.value.problems
    assert problem.cure.startswith("choose one of")
