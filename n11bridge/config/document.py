"""The YAML file with what PyYAML forgets: the line of every key, and keys given twice."""

import os
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from .problems import Problem

KeyPath = tuple[str | int, ...]
"""The keys, and indices of lists, that lead to a value."""

_VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")
#: More than anyone writes; PyYAML reads it in seconds on a small machine (characters).
_LONGEST = 256 * 1024
#: Values, with each one that an *alias* repeats, and levels. A few lines can mean billions.
_MOST_VALUES, _DEEPEST = 20_000, 16
#: Larger numbers are none of ours; Python does not even write some of them.
_NUMBER_BITS = 64
_READABLE_KEY = re.compile(r"[\w-]{1,40}")


@dataclass
class Document:
    """A file's content, the line of each key in it, and what was wrong so far."""

    path: Path
    data: Any = None
    lines: dict[KeyPath, int] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    values: int = 0

    @property
    def folder(self) -> Path:
        """The file's folder, where relative paths start."""
        return self.path.absolute().parent

    def section(self, name: str) -> dict[str, Any]:
        """Return the section as far as it can be used; empty if it is missing or misshapen."""
        section = self.data.get(name)
        return section if isinstance(section, dict) else {}

    def items(self, name: str) -> list[tuple[int, dict[str, Any]]]:
        """Return those of a list's items, with their indices, that can be used."""
        given = self.data.get(name)
        items = enumerate(given) if isinstance(given, list) else ()
        return [(index, item) for index, item in items if isinstance(item, dict)]

    def complain(self, key: KeyPath, message: str, cure: str) -> None:
        """Note a problem at the key's line, or at its section's if the key is not there."""
        shown = ".".join(readable(part) for part in key)
        while key and key not in self.lines:
            key = key[:-1]
        self.problems.append(Problem(shown, self.lines.get(key), message, cure))


class _Excess(Exception):
    """The file means more than a configuration can; it is read no further."""


def readable(key: str | int) -> str:
    """Return the key for a message: what looks like no key may be a secret out of place."""
    text = str(key)
    known = _READABLE_KEY.match(text)
    if known is None:
        return "?"
    return text if known.end() == len(text) else f"{known.group()}..."


def read(path: Path) -> Document:
    """Read and parse the file; a failure is a problem of the document, never an exception."""
    document = Document(path)
    try:
        with path.open(encoding="utf-8-sig") as file:
            text = file.read(_LONGEST + 1)
    except OSError as error:
        document.complain((), f"cannot be read: {error.strerror}", "check the path and its rights")
        return document
    except UnicodeDecodeError:
        document.complain((), "is not UTF-8 text", "save it in the encoding UTF-8")
        return document
    if len(text) > _LONGEST:
        document.complain((), f"is longer than {_LONGEST} characters", "shorten it")
        return document
    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
        document.data = None if node is None else _plain(document, node, ())
    except yaml.YAMLError as error:
        document.problems.append(_syntax_problem(error))
    except RecursionError:
        document.complain((), "is nested too deeply", "take brackets and indentation away")
    except _Excess:
        document.data = None
    return document


def _plain(document: Document, node: yaml.Node, path: KeyPath) -> Any:
    document.lines.setdefault(path, node.start_mark.line + 1)
    document.values += 1
    if document.values > _MOST_VALUES or len(path) > _DEEPEST:
        message, cure = "contains itself or is nested too deeply", "mend the *alias"
        if document.values > _MOST_VALUES:
            message, cure = f"is or repeats more than {_MOST_VALUES} values", "write fewer"
        document.complain(path[:2], message, cure)
        raise _Excess
    if isinstance(node, yaml.MappingNode):
        return _mapping(document, node, path)
    if isinstance(node, yaml.SequenceNode):
        return [_plain(document, item, (*path, i)) for i, item in enumerate(node.value)]
    constructor = yaml.constructor.SafeConstructor()
    try:
        value = constructor.construct_object(node)
    except (ValueError, LookupError, AttributeError, TypeError):
        value = node.value  # such as the date 2026-99-99, or !!bool perhaps
    if isinstance(value, int) and value.bit_length() > _NUMBER_BITS:
        value = node.value
    return _filled_in(document, value, path) if isinstance(value, str) else value


def _mapping(document: Document, node: yaml.MappingNode, path: KeyPath) -> dict[str, Any]:
    mapping: dict[str, Any] = {}
    for key_node, value_node in node.value:
        key = key_node.value if isinstance(key_node, yaml.ScalarNode) else "?"
        here = (*path, key)
        line = key_node.start_mark.line + 1
        if key in mapping:
            first = document.lines[here]
            name = ".".join(readable(part) for part in here)
            document.problems.append(
                Problem(name, line, f"was given in line {first} already", "keep one of the two")
            )
            continue
        document.lines[here] = line
        if key_node.tag != "tag:yaml.org,2002:str":
            document.complain(here, "is no text in YAML, but a key must be", "put it in quotes")
        mapping[key] = _plain(document, value_node, here)
    return mapping


def _filled_in(document: Document, text: str, path: KeyPath) -> str:
    """Replace every ${NAME} by the environment's value."""

    def value(match: re.Match[str]) -> str:
        name = match.group(1)
        if name not in os.environ:
            message = f"the environment variable {name} is not set"
            document.complain(path, message, "set it, or write the value itself")
        return os.environ.get(name, match.group())

    return _VARIABLE.sub(value, text)


def _syntax_problem(error: yaml.YAMLError) -> Problem:
    """Say where YAML gave up, without the line itself: there may be a password in it."""
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    reason = getattr(error, "problem", None) or getattr(error, "reason", None) or "not valid YAML"
    reason = re.sub(r"['\"][^'\"<][^'\"]+['\"]", "...", str(reason))
    cure = "check indentation, colons and quotes here and in the line above"
    return Problem("", mark.line + 1 if mark else None, f"YAML: {reason}", cure)
