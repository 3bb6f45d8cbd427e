"""A package on its way over the serial line: its bytes as they are, behind the OK (manual 23.2).

The manual names the length of the package and no protocol, so there is none. The line belongs to
the package until the modem speaks of itself again.
"""

import asyncio
from collections.abc import Callable

from n11bridge.host import ModemLike

#: So many bytes are written at once.
PORTION = 1024
#: Bits on the line for each byte.
BITS = 10
#: The modem may say nothing for so long before commands are tried again (seconds).
SILENCE = 60.0


class Upload:
    """Has the line while it lasts (`n11bridge.data_mode.Talker`)."""

    yields = False

    def __init__(self) -> None:
        self._over = asyncio.Event()

    def came(self, data: bytes) -> None:
        """What the modem says meanwhile is not defined."""

    def left(self) -> None:
        """The modem speaks in lines again: it has restarted, or gave up."""
        self._over.set()

    async def run(self, modem: ModemLike, package: bytes, told: Callable[[int], None]) -> bool:
        """Send the package, telling each tenth; False when the modem did not take all of it."""
        tenths = 0
        for start in range(0, len(package), PORTION):
            portion = package[start : start + PORTION]
            if not modem.write_data(portion):
                return False
            # As fast as the line is: what is written faster only waits, and could not be told of.
            await asyncio.sleep(len(portion) * BITS / (modem.actual_baud or 9600))
            if (done := 10 * (start + len(portion)) // len(package)) > tenths:
                tenths = done
                told(10 * tenths)
        try:
            async with asyncio.timeout(SILENCE):
                await self._over.wait()
        except TimeoutError:
            modem.leave_data_mode()
        return True
