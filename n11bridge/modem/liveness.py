"""How each class of operation fares: a good +CSQ says nothing of an SMS that hangs.

The class of a command is the chapter of the manual that its record names, so that a new capability
has nothing to declare; what deserves a class of its own, or more patience, stands in the table.
"""

from dataclasses import dataclass

#: So many timeouts in a row of one class mean that the module hangs.
PATIENCE = 3


@dataclass(frozen=True)
class Operation:
    """A class of operation; ``patience`` None: it waits for others, so it proves nothing."""

    name: str
    patience: int | None = PATIENCE


ANY = Operation("at")
#: By section of the manual, the longest that fits. What depends on a network that searches, on a
#: telephone exchange or on a server far away may be slow without any fault of the modem.
OPERATIONS = {
    "": Operation("raw", None),
    "4.2": Operation("operator", None),
    "5": Operation("gprs"),
    "5.2": Operation("ussd", None),
    "6": Operation("sms"),
    "6.7": Operation("sms_send"),
    "7": Operation("phonebook"),
    **dict.fromkeys(("8", "9", "11", "12", "13", "14"), Operation("sockets", 5)),
    "10": Operation("certificates"),
    "15": Operation("ftp", None),
    **dict.fromkeys(("16", "17"), Operation("http", None)),
    **dict.fromkeys(("18", "19", "20"), Operation("uplink", None)),
    "21": Operation("audio"),
    "22": Operation("files"),
    "23": Operation("firmware", None),
    **dict.fromkeys(("24.2", "24.3", "24.4", "24.5", "24.9"), Operation("internet", None)),
}


def operation(section: str) -> Operation:
    """The class of what a section of the manual describes."""
    while section:
        if section in OPERATIONS:
            return OPERATIONS[section]
        section = section.rpartition(".")[0]
        if not section:
            return ANY
    return OPERATIONS[""]


@dataclass
class Record:
    """How one class fared lately; the time is the caller's."""

    last_success: float | None = None
    timeouts: int = 0
    """In a row, since its last success."""


class Liveness:
    """The record of every class that was used."""

    def __init__(self) -> None:
        self.records: dict[str, Record] = {}
        self._hung: set[str] = set()

    @property
    def hung(self) -> bool:
        """Whether a class that hung has not worked since."""
        return bool(self._hung)

    def table(self, now: float) -> dict[str, tuple[float | None, int]]:
        """By class of operation: seconds since its last success, timeouts in a row since."""
        return {
            name: (None if it.last_success is None else now - it.last_success, it.timeouts)
            for name, it in sorted(self.records.items())
        }

    def succeeded(self, section: str, now: float) -> None:
        """An operation ended well."""
        name = operation(section).name
        self.records[name] = Record(now)
        self._hung.discard(name)

    def timed_out(self, section: str) -> str | None:
        """An operation was not answered; the reason for a cure once its class hangs."""
        kind = operation(section)
        record = self.records.setdefault(kind.name, Record())
        record.timeouts += 1
        if kind.patience is None or record.timeouts % kind.patience:
            return None
        self._hung.add(kind.name)
        return f"{kind.name} timed out {record.timeouts} times in a row"
