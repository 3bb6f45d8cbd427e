"""What a capability is made of.

A capability is one file in ``capabilities/``: the wire (its commands, replies and reports), its
entities, and its behaviour: methods marked with `on` a report, `every` so many seconds, or for a
`request`. It imports neither modem nor broker, store or configuration: its `Host` hands it what
it needs.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, ClassVar, TypeVar

import voluptuous as vol

from n11bridge.at.command import Report
from n11bridge.entity import Entity
from n11bridge.host import Host
from n11bridge.payload import Fields

T = TypeVar("T")
Method = TypeVar("Method", bound=Callable[..., Any])


class RequestError(Exception):
    """A request is answered with an error; ``code`` is one of the contract's."""

    def __init__(
        self, code: str, message: str, *, retryable: bool = False, modem: str | None = None
    ) -> None:
        super().__init__(message)
        self.code, self.message, self.retryable, self.modem = code, message, retryable, modem


@dataclass(frozen=True)
class Request:
    """A request that has passed its schema."""

    id: str
    name: str
    parameters: Mapping[str, Any]
    #: Seconds from its arrival; None when it may wait for ever.
    ttl: float | None
    #: With `Kept.TRANSACTION`: do all the work in the store, and record the answer with it.
    commit: Callable[[Callable[[Any], Any]], Awaitable[Any]] = field(repr=False)

    def __getitem__(self, parameter: str) -> Any:
        """The value of a parameter."""
        return self.parameters[parameter]

    def get(self, parameter: str) -> Any:
        """The value of a parameter; None when it was not given."""
        return self.parameters.get(parameter)


class Kept(Enum):
    """What is remembered of a request, so that a second delivery does not act twice."""

    NOTHING = "it only reads, or sets the same again; it is recorded only if it takes long"
    FACT = "it is recorded before it is carried out; a crash in between is an unknown outcome"
    TRANSACTION = "all that it does is one transaction of the store, its answer included"


@dataclass(frozen=True)
class Verb:
    """A request that a capability answers."""

    name: str
    schema: vol.Schema
    kept: Kept
    dangerous: bool
    plain: str | None
    secret: bool
    method: str
    description: str
    #: What a good answer's ``data`` hold, and an example of a request's parameters.
    answer: Fields
    example: Mapping[str, Any]


def on(report: type[Report]) -> Callable[[Method], Method]:
    """The method is called, plain or as a task, for each such report."""

    def mark(method: Method) -> Method:
        method.__dict__.setdefault("_reports", []).append(report)
        return method

    return mark


def every(interval: float | str) -> Callable[[Method], Method]:
    """The coroutine is run every so many seconds, or as the named attribute says, while ready."""

    def mark(method: Method) -> Method:
        method.__dict__["_interval"] = interval
        return method

    return mark


def request(
    verb: str,
    schema: Mapping[Any, Any] | None = None,
    *,
    kept: Kept = Kept.FACT,
    dangerous: bool = False,
    plain: str | None = None,
    secret: bool = False,
    answer: Fields | None = None,
    example: Mapping[str, Any] | None = None,
) -> Callable[[Method], Method]:
    """The method answers ``request/<capability>/<verb>``.

    It returns the response's ``data``, or `Accepted`. With `Kept.TRANSACTION` it must have done
    its work through the request's ``commit``, whose result is the answer. ``dangerous`` ones need
    naming in ``allow_dangerous``.
    ``plain`` names the parameter that plain text on ``.../<verb>/<parameter>`` fills. Of the
    parameters of a ``secret`` one nothing is kept, not even a digest. ``answer`` declares the
    fields of ``data``, ``example`` shows parameters: both are for those who read the schema.
    """

    def mark(method: Method) -> Method:
        method.__dict__["_verb"] = Verb(
            verb,
            vol.Schema(dict(schema or {})),
            kept,
            dangerous,
            plain,
            secret,
            method.__name__,
            (method.__doc__ or "").strip(),
            answer or {},
            example or {},
        )
        return method

    return mark


@dataclass(frozen=True)
class Accepted:
    """The request is taken on and will be carried out; ``data`` says how to follow it."""

    data: Mapping[str, Any] = field(default_factory=dict)


class Capability:
    """One row of the contract's table."""

    name: ClassVar[str]
    #: The fields of each ``state/<key>`` and ``event/<name>/<key>`` that it publishes; ``time``
    #: and ``event_type`` are every event's.
    states: ClassVar[Mapping[str, Fields]] = {}
    events: ClassVar[Mapping[str, Fields]] = {}
    entities: Sequence[Entity] = ()

    def __init__(self, host: Host) -> None:
        self.host = host
        self.modem = host.modem

    async def prepare(self) -> None:
        """Set up what needs no SIM, each time the modem has started."""

    async def sim_ready(self) -> None:
        """Set up what needs the SIM, each time it has become ready."""

    async def started(self) -> None:
        """Begin work of its own, once, when the daemon starts."""

    def status_changed(self, status: str) -> None:
        """The status of ``state/modem`` is another one."""

    def gone(self) -> None:
        """There is no modem (any more), or none yet: what it said is not known now."""

    def store_mended(self) -> None:
        """The disk takes changes again."""

    async def stopping(self) -> None:
        """Bring to an end what must not be cut short: the daemon is about to stop."""

    def extra_entities(self) -> Sequence[Entity]:
        """Entities that depend on the configuration."""
        return ()

    @classmethod
    def verbs(cls) -> dict[str, Verb]:
        """The requests it answers, by verb."""
        marked = (vars(method).get("_verb") for method in _methods(cls))
        return {verb.name: verb for verb in marked if verb is not None}

    @classmethod
    def reports(cls) -> list[tuple[type[Report], str]]:
        """The reports it understands, with the names of the methods that take them."""
        return [
            (report, method.__name__)
            for method in _methods(cls)
            for report in vars(method).get("_reports", ())
        ]

    def intervals(self) -> list[tuple[float, Callable[[], Awaitable[None]]]]:
        """The coroutines to run again and again, with their intervals in seconds."""
        found = []
        for method in _methods(type(self)):
            interval = vars(method).get("_interval")
            if interval is not None:
                seconds = getattr(self, interval) if isinstance(interval, str) else interval
                found.append((float(seconds), getattr(self, method.__name__)))
        return found


def _methods(cls: type) -> list[Any]:
    names = dict.fromkeys(name for base in reversed(cls.__mro__) for name in vars(base))
    return [
        m for m in (getattr(cls, name) for name in names) if callable(m) and hasattr(m, "__dict__")
    ]
