"""One storage of the phonebook at a time, as long as nobody else needs the character set."""

import contextlib
from collections.abc import AsyncIterator, Sequence
from typing import Any

from n11bridge.at.errors import AtError, Malformed, Refused, Unavailable
from n11bridge.capabilities.phonebook import names, wire
from n11bridge.host import ModemLike

#: The SIM may be busy after a start (seconds).
SIM_BUSY = 20.0
GSM, UCS2 = "GSM", "UCS2"
#: Refusals that say that nothing is there: invalid index, not found (manual, appendix A).
NOTHING = (21, 22)


class Book:
    """A storage that is selected. Places are numbered from 1."""

    def __init__(self, modem: ModemLike, storage: str, use: wire.Use | None, ucs2: bool) -> None:
        self.storage = storage
        self.use = use
        self._modem = modem
        self._ucs2 = ucs2

    async def places(self) -> int:
        """How many places there are: as the modem says, or as its test form does."""
        if self.use is not None and self.use.total is not None:
            return self.use.total
        supported = await self._modem.test(wire.Read)
        numbers = [n for n in (supported.values or (frozenset(),))[0] if isinstance(n, int)]
        if not numbers:
            raise Malformed("the modem does not say how many places the phonebook has")
        return max(numbers)

    async def read(self, first: int = 1, last: int | None = None) -> list[dict[str, Any]]:
        """The entries of these places, or all."""
        if last is None:
            last = await self.places()
        return self._entries(await self._list(wire.Read(first, last)) if last >= first else [])

    async def find(self, name: str) -> list[dict[str, Any]]:
        """The entries whose names begin so; the modem decides about capitals."""
        return self._entries(await self._list(wire.Find(self._spelt(name))))

    async def own_numbers(self) -> list[dict[str, Any]]:
        """The numbers of the SIM's own."""
        said = await self._list(wire.ReadOwnNumbers())
        read = self._reader([each.name for each in said])
        return [
            {"number": names.read_number(each.number, each.type), "name": read(each.name)}
            for each in said
        ]

    async def write(self, index: int, number: str, name: str) -> None:
        """Put an entry into a place."""
        kind, spelt = names.kind_of(number), self._spelt(name)
        try:
            await self._modem.run(wire.Write(index, number, kind, spelt))
        except Refused:
            if kind != names.INTERNATIONAL:
                raise
            # The type says it already, and some modems take digits alone.
            await self._modem.run(wire.Write(index, number.removeprefix("+"), kind, spelt))

    async def delete(self, index: int) -> None:
        """Empty a place."""
        await self._modem.run(wire.Delete(index))

    async def _list(self, command: Any) -> Any:
        try:
            return await self._modem.run(command)
        except Refused as error:
            if error.code in NOTHING:
                return []
            raise

    def _spelt(self, name: str) -> str:
        return names.spelt(name) if self._ucs2 else name

    def _reader(self, said: Sequence[str]) -> Any:
        return names.read_name if self._ucs2 and names.are_spelt(said) else str

    def _entries(self, said: Sequence[wire.Entry]) -> list[dict[str, Any]]:
        read = self._reader([each.name for each in said])
        return [
            {
                "index": each.index,
                "number": names.read_number(each.number, each.type),
                "name": read(each.name),
                "hidden": bool(each.hidden),
            }
            for each in said
        ]


@contextlib.asynccontextmanager
async def opened(modem: ModemLike, storage: str) -> AsyncIterator[Book]:
    """Select a storage, and the character set that knows all names until it is done."""
    async with modem.character_set:
        use = await modem.run(wire.Select(storage), while_busy=SIM_BUSY)
        if use is None or use.total is None:
            with contextlib.suppress(Refused, Malformed):
                use = await modem.read(wire.Selected)
        try:
            await modem.write(wire.CharacterSet(UCS2))
        except Refused:
            yield Book(modem, storage, use, ucs2=False)
            return
        try:
            yield Book(modem, storage, use, ucs2=True)
        finally:
            with contextlib.suppress(AtError, Unavailable):
                await _restore(modem)


async def _restore(modem: ModemLike) -> None:
    try:
        await modem.write(wire.CharacterSet(GSM))
    except Refused:
        # By the letter of 27.007 this word, too, stands in the character set that is in use.
        await modem.write(wire.CharacterSet(names.spelt(GSM)))
