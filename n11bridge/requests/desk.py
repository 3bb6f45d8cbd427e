"""Takes each message on ``request/#`` and sees that it is answered, once."""

import asyncio
import hashlib
import json
import logging
import uuid
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, TypeVar

from n11bridge.broker import BrokerError, Closed, Forbidden, Incoming
from n11bridge.capability import Capability, Kept, RequestError, Verb
from n11bridge.requests import reading, response
from n11bridge.requests.reading import Asked, Rejected
from n11bridge.requests.work import Means, Work
from n11bridge.store import Tables

log = logging.getLogger(__name__)
T = TypeVar("T")

#: So many answers are remembered in memory; those of requests that act are in the store as well.
REMEMBERED = 100
#: So many may be in hand at once, waiting for the modem say; each takes about 10 kB.
MOST_IN_HAND = 300


class Desk:
    """Where requests come in."""

    def __init__(
        self,
        means: Means,
        capabilities: Mapping[str, Capability],
        allow_dangerous: frozenset[str],
    ) -> None:
        self._means = means
        self._capabilities = capabilities
        self._allow_dangerous = allow_dangerous
        #: Digest and answer by id; those that are still being worked out are apart.
        self._answers: OrderedDict[str, tuple[str, str]] = OrderedDict()
        #: Digest by id of those that came to nothing: to be asked again, but not by the broker.
        self._failed: OrderedDict[str, str] = OrderedDict()
        self._pending: dict[str, tuple[str, asyncio.Future[str | None]]] = {}

    async def answer_interrupted(self) -> None:
        """Answer what a process before this one recorded, but did not live to answer."""

        def work(tables: Tables) -> None:
            for left in tables.requests.unanswered():
                error = RequestError("unknown_outcome", "the bridge was stopped in the middle")
                text = response.compose(left.id, error)
                tables.requests.answer(left.id, text)
                topic = response.destination(left.properties, self._means.topic(left.name))
                tables.publications.add(topic, text, left.properties)

        await self._means.store.commit(work)

    async def take(self, incoming: Incoming, path: str) -> None:
        """Carry a request out and answer it; ``path`` is its topic below ``request/``."""
        name = "/".join(path.split("/")[:2])
        if incoming.response_topic and not self._means.admissible(incoming.response_topic):
            incoming = replace(incoming, response_topic=None)
        try:
            await self._take(incoming, path, name)
        except Closed:
            pass  # not acknowledged: it comes again to the daemon after this one
        except BrokerError as error:
            told = isinstance(error, Forbidden)
            log.log(logging.DEBUG if told else logging.WARNING, "no answer to %s: %s", name, error)
            # Or the broker would soon hold back all other requests.
            incoming.ack()

    async def _take(self, incoming: Incoming, path: str, name: str) -> None:
        id_ = uuid.uuid4().hex[:16]
        try:
            if incoming.retain:
                raise RequestError(
                    "retained", "a retained request is refused: publish it without retain"
                )
            asked = self._read(path, incoming.payload, id_)
            capability, verb = self._find(asked)
            await self._answer(incoming, asked, capability, verb)
        except RequestError as error:
            id_ = error.id if isinstance(error, Rejected) else id_
            await self._means.reply(incoming, name, response.compose(id_, error))
            incoming.ack()

    def _read(self, path: str, payload: bytes, new_id: str) -> Asked:
        capability, _, rest = path.partition("/")
        verb, _, level = rest.partition("/")
        if not level:
            return reading.read(capability, verb, payload, new_id)
        known = self._verbs(capability).get(verb)
        if known is None or known.plain is None or "/" in level:
            raise RequestError("unknown_request", "there is no request of so many levels")
        return reading.read_plain(capability, verb, known.plain, level, payload, new_id)

    def _verbs(self, capability: str) -> dict[str, Verb]:
        found = self._capabilities.get(capability)
        return type(found).verbs() if found is not None else {}

    def _find(self, asked: Asked) -> tuple[Capability, Verb]:
        verbs = self._verbs(asked.capability)
        if asked.verb not in verbs:
            known = ", ".join(sorted(verbs or self._capabilities))
            raise Rejected(asked, "unknown_request", f"there is no {asked.name}; there is {known}")
        verb = verbs[asked.verb]
        if verb.dangerous and asked.name not in self._allow_dangerous:
            raise Rejected(
                asked, "forbidden", f"allow_dangerous in the configuration lacks {asked.name}"
            )
        return self._capabilities[asked.capability], verb

    async def _answer(
        self, incoming: Incoming, asked: Asked, capability: Capability, verb: Verb
    ) -> None:
        digest = _digest(asked, verb)
        first = await self._first_answer(asked, digest)
        if first is not None:
            # A second delivery by the broker needs no second response; a second request does.
            if not incoming.duplicate:
                await self._means.reply(incoming, asked.name, first)
            incoming.ack()
            return
        if incoming.duplicate and self._failed.get(asked.id) == digest:
            incoming.ack()  # the answer is out, only our acknowledgement was lost
            return
        # One that is done with a commit of the store waits for nothing that may never come.
        if len(self._pending) >= MOST_IN_HAND and verb.kept is not Kept.TRANSACTION:
            raise Rejected(
                asked, "unavailable", f"{MOST_IN_HAND} requests are waiting already", retryable=True
            )
        pending: asyncio.Future[str | None] = asyncio.get_running_loop().create_future()
        self._pending[asked.id] = (digest, pending)
        text = None
        try:
            text = await Work(self._means, incoming, asked, verb, digest).carry_out(capability)
        except RequestError:
            _remember(self._failed, asked.id, digest)
            raise
        finally:
            del self._pending[asked.id]
            pending.set_result(text)
        if text is not None:
            _remember(self._answers, asked.id, (digest, text))

    async def _first_answer(self, asked: Asked, digest: str) -> str | None:
        """The answer to a request of the same id, waited for if need be; None if it is new.

        One that came to nothing, as an error does that acted on nothing, may be asked again.
        """
        while asked.id in self._answers or asked.id in self._pending:
            known, answer = self._answers.get(asked.id) or self._pending[asked.id]
            if known != digest:
                raise Rejected(asked, "duplicate", "this id was used for another request")
            text = answer if isinstance(answer, str) else await asyncio.shield(answer)
            if text is not None:
                return text
        return None


def _remember(book: "OrderedDict[str, T]", id_: str, entry: T) -> None:
    book[id_] = entry
    if len(book) > REMEMBERED:
        book.popitem(last=False)


def _digest(asked: Asked, verb: Verb) -> str:
    """What tells whether a request of the same id is the same request.

    The digest of a PIN would be a PIN: four digits are soon guessed.
    """
    canonical: list[Any] = [asked.name, None if verb.secret else asked.parameters]
    return hashlib.sha256(json.dumps(canonical, sort_keys=True).encode()).hexdigest()
