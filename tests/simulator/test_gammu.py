"""Clients that nobody here wrote: Debian's gammu and gammu-smsd use the simulator."""

import shutil
import signal
import subprocess
import sys

import pytest

from n11bridge.simulator import Control

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        not (shutil.which("gammu") and shutil.which("gammu-smsd")),
        reason="gammu or gammu-smsd is not installed",
    ),
]

DELIVER = "0791947101670000040791940311F10000621122809534000DC6B47C4E07B5CBF379F85C06"


@pytest.fixture(params=["default", "manual", "contrary"])
def style(request):
    return request.param


@pytest.fixture
def simulator(tmp_path, style):
    """A running simulator's control, with a configuration for gammu beside it."""
    link, control = tmp_path / "modem", tmp_path / "control"
    options = ["--pty", str(link), "--control", str(control), "--style", style]
    process = subprocess.Popen(
        [sys.executable, "-m", "n11bridge.simulator", *options],
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:
        while not process.stdout.readline().startswith("listening on"):
            assert process.poll() is None
        (tmp_path / "gammurc").write_text(f"[gammu]\nconnection = at115200\nport = {link}\n")
        with Control(control) as client:
            client.do("wait", stat=1)
            yield client
        process.terminate()
        assert process.wait(10) == 0


def gammu(tmp_path, *words, text=None):
    command = ["gammu", "-c", str(tmp_path / "gammurc"), *words]
    done = subprocess.run(
        command, input=text, capture_output=True, text=True, timeout=30, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.parametrize("style", ["default", "manual"], indirect=True)
def test_identify(simulator, tmp_path):
    output = gammu(tmp_path, "identify")
    assert "Neoway Corp Ltd" in output
    assert "N11 V2" in output
    assert "355910044336974" in output
    assert "N11_1167_SQS63002_V003" in output


@pytest.mark.parametrize("style", ["default", "contrary"], indirect=True)
def test_sendsms(simulator, tmp_path):
    text = "Grüße aus dem Test, 5 € [ok]"
    output = gammu(tmp_path, "sendsms", "TEXT", "+491701234567", "-report", text=text)
    assert "OK, message reference=0" in output
    (sent,) = simulator.do("ledger")["sent"]
    assert (sent["number"], sent["text"]) == ("+491701234567", text)
    assert sent["report_requested"] is True


@pytest.mark.parametrize("style", ["default", "manual"], indirect=True)
def test_getallsms(simulator, tmp_path):
    simulator.do("store", pdu=DELIVER, index=3)
    simulator.do("receive", from_="+4930123", text="Zweite: ✓")
    output = gammu(tmp_path, "getallsms")
    assert "First message" in output
    assert "Zweite: ✓" in output
    assert "2 SMS parts in 2 SMS sequences" in output


@pytest.mark.parametrize("style", ["default"], indirect=True)
def test_smsd_receives_and_sends(simulator, tmp_path):
    for name in ("inbox", "outbox", "sent", "error"):
        (tmp_path / name).mkdir()
    (tmp_path / "smsdrc").write_text(
        (tmp_path / "gammurc").read_text()
        + "[smsd]\nservice = files\ncommtimeout = 1\nsleep = 1\n"
        + f"logfile = {tmp_path}/log\ncheckbattery = 0\n"
        + "".join(
            f"{key}path = {tmp_path}/{name}/\n"
            for key, name in (
                ("inbox", "inbox"),
                ("outbox", "outbox"),
                ("sentsms", "sent"),
                ("errorsms", "error"),
            )
        )
    )
    (tmp_path / "outbox" / "OUT+491701234567.txt").write_text("Out of the box")
    simulator.do("receive", from_="+4930123", text="Into the box")
    daemon = subprocess.Popen(["gammu-smsd", "-c", str(tmp_path / "smsdrc")])
    with daemon:
        try:
            simulator.do("wait", sent=1, deleted=1, stored=0, timeout=25)
        finally:
            daemon.send_signal(signal.SIGTERM)
        daemon.wait(20)
    assert [entry["text"] for entry in simulator.do("ledger")["sent"]] == ["Out of the box"]
    (received,) = (tmp_path / "inbox").iterdir()
    assert received.read_text() == "Into the box"
