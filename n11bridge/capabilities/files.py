"""Files in the modem's flash (manual 22). The modem cannot list them."""

import asyncio
import contextlib
from typing import Any

import voluptuous as vol

from n11bridge import content
from n11bridge.at.command import Command, PayloadCommand, Reply
from n11bridge.at.errors import Malformed, Refused
from n11bridge.at.wire import Counted
from n11bridge.capability import Capability, Kept, Request, request
from n11bridge.host import Host, ModemLike
from n11bridge.payload import Field, Fields

#: The most that is written at once (manual 22.1).
LARGEST_WRITE = 16384
#: No limit is given for reading (22.2); less than any buffer of this modem.
LARGEST_READ = 1024
#: The most that goes in one request: at 115200 baud a megabyte takes a minute and a half.
LARGEST_FILE = 1 << 20
#: How long the modem waits for the data, beyond the time that they take at 9600 baud (ms).
PATIENCE_MS = 10_000
#: The longest that it can wait (manual 22.1).
LONGEST_MS = 60_000

NAME = vol.All(
    str,
    vol.Match(r"[!#-+\--~][ !#-+\--~]{0,49}\Z", msg="1 to 50 plain characters, no quote or comma"),
)
SIZE = Field(int, 1024, "bytes")
READ: Fields = {**content.CONTENT, "size": Field(int, 5, "of the whole file, in bytes")}


class Write(PayloadCommand[None], at="+FSWF", manual="22.1", pause=0.1, timeout=65):
    """Write bytes over the beginning of a file (mode 0) or behind its end (1)."""

    name: str
    mode: int
    size: int
    milliseconds: int


class Piece(Reply, at="+FSRF", manual="22.2"):
    """Bytes of a file."""

    size: int
    data: Counted


class Read(Command[Piece], at="+FSRF", manual="22.2", timeout=15):
    """Read from the beginning (mode 0), or from a position (1), which counts from 1."""

    name: str
    mode: int
    size: int
    position: int | None = None


class Size(Reply, at="+FSFS", manual="22.3"):
    """The size of a file in bytes."""

    size: int


class ReadSize(Command[Size], at="+FSFS", manual="22.3", timeout=5):
    """How large is this file?"""

    name: str


class Delete(Command[None], at="+FSDF", manual="22.4", timeout=10):
    """Remove this file."""

    name: str


async def append(modem: ModemLike, name: str, data: bytes) -> None:
    """Write data behind the end of a file, in as many pieces as that takes."""
    for start in range(0, max(len(data), 1), LARGEST_WRITE):
        piece = data[start : start + LARGEST_WRITE]
        wait = min(LONGEST_MS, PATIENCE_MS + len(piece) * 2)
        await modem.send(Write(name, 1, len(piece), wait), piece)


async def write(modem: ModemLike, name: str, data: bytes) -> None:
    """Write a file anew: written over, a longer one would keep its end."""
    with contextlib.suppress(Refused):  # there was none
        await modem.run(Delete(name))
    await append(modem, name, data)


class Files(Capability):
    """Whole files in and out."""

    name = "files"

    def __init__(self, host: Host) -> None:
        super().__init__(host)
        self._turn = asyncio.Lock()

    @request(
        "write",
        {
            vol.Required("name"): NAME,
            **content.parameters(),
            vol.Optional("append", default=False): bool,
        },
        answer={"size": SIZE},
        example={"name": "test.txt", "text": "hello"},
    )
    async def write(self, request: Request) -> dict[str, Any]:
        """Write a file anew, or behind its end (manual 22.1)."""
        name = request["name"]
        data = content.required(request.parameters, least=1, most=LARGEST_FILE)
        async with self._turn:
            await (append if request["append"] else write)(self.modem, name, data)
            return {"size": await self._size(name)}

    @request(
        "read",
        {
            vol.Required("name"): NAME,
            vol.Optional("offset", default=0): vol.All(int, vol.Range(min=0)),
            vol.Optional("length"): vol.All(int, vol.Range(min=0, max=LARGEST_FILE)),
        },
        kept=Kept.NOTHING,
        answer=READ,
        example={"name": "test.txt"},
    )
    async def read(self, request: Request) -> dict[str, Any]:
        """Read a file, or length bytes from offset on (manual 22.2)."""
        name, offset = request["name"], request["offset"]
        async with self._turn:
            size = await self._size(name)
            length = request.get("length")
            end = min(size, offset + (LARGEST_FILE if length is None else length))
            data = bytearray()
            while offset < end:
                wanted = min(LARGEST_READ, end - offset)
                read = Read(name, 1, wanted, offset + 1) if offset else Read(name, 0, wanted)
                piece = (await self.modem.run(read)).data
                if not piece:
                    raise Malformed(f"an empty piece of a file of {size} bytes")
                data += piece
                offset += len(piece)
        return {**content.shown(bytes(data)), "size": size}

    async def _size(self, name: str) -> int:
        return (await self.modem.run(ReadSize(name))).size

    @request(
        "size",
        {vol.Required("name"): NAME},
        kept=Kept.NOTHING,
        answer={"size": SIZE},
        example={"name": "test.txt"},
    )
    async def size(self, request: Request) -> dict[str, Any]:
        """Ask how large a file is (manual 22.3)."""
        return {"size": await self._size(request["name"])}

    @request(
        "delete", {vol.Required("name"): NAME}, kept=Kept.NOTHING, example={"name": "test.txt"}
    )
    async def delete(self, request: Request) -> dict[str, Any]:
        """Delete a file (manual 22.4)."""
        await self.modem.run(Delete(request["name"]))
        return {}
