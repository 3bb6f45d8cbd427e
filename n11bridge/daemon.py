"""Wires everything for one modem; start, stop and signals."""

import asyncio
import contextlib
import logging
import signal
from typing import Any

from n11bridge import __version__, service
from n11bridge.bridge import Bridge
from n11bridge.config import Config
from n11bridge.store import Store

log = logging.getLogger(__name__)

#: How long a stop waits for what must not be cut short: a network takes a message in a few
#: seconds, seldom in more. Then how long it may take to say goodbye. (Seconds.)
FINISH_TIME, STOP_TIME = 15.0, 10.0


async def run(config: Config) -> bool:
    """Serve until SIGTERM or SIGINT; return whether the daemon is to be started again.

    StoreError if the store cannot be used. A missing modem or broker is waited for.
    """
    loop = asyncio.get_running_loop()
    stopping: asyncio.Future[bool] = loop.create_future()

    def stop(again: bool = False) -> None:
        if not stopping.done():
            stopping.set_result(again)

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop)
    store = await Store.open(config.store)
    log.info("n11bridge %s for %s", __version__, config.modem.port)
    bridge = Bridge(config, store, stop)
    serving = asyncio.ensure_future(bridge.run())
    watchdog = asyncio.ensure_future(service.feed_watchdog())
    try:
        waiting: set[asyncio.Future[Any]] = {serving, stopping}
        await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        if serving.done():
            serving.result()  # it never ends by itself: this raises what ended it
    finally:
        service.notify("STOPPING=1")
        if not serving.done():
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(FINISH_TIME):
                    await bridge.finish()
        watchdog.cancel()
        serving.cancel()
        with contextlib.suppress(asyncio.CancelledError, Exception):
            await serving
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(STOP_TIME):
                await bridge.close()
        await store.close()
        log.info("stopped")
    return stopping.done() and stopping.result()
