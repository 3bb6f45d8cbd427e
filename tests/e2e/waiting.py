"""Waiting for what no program announces."""

import socket
import time


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
