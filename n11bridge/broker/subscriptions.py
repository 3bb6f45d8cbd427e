"""What we listen to: asked for until the broker grants it."""

import asyncio
import contextlib
from collections.abc import Iterable
from typing import Any

from .connection import ANSWER_TIME, Connection
from .problems import Problems
from .refusal import Refused


class Subscriptions:
    """The topic filters, and which of them the broker's session holds."""

    def __init__(self, problems: Problems, retry: tuple[float, float]) -> None:
        self._problems = problems
        self._retry = retry
        self._filters: dict[str, None] = {}
        self._granted: set[str] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    def add(self, filters: Iterable[str]) -> None:
        """Remember them; they are asked for with the next `renew` or `keep_asking`."""
        self._filters.update(dict.fromkeys(filters))

    async def renew(self, connection: Connection) -> None:
        """Subscribe over a new connection; raises Refused if the broker does not answer.

        MQTT 3.1.1 sends retained messages again at every subscription, so there it is repeated
        only where the session was lost.
        """
        if connection.protocol == "5" or not connection.session_present:
            self._granted.clear()
        await self._ask(connection)

    def keep_asking(self, connection: Connection, *, pause: float) -> None:
        """Ask in the background for what is missing, first after `pause` seconds."""

        async def ask(pause: float) -> None:
            with contextlib.suppress(Refused):  # the connection broke
                while self._missing():
                    await asyncio.sleep(pause)
                    await self._ask(connection)
                    pause = min(2 * max(pause, self._retry[0]), self._retry[1])

        task = asyncio.create_task(ask(pause))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def stop_asking(self) -> None:
        """End what `keep_asking` began."""
        for task in self._tasks:
            task.cancel()

    def _missing(self) -> list[str]:
        return [each for each in self._filters if each not in self._granted]

    async def _ask(self, connection: Connection) -> None:
        filters = self._missing()
        if not filters:
            return
        answer: asyncio.Future[list[str | None]] = asyncio.Future()
        connection.subscribe(filters, answer.set_result)
        waiting: set[asyncio.Future[Any]] = {answer, connection.closed}
        await asyncio.wait(waiting, timeout=ANSWER_TIME, return_when=asyncio.FIRST_COMPLETED)
        if not answer.done():
            why = connection.closed.result() if connection.closed.done() else "no answer"
            raise Refused("connection_lost", f"The broker did not let us subscribe: {why}.")
        for each, refusal in zip(filters, answer.result(), strict=True):
            if refusal is None:
                self._granted.add(each)
                self._problems.mended(f"subscribe {each}")
            else:
                message = f"The broker refuses the subscription to {each}: {refusal}."
                self._problems.tell(f"subscribe {each}", "subscription_refused", message)
