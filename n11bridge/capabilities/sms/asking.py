"""What a request to send becomes: messages for the outbox, if the rules of the house allow it."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Literal

import voluptuous as vol

from n11bridge import pdu
from n11bridge.capabilities.sms.limits import check_caps, check_loop
from n11bridge.capability import Accepted, Request, RequestError
from n11bridge.host import Host
from n11bridge.message import NewMessage, NewPart
from n11bridge.payload import iso

#: The longest validity that the air interface knows: 63 weeks (3GPP TS 23.040, 9.2.3.12.1).
LONGEST_VALIDITY = 63 * 7 * 86400

SEND = {
    vol.Required("to"): vol.Any(str, vol.All([str], vol.Length(min=1, max=100))),
    vol.Required("text"): str,
    vol.Optional("encoding"): vol.In(("auto", "gsm7", "ucs2")),
    vol.Optional("flash", default=False): bool,
    vol.Optional("delivery_report"): bool,
    vol.Optional("validity"): vol.All(int, vol.Range(min=60, max=LONGEST_VALIDITY)),
    vol.Optional("priority", default="normal"): vol.In(("normal", "high")),
    vol.Optional("on_unknown", default="keep"): vol.In(("keep", "resend")),
}


@dataclass(frozen=True)
class _Plan:
    """One message: by itself, or in a storm of so many ``times``; ``costs`` in parts."""

    message: NewMessage
    costs: int
    times: int | None = None
    joins: str | None = None
    due: float | None = None

    def listed(self) -> dict[str, Any]:
        """What the answer says of it."""
        message = self.message
        return {
            "message": self.joins or message.key,
            "to": message.to,
            "parts": len(message.parts),
            "encoding": message.encoding,
            **({} if self.times is None else {"collapsed": self.times}),
        }


class Order:
    """A checked request to send: who gets what. RequestError when the rules say no."""

    def __init__(self, host: Host, request: Request) -> None:
        self._host = host
        self._settings = host.config.sms
        self._request = request
        self.recipients = self._resolve(request["to"])
        _measure(request["text"], request.get("encoding") or self._settings.encoding)

    def _resolve(self, to: str | list[str]) -> dict[str, str | None]:
        book = self._host.config.addresses
        recipients: dict[str, str | None] = {}
        for name in [to] if isinstance(to, str) else to:
            try:
                found = book.resolve(name)
            except ValueError as error:
                raise RequestError("invalid_request", f"to: {error}") from error
            for recipient in found:
                recipients.setdefault(recipient.number, recipient.contact)
        refused = [number for number in recipients if not book.allowed(number)]
        if refused:
            raise RequestError(
                "forbidden", f"sms.allow_to does not allow {', '.join(refused)}; nothing was sent"
            )
        return recipients

    def accept(self, tables: Any) -> tuple[Accepted, list[Any]]:
        """Put the messages into the outbox; return the answer, and those that are new there.

        RequestError when a cap on cost is reached, LoopError when two machines answer each other.
        """
        now = self._host.now()
        for number in self.recipients:
            check_loop(tables, self._settings.loop_limit, number, now)
        plans = [
            self._plan(tables, number, contact, now) for number, contact in self.recipients.items()
        ]
        check_caps(tables, self._settings.limits, sum(plan.costs for plan in plans), now)
        fresh = [plan.message for plan in plans if plan.joins is None]
        accepted = tables.outbox.accept(fresh, now)
        for plan in plans:
            if plan.joins is not None:
                tables.storms.add(plan.joins, plan.message)
            elif plan.due is not None:
                tables.storms.open(plan.message.key, self._request["text"], plan.due)
        return Accepted({"messages": [plan.listed() for plan in plans]}), accepted

    def _plan(self, tables: Any, number: str, contact: str | None, now: float) -> "_Plan":
        """What becomes of the message to one recipient: one of its own, or one in a storm."""
        text, window = self._request["text"], self._settings.collapse
        last = tables.storms.last(number, text, now - 2 * window, now) if window else None
        if last is None or now >= last.begun + window:
            message = self._message(tables, number, contact, text, now)
            return _Plan(message, len(message.parts))
        if last.waiting:
            times = last.times + 1
            message = self._message(tables, number, contact, f"{text} ({times}x)", now)
            return _Plan(message, len(message.parts) - last.parts, times, joins=last.key)
        message = self._message(tables, number, contact, text, now)
        return _Plan(message, len(message.parts), 1, due=last.begun + window)

    def _message(
        self, tables: Any, number: str, contact: str | None, text: str, now: float
    ) -> NewMessage:
        request = self._request
        coding, count = _measure(text, request.get("encoding") or self._settings.encoding)
        validity = request.get("validity") or self._settings.validity
        report = request.get("delivery_report")
        report = self._settings.delivery_report if report is None else report
        lasting = validity if request.ttl is None else min(validity, request.ttl)
        encoding: Literal["gsm7", "ucs2"] = "gsm7" if coding == "gsm7" else "ucs2"
        try:
            parts = pdu.submit(
                number,
                text,
                encoding=encoding,
                flash=request["flash"],
                report=report,
                validity=timedelta(seconds=validity),
                reference=_concatenation_reference(tables) if count > 1 else 0,
            )
        except pdu.PduError as error:
            raise RequestError("invalid_request", str(error)) from error
        return NewMessage(
            key=uuid.uuid4().hex[:16],
            request=request.id,
            to=number,
            contact=contact,
            text=text,
            encoding=coding,
            flash=request["flash"],
            report=report,
            priority=1 if request["priority"] == "high" else 0,
            on_unknown=request["on_unknown"],
            expires=now + lasting,
            parts=[NewPart(e.pdu, e.length) for e in (part.encode() for part in parts)],
        )


def _measure(text: str, encoding: Any) -> tuple[str, int]:
    """The encoding that a text gets, and in how many parts; RequestError when it cannot have it."""
    try:
        return pdu.measure(text, encoding)
    except pdu.PduError as error:
        raise RequestError("invalid_request", f"text: {error}") from error


def _concatenation_reference(tables: Any) -> int:
    """The next reference number: messages to one phone must not share one (23.040, 9.2.3.24.1)."""
    reference = (int(tables.facts.get("concatenation_reference") or 0) + 1) % 256
    tables.facts.set("concatenation_reference", str(reference))
    return reference


def describe(message: Any, parts: Iterable[Any] = ()) -> dict[str, Any]:
    """A message of the outbox as requests list it."""
    listed = {
        "message": message.key,
        "id": message.request,
        "to": message.to,
        "contact": message.contact,
        "text": message.text,
        "state": message.state,
        "encoding": message.encoding,
        "parts": message.parts,
        "parts_sent": message.parts_sent,
        "error": message.error,
        "created": _time(message.created),
        "updated": _time(message.updated),
        "expires": _time(message.expires),
        "attempts": message.attempts,
    }
    states = [{"part": p.seq, "state": p.state, "status": p.status} for p in parts]
    return {**listed, **({"part_states": states} if states else {})}


def _time(moment: float | None) -> str | None:
    return None if moment is None else iso(moment)
