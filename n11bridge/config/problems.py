"""What is wrong with a configuration file, said so that its owner can mend it."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

#: So many problems are told in words; who has more begins with these.
MOST_SHOWN = 50


@dataclass(frozen=True)
class Problem:
    """One fault: the dotted key, the line if known (1 is the first), what is wrong, the cure."""

    key: str
    line: int | None
    message: str
    cure: str


class ConfigError(Exception):
    """The file cannot be used; `problems` holds every fault found, in the order of the lines."""

    def __init__(self, path: Path, problems: Iterable[Problem]) -> None:
        self.path = path
        self.problems = sorted(problems, key=lambda problem: problem.line or 0)
        super().__init__(path, self.problems)

    def __str__(self) -> str:
        shown = [self._readable(problem) for problem in self.problems[:MOST_SHOWN]]
        if len(self.problems) > MOST_SHOWN:
            shown.append(f"{self.path}: and {len(self.problems) - MOST_SHOWN} more")
        return "\n".join(shown)

    def _readable(self, problem: Problem) -> str:
        where = str(self.path) if problem.line is None else f"{self.path}:{problem.line}"
        key = f" {problem.key}:" if problem.key else ""
        return f"{where}:{key} {problem.message}; {problem.cure}"
