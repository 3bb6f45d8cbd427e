"""One request on its way through the store and the modem.

What it does must survive a crash without being done twice. So, before the broker hears that we
have it: a request that only reads is carried out and answered, or recorded when that takes long;
one that acts is recorded; one that is a transaction is done and answered in one commit of the
store.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass
from typing import Any

import voluptuous as vol

from n11bridge.at.errors import AtError, Expired, Lost, Refused, TimedOut, Unavailable
from n11bridge.broker import BrokerError, Closed, Incoming
from n11bridge.capability import Capability, Kept, Request, RequestError, Verb
from n11bridge.line import Patience, patience
from n11bridge.modem import BUSY
from n11bridge.requests import response
from n11bridge.requests.reading import Asked, Rejected
from n11bridge.store import Seen, Store, StoreError, Tables

log = logging.getLogger(__name__)

#: What takes longer is recorded, so that it can be acknowledged (seconds). A broker holds back all
#: other requests while it waits for a few acknowledgements, twenty with mosquitto.
SOON = 2.0

#: Refusals that say that SIM or network are missing (manual, appendix A; 27.005, 3.2.5).
_NOT_THERE = {
    *(("CME", code) for code in (10, 11, 12, 13, 15, 30)),
    *(("CMS", code) for code in (310, 311, 313, 315, 316, 331)),
}


@dataclass(frozen=True)
class Means:
    """What requests are carried out with."""

    store: Store
    #: Publishes topic, payload and correlation data, and returns once the broker has them.
    publish: Callable[[str, str, bytes | None], Awaitable[None]]
    #: The time in Unix seconds.
    now: Callable[[], float]
    #: The response topic of a request's name.
    topic: Callable[[str], str]
    #: Whether a response may go to the topic that its request names.
    admissible: Callable[[str], bool]
    #: Returns when the status of the modem changes.
    modem_changes: Callable[[], Awaitable[None]]

    async def reply(self, incoming: Incoming, name: str, text: str) -> None:
        """Publish a response that need not survive a crash, for its request will come again.

        BrokerError if the broker does not take it, not even where all responses go.
        """
        if incoming.response_topic:
            try:
                await self.publish(incoming.response_topic, text, incoming.correlation)
            except Closed:
                raise
            except BrokerError as error:
                log.warning("a response goes to its usual topic: %s", error)
            else:
                return
        await self.publish(self.topic(name), text, incoming.correlation)


#: Answers that wait for the disk.
_LATER: set["asyncio.Future[None]"] = set()


def _recorded_later(task: "asyncio.Future[None]") -> None:
    _LATER.discard(task)
    if not task.cancelled() and task.exception() is not None:
        log.error("an answer was never recorded: %s", task.exception())


class _SeenBefore(Exception):
    """The store has a request of this id."""

    def __init__(self, seen: Seen) -> None:
        self.seen = seen


class Work:
    """Carries one request out."""

    def __init__(
        self, means: Means, incoming: Incoming, asked: Asked, verb: Verb, digest: str
    ) -> None:
        self._means = means
        self._incoming = incoming
        self._asked = asked
        self._verb = verb
        self._digest = digest
        self._properties = response.properties(incoming)
        self._committed: str | None = None

    async def carry_out(self, capability: Capability) -> str | None:
        """Do and answer it; return the response, None when it must not be remembered."""
        request = self._request()
        handler = getattr(capability, self._verb.method)

        def run() -> Coroutine[Any, Any, Any]:
            return self._run(handler, request)

        try:
            match self._verb.kept:
                case Kept.NOTHING:
                    text = await self._soon_or_recorded(run())
                case Kept.FACT:
                    text = await self._recorded(run)
                case Kept.TRANSACTION:
                    await run()
                    assert self._committed is not None, "a transaction commits its answer"
                    text = self._committed
        except _SeenBefore as error:
            await self._answer_again(error.seen)
            return None
        except StoreError as error:
            log.error("%s: %s", self._asked.name, error)
            raise self._rejected(RequestError("internal", str(error), retryable=True)) from error
        except RequestError as error:
            raise self._rejected(error) from error
        self._incoming.ack()
        return text

    async def _soon_or_recorded(self, run: Coroutine[Any, Any, Any]) -> str:
        """Answer what comes soon without a trace in the store."""
        running = asyncio.ensure_future(run)
        try:
            done, _ = await asyncio.wait({running}, timeout=SOON)
            if not done:
                return await self._recorded(lambda: running)
            text = self._compose(running.result())
            await self._means.reply(self._incoming, self._asked.name, text)
            return text
        finally:
            running.cancel()

    async def _recorded(self, run: Callable[[], Awaitable[Any]]) -> str:
        """Record the request, then its answer; an error is an answer like any other."""
        await self._means.store.commit(self._begin)
        self._incoming.ack()
        try:
            result = await run()
        except RequestError as error:
            result = error
        text = self._compose(result)
        try:
            await self._means.store.commit(lambda tables: self._answer(tables, text))
        except StoreError as error:
            # It was carried out, and nobody may be told otherwise.
            log.warning("the answer to %s is not recorded yet: %s", self._asked.name, error)
            self._record_later(text)
            await self._means.reply(self._incoming, self._asked.name, text)
        return text

    def _record_later(self, text: str) -> None:
        """Record an answer that was given, as soon as the disk takes it."""
        id_ = self._asked.id
        task = asyncio.ensure_future(
            self._means.store.persist(lambda tables: tables.requests.answer(id_, text))
        )
        _LATER.add(task)
        task.add_done_callback(_recorded_later)

    def _rejected(self, error: RequestError) -> RequestError:
        if isinstance(error, Rejected):
            return error
        return Rejected(
            self._asked, error.code, error.message, retryable=error.retryable, modem=error.modem
        )

    def _compose(self, result: Any) -> str:
        return response.compose(self._asked.id, result)

    def _request(self) -> Request:
        try:
            checked = self._verb.schema(self._asked.parameters)
        except vol.Invalid as error:
            raise Rejected(self._asked, "invalid_request", _describe(error)) from error
        return Request(
            self._asked.id, self._asked.name, checked, self._asked.ttl, self._transaction
        )

    async def _run(self, handler: Callable[..., Any], request: Request) -> Any:
        """Run the handler; a request with a ttl waits for the modem as long as that lasts."""
        loop = asyncio.get_running_loop()
        waiting = None if request.ttl is None else Patience(loop.time() + request.ttl)
        patience.set(waiting)
        while True:
            try:
                return await handler(request)
            except Unavailable as error:
                if waiting is None or waiting.begun:
                    message = f"the modem cannot be used now: {error}"
                    raise RequestError("unavailable", message, retryable=True) from error
                await self._wait_for_modem(waiting)
            except Expired:
                raise _expired() from None
            except AtError as error:
                raise self._from_modem(error) from error
            except (RequestError, StoreError, _SeenBefore):
                raise
            except Exception as error:
                log.exception("%s failed", self._asked.name)
                raise RequestError("internal", "a fault of the bridge; see its log") from error

    async def _wait_for_modem(self, waiting: Patience) -> None:
        try:
            async with asyncio.timeout_at(waiting.until):
                await self._means.modem_changes()
        except TimeoutError:
            raise _expired() from None

    def _from_modem(self, error: AtError) -> RequestError:
        if isinstance(error, Refused):
            cause = (error.family, error.code)
            code = "unavailable" if cause in _NOT_THERE else "modem_error"
            passing = cause in _NOT_THERE | BUSY
            return RequestError(code, str(error), retryable=passing, modem=error.line)
        if isinstance(error, TimedOut | Lost):
            if error.acted and self._verb.kept is not Kept.NOTHING:
                return RequestError("unknown_outcome", f"{error}; it may have been carried out")
            return RequestError("timeout", str(error), retryable=True)
        return RequestError("modem_error", str(error))

    # -- in the store

    async def _transaction(self, work: Callable[[Any], Any]) -> Any:
        """What `Request.commit` does: the work, the record and the answer in one commit."""

        def whole(tables: Tables) -> Any:
            self._begin(tables)
            result = work(tables)
            self._committed = self._compose(result)
            self._answer(tables, self._committed)
            return result

        return await self._means.store.commit(whole)

    def _begin(self, tables: Tables) -> None:
        begun = tables.requests.begin(
            self._asked.id,
            self._asked.name,
            self._digest,
            self._means.now(),
            self._properties,
            packet=None if self._asked.named else self._incoming.packet,
            redelivered=self._incoming.duplicate,
        )
        if isinstance(begun, Seen):
            raise _SeenBefore(begun)

    def _answer(self, tables: Tables, text: str) -> None:
        tables.requests.answer(self._asked.id, text)
        topic = response.destination(self._properties, self._means.topic(self._asked.name))
        tables.publications.add(topic, text, self._properties)

    async def _answer_again(self, seen: Seen) -> None:
        """Answer as the first time; a second delivery by the broker was answered already."""
        if not seen.same:
            raise Rejected(self._asked, "duplicate", "this id was used for another request")
        if not self._incoming.duplicate and seen.response is not None:
            await self._means.reply(self._incoming, self._asked.name, seen.response)
        self._incoming.ack()


def _describe(error: vol.Invalid) -> str:
    """What is wrong with the parameters, each with its name; the first ten are enough to mend."""
    errors = error.errors if isinstance(error, vol.MultipleInvalid) else [error]
    described = (
        f"{'.'.join(str(step) for step in each.path) or 'the payload'}: {each.msg}"
        for each in errors
    )
    return "; ".join(sorted(described)[:10])


def _expired() -> RequestError:
    return RequestError("expired", "its ttl ran out before the modem could take it")
