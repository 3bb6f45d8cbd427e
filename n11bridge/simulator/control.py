"""The control interface: one JSON object a line, over a Unix socket or a TCP port."""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from .simulation import Simulator


_LINE_LIMIT = 1 << 22


class ControlError(Exception):
    """The simulator said no, in these words."""


def host_and_port(address: str) -> tuple[str, int] | None:
    """Return the parts of HOST:PORT; None for anything else, which is a path."""
    host, colon, port = address.rpartition(":")
    if not colon or "/" in address or not port.isdigit():
        return None
    return host.strip("[]"), int(port)


def _remove_socket(path: str) -> None:
    """Remove a socket, one left behind by a killed simulator as well, and nothing else."""
    if Path(path).is_socket():
        Path(path).unlink()


class Control:
    """A blocking client of the control interface, for tests of other processes."""

    def __init__(self, address: str | Path, timeout: float = 30.0) -> None:
        tcp = host_and_port(str(address))
        if tcp is None:
            self._socket = socket.socket(socket.AF_UNIX)
            self._socket.settimeout(timeout)
            self._socket.connect(str(address))
        else:
            self._socket = socket.create_connection(tcp, timeout)
        self._file = self._socket.makefile("rwb")

    def do(self, action: str, **parameters: Any) -> dict[str, Any]:
        """Perform an action and return its answer; ControlError if the simulator refuses.

        A parameter whose name is a word of Python takes an underscore: ``from_``, ``class_``.
        """
        request = {"do": action} | {key.rstrip("_"): value for key, value in parameters.items()}
        self._file.write(json.dumps(request).encode() + b"\n")
        self._file.flush()
        line = self._file.readline()
        if not line:
            raise ControlError("the simulator is gone")
        answer: dict[str, Any] = json.loads(line)
        if not answer["ok"]:
            raise ControlError(answer["error"])
        return answer

    def close(self) -> None:
        """Hang up."""
        self._file.close()
        self._socket.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


class ControlServer:
    """The simulator's side: any number of clients, one answer for every line."""

    def __init__(self, simulator: Simulator, address: str) -> None:
        self._simulator = simulator
        self._address = address
        self._server: asyncio.Server | None = None
        self._clients: set[asyncio.Task[None]] = set()

    @property
    def name(self) -> str:
        """What a client connects to."""
        return self._address

    async def __aenter__(self) -> Self:
        tcp = host_and_port(self._address)
        if tcp is None:
            _remove_socket(self._address)
            self._server = await asyncio.start_unix_server(
                self._serve, self._address, limit=_LINE_LIMIT
            )
        else:
            self._server = await asyncio.start_server(self._serve, *tcp, limit=_LINE_LIMIT)
            self._address = f"{tcp[0]}:{self._server.sockets[0].getsockname()[1]}"
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._server is not None:
            self._server.close()
        for client in self._clients:
            client.cancel()
        await asyncio.gather(*self._clients, return_exceptions=True)
        if host_and_port(self._address) is None:
            _remove_socket(self._address)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._clients.add(task)
        try:
            with contextlib.suppress(ConnectionError, asyncio.CancelledError):
                while line := await reader.readline():
                    answer = await self._answer(line)
                    writer.write(json.dumps(answer).encode() + b"\n")
                    await writer.drain()
        finally:
            self._clients.discard(task)
            writer.close()

    async def _answer(self, line: bytes) -> dict[str, Any]:
        try:
            request = json.loads(line)
            if not isinstance(request, dict) or not isinstance(request.get("do"), str):
                raise ValueError('an action is an object with "do"')
            result = await self._simulator.do(request.pop("do"), **request)
        except ValueError as error:
            return {"ok": False, "error": str(error)}
        return {"ok": True, **result}
