"""What a request to send becomes: messages for the outbox, if the rules of the house allow it."""

import math
import uuid
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

import voluptuous as vol

from n11bridge import pdu
from n11bridge.capability import Accepted, Host, Request, RequestError
from n11bridge.message import NewMessage, NewPart

#: The windows of the cost caps in seconds, by their names in the configuration.
WINDOWS = {"minute": 60.0, "hour": 3600.0, "day": 86400.0}

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


class Order:
    """A checked request to send: who gets what. RequestError when the rules say no."""

    def __init__(self, host: Host, request: Request) -> None:
        self._host = host
        self._settings = host.config.sms
        self._request = request
        self.recipients = self._resolve(request["to"])
        encoding = request.get("encoding") or self._settings.encoding
        try:
            self._encoding, self.parts = pdu.measure(request["text"], encoding)
        except pdu.PduError as error:
            raise RequestError("invalid_request", f"text: {error}") from error

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
        """Put the messages into the outbox, unless a cost cap is reached."""
        now = self._host.now()
        self._check_limits(tables, now)
        messages = [
            self._message(tables, number, contact, now)
            for number, contact in self.recipients.items()
        ]
        accepted = tables.outbox.accept(messages, now)
        listed = [
            {"message": m.key, "to": m.to, "parts": len(m.parts), "encoding": m.encoding}
            for m in messages
        ]
        return Accepted({"messages": listed}), accepted

    def _check_limits(self, tables: Any, now: float) -> None:
        wanted = self.parts * len(self.recipients)
        for name, window in WINDOWS.items():
            limit = getattr(self._settings.limits, name)
            if wanted > limit:
                raise RequestError(
                    "rate_limited",
                    f"{wanted} parts at once are more than sms.limits.{name} ({limit}) ever allows",
                )
            spent = tables.outbox.parts_accepted_since(now - window, now)
            if spent + wanted > limit:
                oldest = tables.outbox.oldest_accepted(now - window) or now
                frees = math.ceil(max(0.0, oldest + window - now))
                raise RequestError(
                    "rate_limited",
                    f"sms.limits.{name} is reached ({spent} of {limit} parts); "
                    f"it begins to free in {frees} s",
                    retryable=True,
                )

    def _message(self, tables: Any, number: str, contact: str | None, now: float) -> NewMessage:
        request = self._request
        validity = request.get("validity") or self._settings.validity
        report = request.get("delivery_report")
        report = self._settings.delivery_report if report is None else report
        lasting = validity if request.ttl is None else min(validity, request.ttl)
        encoding: Literal["gsm7", "ucs2"] = "gsm7" if self._encoding == "gsm7" else "ucs2"
        try:
            parts = pdu.submit(
                number,
                request["text"],
                encoding=encoding,
                flash=request["flash"],
                report=report,
                validity=timedelta(seconds=validity),
                reference=_concatenation_reference(tables) if self.parts > 1 else 0,
            )
        except pdu.PduError as error:
            raise RequestError("invalid_request", str(error)) from error
        return NewMessage(
            key=uuid.uuid4().hex[:16],
            request=request.id,
            to=number,
            contact=contact,
            text=request["text"],
            encoding=self._encoding,
            flash=request["flash"],
            report=report,
            priority=1 if request["priority"] == "high" else 0,
            on_unknown=request["on_unknown"],
            expires=now + lasting,
            parts=[NewPart(e.pdu, e.length) for e in (part.encode() for part in parts)],
        )


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
    if moment is None:
        return None
    return datetime.fromtimestamp(moment, UTC).astimezone().isoformat(timespec="seconds")
