"""Bytes through a forward, against the time that they need on the wire."""

from __future__ import annotations

import contextlib
import os
import socket
import threading
import time
from collections.abc import Iterator

from .outcome import NotMeasured, Run
from .rig import PATIENCE, Rig, free_port, rig
from .wire import BYTE_TIME, Recording

PAYLOAD = 64 * 1024
"""Bytes that are measured, each way; some more go before, until all is under way."""
BEFORE = 16 * 1024
PING = 100
"""Bytes of one round trip."""
OUTCOME = 0.5
"""Seconds after which the modem has also said that it sent what has arrived already."""


@contextlib.contextmanager
def forwarding() -> Iterator[tuple[Rig, socket.socket, socket.socket]]:
    """A bridge with a forward, and both ends of a connection through it: near and far."""
    with contextlib.ExitStack() as stack:
        server = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
        server.settimeout(PATIENCE)
        listen = f"127.0.0.1:{free_port()}"
        entry = {"listen": listen, "to": f"127.0.0.1:{server.getsockname()[1]}"}
        bench = stack.enter_context(rig(forwards=[entry]))
        stack.enter_context(bench.ready_bridge())
        address = ("127.0.0.1", int(listen.rpartition(":")[2]))
        near = stack.enter_context(socket.create_connection(address, PATIENCE))
        far = stack.enter_context(server.accept()[0])
        for end in (near, far):
            end.settimeout(PATIENCE)
            end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        yield bench, near, far


def _take(end: socket.socket, count: int) -> None:
    while count > 0:
        data = end.recv(min(count, 65536))
        if not data:
            raise NotMeasured("the connection was closed")
        count -= len(data)


def _pour(sender: socket.socket, receiver: socket.socket, count: int) -> None:
    """Send so many bytes, and return once they have arrived."""
    pouring = threading.Thread(target=sender.sendall, args=(os.urandom(count),), daemon=True)
    pouring.start()
    _take(receiver, count)
    pouring.join()


def upwards(count: int) -> list[Run]:
    """From the first AT+TCPSEND to the outcome of the last one."""
    return [_poured("in") for _ in range(count)]


def downwards(count: int) -> list[Run]:
    """From the first AT+TCPREAD to the answer of the last one that gave something."""
    return [_poured("out") for _ in range(count)]


def _poured(way: str) -> Run:
    with forwarding() as (bench, near, far):
        sender, receiver = (near, far) if way == "in" else (far, near)
        _pour(sender, receiver, BEFORE)
        bench.control.do("wait", idle=True)
        began = time.monotonic()
        _pour(sender, receiver, PAYLOAD)
        arrived = time.monotonic()
        time.sleep(OUTCOME)
        recording = Recording(bench.control, began)
        if way == "in":
            first = recording.first("in", r"AT\+TCPSEND=")
            last = recording.spans("out", r"\+TCPSEND: ?\d,\d+\r\n")[-1]
        else:
            first = recording.first("in", r"AT\+TCPREAD=")
            # What is read in vain later does not count.
            last = [s for s in recording.spans("out", r"\r\nOK\r\n") if s.ended <= arrived][-1]
        return Run(last.ended - first.began, PAYLOAD * BYTE_TIME)


def round_trips(count: int) -> list[Run]:
    """From a byte's leaving to the answer's arrival at the client."""
    runs = []
    with forwarding() as (bench, near, far):
        for _ in range(count):
            began = time.monotonic()
            near.sendall(os.urandom(PING))
            _take(far, PING)
            far.sendall(os.urandom(PING))
            _take(near, PING)
            took = time.monotonic() - began
            time.sleep(OUTCOME)
            recording = Recording(bench.control, began)
            spans = [
                recording.first("in", r"AT\+TCPSEND=\d,\d+\r"),
                recording.first("out", r"\r\n> ?"),
                recording.first("out", r"\r\nOK\r\n"),
                recording.first("out", r"\r\n\+TCPSEND: ?\d,\d+\r\n"),
                recording.first("out", r"\r\n\+TCPRECV: ?\d.*?\r\n"),
                recording.first("in", r"AT\+TCPREAD=\d,\d+\r"),
                recording.first("out", r"\r\n\+TCPREAD: .*?\r\nOK\r\n"),
            ]
            wire = (sum(span.bytes for span in spans) + PING) * BYTE_TIME
            runs.append(Run(took * 1000, wire * 1000))
    return runs
