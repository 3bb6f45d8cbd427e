"""What runs beside: once, or for ever. A failure is logged, never lost."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Any

from n11bridge.at.errors import AtError, Expired, Unavailable
from n11bridge.broker import BrokerError, Closed, Forbidden
from n11bridge.store import StoreError

log = logging.getLogger(__name__)

#: What failed is begun again after this long (seconds).
PAUSE_AFTER_FAILURE = 5.0


class Tasks:
    """All that runs beside the one who made it."""

    def __init__(self) -> None:
        self._running: set[asyncio.Future[Any]] = set()

    def start(self, task: Awaitable[Any], name: str) -> None:
        """Run something once."""
        future = asyncio.ensure_future(task)
        self._running.add(future)

        def ended(future: "asyncio.Future[Any]") -> None:
            self._running.discard(future)
            if not future.cancelled() and (error := future.exception()) is not None:
                _tell(name, error)

        future.add_done_callback(ended)

    def keep(self, work: Callable[[], Awaitable[Any]], name: str) -> None:
        """Run something that never ends; after a failure it is begun again."""
        self.start(self._keep(work, name), name)

    async def _keep(self, work: Callable[[], Awaitable[Any]], name: str) -> None:
        while True:
            try:
                await work()
            except StoreError as error:
                log.info("%s: %s", name, error)
            except Exception:
                log.exception("%s failed", name)
            await asyncio.sleep(PAUSE_AFTER_FAILURE)

    async def end(self) -> None:
        """End all of it."""
        tasks = list(self._running)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def _tell(name: str, error: BaseException) -> None:
    if isinstance(error, Closed):
        return  # we are leaving
    if isinstance(error, StoreError):
        log.info("%s: %s", name, error)  # what is wrong with it is told once
    elif isinstance(error, AtError | Unavailable | Expired):
        log.warning("%s: %s", name, error)
    elif isinstance(error, BrokerError):
        # What the broker refuses was told as a problem, once and not each time.
        told = isinstance(error, Forbidden)
        log.log(logging.DEBUG if told else logging.WARNING, "%s: %s", name, error)
    else:
        log.error("%s failed", name, exc_info=error)
