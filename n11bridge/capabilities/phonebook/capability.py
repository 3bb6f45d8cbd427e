"""The `phonebook` capability: entries of all storages, and how full these are."""

import logging
from collections.abc import Collection, Sequence
from typing import Any

import voluptuous as vol

from n11bridge.at.basic import BACKGROUND
from n11bridge.at.errors import Malformed, Refused
from n11bridge.capabilities.phonebook import published, wire
from n11bridge.capabilities.phonebook.book import GSM, SIM_BUSY, Book, opened
from n11bridge.capabilities.phonebook.published import STORAGES
from n11bridge.capability import Capability, Kept, Request, RequestError, request
from n11bridge.entity import Sensor
from n11bridge.host import Host
from n11bridge.payload import Field

log = logging.getLogger(__name__)

#: The entries that people think of first, and that stay selected.
SIM = "SM"
STORAGE = {vol.Optional("storage", default=SIM): vol.In(STORAGES)}
PLACE = vol.All(int, vol.Range(min=1, max=10000))
NUMBER = vol.All(
    str, vol.Match(r"\+?[0-9*#]{1,40}\Z", msg="digits, * and #, + first if international")
)
# A quotation mark would end the string where the modem knows no UCS2.
NAME = vol.All(str, vol.Match(r'[^"\x00-\x1f\x7f]{0,120}\Z', msg='one line without "'))


class Phonebook(Capability):
    """The telephone numbers on the SIM and in the modem."""

    name = "phonebook"
    states = {"phonebook": published.STATE}
    entities = (
        Sensor(
            "used",
            name="Phonebook entries",
            value="used",
            attributes=("total", "storages"),
            icon="mdi:contacts",
            entity_category="diagnostic",
            enabled_by_default=False,
        ),
    )

    def __init__(self, host: Host) -> None:
        super().__init__(host)
        self._uses: dict[str, wire.Use] = {}

    def gone(self) -> None:
        """Nobody knows how full they are."""
        self._uses.clear()
        self._publish()

    async def prepare(self) -> None:
        """Another SIM may be there."""
        self._uses.clear()
        self._publish()

    async def sim_ready(self) -> None:
        """See how full the storages are, when there is nothing better to do."""
        self.host.start(self._look(), "phonebooks")

    async def _look(self) -> None:
        try:
            async with self.modem.character_set:
                # Another program may have left the modem with another one.
                await self.modem.write(wire.CharacterSet(GSM), priority=BACKGROUND)
        except Refused as error:
            log.info("character set: %s", error)
        for storage in (*(each for each in STORAGES if each != SIM), SIM):
            async with self.modem.character_set:
                try:
                    select = wire.Select(storage)
                    use = await self.modem.run(select, priority=BACKGROUND, while_busy=SIM_BUSY)
                    if use is None or use.total is None:
                        use = await self.modem.read(wire.Selected, priority=BACKGROUND)
                except (Refused, Malformed):
                    continue
            self._uses[storage] = use
        self._publish()

    def _publish(self) -> None:
        sim = self._uses.get(SIM)
        values = {
            "used": sim and sim.used,
            "total": sim and sim.total,
            "storages": [
                {"storage": storage, "used": use.used, "total": use.total}
                for storage in STORAGES
                if (use := self._uses.get(storage)) is not None
            ],
        }
        self.host.state(self.name, values)

    async def _count(self, book: Book) -> None:
        """Take note of how full the storage is after a change."""
        try:
            self._uses[book.storage] = await self.modem.read(wire.Selected)
        except (Refused, Malformed) as error:
            log.info("use of the phonebook: %s", error)
        self._publish()

    @request(
        "list",
        {**STORAGE, vol.Optional("first", default=1): PLACE, vol.Optional("last"): PLACE},
        kept=Kept.NOTHING,
        answer=published.ENTRIES,
        example={"storage": SIM},
    )
    async def list_entries(self, request: Request) -> dict[str, Any]:
        """List the entries of a storage, or of some of its places (manual 7.1, 7.2)."""
        async with opened(self.modem, request["storage"]) as book:
            return {"entries": await book.read(request["first"], request.get("last"))}

    @request(
        "find",
        {**STORAGE, vol.Required("name"): vol.All(NAME, vol.Length(min=1))},
        kept=Kept.NOTHING,
        answer=published.ENTRIES,
        example={"name": "Ali"},
    )
    async def find(self, request: Request) -> dict[str, Any]:
        """Find the entries whose names begin so (manual 7.3)."""
        async with opened(self.modem, request["storage"]) as book:
            return {"entries": await book.find(request["name"])}

    @request(
        "write",
        {
            **STORAGE,
            vol.Optional("index"): PLACE,
            vol.Required("number"): NUMBER,
            vol.Required("name"): NAME,
        },
        answer={"index": published.INDEX},
        example={"number": "+491701234567", "name": "Alice"},
    )
    async def write(self, request: Request) -> dict[str, Any]:
        """Write an entry, without index into the first free place (manual 7.4)."""
        async with opened(self.modem, request["storage"]) as book:
            index = request.get("index")
            if index is None:
                index = (await self._free(book, 1))[0]
            await book.write(index, request["number"], request["name"])
            await self._count(book)
        return {"index": index}

    @request(
        "delete", {**STORAGE, vol.Required("index"): PLACE}, kept=Kept.NOTHING, example={"index": 1}
    )
    async def delete(self, request: Request) -> dict[str, Any]:
        """Delete an entry (manual 7.4)."""
        async with opened(self.modem, request["storage"]) as book:
            await book.delete(request["index"])
            await self._count(book)
        return {}

    @request("own_number", kept=Kept.NOTHING, answer=published.OWN)
    async def own_number(self, _: Request) -> dict[str, Any]:
        """Read the SIM's own numbers; write them to the storage ON (manual 7.5)."""
        async with opened(self.modem, SIM) as book:
            return {"numbers": await book.own_numbers()}

    @request(
        "export",
        {vol.Optional("storages"): vol.All([vol.In(STORAGES)], vol.Length(min=1))},
        kept=Kept.NOTHING,
        answer=published.EXPORT,
    )
    async def export(self, request: Request) -> dict[str, Any]:
        """Hand out all entries of all storages, or of these, as `import` takes them."""
        found = []
        for storage in request.get("storages") or STORAGES:
            try:
                async with opened(self.modem, storage) as book:
                    found.append({"storage": storage, "entries": await book.read()})
            except Refused as error:
                if request.get("storages"):
                    raise
                log.info("no export of %s: %s", storage, error)
        return {"phonebook": found}

    @request(
        "import",
        {
            vol.Required("phonebook"): [
                {
                    **STORAGE,
                    vol.Required("entries"): [
                        {
                            vol.Optional("index"): PLACE,
                            vol.Required("number"): NUMBER,
                            vol.Required("name"): NAME,
                            vol.Optional("hidden"): bool,
                        }
                    ],
                }
            ],
            vol.Optional("replace", default=False): bool,
        },
        answer={"written": Field(int, 1, "entries"), "deleted": Field(int, 0, "entries")},
        example={"phonebook": [{"entries": [{"number": "+491701234567", "name": "Alice"}]}]},
    )
    async def import_entries(self, request: Request) -> dict[str, Any]:
        """Write what `export` gave: to their index, or where it is free; replace empties first."""
        done = {"written": 0, "deleted": 0}
        try:
            for storage in request["phonebook"]:
                async with opened(self.modem, storage["storage"]) as book:
                    await self._import(book, storage["entries"], request["replace"], done)
                    await self._count(book)
        except Refused as error:
            message = f"{error}; {done['written']} written and {done['deleted']} deleted before"
            raise RequestError("modem_error", message, modem=error.line) from error
        return done

    async def _import(
        self, book: Book, entries: Sequence[dict[str, Any]], replace: bool, done: dict[str, int]
    ) -> None:
        if replace:
            for old in await book.read():
                await book.delete(old["index"])
                done["deleted"] += 1
        placed = {entry["index"] for entry in entries if "index" in entry}
        homeless = [entry for entry in entries if "index" not in entry]
        free = iter(await self._free(book, len(homeless), placed) if homeless else ())
        for entry in entries:
            index = entry["index"] if "index" in entry else next(free)
            await book.write(index, entry["number"], entry["name"])
            done["written"] += 1

    async def _free(self, book: Book, wanted: int, besides: Collection[int] = ()) -> Sequence[int]:
        """The places that are free, but for these; RequestError if there are too few."""
        places = await book.places()
        taken = {entry["index"] for entry in await book.read(1, places)} | set(besides)
        free = [place for place in range(1, places + 1) if place not in taken]
        if len(free) < wanted:
            message = f"{book.storage} has {len(free)} free places, not {wanted}"
            raise RequestError("modem_error", message)
        return free
