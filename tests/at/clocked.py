"""A chat with a clock that only the test moves."""

from typing import Any

from n11bridge.at.chat import Chat, Done, Event, Failed
from n11bridge.at.command import Exchange
from n11bridge.at.recovery import PROBE

from .records import REPORTS, BaudRate, ReadSignal, Signal

PROBED = PROBE.encode() + b"\r"
IN_STEP = b"\r\n+IPR: 115200\r\n\r\nOK\r\n"


class Clocked:
    """``heard`` is all that happened, ``written`` all that was sent since it was last asked for."""

    def __init__(self) -> None:
        self.chat = Chat(REPORTS)
        self.now = 1000.0
        self.heard: list[Event] = []
        self._written = b""

    def send(self, exchange: Exchange[Any]) -> None:
        self.chat.send(exchange, self.now)
        self._take()
        assert self.written() == exchange.line.encode() + b"\r"

    def receive(self, data: bytes) -> None:
        self.chat.receive(data, self.now)
        self._take()

    def release(self) -> None:
        self.chat.release(self.now)
        self._take()

    def abandon(self) -> None:
        self.chat.abandon(self.now)
        self._take()

    def reset(self) -> None:
        self.chat.reset()
        self._take()

    def wait(self) -> float:
        """Let the time pass until something is due; how long it took."""
        assert self.chat.deadline is not None
        passed = self.chat.deadline - self.now
        self.wait_for(passed)
        return passed

    def wait_for(self, seconds: float) -> None:
        """Let so much time pass, whatever is due meanwhile."""
        until = self.now + seconds
        while self.chat.deadline is not None and self.chat.deadline <= until:
            self.now = max(self.now, self.chat.deadline)
            self.chat.tick(self.now)
            self._take()
        self.now = until

    def written(self) -> bytes:
        written, self._written = self._written, b""
        return written

    def _take(self) -> None:
        self._written += self.chat.to_send()
        self.heard += self.chat.events()

    def failure(self) -> Exception:
        """The one failure so far, which is then forgotten with all else."""
        [failed] = [event for event in self.heard if isinstance(event, Failed)]
        assert not any(isinstance(event, Done) for event in self.heard)
        self.heard.clear()
        return failed.error

    def come_back(self) -> None:
        """Answer the probe and let it be quiet."""
        while not self.chat.idle:
            if PROBED in self.written():
                self.receive(IN_STEP)
            self.wait()

    def assert_in_step(self) -> None:
        """The next two commands get their own answers."""
        assert self.chat.idle
        self.heard.clear()
        self.written()
        for exchange, answer in (
            (ReadSignal().exchange(), b"\r\n+CSQ: 17,0\r\n\r\nOK\r\n"),
            (BaudRate(9600).set(), b"\r\nOK\r\n"),
        ):
            self.send(exchange)
            self.receive(answer)
        assert [event.result for event in self.heard if isinstance(event, Done)] == [
            Signal(17, 0),
            None,
        ]
        assert len(self.heard) == 2
