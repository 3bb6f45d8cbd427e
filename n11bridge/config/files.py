"""The files that a configuration names: secrets kept apart, and the certificates of TLS."""

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from .document import Document, KeyPath
from .schema import Misfit, pin

TLS_FILES = ("ca", "certificate", "key")
#: No password is longer (characters); MQTT has two bytes for its length.
_LONGEST_SECRET = 65535


def take_in_secrets(document: Document) -> None:
    """Put the content of pin_file and password_file where the secret itself would stand."""
    for path, given, key in _secrets(document):
        file = given.get(f"{key}_file")
        if not isinstance(file, str):
            continue
        where = (*path, f"{key}_file")
        if given.get(key) is not None:
            document.complain(where, f"stands beside {key}", "keep one of the two")
            continue
        del given[f"{key}_file"]
        try:
            content = _content(document.folder / file)
            given[key] = pin(content) if key == "pin" else content
        except OSError as error:
            message = f"names a file that cannot be read: {error.strerror}"
            document.complain(where, message, "check the path and its rights")
        except UnicodeDecodeError:
            document.complain(where, "names a file that is not UTF-8", "save it as UTF-8 text")
        except ValueError:
            document.complain(where, "is no path", "give the path of a file")
        except Misfit as error:
            document.complain(where, f"names a file whose content {error.msg}", error.cure)
    for path, given, key in _secrets(document):
        if key == "password" and given.get("password") and not given.get("username"):
            where = (*path, "password")
            document.complain(where, "is of no use without username", "add username")


def _secrets(document: Document) -> Iterator[tuple[KeyPath, dict[str, Any], str]]:
    """Where a secret, or the name of its file, may stand."""
    yield ("modem",), document.section("modem"), "pin"
    yield ("mqtt",), document.section("mqtt"), "password"
    yield ("gprs",), document.section("gprs"), "password"
    yield ("uplink",), document.section("uplink"), "password"
    for index, forward in document.items("forwards"):
        yield ("forwards", index), forward, "password"


def check_tls(document: Document) -> None:
    """Check that the files of mqtt.tls are there and belong together."""
    tls = document.section("mqtt").get("tls")
    if not isinstance(tls, dict):
        return
    if tls.get("key") and not tls.get("certificate"):
        document.complain(("mqtt", "tls", "key"), "has no certificate", "add mqtt.tls.certificate")
    for key in TLS_FILES:
        file = tls.get(key)
        if isinstance(file, str) and not _is_file(document.folder / file):
            cure = "check the path and its rights"
            document.complain(("mqtt", "tls", key), "names a file that is not there", cure)


def _content(path: Path) -> str:
    """The text of a secret's file without its line end; OSError, ValueError, Misfit."""
    if path.exists() and not path.is_file():  # from a device or a pipe it might never end
        raise OSError(0, "it is no regular file")
    with path.open(encoding="utf-8") as file:
        content = file.read(_LONGEST_SECRET + 1).rstrip("\r\n")
    if len(content) > _LONGEST_SECRET:
        raise Misfit("is too long", "give the file that holds nothing but the secret")
    return content


def _is_file(path: Path) -> bool:
    with contextlib.suppress(OSError, ValueError):  # a name that is too long, or none
        return path.is_file()
    return False
