"""A broker that encrypts, and whose certificate is not believed until somebody mends it."""

import shutil
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
import trustme

from .house import House
from .processes import Mosquitto, free_port

pytestmark = pytest.mark.slow

NOT_TRUSTED = "is not trusted"


class Encrypted(Mosquitto):
    """Mosquitto with one more port, where it encrypts with the files of a folder."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.encrypted = free_port()
        self._certificate, self._key = folder / "served.pem", folder / "served.key"
        with (folder / "mosquitto.conf").open("a") as conf:
            conf.write(
                f"listener {self.encrypted} 127.0.0.1\n"
                f"certfile {self._certificate}\nkeyfile {self._key}\n"
            )

    def serve(self, authority: trustme.CA) -> None:
        """Show a certificate of this authority from now on."""
        issued = authority.issue_cert("127.0.0.1")
        issued.private_key_pem.write_to_path(self._key)
        self._certificate.write_bytes(b"".join(each.bytes() for each in issued.cert_chain_pems))
        if self._process is not None:
            self._process.send_signal(signal.SIGHUP)

    def attempts(self) -> int:
        """How often somebody came to the port where it encrypts."""
        return sum(f" on port {self.encrypted}" in line for line in self.output.since())


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Encrypted]:
    if shutil.which("mosquitto") is None:
        pytest.skip("mosquitto is not installed")
    broker = Encrypted(tmp_path)
    yield broker
    broker.clean_up()


@pytest.mark.parametrize("mended", ["the file of the authority", "the broker's certificate"])
def test_a_certificate_that_is_not_believed_is_told_once_and_mended(
    broker: Encrypted, tmp_path: Path, mended: str
):
    right, wrong = trustme.CA(), trustme.CA()
    believed = tmp_path / "ca.pem"
    wrong.cert_pem.write_to_path(believed)
    broker.serve(right)
    broker.start()
    house = House(tmp_path, broker, broker_port=broker.encrypted)
    try:
        house.configure(mqtt={"tls": {"ca": str(believed)}})
        house.simulator.start()
        house.daemon.start()
        house.daemon.output.wait_for(lambda line: NOT_TRUSTED in line)
        # It tries again and again, and does not go on about it.
        broker.output.wait_until(lambda _: broker.attempts() >= 3)
        assert not house.heard.since()
        if mended == "the file of the authority":
            right.cert_pem.write_to_path(tmp_path / "right.pem")
            (tmp_path / "right.pem").replace(believed)  # never half of it is there
        else:
            broker.serve(wrong)
        house.online(0)
        problem = house.wait_event("bridge/problem", code="broker_tls")
        assert f"127.0.0.1:{broker.encrypted} {NOT_TRUSTED}" in problem["message"]
        assert "mqtt.tls.ca" in problem["message"]
        house.wait_status("ready")
        assert house.ask("signal/read")["status"] == "ok"
        assert len(house.events("bridge/problem")) == 1
        told = [line for line in house.daemon.output.since() if NOT_TRUSTED in line]
        assert len(told) == 1
        assert not [line for line in house.daemon.output.since() if "Traceback" in line]
    finally:
        house.close()
    house.check_payloads()
