"""What is said about the network (manual 3.2, 3.3, 4.2, 4.3)."""

from enum import IntEnum

from n11bridge.at.command import Command, Reply, Report, Setting
from n11bridge.at.wire import Hex, Keyword, StrictHex


class Status(IntEnum):
    """How it stands with the network; 6 and 7 are registered for SMS only (3GPP TS 27.007, 7.2)."""

    NOT_REGISTERED = 0
    HOME = 1
    SEARCHING = 2
    DENIED = 3
    UNKNOWN = 4
    ROAMING = 5
    HOME_SMS = 6
    ROAMING_SMS = 7


class RegistrationNow(Reply, at="+CREG", manual="3.2"):
    """The answer, with the mode of reports (some always say 0) before the status."""

    mode: int
    status: Status
    area: Hex | None = None
    cell: Hex | None = None
    technology: int | None = None


class RegistrationChanged(Report, at="+CREG", manual="3.2"):
    """The report, without the mode."""

    status: Status
    area: StrictHex | None = None
    cell: Hex | None = None
    technology: int | None = None


class Registration(Setting[RegistrationNow | None], at="+CREG", manual="3.2"):
    """What is reported: 1 the status, 2 the cell as well."""

    mode: int


class GprsRegistrationNow(RegistrationNow, at="+CGREG", manual="3.3"):
    """The same of the packet service."""


class GprsRegistrationChanged(RegistrationChanged, at="+CGREG", manual="3.3"):
    """The same of the packet service."""


class GprsRegistration(Setting[GprsRegistrationNow | None], at="+CGREG", manual="3.3"):
    """What is reported: 1 the status, 2 the cell as well."""

    mode: int


class Operator(Reply, at="+COPS", manual="4.2"):
    """The network in use, in the format asked for; without one only the mode of selection."""

    mode: int
    format: int | None = None
    name: str | None = None
    technology: int | None = None


class OperatorFormat(Setting[Operator | None], at="+COPS", manual="4.2", timeout=5):
    """How the operator is to be named: mode 3 changes nothing else."""

    mode: int
    format: int


class SelectNetwork(Command[None], at="+COPS", manual="4.2", timeout=180):
    """Use this network only (mode 1), or any that will have us (mode 0)."""

    mode: int
    format: int | None = None
    plmn: str | None = None


class ScanNetworks(Command[list[str]], at="+COPS=?", manual="4.2", timeout=300):
    """Which networks are there? On one line or many; the modem does nothing else meanwhile."""


class Cells(Reply, at="+POSI", manual="4.3"):
    """Seven words for each cell: MCC, MNC, area, cell, BSIC, level, and 1 with the last."""

    mode: int
    words: tuple[Keyword, ...] = ()


class ReadCells(Command[list[Cells]], at="+POSI", manual="4.3", timeout=15):
    """Which cells are heard?"""

    mode: int = 1
