"""Every section of the manual's chapters 2 to 24: declared and tried with its example, or why not.

``vectors/manual.txt`` lists them as the manual's table of contents does. What the bridge says of a
section is found in its records, whose ``manual`` names it; the examples are the transcripts in
``tests/at/test_examples_of_*``, whose names begin with the sections.
"""

import importlib
import re
from collections.abc import Iterator
from pathlib import Path

import n11bridge.bridge  # noqa: F401  # with all that it declares
from n11bridge.at.record import Record

HERE = Path(__file__).parent
SECTIONS = dict(
    line.split(" ", 1)
    for line in (HERE / "vectors" / "manual.txt").read_text("utf-8").splitlines()
    if not line.startswith("#")
)

#: Left out, and why nobody misses it.
LEFT_OUT = {
    "3.7": "ATZ does what AT&F does (3.9)",
    "3.10": "multiplexing: one program has the line, so it needs one channel",
    "5.8": "DTR ends data mode only where that line is wired; the escape of 5.3 always does",
    "6.8": "a draft on the SIM serves nobody: the outbox keeps what is to be sent",
    "6.9": "so nothing stored there is sent",
    "6.12": "text mode, which knows neither long messages nor most alphabets: PDU mode always",
    "6.13": "text mode",
    "8.7": "data pass as they are; in hexadecimal they would take twice the time on the line",
    "8.8": "a local port of one's own choice serves servers, which chapter 13 has",
    "8.9": "forwards see for themselves to connections that fall silent",
    "11.6": "a local port of one's own choice, as 8.8",
    "19.11": "it has the name of 18.7, other parameters, and OK for a prompt",
    "24.8": "a rate within 100 ms; what passed in a minute is the difference of 24.7's sums",
}
#: Bytes rather than records: where they are dealt with, and where that is tried.
BYTES = {
    "5.3": ("n11bridge.at.raw", "ESCAPE", "at/test_raw.py"),
    "16.5": ("n11bridge.capabilities.http.reader", None, "capabilities/test_http_reader.py"),
}
#: Declared, and tried elsewhere than in a transcript: raw data follow, of a length nobody says.
TRIED_ELSEWHERE = {
    "9.6": "internet/test_tls_portion.py",
    "16.3": "capabilities/test_http_reader.py",
    "17.3": "e2e/test_http.py",
    "23.2": "e2e/test_firmware.py",
}


def records(of: type[Record] = Record) -> Iterator[type[Record]]:
    for record in of.__subclasses__():
        yield record
        yield from records(record)


def declared() -> set[str]:
    """The sections that the bridge's own records name."""
    found = {
        r.manual for r in records() if r.__module__.startswith("n11bridge.") and "at" in dir(r)
    }
    return found | BYTES.keys()


def examples() -> set[str]:
    """The sections that transcripts are named after."""
    found: set[str] = set()
    for path in (HERE / "at").glob("test_examples_of_*.py"):
        module = importlib.import_module(f"tests.at.{path.stem}")
        for table in (each for each in vars(module).values() if isinstance(each, dict)):
            for name in filter(lambda key: isinstance(key, str), table):
                leading = re.match(r"\d+\.\d+(?: and \d+\.\d+)*", name)
                found |= set(re.findall(r"\d+\.\d+", leading[0])) if leading else set()
    return found


def test_the_list_is_whole() -> None:
    counts = dict.fromkeys(range(2, 25), 0)
    for number in SECTIONS:
        chapter, section = map(int, number.split("."))
        counts[chapter] += 1
        assert section == counts[chapter], "a section is missing before this one"
    assert all(counts.values())


def test_every_section_is_declared_or_left_out_for_a_reason() -> None:
    found = declared()
    # Some come from elsewhere, and say so: from a standard, or another part of the manual.
    numbered = {each for each in found if re.fullmatch(r"\d+\.\d+", each)}
    assert numbered <= SECTIONS.keys() | {"1.2"}, "a record names a section that there is not"
    assert not found & LEFT_OUT.keys(), "it is declared, so why would it be left out?"
    missing = SECTIONS.keys() - found - LEFT_OUT.keys()
    assert not missing, [f"{each} {SECTIONS[each]}" for each in missing]


def test_what_is_declared_is_tried_with_its_example() -> None:
    tried = examples() | TRIED_ELSEWHERE.keys() | BYTES.keys()
    missing = SECTIONS.keys() - tried - LEFT_OUT.keys()
    whole = f"{len(SECTIONS)} sections in chapters 2 to 24: {len(SECTIONS.keys() & declared())}"
    print(f"{whole} declared, {len(tried & declared())} of them tried, {len(LEFT_OUT)} left out")
    assert not missing, [f"{each} {SECTIONS[each]}" for each in sorted(missing)]


def test_what_is_tried_elsewhere_is_there() -> None:
    for module, name, _ in BYTES.values():
        assert name is None or hasattr(importlib.import_module(module), name)
    for place in (*TRIED_ELSEWHERE.values(), *(each for *_, each in BYTES.values())):
        assert (HERE / place).exists(), place
