"""TLS forwards: the modem encrypts, and believes only whom it is told to believe."""

import subprocess
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from . import far
from .conftest import NewHouse
from .processes import free_port

pytestmark = pytest.mark.slow


def certificate(folder: Path, name: str) -> tuple[Path, Path]:
    """A certificate that signs itself, for localhost, and its key."""
    far.needs("openssl")
    paths = folder / f"{name}.pem", folder / f"{name}.key"
    subject = ("-subj", f"/CN={name}", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1")
    command = ("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", *subject)
    files = ("-out", str(paths[0]), "-keyout", str(paths[1]))
    subprocess.run((*command, *files), check=True, capture_output=True)
    return paths


@pytest.fixture
def server(tmp_path: Path) -> Iterator[far.Far]:
    """openssl's own web server, which says what was negotiated."""
    right, key = certificate(tmp_path, "right")
    port = free_port()
    options = ("-accept", f"127.0.0.1:{port}", "-cert", str(right), "-key", str(key), "-www")
    with ExitStack() as stack:
        running = far.Far("openssl", "s_server", *options, port=port)
        running.start()
        stack.callback(running.clean_up)
        yield running


def test_whom_the_modem_believes(new_house: NewHouse, server: far.Far, tmp_path: Path) -> None:
    wrong, _ = certificate(tmp_path, "wrong")
    entries = [
        {"listen": f"127.0.0.1:{free_port()}", "to": f"localhost:{server.port}", "tls": True, **how}
        for how in ({"ca": "right.pem"}, {"ca": "wrong.pem"}, {"insecure": True})
    ]
    house = new_house(forwards=entries).open()
    for path in (tmp_path / "right.pem", wrong):
        added = house.ask("certificates/add", name=path.name, text=path.read_text())
        assert added["status"] == "ok", added
    got = [far.curl(f"http://{entry['listen']}/") for entry in entries]
    for good in (got[0], got[2]):
        assert b"Protocol  : TLSv1" in good.stdout, good
    assert got[1].stdout == b""
    assert got[1].returncode != 0
    topic = f"{house.base}/state/forwards"
    house.heard.wait_for(
        lambda m: m.topic == topic and m.json["forwards"][1]["last_error"] == "certificate"
    )
    assert house.modem.do("data")["open"] == []
