"""What the schema cannot see: names, and whether every name used is known."""

from typing import Any

from n11bridge.addresses import NAME, NUMBER, PATTERN, plain_number

from .document import Document
from .schema import nearest

# An alphanumeric sender holds eleven characters of seven bits (TS 23.040, 9.1.2.5).
_SENDER_CHARACTERS = 11
# Looking for the nearest name takes a while; after so many mistakes it is no typing error.
_MOST_SUGGESTIONS = 50


def check_names(document: Document) -> None:
    """Check what the schema cannot: names, and that every name used is known."""
    contacts, groups = document.section("contacts"), document.section("groups")
    known = [*contacts, *groups]
    for section in ("contacts", "groups"):
        for name in document.section(section):
            if not NAME.fullmatch(name):
                cure = "use letters, digits, - and _"
                document.complain((section, name), "cannot be part of a topic", cure)
            elif NUMBER.fullmatch(plain_number(name)):
                document.complain((section, name), "looks like a number", "put a letter into it")
    for name in groups:
        if name in contacts:
            document.complain(("groups", name), "is a contact's name, too", "rename one of them")
        for index, member in _texts(groups[name]):
            if member not in contacts:
                cure = _nearest(document, member, [*contacts], "add it to contacts")
                document.complain(("groups", name, index), "is no known contact", cure)
    sms = document.section("sms")
    for key in ("allow_to", "trusted"):
        for index, entry in _texts(sms.get(key)):
            if entry in known or PATTERN.fullmatch(plain_number(entry)):
                continue
            otherwise = "write a number, with * and ? for any digits, or the name of a contact"
            cure = _nearest(document, entry, known, otherwise)
            if key == "allow_to" or cure != otherwise or not _may_be_sender(entry):
                message = "is neither a number or pattern nor a known name"
                document.complain(("sms", key, index), message, cure)


def _nearest(document: Document, word: str, known: list[str], otherwise: str) -> str:
    suggest = len(document.problems) < _MOST_SUGGESTIONS
    return nearest(word, known, otherwise) if suggest else otherwise


def check_power(document: Document) -> None:
    """Check that there is one power hook at most."""
    modem = document.section("modem")
    if modem.get("power_command") and modem.get("power_gpio"):
        message = "and modem.power_command are both given"
        document.complain(("modem", "power_gpio"), message, "keep one of them")


def _may_be_sender(entry: str) -> bool:
    has_letter = any(character.isalpha() for character in entry)
    return has_letter and len(entry) <= _SENDER_CHARACTERS and not set("*?") & set(entry)


def _texts(value: Any) -> list[tuple[int, str]]:
    entries = enumerate(value) if isinstance(value, list) else ()
    return [(index, entry) for index, entry in entries if isinstance(entry, str)]
