"""A line between daemon and broker that can lose what goes over it, be slow, and be cut."""

import contextlib
import socket
import threading
import time

from .processes import free_port


class Proxy:
    """Passes bytes on to the broker's port until it is told otherwise."""

    def __init__(self, target: int) -> None:
        self.port = free_port()
        self._target = target
        self._deaf = self._numb = False
        self._mute: set[socket.socket] = set()
        self._delay = 0.0
        self._cut_after: int | None = None
        self._listener: socket.socket | None = None
        self._lines: list[socket.socket] = []
        self.open()

    def open(self) -> None:
        """Take connections, as at first."""
        self._deaf = self._numb = False
        self._delay, self._cut_after = 0.0, None
        self._listener = socket.create_server(("127.0.0.1", self.port))
        threading.Thread(target=self._serve, args=(self._listener,), daemon=True).start()

    def swallow(self) -> None:
        """Lose from now on what the daemon says; it does not notice."""
        self._deaf = True

    def mute(self) -> None:
        """Lose what goes over the connections there are, both ways and without a word to anyone.

        So it is when a router has forgotten a connection. New ones are served.
        """
        self._mute.update(self._lines)

    def slow(self, seconds: float) -> None:
        """Let everything take so long each way."""
        self._delay = seconds

    def cut_after(self, count: int) -> None:
        """Break every connection once so many more bytes have passed; new ones are served."""
        self._cut_after = count

    def ignore(self) -> None:
        """Lose from now on what the broker says."""
        self._numb = True

    def cut(self) -> None:
        """Break every connection, and take none until `open`."""
        if self._listener is not None:
            # Closing alone would not wake the thread that accepts.
            with contextlib.suppress(OSError):
                self._listener.shutdown(socket.SHUT_RDWR)
            self._listener.close()
            self._listener = None
        self._break_lines()

    def _break_lines(self) -> None:
        for line in self._lines:
            with contextlib.suppress(OSError):
                line.shutdown(socket.SHUT_RDWR)
            line.close()
        self._lines.clear()
        self._mute.clear()

    def _serve(self, listener: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while True:
                here, _ = listener.accept()
                try:
                    there = socket.create_connection(("127.0.0.1", self._target))
                except OSError:  # the broker is away
                    here.close()
                    continue
                self._lines += [here, there]
                for source, sink, outward in ((here, there, True), (there, here, False)):
                    arguments = (source, sink, outward)
                    threading.Thread(target=self._pump, args=arguments, daemon=True).start()

    def _pump(self, source: socket.socket, sink: socket.socket, outward: bool) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                time.sleep(self._delay)
                if self._cut_after is not None:
                    data = self._up_to_the_cut(data)
                lost = self._deaf if outward else self._numb
                if not lost and sink not in self._mute:
                    sink.sendall(data)
                if self._cut_after == 0:
                    self._cut_after = None
                    self._break_lines()
        if sink in self._mute:
            return  # nor does either side hear that the other has given up
        for end in (source, sink):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def _up_to_the_cut(self, data: bytes) -> bytes:
        assert self._cut_after is not None
        passing = data[: self._cut_after]
        self._cut_after -= len(passing)
        return passing
