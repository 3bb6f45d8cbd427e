"""Waiting for what no program announces."""

import socket
import time
from collections.abc import Callable

from .journal import PATIENCE


def wait_for_port(port: int, patience: float) -> None:
    """Return once somebody takes connections at a local port; AssertionError if nobody does."""
    by = time.monotonic() + patience
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            assert time.monotonic() < by, f"nobody listens at port {port}"
            time.sleep(0.02)
        else:
            return


def wait_until(holds: Callable[[], bool], what: str, patience: float = PATIENCE) -> None:
    """Return once something is so; AssertionError if it does not become so."""
    by = time.monotonic() + patience
    while not holds():
        assert time.monotonic() < by, f"not within {patience:g} s: {what}"
        time.sleep(0.02)
