"""Who hears of the modem, and who sets it up: what the rooms above and below agree on."""

from typing import Protocol

from n11bridge.at.command import Report


class Listener(Protocol):
    """Who is told of what the modem does."""

    def reported(self, report: Report) -> None:
        """The modem said something by itself."""

    def unknown(self, line: str) -> None:
        """The modem said something that nothing was declared for."""

    def status_changed(self) -> None:
        """`Modem.status` changed."""

    def recovering(self, step: str, reason: str) -> None:
        """A step of recovery begins: ``reopen``, ``reset``, ``power``; ``back_off`` when none of
        them helped; ``restart`` it did by itself.
        """

    def problem(self, code: str, message: str) -> None:
        """A person should look at something."""


class Owner(Protocol):
    """Who sets the modem up, and is told how it goes."""

    async def prepare(self) -> None:
        """Set up what has just started.

        AtError to have it started over, Unavailable when that would be no cure.
        """

    def link_changed(self, before: str) -> None:
        """`Link.state` is another one."""

    def opened(self) -> None:
        """There is a port: a modem behind it may be starting."""

    def risen(self) -> None:
        """The modem can be used."""

    def fallen(self) -> None:
        """The modem cannot be used any more."""

    @property
    def hangs(self) -> bool:
        """Whether a class of operation hangs, though the modem answers."""

    def recovering(self, step: str, reason: str) -> None:
        """A step of recovery begins."""

    def problem(self, code: str, message: str) -> None:
        """A person should look at something."""
