"""One line of the doctor's."""

from dataclasses import dataclass
from enum import StrEnum


class Verdict(StrEnum):
    """What was found."""

    GOOD = "good"
    BAD = "bad"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Finding:
    """A subject, what was found of it, and the cure for what is bad."""

    subject: str
    verdict: Verdict
    said: str
    cure: str = ""


def good(subject: str, said: str) -> Finding:
    """All is well."""
    return Finding(subject, Verdict.GOOD, said)


def bad(subject: str, said: str, cure: str) -> Finding:
    """Something has to be done."""
    return Finding(subject, Verdict.BAD, said, cure)


def unknown(subject: str, said: str, cure: str) -> Finding:
    """It could not be found out; the cure is how it can be."""
    return Finding(subject, Verdict.UNKNOWN, said, cure)
