"""A bridge at work, with everything about it that can break in the test's hands."""

import contextlib
import itertools
import random
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from n11bridge.simulator import Control, ControlError
from tests.e2e.house import House
from tests.e2e.processes import Mosquitto
from tests.e2e.proxy import Proxy

from .accounts import Arrival, Asked, Audit, Findings, Heard, Leeway, Order
from .clock import Clock
from .stillness import rest

#: So long the broker may be silent (seconds); faults that are about that wait longer.
KEEPALIVE = 7200
BASE: Mapping[str, Any] = {
    "sms": {"limits": {"minute": 100_000, "hour": 100_000, "day": 100_000}},
    # An hour that passes in a moment is no silence of the broker.
    "mqtt": {"keepalive": KEEPALIVE},
    # Nobody is to look at the network oftener than the test asks for it.
    "signal": {"interval": 3600},
}
#: What the daemon will do of itself within this time (seconds) belongs to what it is at: the clock
#: goes on to that moment. At most so often in a row.
SOON, MOST_SOON = 2.5, 400
#: Who is not at rest after so many times ten seconds will never be.
MOST_BUSY = 6
#: What the clock goes on by otherwise, as long as something is still to come (seconds): the pauses
#: of the daemon, then its time-outs, then its longest back-off.
STEPS = (2, 5, 5, 10, 20, 30, *[60] * 6, *[300] * 12, *[900] * 8)
#: What might still come late does so within this time (seconds).
AFTERWARDS = 2000.0


class Scene:
    """Broker, proxy, simulated modem, daemon and subscriber, and the books on all they do."""

    def __init__(
        self, folder: Path, seed: int, *options: str, settings: Mapping[str, Any] | None = None
    ) -> None:
        self.folder = folder
        self.rng = random.Random(seed)
        self.asked = Asked()
        self.leeway = Leeway()
        #: How often faults have struck before this one: what goes through positions begins there.
        self.turn = 0
        #: How often they have struck here.
        self.strikes = 0
        self._numbers = itertools.count(1)
        self._seed = seed
        self._parsed = 0
        self._sent_before = 0
        self._listed: str | None = None
        self._responses: list[dict[str, Any]] = []
        self._statuses: list[dict[str, Any]] = []
        self._received: list[dict[str, Any]] = []
        with contextlib.ExitStack() as stack:
            (folder / "broker").mkdir(parents=True)
            self.broker = Mosquitto(folder / "broker", persistent=True)
            stack.callback(self.broker.clean_up)
            self.broker.start()
            self.proxy = Proxy(self.broker.port)
            stack.callback(self.proxy.cut)
            self.clock = Clock(folder / "clock")
            self.house = House(
                folder,
                self.broker,
                *("--baud", "115200", *options),
                broker_port=self.proxy.port,
                launcher=self.clock.launcher,
                **{**BASE, **(settings or {})},
            )
            stack.callback(self.house.end)
            self.house.simulator.start()
            self._stack = stack.pop_all()

    def __enter__(self) -> "Scene":
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    # -- the parts

    @property
    def modem(self) -> Control:
        """Network and fate of the simulated modem."""
        return self.house.modem

    def start(self) -> None:
        """Start the daemon, if it does not run."""
        if self.house.daemon.pid is not None and not self.house.daemon.running:
            self.house.daemon.wait()
        if self.house.daemon.pid is None:
            self.house.daemon.start()

    def kill(self) -> None:
        """``kill -9``, if it runs."""
        if self.house.daemon.pid is not None:
            self.house.daemon.kill()

    def rest(self) -> bool:
        """Return once neither daemon nor modem has anything to do until the clock goes on.

        False if that is not so after ten seconds of ours.
        """
        return rest(self.house.daemon.pid, self.house.simulator.pid)

    def advance(self, seconds: float) -> None:
        """Let so many seconds pass for the daemon, in a moment."""
        self.clock.advance(seconds, self.house.daemon.pid)

    def excuse(self, **leeway: Any) -> None:
        """This much may honestly come of what is done now."""
        self.leeway += Leeway(**leeway)

    def held(self) -> bool:
        """Wait until all is at rest; whether the modem holds bytes back then."""
        self.rest()
        try:
            self.modem.do("wait", held=True, timeout=0.01)
        except ControlError:
            return False
        return True

    # -- traffic

    def number(self) -> str:
        """A number that nobody else has."""
        return f"+4917{self.rng.randrange(10**8):08}"

    def text(self, parts: int = 1) -> str:
        """A text of so many parts, each of which bears its tag."""
        tag = f"#{self._seed % 1000:03}x{next(self._numbers)};"
        if self.rng.random() < 0.2:
            tag += "\N{EARTH GLOBE EUROPE-AFRICA}"  # UCS2
            size = 70 if parts == 1 else 67 * parts
            return tag * (size // (len(tag) + 1))
        size = self.rng.choice((10, 70, 160)) if parts == 1 else 153 * parts
        return tag * max(1, size // len(tag))

    def order(self, to: Sequence[str] = (), *, parts: int = 1, **changes: Any) -> Order:
        """Ask for a text to be sent; what it may end as and the like in ``changes``."""
        resend = changes.pop("resend", self.rng.random() < 0.3)
        request = changes.pop("request", {})
        id_ = f"{self._seed}-{next(self._numbers)}"
        order = Order(id_, [*to] or [self.number()], self.text(parts), resend, **changes)
        self.asked.orders.append(order)
        payload = {"id": id_, "to": order.to, "text": order.text, **request}
        payload["on_unknown"] = "resend" if resend else "keep"
        self.house.publish("sms/send", payload, wait=False)
        return order

    def arrive(self, *, parts: int = 1, order: Sequence[int] | None = None) -> Arrival:
        """Let a text come from the network."""
        arrival = Arrival(self.text(parts))
        self.asked.arrivals.append(arrival)
        more = {"order": order} if order else {}
        self.modem.do("receive", from_=self.number(), text=arrival.text, **more)
        return arrival

    def question(self, name: str = "signal/read", **parameters: Any) -> str:
        """Ask for something else; return the id of the request."""
        id_ = f"{self._seed}-{next(self._numbers)}"
        self.asked.questions[id_] = name
        self.house.publish(name, {"id": id_, **parameters}, wait=False)
        return id_

    def traffic(self) -> None:
        """Some of everything: two messages out and two in, one of each in parts, a question."""
        for number, parts in enumerate(self.rng.sample((1, 2), 2)):
            self.order(
                [self.number() for _ in range(1 + (number and self.rng.randrange(2)))], parts=parts
            )
            self.arrive(parts=parts, order=self.rng.sample(range(1, parts + 1), parts))
        self.question()

    # -- the books

    def ledger(self) -> dict[str, Any]:
        """The modem's ledger, since these books were begun."""
        return self.modem.do("ledger", since=self._sent_before)

    def heard(self, inbox: Sequence[Mapping[str, Any]] | None = None) -> Heard:
        """The subscriber's ledger as it stands."""
        base = f"{self.house.base}/"
        messages = self.house.heard.since(self._parsed)
        self._parsed += len(messages)
        for message in messages:
            path = message.topic.removeprefix(base)
            if path.startswith("response/"):
                self._responses.append(message.json)
            elif path == "event/sms/status":
                self._statuses.append(message.json)
            elif path == "event/sms/received":
                self._received.append(message.json)
        return Heard(self._responses, self._statuses, self._received, inbox)

    def audit(self, inbox: Sequence[Mapping[str, Any]] | None = None) -> Findings:
        """Compare the ledgers."""
        sent = self.ledger()["sent"]
        return Audit(self.asked, sent, self.heard(inbox), self.leeway).close()

    def settled(self) -> bool:
        """Whether nothing is owed any more, and nothing is left with the modem."""
        ledger = self.ledger()
        left = ledger["waiting"] or any(ledger["storages"].values())
        findings = self.audit()
        return not (left or findings.lost or findings.unanswered)

    def settle(self) -> bool:
        """Let time pass until all is settled; False if it is not within hours."""
        steps, soon, busy = iter(STEPS), 0, 0
        while self.house.daemon.running and busy < MOST_BUSY:
            busy += not self.rest()
            if self.settled():
                return True
            gap = self.clock.gap
            if gap <= SOON and soon < MOST_SOON:
                soon += 1
                self.advance(max(gap, 0.0) + 0.001)
                continue
            step = next(steps, None)
            if step is None:
                return False
            self.advance(step)
        return False

    def inbox(self) -> list[dict[str, Any]]:
        """All that the bridge says it has received."""
        messages: list[dict[str, Any]] = []
        while True:
            since = messages[-1]["uid"] if messages else self._listed
            mark = self.house.heard.mark()
            id_ = self.question("sms/inbox", since=since, limit=1000)
            page = self.house.response("sms/inbox", mark, id=id_)["data"]["messages"]
            messages += page
            if len(page) < 1000:
                return messages

    def close_books(self) -> Findings:
        """Wait for what might still come, and compare everything."""
        self.advance(AFTERWARDS)
        self.rest()
        return self.audit(self.inbox())

    def new_books(self) -> None:
        """Begin anew, with all accounts even: what was so far is not looked at again."""
        self._sent_before += len(self.ledger()["sent"])
        self._listed = self.inbox()[-1:][0]["uid"] if self._received else self._listed
        self.asked, self.leeway = Asked(), Leeway()
        self.heard()
        self._responses, self._statuses, self._received = [], [], []
