"""What the demo prints: sentences with the time and a label, wrapped, coloured on a terminal."""

import os
import shutil
import textwrap
import time
from typing import TextIO

BOLD, DIM, RED, GREEN, CYAN = "1", "2", "31", "32", "36"
_INDENT = 20


class Terminal:
    """Prints to ``out``; colours only where it is a terminal and NO_COLOR is not set."""

    def __init__(self, out: TextIO) -> None:
        self._out = out
        self._tty = out.isatty()
        self._coloured = self._tty and not os.environ.get("NO_COLOR")

    def say(self, label: str, text: str, colour: str = "") -> None:
        """Print a sentence under the present time."""
        first, *others = self._wrapped(_printable(text)) or [""]
        stamp = self._painted(time.strftime("%H:%M:%S"), DIM)
        lines = [f"{stamp}  {self._painted(f'{label:<8}', CYAN)}  {self._painted(first, colour)}"]
        lines += [" " * _INDENT + self._painted(line, colour) for line in others]
        self.write(*lines)

    def aside(self, text: str) -> None:
        """Print a remark on the sentence before."""
        self.write(" " * _INDENT + self._painted(f"({text})", DIM))

    def heading(self, text: str) -> None:
        """Print what comes next."""
        self.write("", self._painted(text, BOLD))

    def write(self, *lines: str) -> None:
        """Print lines as they are: one that is to be copied must not be wrapped."""
        self._out.write("".join(f"{line}\n" for line in lines))
        self._out.flush()

    def _wrapped(self, text: str) -> list[str]:
        if not self._tty:
            return [text]
        width = max(30, shutil.get_terminal_size().columns - _INDENT)
        return textwrap.wrap(text, width, break_on_hyphens=False)

    def _painted(self, text: str, colour: str) -> str:
        return f"\x1b[{colour}m{text}\x1b[0m" if self._coloured and colour else text


def _printable(text: str) -> str:
    """Defuse what a message could do to the terminal; the joiner of emojis may stay."""
    words = " ".join(text.split())
    return "".join(each if each.isprintable() or each == "\u200d" else "\ufffd" for each in words)
