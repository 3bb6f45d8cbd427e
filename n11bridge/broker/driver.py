"""paho on the asyncio loop, without its own thread."""

import asyncio
import socket
import ssl
from collections.abc import Callable
from typing import Any

from paho.mqtt import client as paho


class Driver:
    """Reads and writes for a connected paho client when its socket is ready.

    `on_failure` gets a sentence when paho cannot make sense of what the broker sent.
    """

    def __init__(
        self, client: paho.Client, keepalive: float, on_failure: Callable[[str], object]
    ) -> None:
        self._client = client
        self._period = keepalive / 10
        # paho asks after one period of silence, and would wait for a whole one more.
        self._patience = 1.5 * keepalive
        self._on_failure = on_failure
        self._loop = asyncio.get_running_loop()
        self._timer: asyncio.TimerHandle | None = None
        self._heard = self._loop.time()

    def start(self) -> None:
        """Begin; the client has a socket already."""
        sock: Any = self._client.socket()
        # Otherwise a message waits on the line until the one before it is acknowledged.
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._client.on_socket_register_write = self._want_room
        self._client.on_socket_unregister_write = self._want_no_room
        self._client.on_socket_close = self._closing
        self._loop.add_reader(sock, self._read)
        if self._client.want_write():
            self._loop.add_writer(sock, self.write)
        self._look_after()

    def stop(self) -> None:
        """Close the socket, if it is still open, without another word to the broker."""
        if self._timer is not None:
            self._timer.cancel()
        self._client.on_socket_register_write = None
        self._client.on_socket_unregister_write = None
        self._client.on_socket_close = None
        sock: Any = self._client.socket()
        if sock is not None and sock.fileno() >= 0:
            self._loop.remove_reader(sock)
            self._loop.remove_writer(sock)
            sock.close()

    def _want_room(self, client: Any, data: Any, sock: Any) -> None:
        self._loop.add_writer(sock, self.write)

    def _want_no_room(self, client: Any, data: Any, sock: Any) -> None:
        self._loop.remove_writer(sock)

    def _closing(self, client: Any, data: Any, sock: Any) -> None:
        self._loop.remove_reader(sock)
        if self._timer is not None:
            self._timer.cancel()

    def _read(self) -> None:
        self._heard = self._loop.time()
        self._guarded(self._client.loop_read)
        # What TLS has decrypted already no longer makes the socket readable.
        while isinstance(sock := self._client.socket(), ssl.SSLSocket) and sock.pending():
            self._guarded(self._client.loop_read)

    def write(self) -> None:
        """Write what paho has to say, as far as the socket takes it now; the rest follows."""
        self._guarded(self._client.loop_write)

    def _look_after(self) -> None:
        """Let paho ping the broker, and notice its silence: a dead line may never say so."""
        if self._loop.time() - self._heard > self._patience:
            self._on_failure("the broker does not answer any more")
            return
        self._timer = self._loop.call_later(self._period, self._look_after)
        self._guarded(self._client.loop_misc)

    def _guarded(self, step: Callable[[], object]) -> None:
        try:
            step()
        except Exception as error:  # paho's, at a packet it cannot parse
            self._on_failure(f"the broker sent what MQTT does not allow: {error!r}")
