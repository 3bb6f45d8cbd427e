"""Requests in, exactly one response each (contract, "Requests and responses").

What a request does must survive a crash without being done twice. So, before the broker hears
that we have it: a request that only reads is carried out and answered; one that acts is recorded;
one that is a transaction is done and answered in one commit of the store.
"""

import asyncio
import base64
import hashlib
import json
import logging
import re
import uuid
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, NamedTuple

import voluptuous as vol

from n11bridge.at.errors import AtError, Expired, Lost, Refused, TimedOut, Unavailable
from n11bridge.broker import Incoming
from n11bridge.capability import Accepted, Capability, Kept, Request, RequestError, Verb
from n11bridge.line import Patience, patience
from n11bridge.store import Seen, Store, StoreError, Tables

log = logging.getLogger(__name__)

#: So many answers to requests with an id are remembered in memory, besides those in the store.
REMEMBERED = 500

#: Refusals that say that SIM or network are missing (manual, appendix A; 27.005, 3.2.5).
_NOT_THERE = {
    *(("CME", code) for code in (10, 11, 12, 13, 15, 30)),
    *(("CMS", code) for code in (310, 311, 313, 315, 316, 331)),
}


class _Duplicate(Exception):
    """The store has a request of this id."""

    def __init__(self, seen: Seen) -> None:
        self.seen = seen


class Parsed(NamedTuple):
    """A request as it stands in its topic and payload, not yet judged."""

    capability: str
    verb: str
    id: str
    named: bool
    ttl: float | None
    parameters: dict[str, Any]


class Desk:
    """Takes each message on ``request/#`` and sees that it is answered."""

    def __init__(
        self,
        base: str,
        capabilities: Mapping[str, Capability],
        store: Store,
        publish: Callable[[str, str, bytes | None], Awaitable[None]],
        now: Callable[[], float],
        allow_dangerous: frozenset[str],
        modem_changed: Callable[[], Awaitable[None]],
    ) -> None:
        self._base = base
        self._capabilities = capabilities
        self._store = store
        self._publish = publish
        self._now = now
        self._allow_dangerous = allow_dangerous
        self._modem_changed = modem_changed
        self._answers: OrderedDict[str, tuple[str, asyncio.Future[str]]] = OrderedDict()

    async def answer_interrupted(self) -> None:
        """Answer what a process before this one recorded, but did not live to answer."""

        def work(tables: Tables) -> None:
            for left in tables.requests.unanswered():
                error = RequestError("unknown_outcome", "the bridge was stopped in the middle")
                response = _response(left.id, error)
                tables.requests.answer(left.id, response)
                topic, properties = _destination(left.properties)
                tables.publications.add(
                    topic or f"{self._base}/response/{left.name}", response, properties
                )

        await self._store.commit(work)

    async def take(self, incoming: Incoming) -> None:
        """Carry a request out and answer it."""
        topic = incoming.topic.removeprefix(f"{self._base}/request/")
        name = "/".join(topic.split("/")[:2])
        id_ = _new_id()
        try:
            if incoming.retain:
                raise RequestError(
                    "retained", "a retained request is refused: publish it without retain"
                )
            parsed = self._parse(topic, incoming.payload, id_)
            id_ = parsed.id
            verb, capability = self._find(parsed)
            await self._judge(incoming, parsed, verb, capability, name)
        except RequestError as error:
            id_ = error.id if isinstance(error, _Named) else id_
            await self._reply(incoming, name, _response(id_, error))
            incoming.ack()

    # -- reading it

    def _parse(self, topic: str, payload: bytes, id_: str) -> Parsed:
        levels = topic.split("/")
        if len(levels) < 2:
            raise RequestError("unknown_request", "the topic names no capability and verb")
        capability, verb, *rest = levels
        if rest:
            return self._parse_plain(capability, verb, rest, payload, id_)
        try:
            fields = json.loads(payload or b"{}", parse_constant=_no_constant)
        except (ValueError, RecursionError) as error:
            raise RequestError("invalid_request", f"the payload is not JSON: {error}") from error
        if not isinstance(fields, dict):
            raise RequestError("invalid_request", "the payload is not a JSON object")
        _check_unicode(fields)
        named = "id" in fields
        id_ = fields.pop("id", id_)
        ttl = fields.pop("ttl", None)
        if not isinstance(id_, str) or not 1 <= len(id_) <= 64:
            raise RequestError("invalid_request", "id: it must be a string of 1 to 64 characters")
        parsed = Parsed(capability, verb, id_, named, ttl, fields)
        if ttl is not None and (isinstance(ttl, bool) or not isinstance(ttl, int | float)):
            raise _named_error(parsed, "ttl: it must be a number of seconds")
        if ttl is not None and not 0 < ttl < 1e9:
            raise _named_error(parsed, "ttl: it must be more than 0 seconds")
        return parsed

    def _parse_plain(
        self, capability: str, verb: str, rest: list[str], payload: bytes, id_: str
    ) -> Parsed:
        """Plain text on ``request/sms/send/<number or contact>``."""
        found = self._verbs(capability).get(verb)
        if found is None or found.plain is None or len(rest) != 1 or not rest[0]:
            raise RequestError("unknown_request", "there is no such request")
        try:
            text = payload.decode()
        except UnicodeDecodeError as error:
            raise RequestError("invalid_request", "the text is not UTF-8") from error
        # A topic that is published to cannot hold a plus (MQTT 3.1.1, 4.7.1).
        to = re.sub(r"^00(?=\d+$)", "+", rest[0])
        return Parsed(capability, verb, id_, False, None, {found.plain: to, "text": text})

    def _verbs(self, capability: str) -> dict[str, Verb]:
        found = self._capabilities.get(capability)
        return type(found).verbs() if found is not None else {}

    def _find(self, parsed: Parsed) -> tuple[Verb, Capability]:
        verbs = self._verbs(parsed.capability)
        if parsed.verb not in verbs:
            known = ", ".join(sorted(verbs)) or ", ".join(sorted(self._capabilities))
            raise _Named(
                parsed,
                "unknown_request",
                f"there is no {parsed.capability}/{parsed.verb}; known here: {known}",
            )
        verb = verbs[parsed.verb]
        name = f"{parsed.capability}/{parsed.verb}"
        if verb.dangerous and name not in self._allow_dangerous:
            raise _Named(
                parsed, "forbidden", f"allow_dangerous in the configuration does not name {name}"
            )
        return verb, self._capabilities[parsed.capability]

    # -- carrying it out

    async def _judge(
        self,
        incoming: Incoming,
        parsed: Parsed,
        verb: Verb,
        capability: Capability,
        name: str,
    ) -> None:
        digest = _digest(name, parsed.parameters)
        key = parsed.id
        known = self._answers.get(key)
        if known is not None:
            if known[0] != digest:
                raise _Named(parsed, "duplicate", "this id was used for another request")
            # A second delivery by the broker needs no second response; a second request does.
            if not incoming.duplicate:
                await self._reply(incoming, name, await asyncio.shield(known[1]))
            incoming.ack()
            return
        answer: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self._remember(key, digest, answer)
        work = _Work(self, incoming, parsed, verb, name, digest)
        try:
            response = await work.carry_out(capability)
        except BaseException:
            self._answers.pop(key, None)
            answer.cancel()
            raise
        if response is None:
            self._answers.pop(key, None)
            answer.cancel()
        else:
            answer.set_result(response)

    def _remember(self, key: str, digest: str, answer: "asyncio.Future[str]") -> None:
        self._answers[key] = (digest, answer)
        while len(self._answers) > REMEMBERED:
            oldest = next(iter(self._answers))
            if not self._answers[oldest][1].done():
                break
            del self._answers[oldest]

    async def _reply(self, incoming: Incoming, name: str, response: str) -> None:
        topic = incoming.response_topic or f"{self._base}/response/{name}"
        await self._publish(topic, response, incoming.correlation)


class _Work:
    """One request on its way through the store and the modem."""

    def __init__(
        self,
        desk: Desk,
        incoming: Incoming,
        parsed: Parsed,
        verb: Verb,
        name: str,
        digest: str,
    ) -> None:
        self._desk = desk
        self._incoming = incoming
        self._parsed = parsed
        self._verb = verb
        self._name = name
        self._digest = digest
        self._properties = _properties(incoming)
        self._response: str | None = None

    async def carry_out(self, capability: Capability) -> str | None:
        """Return the response, or None when the request must not be remembered."""
        parsed = self._parsed
        request = Request(parsed.id, self._name, self._checked(), parsed.ttl, self._transaction)
        method = getattr(capability, self._verb.method)
        desk = self._desk
        try:
            if self._verb.kept is Kept.FACT:
                await desk._store.commit(self._begin)
                self._incoming.ack()
            response = _response(parsed.id, await self._run(method, request))
        except _Duplicate as duplicate:
            return await self._seen_before(duplicate.seen)
        except RequestError as error:
            response = _response(parsed.id, error)
            if self._verb.kept is not Kept.FACT:
                await desk._reply(self._incoming, self._name, response)
                self._incoming.ack()
                return None
        if self._verb.kept is Kept.NOTHING:
            await desk._reply(self._incoming, self._name, response)
        elif self._verb.kept is Kept.FACT:
            await desk._store.commit(lambda tables: self._answer(tables, response))
        else:
            assert self._response is not None, "a transaction answers in its transaction"
            response = self._response
        self._incoming.ack()
        return response

    def _checked(self) -> Mapping[str, Any]:
        try:
            checked: Mapping[str, Any] = self._verb.schema(self._parsed.parameters)
        except vol.Invalid as error:
            first = error.errors[0] if isinstance(error, vol.MultipleInvalid) else error
            path = ".".join(str(step) for step in first.path) or "the payload"
            raise _Named(self._parsed, "invalid_request", f"{path}: {first.msg}") from error
        return checked

    async def _run(self, method: Callable[..., Any], request: Request) -> Any:
        """Run the handler; a request with a ttl waits for the modem as long as that lasts."""
        loop = asyncio.get_running_loop()
        waiting = None if request.ttl is None else Patience(loop.time() + request.ttl)
        patience.set(waiting)
        while True:
            try:
                return await method(request)
            except Unavailable as error:
                if waiting is None or waiting.begun:
                    message = f"the modem cannot be used now: {error}"
                    raise RequestError("unavailable", message, retryable=True) from error
                try:
                    async with asyncio.timeout_at(waiting.until):
                        await self._desk._modem_changed()
                except TimeoutError:
                    raise _expired() from None
            except Expired:
                raise _expired() from None
            except AtError as error:
                raise self._from_modem(error) from error
            except (RequestError, _Duplicate):
                raise
            except StoreError as error:
                log.error("%s: %s", self._name, error)
                raise RequestError("internal", str(error), retryable=True) from error
            except Exception as error:
                log.exception("%s failed", self._name)
                raise RequestError("internal", "a fault of the bridge; see its log") from error

    def _from_modem(self, error: AtError) -> RequestError:
        if isinstance(error, Refused):
            missing = (error.family, error.code) in _NOT_THERE
            code = "unavailable" if missing else "modem_error"
            return RequestError(code, str(error), retryable=missing, modem=error.line)
        acted = isinstance(error, TimedOut | Lost) and error.acted
        if acted and self._verb.kept is not Kept.NOTHING:
            return RequestError("unknown_outcome", f"{error}; it may have been carried out")
        if isinstance(error, TimedOut | Lost):
            return RequestError("timeout", str(error), retryable=True)
        return RequestError("modem_error", str(error))

    # -- in the store

    async def _transaction(self, work: Callable[[Any], Any]) -> Any:
        """What `Request.commit` does: the work, the record and the answer in one commit."""

        def whole(tables: Tables) -> Any:
            self._begin(tables)
            result = work(tables)
            self._response = _response(self._parsed.id, result)
            self._answer(tables, self._response)
            return result

        return await self._desk._store.commit(whole)

    def _begin(self, tables: Tables) -> None:
        begun = tables.requests.begin(
            self._parsed.id,
            self._name,
            self._digest,
            self._desk._now(),
            self._properties,
            packet=None if self._parsed.named else self._incoming.packet,
            redelivered=self._incoming.duplicate,
        )
        if isinstance(begun, Seen):
            raise _Duplicate(begun)

    def _answer(self, tables: Tables, response: str) -> None:
        tables.requests.answer(self._parsed.id, response)
        topic, properties = _destination(self._properties)
        tables.publications.add(
            topic or f"{self._desk._base}/response/{self._name}", response, properties
        )

    async def _seen_before(self, seen: Seen) -> str | None:
        """Answer as the first time; a second delivery by the broker was answered already."""
        if not seen.same:
            raise _Named(self._parsed, "duplicate", "this id was used for another request")
        if not self._incoming.duplicate and seen.response is not None:
            await self._desk._reply(self._incoming, self._name, seen.response)
        self._incoming.ack()
        return None


class _Named(RequestError):
    """An error of a request whose id is known."""

    def __init__(self, parsed: Parsed, code: str, message: str) -> None:
        super().__init__(code, message)
        self.id = parsed.id


def _named_error(parsed: Parsed, message: str) -> RequestError:
    return _Named(parsed, "invalid_request", message)


def _expired() -> RequestError:
    return RequestError("expired", "its ttl ran out before the modem could take it")


def _response(id_: str, result: Any) -> str:
    if isinstance(result, RequestError):
        error = {
            "code": result.code,
            "message": result.message,
            "retryable": result.retryable,
            **({"modem": result.modem} if result.modem else {}),
        }
        body: dict[str, Any] = {"status": "error", "error": error}
    elif isinstance(result, Accepted):
        body = {"status": "accepted", "data": dict(result.data)}
    else:
        body = {"status": "ok", "data": result or {}}
    return json.dumps({"id": id_, **body}, ensure_ascii=False)


def _properties(incoming: Incoming) -> str | None:
    """What must be kept to answer later: MQTT 5 response topic and correlation data."""
    if not incoming.response_topic and not incoming.correlation:
        return None
    correlation = base64.b64encode(incoming.correlation).decode() if incoming.correlation else None
    return json.dumps({"topic": incoming.response_topic, "correlation": correlation})


def _destination(properties: str | None) -> tuple[str | None, str | None]:
    return (json.loads(properties)["topic"], properties) if properties else (None, None)


def _digest(name: str, parameters: Mapping[str, Any]) -> str:
    canonical = json.dumps([name, parameters], sort_keys=True)
    return hashlib.sha256(canonical.encode()).hexdigest()


def _new_id() -> str:
    return uuid.uuid4().hex[:16]


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")


def _check_unicode(value: Any) -> None:
    """A lone surrogate is legal JSON, but can be neither sent nor published."""
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError as error:
        raise RequestError("invalid_request", "a text holds half a character") from error
