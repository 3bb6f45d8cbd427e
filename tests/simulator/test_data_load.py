"""Bulk data through the simulator as a program on a pty, both ways at once."""

import contextlib
import random
import re
import signal
import socket
import subprocess
import sys
import threading
import time

import pytest
import serial

pytestmark = pytest.mark.slow

PROMPT = re.compile(rb"\r\n>$|NOT ENOUGH,\d+\r\n")
REPORT = re.compile(rb"\r\n\+TCPRECV: (\d),(\d+),")


class Peer:
    """A server whose clients name themselves by a byte, then get data and are listened to."""

    def __init__(self, given, wanted):
        self._given, self._wanted = given, wanted
        self._server = socket.create_server(("127.0.0.1", 0))
        self.port = self._server.getsockname()[1]
        self.heard = {}
        self._threads = [threading.Thread(target=self._accept, daemon=True)]
        self._threads[0].start()

    def _accept(self):
        while True:
            try:
                client, _ = self._server.accept()
            except OSError:
                return
            self._threads.append(threading.Thread(target=self._talk, args=(client,), daemon=True))
            self._threads[-1].start()

    def _talk(self, client):
        with client:
            number = int(client.recv(1))
            giver = threading.Thread(target=client.sendall, args=(self._given,), daemon=True)
            giver.start()
            heard = bytearray()
            while len(heard) < self._wanted and (data := client.recv(1 << 16)):
                heard += data
            giver.join()
            self.heard[number] = bytes(heard)
            client.recv(1)  # until the modem hangs up

    def close(self):
        self._server.shutdown(socket.SHUT_RDWR)
        self._server.close()


class Client:
    """A plain serial client: sends in blocks, and sorts what comes in between by socket."""

    def __init__(self, path):
        self._port = serial.Serial(path, 115200, timeout=0.1)
        self._input = bytearray()
        self.received = {number: bytearray() for number in range(3)}

    def attend(self):
        """Say AT until the modem, which may still be starting, answers."""
        while True:
            with contextlib.suppress(AssertionError):
                return self.say(b"ATE0", rb"OK\r\n", seconds=1)

    def until(self, pattern, seconds=60):
        """Read, and sort, until something fits; return that."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            self._sort()
            match = re.search(pattern, self._input)
            if match:
                found = match[0]  # before the input under it changes
                del self._input[: match.end()]
                return found
            self._input += self._port.read(self._port.in_waiting or 1)
        raise AssertionError(bytes(self._input[-200:]))

    def _sort(self):
        while match := REPORT.search(self._input):
            number, begin = int(match[1]), match.end()
            end = begin + int(match[2])
            while len(self._input) < end + 2:
                self._input += self._port.read(self._port.in_waiting or 1)
            self.received[number] += self._input[begin:end]
            del self._input[match.start() : end + 2]

    def say(self, command, pattern, seconds=60):
        self._port.write(command + b"\r")
        return self.until(pattern, seconds)

    def send(self, number, data):
        while not self.say(b"AT+TCPSEND=%d,%d" % (number, len(data)), PROMPT).endswith(b">"):
            pass
        self._port.write(data)
        self.until(rb"\+TCPSEND: %d,\d+\r\n" % number)

    def receive(self, number, length):
        deadline = time.monotonic() + 60
        while len(self.received[number]) < length and time.monotonic() < deadline:
            self._input += self._port.read(self._port.in_waiting or 1)
            self._sort()

    def close(self):
        self._port.close()


@pytest.fixture
def program(tmp_path):
    """A function that starts the simulator with these options and returns a client of it."""
    started = []

    def start(*options):
        link = tmp_path / "modem"
        command = [sys.executable, "-m", "n11bridge.simulator", "--pty", str(link), *options]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        started.append(process)
        assert process.stdout.readline().startswith("listening on")
        client = Client(str(link))
        started.append(client)
        client.attend()
        while b"OK" not in client.say(b"AT+XIIC=1", rb"(OK|ERROR)\r\n"):
            pass  # not registered yet
        while b"1,10" not in client.say(b"AT+XIIC?", rb"XIIC: .*\r\n"):
            pass
        return client

    yield start
    for each in reversed(started):
        if isinstance(each, Client):
            each.close()
        else:
            each.send_signal(signal.SIGTERM)
            assert each.wait(20) == 0
            each.stdout.close()


def test_three_sockets_both_ways_at_once_outrun_the_wire(program):
    down, up = (random.Random(seed).randbytes(150_000) for seed in (1, 2))
    peer, client = Peer(down, len(up)), program()
    for number in range(3):
        client.say(b"AT+TCPSETUP=%d,127.0.0.1,%d" % (number, peer.port), rb"%d,OK\r\n" % number)
    begun = time.monotonic()
    for number in range(3):
        client.send(number, b"%d" % number)
    for offset in range(0, len(up), 4096):
        for number in range(3):
            client.send(number, up[offset : offset + 4096])
    for number in range(3):
        client.receive(number, len(down))
    elapsed = time.monotonic() - begun
    assert list(map(bytes, client.received.values())) == [down] * 3
    for number in range(3):
        client.say(b"AT+TCPCLOSE=%d" % number, rb"%d,OK\r\n" % number)
    peer.close()
    deadline = time.monotonic() + 20
    while len(peer.heard) < 3 and time.monotonic() < deadline:
        time.sleep(0.01)
    assert peer.heard == dict.fromkeys(range(3), up)
    assert elapsed < 3 * max(len(up), len(down)) / 11520


@pytest.mark.parametrize("way", ["down", "up"])
def test_a_paced_line_is_used_to_the_full_and_not_beyond(program, way):
    data = random.Random(3).randbytes(30_000)
    peer = Peer(data if way == "down" else b"", len(data) if way == "up" else 0)
    client = program("--pace")
    client.say(b"AT+TCPSETUP=0,127.0.0.1,%d" % peer.port, rb"0,OK\r\n")
    begun = time.monotonic()
    client.send(0, b"0")
    if way == "up":
        for offset in range(0, len(data), 4096):
            client.send(0, data[offset : offset + 4096])
    else:
        client.receive(0, len(data))
        assert bytes(client.received[0]) == data
    elapsed, exact = time.monotonic() - begun, len(data) / 11520
    peer.close()
    assert exact <= elapsed < exact * 1.5
