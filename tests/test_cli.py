"""The command line: exit codes, and words for those who have to mend something."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from n11bridge.cli import main

CONFIG = """
modem: {port: /dev/no-such-port}
mqtt: {host: 127.0.0.1, port: 1}
store: %s
"""


def configuration(folder: Path, store: str = "n11.db") -> str:
    file = folder / "n11bridge.yaml"
    file.write_text(CONFIG % store)
    return str(file)


def test_a_good_configuration(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", configuration(tmp_path)]) == 0
    assert "no-such-port becomes n11bridge/n11/# at 127.0.0.1:1" in capsys.readouterr().out


def run(*arguments: str) -> "subprocess.CompletedProcess[str]":
    """Run the program as a process, for it takes hold of the signals."""
    command = [sys.executable, "-m", "n11bridge", *arguments]
    return subprocess.run(command, stderr=subprocess.PIPE, text=True, check=False)


@pytest.mark.parametrize("command", [["check"], ["run", "-c"]])
def test_a_bad_configuration(command: list[str], tmp_path: Path) -> None:
    file = tmp_path / "n11bridge.yaml"
    file.write_text('modem:\n  port: /dev/x\n  pin: "12ab"\n')
    done = run(*command, str(file))
    assert done.returncode == 2
    assert f"{file}:3: modem.pin:" in done.stderr
    assert "mqtt: is missing" in done.stderr
    assert "12ab" not in done.stderr


def test_a_store_that_cannot_be(tmp_path: Path) -> None:
    done = run("run", "-c", configuration(tmp_path, "missing/n11.db"))
    assert done.returncode == 1
    assert "missing/n11.db" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.slow
def test_neither_modem_nor_broker_and_a_second_daemon(tmp_path: Path) -> None:
    arguments = ["run", "-c", configuration(tmp_path)]
    command = [sys.executable, "-m", "n11bridge", *arguments]
    for end in (signal.SIGTERM, signal.SIGINT):
        with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as first:
            assert first.stderr is not None
            said = ""
            while "no-such-port does not exist" not in said or "cannot be reached" not in said:
                line = first.stderr.readline()
                assert line, said
                said += line
            second = run(*arguments)
            assert second.returncode == 1
            assert "in use by another process" in second.stderr
            assert "Traceback" not in second.stderr
            first.send_signal(end)
            assert "stopped" in first.stderr.read()
        assert first.returncode == 0
