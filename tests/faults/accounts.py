"""Three ledgers, compared: what was asked, what the network saw, what a subscriber heard.

Every text bears its tag in each of its parts, so that a part is known wherever it turns up.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from itertools import pairwise
from typing import Any

TAG = re.compile(r"#\w+;")
#: What is done with; `sent` may still become `delivered`, and need not.
FINAL = {"sent", "delivered", "undelivered", "failed", "expired", "cancelled", "unknown"}
SENT = {"sent", "delivered", "undelivered"}


@dataclass(frozen=True)
class Leeway:
    """What a fault may honestly cause, besides being survived."""

    #: So many messages may end as `unknown`, or be sent again where that was asked for.
    unknown: int = 0
    #: MQTT may bring the same words again, for its acknowledgement was lost (QoS 1, at least once).
    repeated: bool = False
    #: Requests may be refused with these codes.
    refused: frozenset[str] = frozenset()

    def __add__(self, other: "Leeway") -> "Leeway":
        return Leeway(
            self.unknown + other.unknown,
            self.repeated or other.repeated,
            self.refused | other.refused,
        )


@dataclass(frozen=True)
class Order:
    """A request to send one text to some numbers; ``ends`` are the states it may end in."""

    id: str
    to: Sequence[str]
    text: str
    resend: bool = False
    ends: frozenset[str] = frozenset(SENT)


@dataclass(frozen=True)
class Arrival:
    """A text that came from the network; not ``whole`` while some of its parts did not."""

    text: str
    whole: bool = True


@dataclass
class Asked:
    """The first ledger: what the test asked for."""

    orders: list[Order] = field(default_factory=list)
    questions: dict[str, str] = field(default_factory=dict)
    arrivals: list[Arrival] = field(default_factory=list)


@dataclass
class Heard:
    """The third ledger: what the subscriber heard, and the bridge's own list of what came in."""

    responses: Sequence[Mapping[str, Any]] = ()
    statuses: Sequence[Mapping[str, Any]] = ()
    received: Sequence[Mapping[str, Any]] = ()
    inbox: Sequence[Mapping[str, Any]] | None = None


@dataclass
class Findings:
    """What the comparison came to; each list has a sentence for each case."""

    lost: list[str] = field(default_factory=list)
    duplicated: list[str] = field(default_factory=list)
    unanswered: list[str] = field(default_factory=list)
    #: Neither lost nor doubled, and yet not as it must be.
    wrong: list[str] = field(default_factory=list)
    sent: int = 0
    received: int = 0
    answered: int = 0
    unknown: int = 0
    repeated: int = 0

    @property
    def good(self) -> bool:
        """Whether every account is even."""
        return not (self.lost or self.duplicated or self.unanswered or self.wrong)

    def __add__(self, other: "Findings") -> "Findings":
        sums = {f.name: getattr(self, f.name) + getattr(other, f.name) for f in fields(self)}
        return Findings(**sums)


class Audit:
    """One comparison; ``sent`` is the second ledger, the simulator's."""

    def __init__(
        self, asked: Asked, sent: Sequence[Mapping[str, Any]], heard: Heard, leeway: Leeway
    ) -> None:
        self._asked = asked
        self._heard = heard
        self._leeway = leeway
        self._tags = {tag_of(order.text) for order in asked.orders}
        self._copies: dict[tuple[str, str], Counter[int]] = defaultdict(Counter)
        self.findings = Findings()
        for entry in sent:
            self._copies[entry["number"], tag_of(entry["text"])][_part(entry["header"])] += 1

    def close(self) -> Findings:
        """Compare everything."""
        self._answers()
        for order in self._asked.orders:
            self._order(order)
        self._strangers()
        for arrival in self._asked.arrivals:
            self._arrival(arrival)
        if self.findings.unknown > self._leeway.unknown:
            self.findings.wrong.append(
                f"{self.findings.unknown} messages are unknown, {self._leeway.unknown} may be"
            )
        return self.findings

    def _again(self, what: str) -> None:
        if self._leeway.repeated:
            self.findings.repeated += 1
        else:
            self.findings.duplicated.append(what)

    # -- requests

    def _answers(self) -> None:
        ids = [order.id for order in self._asked.orders] + [*self._asked.questions]
        answers: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
        for response in self._heard.responses:
            answers[str(response.get("id"))].append(response)
        for id_ in ids:
            first, *more = answers.pop(id_, [None])
            if first is None:
                self.findings.unanswered.append(f"request {id_}")
                continue
            self.findings.answered += 1
            for each in more:
                if each != first:
                    self.findings.wrong.append(f"request {id_}: {first}, and then {each}")
                self._again(f"the answer to request {id_}")
        self.findings.wrong += [f"an answer to {id_}, which nobody asked" for id_ in answers]

    # -- outgoing

    def _order(self, order: Order) -> None:
        answer = next((r for r in self._heard.responses if r.get("id") == order.id), None)
        if answer is None:
            return
        if answer["status"] != "accepted":
            code = answer["error"]["code"]
            if code not in self._leeway.refused:
                self.findings.wrong.append(f"request {order.id} was refused: {answer['error']}")
            for number in order.to:
                self._copies_of(order, number, 0, 0)
            return
        parts = {message["to"]: message for message in answer["data"]["messages"]}
        for number in order.to:
            self._message(order, number, parts[number]["message"], parts[number]["parts"])

    def _message(self, order: Order, number: str, key: str, parts: int) -> None:
        told = [e["state"] for e in self._heard.statuses if e["message"] == key]
        for before, after in pairwise(told):
            if before == after:
                self._again(f"{key}: {after} was told twice")
        name = f"message {key} ({tag_of(order.text)}, told {told})"
        end = told[-1] if told else None
        if self._leeway.repeated:
            # What was in flight is told again, in order: the last end stands.
            end = next((state for state in reversed(told) if state in FINAL), end)
        if end not in FINAL:
            self.findings.lost.append(name)
            return
        if end == "unknown":
            self.findings.unknown += 1
            if order.resend:
                self.findings.wrong.append(f"{name} was to be sent again")
        elif end not in order.ends:
            self.findings.wrong.append(f"{name} ends as {end}, not {sorted(order.ends)}")
        most = 1 + (self._leeway.unknown if order.resend else 0)
        least = 1 if end in SENT else 0
        if end in ("failed", "expired", "cancelled"):
            most = 0
        copies = self._copies_of(order, number, parts * least, most)
        self.findings.sent += end in SENT and copies

    def _copies_of(self, order: Order, number: str, parts: int, most: int) -> bool:
        """Whether the network has what it must have, and not more."""
        copies = self._copies[number, tag_of(order.text)]
        name = f"{tag_of(order.text)} to {number}"
        missing = [seq for seq in range(1, parts + 1) if not copies[seq]]
        if missing:
            self.findings.lost.append(f"{name}: the network has not seen parts {missing}")
        for seq, count in copies.items():
            if count > max(most, 0):
                self.findings.duplicated.append(f"{name}: part {seq} went out {count} times")
        return not missing

    def _strangers(self) -> None:
        for number, tag in self._copies:
            if self._copies[number, tag] and tag not in self._tags:
                self.findings.wrong.append(f"{tag!r} to {number} went out, which nobody asked")

    # -- incoming

    def _arrival(self, arrival: Arrival) -> None:
        tag = tag_of(arrival.text)
        name = f"received {tag}"
        events = [e for e in self._heard.received if tag == tag_of(e["text"] or "")]
        listed = [e for e in self._heard.inbox or () if tag == tag_of(e["text"] or "")]
        if not events:
            self.findings.lost.append(name)
            return
        self.findings.received += 1
        uids = {e["uid"] for e in (*events, *listed)}
        if len(uids) > 1:
            self.findings.duplicated.append(f"{name} has the uids {sorted(uids)}")
        self.findings.duplicated += [
            f"{name} came again, not marked as redelivered"
            for event in events[1:]
            if not event["redelivered"]
        ]
        self.findings.repeated += len(events[1:])
        if self._heard.inbox is not None and len(listed) != 1:
            self.findings.wrong.append(f"{name} is {len(listed)} times in sms/inbox")
        if arrival.whole and any(e["text"] != arrival.text for e in (*events[-1:], *listed)):
            self.findings.wrong.append(f"{name} is not the text that was sent")


def tag_of(text: str) -> str:
    """The tag that a text bears; the text itself if it bears none.

    The one it bears most often: where a part is missing, two halves may look like another.
    """
    found = Counter(TAG.findall(text)).most_common(1)
    return found[0][0] if found else text


def _part(header: str) -> int:
    """The number of a part, by its concatenation header (23.040, 9.2.3.24.1); 1 without one."""
    return int(header[-2:], 16) if header else 1
