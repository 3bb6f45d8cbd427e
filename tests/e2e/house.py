"""A modem, its bridge and somebody who listens, at a broker."""

import itertools
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from n11bridge.simulator import Control

from .declared import undeclared
from .journal import PATIENCE
from .processes import Daemon, Mosquitto, Simulator
from .subscriber import Message, Subscriber

_NUMBERS = itertools.count(1)

#: Settings that a test is not about: nothing here is to stand in its way.
SETTINGS: dict[str, Any] = {
    "sms": {"limits": {"minute": 1000, "hour": 1000, "day": 1000}},
    "signal": {"interval": 3600},
}


class House:
    """Simulator, daemon and subscriber below a prefix of their own; started part by part."""

    def __init__(
        self,
        folder: Path,
        broker: Mosquitto,
        *options: str,
        broker_port: int | None = None,
        launcher: Sequence[str] = (),
        login: tuple[str, str] | None = None,
        names: tuple[str, str] | None = None,
        called: str = "n11",
        **settings: Any,
    ) -> None:
        number = next(_NUMBERS)
        self.prefix, self.discovery = names or (f"house{number}", f"house{number}-ha")
        self.base = f"{self.prefix}/{called}"
        self.store = folder / "n11.db"
        self.broker = broker
        self.simulator = Simulator(folder, *options)
        self.config = folder / "n11bridge.yaml"
        self._settings = {
            "modem": {"name": called, "port": str(self.simulator.link)},
            "mqtt": {
                "host": "127.0.0.1",
                "port": broker_port or broker.port,
                "client_id": f"{self.prefix}-{called}",
                "prefix": self.prefix,
                "discovery": self.discovery,
            },
            "store": str(self.store),
            **SETTINGS,
        }
        self.configure(**settings)
        self.daemon = Daemon(self.config, launcher)
        self.subscriber = Subscriber(
            broker.port,
            f"{self.prefix}-{called}-test",
            f"{self.prefix}/#",
            f"{self.discovery}/#",
            login=login,
        )
        self.heard = self.subscriber.heard
        self._ids = itertools.count(1)

    def configure(self, **settings: Any) -> None:
        """Write the configuration anew, with these sections on top; None takes one away."""
        for name, section in settings.items():
            known = self._settings.get(name)
            merge = isinstance(section, Mapping) and isinstance(known, Mapping)
            self._settings[name] = {**known, **section} if merge else section
        self._settings = {name: s for name, s in self._settings.items() if s is not None}
        self.config.write_text(yaml.safe_dump(self._settings, allow_unicode=True))

    # -- life

    def start(self, status: str | None = "ready") -> None:
        """Start the daemon; return once it is connected and the modem is in this status."""
        mark = self.heard.mark()
        self.daemon.start()
        self.online(mark)
        if status is not None:
            self.wait_status(status, after=mark)

    def online(self, after: int) -> None:
        """Return once availability said online."""
        topic = f"{self.base}/availability"
        self.heard.wait_for(lambda m: m.topic == topic and m.payload == b"online", after=after)

    def open(self, status: str | None = "ready") -> "House":
        """Switch the modem on and start the daemon."""
        self.simulator.start()
        self.start(status)
        return self

    def reopen(self, status: str | None = "ready") -> None:
        """``kill -9`` and a start on the same store."""
        self.daemon.kill()
        self.start(status)

    def end(self) -> None:
        """End everything."""
        self.daemon.clean_up()
        self.simulator.clean_up()
        self.subscriber.close()

    def close(self) -> None:
        """End everything, and leave the logs where a failing test shows them."""
        self.end()
        for name, program in (("daemon", self.daemon), ("simulator", self.simulator)):
            print(f"--- {name}", *program.output.since(), sep="\n")

    def check_payloads(self) -> None:
        """AssertionError when anything was published that the contract does not declare."""
        wrong = undeclared(self.base, self.heard.since())
        assert not wrong, "\n".join(dict.fromkeys(wrong))

    # -- the modem's side

    @property
    def modem(self) -> Control:
        """Network and fate of the simulated modem."""
        return self.simulator.control

    def ledger(self) -> dict[str, Any]:
        """What the simulator saw."""
        return self.modem.do("ledger")

    def sent(self, number: str | None = None) -> list[dict[str, Any]]:
        """What went out to the network, to one number or to all."""
        return [m for m in self.ledger()["sent"] if number in (None, m["number"])]

    def lose_network(self) -> None:
        """Let the network vanish; return once the daemon knows."""
        mark = self.heard.mark()
        self.modem.do("network", stat=2)
        self.wait_status("searching", after=mark)

    def wait(self, **conditions: Any) -> None:
        """Wait for the simulator; see its action ``wait``."""
        self.modem.do("wait", **{"timeout": PATIENCE, **conditions})

    # -- the broker's side

    def events(self, name: str, after: int = 0) -> list[dict[str, Any]]:
        """The events of one name, in order."""
        return [m.json for m in self.heard.since(after) if m.topic == f"{self.base}/event/{name}"]

    def wait_event(self, name: str, after: int = 0, **values: Any) -> dict[str, Any]:
        """The first event with these values."""
        topic = f"{self.base}/event/{name}"

        def fits(message: Message) -> bool:
            return message.topic == topic and values.items() <= message.json.items()

        event: dict[str, Any] = self.heard.wait_for(fits, after=after).json
        assert event["event_type"] == name.rpartition("/")[2]
        assert event["time"] or name == "sms/received"
        return event

    def received(self, after: int = 0, **values: Any) -> dict[str, Any]:
        """The first message received with these values; ``from_`` is its sender."""
        fields = {name.rstrip("_"): value for name, value in values.items()}
        return self.wait_event("sms/received", after, **fields)

    def state(self, capability: str) -> dict[str, Any]:
        """The state as it was published last."""
        topic = f"{self.base}/state/{capability}"
        found: dict[str, Any] = [m.json for m in self.heard.since() if m.topic == topic][-1]
        return found

    def wait_state(self, capability: str, after: int = 0, **values: Any) -> dict[str, Any]:
        """A state with these values."""
        topic = f"{self.base}/state/{capability}"

        def fits(message: Message) -> bool:
            return message.topic == topic and values.items() <= message.json.items()

        state: dict[str, Any] = self.heard.wait_for(fits, after=after).json
        return state

    def wait_status(self, status: str, after: int = 0) -> None:
        """Return once the modem's status is this."""
        self.wait_state("modem", after, status=status)

    # -- requests

    def publish(self, name: str, payload: Any, **how: Any) -> None:
        """Publish a request as it is: an object becomes JSON, text and bytes stay."""
        plain = isinstance(payload, str | bytes)
        text = payload if plain else json.dumps(payload)
        self.subscriber.publish(f"{self.base}/request/{name}", text, **how)

    def response(self, name: str, after: int, **values: Any) -> dict[str, Any]:
        """The first response with these values."""
        topic = f"{self.base}/response/{name}"

        def fits(message: Message) -> bool:
            return message.topic == topic and values.items() <= message.json.items()

        response: dict[str, Any] = self.heard.wait_for(fits, after=after).json
        return response

    def ask(self, name: str, /, **parameters: Any) -> dict[str, Any]:
        """Publish a request with an id and return its response."""
        id_ = parameters.setdefault("id", f"{self.prefix}-{next(self._ids)}")
        mark = self.heard.mark()
        self.publish(name, parameters)
        return self.response(name, mark, id=id_)

    def ask_raw(self, name: str, payload: Any, answered: str | None = None, **how: Any) -> Any:
        """Publish a payload and return the first response on its topic."""
        mark = self.heard.mark()
        self.publish(name, payload, **how)
        return self.response(answered or name, mark)

    def send(self, to: Any, text: str, **parameters: Any) -> list[str]:
        """Have messages accepted; return their keys, in the order of the recipients."""
        response = self.ask("sms/send", to=to, text=text, **parameters)
        assert response["status"] == "accepted", response
        return [message["message"] for message in response["data"]["messages"]]

    def states(self, key: str) -> list[str]:
        """The states that one message was said to be in, in order."""
        return [e["state"] for e in self.events("sms/status") if e["message"] == key]

    def wait_message(self, key: str, state: str) -> dict[str, Any]:
        """The event that says that a message is in this state."""
        return self.wait_event("sms/status", message=key, state=state)

    def wait_until_settled(self, keys: list[str]) -> None:
        """Return once each of these messages is said to be sent, or nobody knows whether it is."""

        def settled(heard: Sequence[Message]) -> bool:
            return all({"sent", "unknown"} & {*self.states(key)} for key in keys)

        self.heard.wait_until(settled)
