"""Web pages in every way that the manual can be read, and in trouble."""

import base64
import random
import socket
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
import trustme

from .conftest import NewHouse
from .house import House
from .servers import FtpServer, Nginx
from .subscriber import Message
from .waiting import wait_until

pytestmark = pytest.mark.slow

ALICE, BOB = "+491701234567", "+491707654321"
LARGE = random.Random(16).randbytes(60_000)
PLAIN_NASTY = b'a\r\nOK\r\n\r\n+HTTPCLOSED: HTTP Link Closed\r\n+CMTI: "SM",3\r\nERROR\r\nb'


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("root")
    (root / "large.bin").write_bytes(LARGE)
    (root / "nasty.bin").write_bytes(PLAIN_NASTY)
    return root


class Tap:
    """A server that says exactly what it is told to, and then waits or closes."""

    def __init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._clients: list[socket.socket] = []
        self.asked = threading.Event()

    def say(self, answer: bytes, *, close: bool) -> None:
        """Answer the next client."""
        threading.Thread(target=self._serve, args=(answer, close), daemon=True).start()

    def _serve(self, answer: bytes, close: bool) -> None:
        client, _ = self._listener.accept()
        self._clients.append(client)
        client.recv(65536)
        client.sendall(answer)
        if close:
            client.close()
        self.asked.set()

    def clean_up(self) -> None:
        for each in (*self._clients, self._listener):
            each.close()


@pytest.fixture
def tap() -> Iterator[Tap]:
    tap = Tap()
    yield tap
    tap.clean_up()


def fetch(house: House, url: str, **parameters: Any) -> dict[str, Any]:
    response = house.ask("http/request", url=url, **parameters)
    assert response["status"] == "ok", response
    data: dict[str, Any] = response["data"]
    return data


def body(data: dict[str, Any]) -> bytes:
    return base64.b64decode(data["data"])


def works(house: House, nginx: Nginx) -> None:
    """The next request is answered, nothing is left open, and messages get through."""
    assert body(fetch(house, f"http://127.0.0.1:{nginx.port}/nasty.bin")) == PLAIN_NASTY
    assert house.modem.do("data")["open"] == []
    (key,) = house.send(ALICE, "all is well")
    house.wait_message(key, "delivered")


STYLES = [
    "manual",
    "contrary",
    "reports=anytime",
    "httprecv=each",
    "http_persistent=yes",
    "https_closed=HTTSCLOSED",
    "https_closed=HTTPCLOSED",
    "spelling=printed",
    "spelling=right",
    "ending=ok",
    "prompt=blank",
    "data_echo=yes",
    "ftp_part=bare",
    "ftp_put=1024",
]


@pytest.mark.parametrize("style", STYLES)
def test_however_the_manual_is_read(
    new_house: NewHouse, nginx: Nginx, authority: trustme.CA, root: Path, style: str
) -> None:
    house = new_house("--style", style).open()
    pem = authority.cert_pem.bytes().decode()
    assert house.ask("certificates/add", name="ca.pem", text=pem)["data"]["size"] == len(pem)
    assert house.ask("certificates/check", name="ca.pem")["data"]["present"]
    plain = f"http://127.0.0.1:{nginx.port}"
    for url in (plain, f"https://localhost:{nginx.secure}"):
        trust = {} if url == plain else {"certificates": {"ca": "ca.pem"}}
        assert body(fetch(house, f"{url}/nasty.bin", **trust)) == PLAIN_NASTY
        assert body(fetch(house, f"{url}/chunked/nasty.bin", **trust)) == PLAIN_NASTY
        assert body(fetch(house, f"{url}/large.bin", **trust)) == LARGE
        assert body(fetch(house, f"{url}/large.bin", segment=20_000, **trust)) == LARGE
        data = fetch(house, f"{url}/echo", method="POST", text="x", **trust)
        assert data["text"] == "POST text/plain; charset=utf-8 1 "
        data = fetch(house, f"{url}/large.bin", method="HEAD", **trust)
        assert data["headers"]["content-length"] == str(len(LARGE))
    works(house, nginx)
    assert house.ask("diagnosis/resolve", host="localhost")["data"]["addresses"] == ["127.0.0.1"]
    server = FtpServer(root)
    server.start()
    try:
        login = {"host": "localhost", "port": server.port, "user": "n11", "password": "secret"}
        assert house.ask("ftp/login", **login)["status"] == "ok"
        content = base64.b64encode(LARGE[:5000]).decode()
        assert house.ask("ftp/put", path="style.bin", data=content)["status"] == "ok"
        assert body(house.ask("ftp/get", path="style.bin")["data"]) == LARGE[:5000]
        names = [entry["name"] for entry in house.ask("ftp/list")["data"]["entries"]]
        assert "style.bin" in names
        assert house.ask("ftp/delete", path="style.bin")["status"] == "ok"
        assert house.ask("ftp/logout")["status"] == "ok"
    finally:
        server.clean_up()
    assert house.modem.do("data")["open"] == []
    assert house.ask("certificates/delete", name="ca.pem")["status"] == "ok"
    assert not house.ask("certificates/check", name="ca.pem")["data"]["present"]
    assert house.events("at/unknown") == []
    assert house.state("modem")["restarts"] == 0


@pytest.mark.parametrize("header", ["once", "each"])
@pytest.mark.parametrize("gaps", ["held", "open"])
def test_a_message_comes_while_a_body_does(
    new_house: NewHouse, nginx: Nginx, tap: Tap, gaps: str, header: str
) -> None:
    styles = ("reports=anytime", f"http_gaps={gaps}", f"httprecv={header}")
    house = new_house(*(word for style in styles for word in ("--style", style))).open()
    head = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(LARGE)
    house.modem.do("link", down=20_000)
    tap.say(head + LARGE, close=True)
    mark = house.heard.mark()
    house.publish("http/request", {"id": "slow", "url": f"http://127.0.0.1:{tap.port}/x"})
    tap.asked.wait(20)
    for number in range(3):
        house.modem.do("receive", from_=BOB, text=f"in between {number}")
    response = house.response("http/request", mark, id="slow")
    assert body(response["data"]) == LARGE
    for number in range(3):
        house.received(text=f"in between {number}")
    works(house, nginx)


HALF = b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n" + b"x" * 500


def test_the_link_is_lost_in_the_middle(new_house: NewHouse, nginx: Nginx, tap: Tap) -> None:
    house = new_house().open()
    works(house, nginx)
    tap.say(HALF, close=False)
    mark = house.heard.mark()
    before = house.ledger()["bytes_out"]
    house.publish("http/request", {"id": "lost", "url": f"http://127.0.0.1:{tap.port}/x"})
    assert tap.asked.wait(20)
    wait_until(lambda: house.ledger()["bytes_out"] - before > len(HALF), "half of it came")
    house.modem.do("link", lost=True)
    error = house.response("http/request", mark, id="lost")["error"]
    assert error["code"] == "unavailable"
    assert "link was lost after" in error["message"]
    works(house, nginx)


@pytest.mark.parametrize(
    ("answer", "close", "code", "said"),
    [
        (HALF, True, "modem_error", "closed the connection after 500 of 1000 bytes"),
        (HALF, False, "timeout", "for 2 s after 500 of 1000 bytes"),
        (b"", False, "timeout", "for 2 s"),
        (b"220 ftp.example.com\r\n", True, "modem_error", "no HTTP"),
        (PLAIN_NASTY * 50, True, "modem_error", "no HTTP"),
    ],
)
def test_a_server_that_does_not_keep_its_word(
    new_house: NewHouse,
    nginx: Nginx,
    tap: Tap,
    answer: bytes,
    close: bool,
    code: str,
    said: str,
) -> None:
    house = new_house().open()
    tap.say(answer, close=close)
    response = house.ask("http/request", url=f"http://127.0.0.1:{tap.port}/x", timeout=2)
    assert response["error"]["code"] == code
    assert said in response["error"]["message"]
    works(house, nginx)
    assert house.state("modem")["restarts"] == 0


def test_what_was_posted_in_vain_may_have_been_carried_out(
    new_house: NewHouse, nginx: Nginx, tap: Tap
) -> None:
    house = new_house().open()
    tap.say(b"", close=True)
    url = f"http://127.0.0.1:{tap.port}/x"
    response = house.ask("http/request", url=url, method="POST", text="buy")
    assert response["error"]["code"] == "unknown_outcome"
    works(house, nginx)


def wait_for_restart(house: House, mark: int) -> None:
    topic = f"{house.base}/state/modem"

    def restarted(heard: Sequence[Message]) -> bool:
        statuses = [m.json["status"] for m in heard[mark:] if m.topic == topic]
        return "starting" in statuses and statuses[-1] == "ready"

    house.heard.wait_until(restarted)


@pytest.mark.parametrize("end", ["kill", "restart"])
def test_nothing_stays_open(new_house: NewHouse, nginx: Nginx, tap: Tap, end: str) -> None:
    """The bridge is killed, or the modem restarts, while an answer comes."""
    house = new_house().open()
    tap.say(HALF, close=False)
    house.publish("http/request", {"id": "broken", "url": f"http://127.0.0.1:{tap.port}/x"})
    assert tap.asked.wait(20)
    mark = house.heard.mark()
    if end == "kill":
        assert house.modem.do("data")["open"] != []
        house.reopen()
    else:
        house.modem.do("restart")
        wait_for_restart(house, mark)
    code = house.response("http/request", mark, id="broken")["error"]["code"]
    assert code == ("unknown_outcome" if end == "kill" else "unavailable")
    works(house, nginx)
