"""A real Home Assistant with our component, and the house of a modem that it discovered."""

from dataclasses import dataclass
from typing import Any

from .home_assistant import HomeAssistant
from .house import House
from .processes import Mosquitto

ALICE, BOB = "+491701234567", "+491707654321"
ENTITY = "event.n11_text_or_replay"


@dataclass
class Home:
    """What belongs together; `house` has the prefix that is discovered."""

    assistant: HomeAssistant
    broker: Mosquitto
    house: House

    def set_up(self) -> None:
        """Install, start, and say yes to what has been discovered."""
        self.assistant.install_component()
        self.assistant.start()
        self.assistant.use_broker(self.broker.port)
        self.house.open()
        self.assistant.add_discovered("n11bridge")
        self.assistant.wait_state(ENTITY, "unknown")
        # The first time it only looks where the list ends: from then on nothing is missed.
        self.assistant.wait_for(self.assistant.places)
        # It writes such things a little later, which a power failure would forestall.
        entries = self.assistant.folder / ".storage" / "core.config_entries"
        self.assistant.wait_for(lambda: "n11bridge/" in entries.read_text())
        self.wait_available()

    def receive(self, *texts: str) -> None:
        """Have texts of Alice's come in over the air; return once the bridge has told of them."""
        for text in texts:
            mark = self.house.heard.mark()
            self.house.modem.do("receive", from_=ALICE, text=text)
            self.house.received(mark, text=text)

    def wait_heard(self, before: int, *expected: tuple[str, bool]) -> None:
        """Return once these texts were told after so many others, and no more."""
        heard = self.assistant.heard
        self.assistant.wait_for(lambda: len(heard()) >= before + len(expected), heard)
        assert heard()[before:] == [*expected]

    def send(self, to: Any, text: str, **more: Any) -> Any:
        """Send a text by our action, wait until it is sent, and return what the action says."""
        return self.assistant.answer(
            "n11bridge.send_sms", to=to, text=text, **{"wait": "sent"} | more
        )

    def unavailable(self) -> set[str]:
        """The entities of MQTT and of our component that are unavailable."""
        states, known = self.assistant.states(), self.assistant.entities()
        ours = {each for each, entry in known.items() if entry["platform"] in ("mqtt", "n11bridge")}
        return {each for each in ours & states.keys() if states[each]["state"] == "unavailable"}

    def wait_available(self) -> None:
        """Return once all is available; jamming is not looked for."""
        jamming = {"binary_sensor.n11_jamming", "binary_sensor.shed_jamming"}
        self.assistant.wait_for(lambda: self.unavailable() <= jamming, self.unavailable)
