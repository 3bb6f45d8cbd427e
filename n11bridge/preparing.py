"""Setting up the capabilities: what few people use must not keep the modem from its service."""

import logging
from collections.abc import Awaitable, Callable, Iterable

from n11bridge.at.errors import Malformed
from n11bridge.capability import Capability

log = logging.getLogger(__name__)

#: Without these there is no point in going on.
ESSENTIAL = frozenset({"modem", "sim", "sms"})


async def prepare(
    capabilities: Iterable[Capability], step: Callable[[Capability], Awaitable[None]]
) -> None:
    """Carry out a step of each; AtError, but for an answer that nobody needs and cannot be read."""
    for capability in capabilities:
        try:
            await step(capability)
        except Malformed:
            # Perhaps the OK was that of something earlier: the line is in step again.
            try:
                await step(capability)
            except Malformed as error:
                if capability.name in ESSENTIAL:
                    raise
                log.warning(
                    "%s could not be set up, and is used as it is: %s", capability.name, error
                )
