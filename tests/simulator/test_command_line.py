"""The simulator as a program."""

import signal
import socket
import subprocess
import sys

import pytest

from n11bridge.simulator import Control
from n11bridge.simulator.command_line import main

PROGRAM = [sys.executable, "-m", "n11bridge.simulator"]


def start(*options):
    process = subprocess.Popen([*PROGRAM, *options], stdout=subprocess.PIPE, text=True)
    lines = []
    while not lines or not lines[-1].startswith("listening on "):
        line = process.stdout.readline()
        assert line, "the simulator ended early"
        lines.append(line.strip())
    return process, lines


@pytest.mark.slow
@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT, None])
def test_it_says_where_it_listens_and_cleans_up(tmp_path, how):
    link, control = tmp_path / "modem", tmp_path / "control"
    options = ["--pty", str(link), "--control", str(control), "--pin", "1234", "--pace"]
    process, lines = start(*options, "--style", "contrary", "--style", "spacing=single")
    with process:
        assert lines == [f"control on {control}", f"listening on {link}"]
        with Control(control) as client:
            client.do("wait", sim="SIM PIN")
            assert link.is_symlink()
            if how is None:
                client.do("stop")
        if how is not None:
            process.send_signal(how)
        assert process.wait(10) == 0
    assert not link.is_symlink()
    assert not control.exists()


@pytest.mark.slow
def test_it_serves_tcp(tmp_path):
    process, lines = start("--tcp", "127.0.0.1:0", "--iccid", "8949", "--no-sim")
    with process:
        host, _, port = lines[0].removeprefix("listening on socket://").rpartition(":")
        with socket.create_connection((host, int(port)), 10) as client:
            client.settimeout(10)
            client.sendall(b"AT+CCID\r")
            heard = b""
            while b"ERROR" not in heard:
                heard += client.recv(100)
        process.terminate()
        assert process.wait(10) == 0


@pytest.mark.parametrize(
    "options", [["--style", "exotic"], ["--baud", "300"], ["--tcp", "nowhere"]]
)
def test_wrong_options_are_explained(capsys, options):
    with pytest.raises(SystemExit) as ended:
        main(options)
    assert ended.value.code == 2
    assert "error: argument" in capsys.readouterr().err


def test_a_port_that_cannot_be_opened_is_explained(capsys, tmp_path):
    taken = tmp_path / "file"
    taken.touch()
    assert main(["--pty", str(taken)]) == 2
    assert "File exists" in capsys.readouterr().err
