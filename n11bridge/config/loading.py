"""From a file to a Config, or to everything that is wrong with it."""

from pathlib import Path
from typing import Any

import voluptuous as vol

from . import schema
from .checks import check_names, check_power
from .document import Document, KeyPath, read
from .files import TLS_FILES, check_tls, take_in_secrets
from .forwards import check_forwards, forwards
from .problems import ConfigError
from .settings import (
    At,
    Balance,
    Config,
    Gpio,
    Gprs,
    Jamming,
    Limits,
    Location,
    Log,
    Modem,
    Mqtt,
    Signal,
    Sms,
    Tls,
    Transparent,
)
from .uplink import check_uplink, uplink


def load(path: str | Path) -> Config:
    """Read the configuration; raises ConfigError with every problem the file has."""
    document = read(Path(path))
    if document.problems and document.data is None:
        raise ConfigError(document.path, document.problems)
    if document.data is None:
        document.data = {}
    if not isinstance(document.data, dict):
        document.complain((), "holds no keys", "begin with modem: and mqtt:")
        raise ConfigError(document.path, document.problems)
    take_in_secrets(document)
    data = _validated(document)
    check_names(document)
    check_power(document)
    check_tls(document)
    check_forwards(document)
    check_uplink(document)
    if document.problems:
        raise ConfigError(document.path, document.problems)
    return _config(data, document.folder)


def names_port(path: str | Path) -> bool:
    """Whether there is a file that names a modem's port, or one that cannot be understood.

    Without, there is nothing to serve yet; all that is wrong otherwise is for `load` to tell.
    """
    if not Path(path).exists():
        return False
    document = read(Path(path))
    if not isinstance(document.data, dict):
        return bool(document.problems)
    return bool(document.section("modem").get("port"))


def _validated(document: Document) -> dict[str, Any]:
    """Apply the schema; `key:` with nothing after it stands for its default."""
    given = _without_nulls(document.data, ())
    try:
        data: dict[str, Any] = vol.Schema(schema.SECTIONS)(given)
    except vol.MultipleInvalid as error:
        for invalid in error.errors:
            document.complain(_path(invalid), *_words(invalid))
        return {}
    return data


def _without_nulls(section: dict[str, Any], path: KeyPath) -> dict[str, Any]:
    known = schema.keys_of(path)
    return {
        key: _without_nulls(value, (*path, key)) if isinstance(value, dict) else value
        for key, value in section.items()
        # A bare `tls:` must not turn into no TLS.
        if value is not None or key not in known or key == "tls"
    }


def _path(invalid: vol.Invalid) -> KeyPath:
    return tuple(part if isinstance(part, int) else str(part) for part in invalid.path)


def _words(invalid: vol.Invalid) -> tuple[str, str]:
    """Return what is wrong and the cure, for our own findings and voluptuous's."""
    *section, key = _path(invalid) or ("",)
    known = schema.keys_of(tuple(section))
    if isinstance(invalid, schema.Misfit):
        return invalid.msg, invalid.cure
    if isinstance(invalid, vol.RequiredFieldInvalid):
        example = {
            "modem": "modem: {port: /dev/n11v2}",
            "mqtt": "mqtt: {host: localhost}",
            "port": "port: /dev/n11v2",
            "host": "host: localhost",
            "code": 'code: "*100#"',
            "topic": "topic: home/#",
            "message": "message: offline",
            "pattern": "pattern: '([0-9.,]+) EUR'",
            "chip": "chip: /dev/gpiochip0",
            "line": "line: 17",
        }
        return "is missing", f"add {example.get(str(key), key)}"
    if isinstance(invalid, vol.DictInvalid):
        return "must hold keys of its own", "write them below it, indented, as key: value"
    if isinstance(invalid, vol.SequenceTypeInvalid):
        return "must be a list", "write it as [one, two]"
    return "is no known key", schema.nearest(str(key), known, f"known are {', '.join(known)}")


def _config(data: dict[str, Any], folder: Path) -> Config:
    """Build the frozen settings; relative paths start at the configuration's folder."""
    modem, mqtt, sms = data["modem"], data["mqtt"], data.get("sms", {})
    mqtt.setdefault("client_id", f"n11bridge-{modem.get('name', Modem.name)}")
    if "power_command" in modem:
        modem["power_command"] = tuple(modem["power_command"])
    if "power_gpio" in modem:
        modem["power_gpio"] = Gpio(**modem["power_gpio"])
    if "tls" in mqtt:
        mqtt.setdefault("port", 8883)
        tls = mqtt["tls"]
        mqtt["tls"] = Tls(**tls | {key: folder / tls[key] for key in TLS_FILES if key in tls})
    if "limits" in sms:
        sms["limits"] = Limits(**sms["limits"])
    for patterns in {"allow_to", "trusted"} & sms.keys():
        sms[patterns] = tuple(sms[patterns])
    balance = data.get("balance")
    allow = data.get("at", {}).get("allow")
    return Config(
        modem=Modem(**modem),
        mqtt=Mqtt(**mqtt),
        store=folder / data.get("store", Config.store),
        contacts=data.get("contacts", {}),
        groups={name: tuple(members) for name, members in data.get("groups", {}).items()},
        sms=Sms(**sms),
        signal=Signal(**data.get("signal", {})),
        gprs=Gprs(**data.get("gprs", {})),
        transparent=Transparent(data.get("transparent", {}).get("yield", True)),
        forwards=forwards(data.get("forwards", [])),
        uplink=uplink(data.get("uplink"), modem.get("name", Modem.name)),
        balance=None if balance is None else Balance(**balance),
        location=Location(**data.get("location", {})),
        jamming=Jamming(**data.get("jamming", {})),
        at=At(None if allow is None else tuple(allow)),
        log=Log(**data.get("log", {})),
        allow_dangerous=frozenset(data.get("allow_dangerous", ())),
    )
