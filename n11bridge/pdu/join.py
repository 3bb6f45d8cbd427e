"""Putting the parts of a message together again (3GPP TS 23.040 9.2.3.24.1)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from .coding import Encoding
from .content import to_text, to_units
from .deliver import Deliver
from .header import shifts


@dataclass(frozen=True)
class Joined:
    """A whole message: its text, or its data if any part was data."""

    text: str | None
    data: bytes | None
    encoding: Encoding


def join(parts: Sequence[Deliver]) -> Joined:
    """Join parts in the order of their numbers; what is missing leaves a gap.

    Septets and octets are joined before they are read, so that a character which a sender cut in
    two is whole again. Of a part that came twice the first counts.
    """
    numbered: dict[int, Deliver] = {}
    for part in parts:
        numbered.setdefault(part.concat.seq if part.concat else 1, part)
    ordered = sorted(numbered.items())
    encodings = {part.encoding for _, part in ordered}
    if "8bit" in encodings:
        return Joined(None, b"".join(_units(part) for _, part in ordered), "8bit")
    text = "".join(_texts(ordered))
    return Joined(text, None, "ucs2" if "ucs2" in encodings else "gsm7")


def _texts(ordered: list[tuple[int, Deliver]]) -> Iterator[str]:
    """Read runs of parts that follow each other and are written alike."""
    run: list[Deliver] = []
    last = 0
    for seq, part in ordered:
        if run and (seq != last + 1 or _written(part) != _written(run[-1])):
            yield _text(run)
            run = []
        run.append(part)
        last = seq
    if run:
        yield _text(run)


def _text(run: list[Deliver]) -> str:
    units = b"".join(_units(part) for part in run)
    return to_text(units, run[0].encoding, run[0].header) or ""


def _written(part: Deliver) -> tuple[Encoding, tuple[int, int]]:
    return part.encoding, shifts(part.header)


def _units(part: Deliver) -> bytes:
    """Return the units that came, or those of a part that was made by hand."""
    return part.units or to_units(part)
