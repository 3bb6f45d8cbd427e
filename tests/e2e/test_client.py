"""The commands that ask a running bridge, as a shell script calls them."""

import contextlib
import itertools
import json
import os
import pty
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from typing import Any

import pytest

from .command_line import n11bridge
from .conftest import NewHouse
from .house import House

pytestmark = pytest.mark.slow

ALICE = "+491701234567"
Run = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture(scope="module")
def shared_house(new_shared_house: NewHouse) -> House:
    return new_shared_house(contacts={"alice": ALICE}).open()


@pytest.fixture
def run(house: House) -> Run:
    def run(*arguments: str, **how: Any) -> "subprocess.CompletedProcess[str]":
        return n11bridge(house.config, *arguments, **how)

    return run


def test_a_text_is_sent(house: House, run: Run) -> None:
    done = run("sms", "send", "--wait", "delivered", "alice", "from the shell")
    assert (done.returncode, done.stdout, done.stderr) == (0, f"{ALICE}: delivered\n", "")
    assert any(message["text"] == "from the shell" for message in house.sent(ALICE))


def test_a_text_from_standard_input(house: House, run: Run) -> None:
    done = run("sms", "send", "alice", "-", text="two\nlines\n")
    assert done.returncode == 0
    assert done.stdout.startswith(f"{ALICE}: accepted as ")
    house.wait_message(done.stdout.split()[-1], "sent")
    assert house.sent(ALICE)[-1]["text"] == "two\nlines"


def test_a_text_that_may_not_be_sent(run: Run) -> None:
    done = run("sms", "send", "110", "no")
    assert done.returncode == 1
    assert "forbidden: sms.allow_to" in done.stderr


def test_texts_are_listed(house: House, run: Run) -> None:
    text = "to\x1b[2J\nlist"
    house.modem.do("receive", from_=ALICE, text=text)
    uid = house.received(text=text)["uid"]
    line = run("sms", "list").stdout.splitlines()[-1]
    assert "from alice" in line
    assert uid in line
    assert r"to\x1b[2J\nlist" in line
    assert json.loads(run("sms", "list", "--json").stdout.splitlines()[-1])["uid"] == uid
    assert run("sms", "list", "--since", uid).stdout == ""


def test_texts_to_send_are_listed(house: House, run: Run) -> None:
    key = house.send("alice", "to be listed")[0]
    house.wait_message(key, "sent")
    line = run("sms", "list", "--outbox").stdout.splitlines()[-1]
    assert "to alice" in line
    assert "to be listed" in line


def test_any_request(run: Run) -> None:
    done = run("request", "signal/read")
    assert done.returncode == 0
    assert json.loads(done.stdout)["rssi_dbm"] < 0
    # A number that is a text, and one that is none.
    assert run("request", "sms/send", "to=+491701234567", "text=7").returncode == 0
    assert run("request", "sms/inbox", "limit=1").returncode == 0


def test_what_the_bridge_refuses(run: Run) -> None:
    done = run("request", "sms/inbox", "limit=0")
    assert done.returncode == 1
    assert json.loads(done.stderr)["code"] == "invalid_request"
    assert run("request", "nothing").returncode == 2


def test_no_bridge(new_house: NewHouse) -> None:
    done = n11bridge(new_house().config, "request", "signal/read")
    assert done.returncode == 3
    assert "was never seen at this broker" in done.stderr


def test_no_broker(new_house: NewHouse) -> None:
    away = new_house(broker_port=1)
    done = n11bridge(away.config, "sms", "list")
    assert done.returncode == 1
    assert "cannot be reached" in done.stderr


def monitor_of(house: House) -> list[str]:
    return [sys.executable, "-m", "n11bridge", "monitor", "-c", str(house.config)]


def test_the_monitor_tells_of_events(house: House) -> None:
    with subprocess.Popen(monitor_of(house), stdout=subprocess.PIPE, text=True) as monitor:
        assert monitor.stdout is not None
        # What came before it listens is not told: texts come until it tells of one.
        told = threading.Event()
        threading.Thread(target=receive_until, args=(house, told), daemon=True).start()
        line = monitor.stdout.readline()
        told.set()
        monitor.send_signal(signal.SIGINT)
        monitor.stdout.read()
    assert re.fullmatch(r"\d\d:\d\d:\d\d  text from alice: seen \d+\n", line)
    assert monitor.returncode == 0


def receive_until(house: House, told: threading.Event) -> None:
    """One text after the other, each a moment after the one before."""
    numbers = itertools.count()
    while not told.wait(0.2):
        house.modem.do("receive", from_=ALICE, text=f"seen {next(numbers)}")


def test_the_monitor_draws_on_a_terminal(house: House) -> None:
    ours, its = pty.openpty()
    environment = {**os.environ, "TERM": "xterm", "COLUMNS": "120", "LINES": "40"}
    with subprocess.Popen(monitor_of(house), stdout=its, env=environment) as monitor:
        os.close(its)
        seen = b""
        while b"CHINA MOBILE" not in seen or b"dBm" not in seen:
            seen += os.read(ours, 65536)
        monitor.send_signal(signal.SIGINT)
        with contextlib.suppress(OSError):
            while os.read(ours, 65536):
                pass
    os.close(ours)
    assert monitor.returncode == 0
