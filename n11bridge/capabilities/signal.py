"""How well the modem hears the network (manual 4.1)."""

from typing import Any

import voluptuous as vol

from n11bridge.at.basic import BACKGROUND
from n11bridge.at.command import Command, Reply
from n11bridge.at.errors import Malformed, Refused
from n11bridge.capability import Capability, Kept, Request, every, request
from n11bridge.entity import Sensor
from n11bridge.host import Host
from n11bridge.payload import Field, Fields

#: The strongest level that the scale knows; above it stands 99 for "unknown".
STRONGEST = 31

STATE: Fields = {
    "rssi_dbm": Field(vol.Maybe(int), -67, "strength in dBm"),
    "quality": Field(vol.Maybe(int), 74, "strength in percent of the scale"),
    "bit_error_rate": Field(vol.Maybe(int), 0, "RXQUAL, 0 (good) to 7"),
}


class SignalQuality(Reply, at="+CSQ", manual="4.1"):
    """Strength in steps of 2 dB, bit errors as RXQUAL (3GPP TS 27.007, 8.5)."""

    rssi: int
    ber: int | None = None


class ReadSignalQuality(Command[SignalQuality], at="+CSQ", manual="4.1"):
    """How do you hear the network? There is no query form: AT+CSQ? is an error."""


def published(said: SignalQuality) -> dict[str, Any]:
    """The fields of ``state/signal``."""
    known = 0 <= said.rssi <= STRONGEST
    return {
        "rssi_dbm": -113 + 2 * said.rssi if known else None,
        "quality": round(100 * said.rssi / STRONGEST) if known else None,
        "bit_error_rate": said.ber if said.ber in range(8) else None,
    }


class Signal(Capability):
    """The signal's strength, read again and again.

    Its entities do not expire: a state is published when it changes, and that of a modem with a
    steady signal may not change for hours.
    """

    name = "signal"
    states = {"signal": STATE}
    entities = (
        Sensor(
            "strength",
            name="Signal strength",
            value="rssi_dbm",
            device_class="signal_strength",
            state_class="measurement",
            unit_of_measurement="dBm",
            entity_category="diagnostic",
        ),
        Sensor(
            "quality",
            name="Signal quality",
            value="quality",
            icon="mdi:signal",
            state_class="measurement",
            unit_of_measurement="%",
            entity_category="diagnostic",
        ),
    )

    def __init__(self, host: Host) -> None:
        super().__init__(host)
        self.interval: float = host.config.signal.interval

    def gone(self) -> None:
        """Nobody hears the network."""
        self._publish(SignalQuality(99, 99))

    async def prepare(self) -> None:
        """Have something to show from the start."""
        await self.poll()

    @every("interval")
    async def poll(self) -> None:
        """Read it while nothing more important is to be done."""
        try:
            said = await self.modem.run(ReadSignalQuality(), priority=BACKGROUND)
        except (Refused, Malformed):
            said = SignalQuality(99, 99)
        self._publish(said)

    @request("read", kept=Kept.NOTHING, answer=STATE)
    async def read(self, _: Request) -> dict[str, Any]:
        """Read strength (dBm), quality (%) and bit error rate (RXQUAL 0-7) now."""
        return self._publish(await self.modem.run(ReadSignalQuality()))

    def _publish(self, said: SignalQuality) -> dict[str, Any]:
        values = published(said)
        self.host.state(self.name, values)
        return values
