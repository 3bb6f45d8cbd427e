"""What is said about upgrades (manual 23)."""

from enum import IntEnum

from n11bridge.at.command import Command, Report, spoken
from n11bridge.at.wire import Keyword


class Status(IntEnum):
    """How far an upgrade through the network is (manual 23.1)."""

    NOTHING_NEW = 0
    DOWNLOADED = 1
    DOWNLOAD_FAILED = 2
    UPGRADING = 3
    UPGRADED = 4
    FAILED = 5


class Upgrade(
    Command[None],
    at="+NEOFOTA",
    manual="23.1",
    timeout=15,
    refusals=spoken(
        "+NEOFOTA",
        "GPRS DISCONNECTION",
        "ERROR URL",
        "ERROR PORT",
        "ERROR INIT FAIL",
        "URL ERROR",
        "PORT ERROR",
        "INIT FAIL",
        "ERROR",
    ),
):
    """Look for a package at this server; how far it is comes as reports. No quotes (23.1)."""

    server: Keyword
    port: int


class Progress(Report, at="+NEOFOTA", manual="23.1"):
    """How far it is."""

    status: Status


class Update(Command[None], at="+UPDATE", manual="23.2", timeout=15, data_mode=True):
    """Take a package of so many bytes over this line, which the manual says no more of."""

    length: int
