"""The `network` capability: registration and operator, and how to choose another."""

import asyncio
import contextlib
from typing import Any

import voluptuous as vol

from n11bridge.at.basic import BACKGROUND
from n11bridge.at.errors import Malformed, Refused
from n11bridge.capabilities.network import published, wire
from n11bridge.capabilities.network.lists import TECHNOLOGIES, cells, hexadecimal, networks
from n11bridge.capabilities.network.options import Options
from n11bridge.capability import Kept, Request, RequestError, every, on, request
from n11bridge.entity import BinarySensor, Sensor
from n11bridge.host import Host
from n11bridge.payload import listed

#: What the modem calls unknown has no word: it is null.
WORDS = {
    wire.Status.NOT_REGISTERED: "not_registered",
    wire.Status.HOME: "home",
    wire.Status.HOME_SMS: "home",
    wire.Status.SEARCHING: "searching",
    wire.Status.DENIED: "denied",
    wire.Status.ROAMING: "roaming",
    wire.Status.ROAMING_SMS: "roaming",
}
REGISTERED = ("home", "roaming")
KEEP, AUTOMATIC, MANUAL = 3, 0, 1
LONG_NAME, NUMERIC = 0, 2


class Network(Options):
    """Where the modem is registered. It reports changes by itself; the operator is asked for."""

    name = "network"
    states = {"network": published.STATE}
    events = {"registration": published.STATE}
    entities = (
        Sensor(
            "registration",
            name="Registration",
            value="registration",
            icon="mdi:radio-tower",
            device_class="enum",
            options=tuple(dict.fromkeys(WORDS.values())),
            entity_category="diagnostic",
        ),
        Sensor(
            "operator",
            name="Operator",
            value="operator",
            icon="mdi:sim",
            attributes=("plmn", "technology"),
            entity_category="diagnostic",
        ),
        BinarySensor(
            "roaming",
            name="Roaming",
            value="roaming",
            icon="mdi:earth",
            entity_category="diagnostic",
        ),
        *(
            Sensor(
                key,
                name=name,
                value=key,
                icon="mdi:map-marker-radius",
                entity_category="diagnostic",
                enabled_by_default=False,
            )
            for key, name in (("lac", "Location area"), ("cell", "Cell"))
        ),
    )

    def __init__(self, host: Host) -> None:
        super().__init__(host)
        self._values: dict[str, Any] = {}
        self._announced: tuple[str, str | None] | None = None
        self._asking = asyncio.Lock()
        self._forget()

    def _forget(self) -> None:
        keys = ("registration", "roaming", "operator", "plmn", "lac", "cell", "technology")
        self._values = dict.fromkeys((*keys, "gprs_registration"))

    def gone(self) -> None:
        """Nobody knows where it is registered."""
        self._forget()
        self.host.state(self.name, self._values)

    async def prepare(self) -> None:
        """Nothing is known of the network after a start."""
        self._forget()
        self.modem.set_registration("searching")
        self.host.state(self.name, self._values)

    async def sim_ready(self) -> None:
        """Have changes reported, with the cell where the modem knows that form."""
        for setting in (wire.Registration, wire.GprsRegistration):
            for mode in (2, 1):
                try:
                    await self.modem.write(setting(mode))
                except Refused:
                    continue
                break
        await self.poll()

    @every(15)
    async def look_again(self) -> None:
        """Ask a modem that searches: not every one reports when it has found a network."""
        if self.modem.status in ("searching", "denied"):
            await self.poll()

    @every(300)
    async def poll(self) -> None:
        """Read what should have been reported."""
        with contextlib.suppress(Refused):
            gprs = await self.modem.read(wire.GprsRegistration, priority=BACKGROUND)
            if gprs is not None:
                self.gprs_registration_changed(gprs)
        with contextlib.suppress(Refused):
            said = await self.modem.read(wire.Registration, priority=BACKGROUND)
            if said is not None:
                self.registration_changed(said)

    @on(wire.RegistrationChanged)
    def registration_changed(self, said: wire.RegistrationChanged | wire.RegistrationNow) -> None:
        """Take note; another registration or area may mean another operator."""
        word = WORDS.get(said.status)
        registered = word in REGISTERED
        place = {"registration": word, "lac": hexadecimal(said.area)}
        moved = any(self._values[key] != value for key, value in place.items())
        self._values |= place
        self._values["cell"] = hexadecimal(said.cell)
        self._values["technology"] = TECHNOLOGIES.get(said.technology)
        self._values["roaming"] = word == "roaming" if registered else None
        if not registered:
            self._values |= {"operator": None, "plmn": None}
        status = "registered" if registered else "denied" if word == "denied" else "searching"
        self.modem.set_registration(status)
        self.host.state(self.name, self._values)
        if registered and (moved or self._values["plmn"] is None):
            self.host.start(self._read_operator(), "operator")
        else:
            self._announce()

    @on(wire.GprsRegistrationChanged)
    def gprs_registration_changed(
        self, said: wire.GprsRegistrationChanged | wire.GprsRegistrationNow
    ) -> None:
        """Take note of the packet service."""
        self._values["gprs_registration"] = WORDS.get(said.status)
        self.host.state(self.name, self._values)

    async def _read_operator(self) -> None:
        """Read the operator's name and number, one after the other: a format holds for both."""
        found: dict[int | None, str | None] = {}
        async with self._asking, self.modem.character_set:
            for form in (LONG_NAME, NUMERIC):
                try:
                    await self.modem.write(wire.OperatorFormat(KEEP, form), priority=BACKGROUND)
                    said = await self.modem.read(wire.OperatorFormat, priority=BACKGROUND)
                except (Refused, Malformed):
                    continue
                if said is not None:
                    found[said.format] = said.name
        if self._values["registration"] in REGISTERED:
            plmn = found.pop(NUMERIC, None)
            self._values |= {"operator": next(iter(found.values()), None), "plmn": plmn}
        self.host.state(self.name, self._values)
        self._announce()

    def _announce(self) -> None:
        """Tell of another registration; the first one is none, but what was found."""
        now = (self._values["registration"], self._values["plmn"])
        if self._announced not in (None, now):
            self.host.event(self.name, "registration", self._values)
        self._announced = now

    @request("scan", kept=Kept.NOTHING, answer={"networks": listed(published.NETWORK)})
    async def scan(self, _: Request) -> dict[str, Any]:
        """List the networks in reach; takes minutes, and all else waits (manual 4.2)."""
        return {"networks": networks(await self.modem.run(wire.ScanNetworks()))}

    @request(
        "select",
        {
            vol.Optional("plmn"): vol.All(
                str, vol.Match(r"[0-9]{5,6}\Z", msg="a PLMN has 5 or 6 digits: MCC and MNC")
            ),
            vol.Optional("automatic"): vol.In((True,)),
        },
        kept=Kept.NOTHING,
        answer=published.STATE,
        example={"plmn": "46000"},
    )
    async def select(self, request: Request) -> dict[str, Any]:
        """Use the network with this PLMN only, or automatic: any (manual 4.2)."""
        plmn = request.get("plmn")
        if (plmn is None) == (request.get("automatic") is None):
            raise RequestError("invalid_request", "give either plmn or automatic: true")
        selection = (
            wire.SelectNetwork(MANUAL, NUMERIC, plmn) if plmn else wire.SelectNetwork(AUTOMATIC)
        )
        await self.modem.run(selection)
        await self.poll()
        await self._read_operator()
        return dict(self._values)

    @request("cells", kept=Kept.NOTHING, answer={"cells": listed(published.HEARD)})
    async def cells(self, _: Request) -> dict[str, Any]:
        """List the cells that are heard (manual 4.3)."""
        said = await self.modem.run(wire.ReadCells())
        return {"cells": [cell for each in said for cell in cells(each.words)]}
