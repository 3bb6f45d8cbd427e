"""The network as far as the radio sees it: cells, operators, registration (manual 3.2, 4)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .modem import Modem

OFF, HOME, SEARCHING, DENIED, UNKNOWN, ROAMING = range(6)
AVAILABLE, FORBIDDEN = 1, 3


@dataclass(frozen=True)
class Operator:
    """A network in reach: state as AT+COPS=? says it (1 available, 3 forbidden), names, number."""

    state: int
    long: str
    short: str
    plmn: str


@dataclass(frozen=True)
class Coverage:
    """What the air offers here; ``stat`` is what an attempt to register comes to."""

    stat: int = HOME
    lac: int = 0x286F
    ci: int = 0x0FCA
    act: int = 0
    rssi: int = 23
    ber: int = 99
    bsic: int = 0x1D
    neighbours: int = 1
    operators: tuple[Operator, ...] = (
        Operator(AVAILABLE, "CHINA MOBILE", "CMCC", "46000"),
        Operator(FORBIDDEN, "CHN-UNICOM", "UNICOM", "46001"),
    )


class Radio:
    """The registration of one modem in what is there."""

    def __init__(self, modem: Modem) -> None:
        self._modem = modem
        self.coverage = Coverage()
        self.on = False
        self.operator = self.coverage.operators[0]
        self._found = False
        self._search = 0
        self._reported: tuple[int, int, int] = (OFF, 0, 0)

    @property
    def stat(self) -> int:
        """The registration state as AT+CREG? says it."""
        modem = self._modem
        if not self.on or modem.sim.status != "READY" or modem.settings.cops_mode == 2:
            return OFF
        return self.coverage.stat if self._found else SEARCHING

    @property
    def registered(self) -> bool:
        """Whether the network serves this modem."""
        return self.stat in (HOME, ROAMING)

    def power(self, on: bool) -> None:
        """Switch the radio on or off, as at a start or by AT+CFUN."""
        self.on = on
        self._found = False
        self.refresh()

    def search(self) -> None:
        """Start to look for a network; registration follows after the profile's delay."""
        self._found = False
        self._search += 1
        search = self._search

        def found() -> None:
            if search == self._search:
                self._found = True
                self.refresh()

        self.refresh()
        self._modem.later(self._modem.profile.registration_delay, found)

    def select(self, plmn: str) -> bool:
        """Register with this operator; False if it is out of reach or forbidden."""
        for operator in self.coverage.operators:
            if operator.plmn == plmn and operator.state != FORBIDDEN:
                self.operator = operator
                self.search()
                return True
        return False

    def change(self, **values: Any) -> None:
        """Change what the air offers; TypeError for an unknown name."""
        if "operators" in values:
            values["operators"] = tuple(Operator(*entry) for entry in values["operators"])
        self.coverage = replace(self.coverage, **values)
        if "operators" in values and self.coverage.operators:
            self.operator = self.coverage.operators[0]
        self.refresh()

    def fields(self, n: int, name: str) -> str:
        """Return ``<stat>[,<lac>,<ci>[,<AcT>]]`` as this command writes it with this ``n``."""
        if n < 2 or not self.registered:
            return str(self.stat)
        act = f",{self.coverage.act}" if name == "+CGREG" else ""  # as the examples have it
        return f'{self.stat},"{self.coverage.lac:04X}","{self.coverage.ci:08X}"{act}'

    def refresh(self) -> None:
        """Report what changed, and let waiting messages through once the network is there."""
        cell = (self.coverage.lac, self.coverage.ci) if self.registered else (0, 0)
        before, now = self._reported, (self.stat, *cell)
        self._reported = now
        settings = self._modem.settings
        for name, n in (("+CREG", settings.creg), ("+CGREG", settings.cgreg)):
            shown = 2 * n - 1 if n else 0  # the state alone, or the cell as well
            if before[:shown] != now[:shown]:
                self._modem.report(f"{name}: {self.fields(n, name)}")
        if before != now:
            self._modem.stack.link.refresh()
            self._modem.ledger.touch()
        if self.registered:
            self._modem.centre.flush()
