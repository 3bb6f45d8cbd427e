"""What the service manager is told, over its own protocol (sd_notify(3))."""

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from .conftest import NewHouse
from .house import House
from .journal import PATIENCE

pytestmark = pytest.mark.slow


class Manager:
    """The service manager's end of the socket."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(str(path))
        self._socket.settimeout(PATIENCE)
        self.told: list[str] = []

    def wait_for(self, word: str) -> str:
        """The next message that contains the word; those before it are kept in `told`."""
        while True:
            message = self._socket.recv(4096).decode()
            self.told.append(message)
            if word in message:
                return message

    def close(self) -> None:
        """Close the socket."""
        self._socket.close()


@pytest.fixture
def manager(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Manager]:
    manager = Manager(tmp_path / "notify")
    monkeypatch.setenv("NOTIFY_SOCKET", str(manager.path))
    monkeypatch.setenv("WATCHDOG_USEC", "200000")
    monkeypatch.delenv("WATCHDOG_PID", raising=False)
    yield manager
    manager.close()


def test_ready_watchdog_status_and_stopping(manager: Manager, new_house: NewHouse) -> None:
    house: House = new_house().open()
    manager.wait_for("READY=1")
    assert not any("STATUS=modem ready" in told for told in manager.told)
    line = manager.wait_for("STATUS=modem ready, CHINA MOBILE, -")
    assert "dBm, 0 to send" in line
    for _ in range(2):
        manager.wait_for("WATCHDOG=1")
    house.lose_network()
    manager.wait_for("STATUS=modem searching")
    house.daemon.stop()
    manager.wait_for("STOPPING=1")


def test_ready_without_modem_and_broker(manager: Manager, new_house: NewHouse) -> None:
    house = new_house(broker_port=1)
    house.daemon.start()
    manager.wait_for("READY=1")
    manager.wait_for("STATUS=modem absent, 0 to send, broker away")
    assert house.daemon.stop() == 0
