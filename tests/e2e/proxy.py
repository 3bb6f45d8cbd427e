"""A line between daemon and broker that can lose what goes one way, and be cut."""

import contextlib
import socket
import threading

from .processes import free_port


class Proxy:
    """Passes bytes on to the broker's port until it is told otherwise."""

    def __init__(self, target: int) -> None:
        self.port = free_port()
        self._target = target
        self._deaf = False
        self._listener: socket.socket | None = None
        self._lines: list[socket.socket] = []
        self.open()

    def open(self) -> None:
        """Take connections, as at first."""
        self._deaf = False
        self._listener = socket.create_server(("127.0.0.1", self.port))
        threading.Thread(target=self._serve, args=(self._listener,), daemon=True).start()

    def swallow(self) -> None:
        """Lose from now on what the daemon says; it does not notice."""
        self._deaf = True

    def cut(self) -> None:
        """Break every connection, and take none until `open`."""
        if self._listener is not None:
            # Closing alone would not wake the thread that accepts.
            with contextlib.suppress(OSError):
                self._listener.shutdown(socket.SHUT_RDWR)
            self._listener.close()
            self._listener = None
        for line in self._lines:
            with contextlib.suppress(OSError):
                line.shutdown(socket.SHUT_RDWR)
            line.close()
        self._lines.clear()

    def _serve(self, listener: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while True:
                here, _ = listener.accept()
                there = socket.create_connection(("127.0.0.1", self._target))
                self._lines += [here, there]
                for source, sink, outward in ((here, there, True), (there, here, False)):
                    arguments = (source, sink, outward)
                    threading.Thread(target=self._pump, args=arguments, daemon=True).start()

    def _pump(self, source: socket.socket, sink: socket.socket, outward: bool) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                if not (outward and self._deaf):
                    sink.sendall(data)
        for end in (source, sink):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
