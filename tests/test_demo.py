"""The demo as a newcomer runs it: it shows what it promises, and leaves nothing behind."""

import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import paho.mqtt.client as paho
import pytest

WITHOUT_AMQTT = "import sys; sys.modules['amqtt'] = None; from n11bridge.cli import main; "
NOTHING_MORE = "And this shows every message as it is"


def free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


def mentioning(words: str) -> list[int]:
    """The processes whose command line mentions this."""
    found = []
    for file in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            command = file.read_bytes()
        except OSError:
            continue  # it has just ended
        if words.encode() in command:
            found.append(int(file.parent.name))
    return found


class Demo:
    """A demo with temporary files of its own."""

    def __init__(self, folder: Path, *options: str, amqtt: bool = True, **environment: str) -> None:
        self.folder = folder / "tmp"
        self.folder.mkdir()
        start = ["-m", "n11bridge"] if amqtt else ["-c", f"{WITHOUT_AMQTT} sys.exit(main())"]
        self.lines: list[str] = []
        self.process = subprocess.Popen(
            [sys.executable, *start, "demo", "--speed", "fast", *options],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env={**os.environ, "TMPDIR": str(self.folder), **environment},
        )

    def shows(self, words: str) -> str:
        """The next line with these words."""
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.lines.append(line.rstrip("\n"))
            if words in line:
                return self.lines[-1]
        pytest.fail(f"{words!r} did not come:\n" + "\n".join(self.lines))

    def end(self, number: signal.Signals | None = signal.SIGINT) -> int:
        """Send a signal; return the exit code."""
        if number is not None:
            self.process.send_signal(number)
        rest, _ = self.process.communicate(timeout=30)
        self.lines += rest.splitlines()
        return self.process.returncode

    def assert_gone(self) -> None:
        assert "Traceback" not in "\n".join(self.lines)
        assert list(self.folder.iterdir()) == []
        assert mentioning(str(self.folder)) == []


NewDemo = Callable[..., Demo]


@pytest.fixture
def new_demo(tmp_path: Path) -> Iterator[NewDemo]:
    made: list[Demo] = []

    def make(*options: str, **keywords: Any) -> Demo:
        made.append(Demo(tmp_path, *options, **keywords))
        return made[-1]

    yield make
    for demo in made:
        if demo.process.poll() is None:
            demo.end()


class Mosquitto:
    """Somebody's broker, where the demo is a guest called joe."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        self.port = free_port()
        self.access = ["-p", str(self.port), "-u", "joe", "-P", "s3 cret$x"]
        passwords = folder / "passwords"
        passwords.touch(0o600)
        subprocess.run(["mosquitto_passwd", "-b", passwords, "joe", "s3 cret$x"], check=True)
        conf = folder / "mosquitto.conf"
        listener = f"user root\nlistener {self.port} 127.0.0.1"
        conf.write_text(f"{listener}\nallow_anonymous false\npassword_file {passwords}\n")
        self.process = subprocess.Popen(
            ["mosquitto", "-c", conf], stderr=subprocess.PIPE, text=True
        )
        assert self.process.stderr is not None
        for line in self.process.stderr:
            if line.endswith(" running\n"):
                return
        pytest.fail("mosquitto did not start")

    def end(self) -> None:
        if self.process.poll() is None:
            self.process.terminate()
            self.process.communicate()

    def publish(self, topic: str, text: str) -> None:
        command = ["mosquitto_pub", *self.access, "-q", "1", "-t", topic, "-m", text]
        subprocess.run(command, check=True)

    def retained(self) -> list[str]:
        command = ["mosquitto_sub", *self.access]
        options = ["-t", "#", "--retained-only", "-W", "1", "-F", "%t"]
        done = subprocess.run([*command, *options], capture_output=True, text=True, check=False)
        return done.stdout.split()

    def remembers(self, client_id: str) -> bool:
        """Whether there is a session of this client."""
        answers: list[bool] = []
        client = paho.Client(
            paho.CallbackAPIVersion.VERSION2, client_id, clean_session=False, protocol=paho.MQTTv311
        )
        client.username_pw_set("joe", "s3 cret$x")
        client.on_connect = lambda _c, _d, flags, _r, _p: answers.append(flags.session_present)
        client.connect("127.0.0.1", self.port)
        while not answers:
            client.loop(0.1)
        client.disconnect()
        return answers[0]


@pytest.fixture
def mosquitto(tmp_path: Path) -> Iterator[Mosquitto]:
    if shutil.which("mosquitto") is None or shutil.which("mosquitto_sub") is None:
        pytest.skip("mosquitto or its clients are not installed")
    broker = Mosquitto(tmp_path / "mosquitto")
    yield broker
    broker.end()


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_shows_what_it_promises_until_a_signal(new_demo: NewDemo, number: signal.Signals) -> None:
    pytest.importorskip("amqtt")
    demo = new_demo()
    demo.shows("modem     ready: Neoway Corp Ltd N11 V2")
    demo.shows("from www.tim.it, sent 2009-03-20: Maxxi Alice 100 ATTIVATA")
    demo.shows("from +34610789702, sent 2008-06-24, UCS-2: 中兴通讯")
    demo.shows("UCS-2, 3 parts: this is a very long message")
    for state in ("queued", "sending", "sent", "delivered"):
        demo.shows(f"text out  to alice (+491701234567): {state}")
    demo.shows("from alice (+491701234567), trusted: Thank you, your text no. 1")
    demo.shows(NOTHING_MORE)
    assert len(mentioning(str(demo.folder))) == 1  # the bridge
    assert demo.end(number) == 0
    assert demo.lines[-1] == "The demo is over; nothing is left of it."
    demo.assert_gone()


@pytest.mark.slow
@pytest.mark.parametrize("program", ["mosquitto_pub", sys.executable])
def test_what_it_offers_to_paste_works(new_demo: NewDemo, program: str) -> None:
    pytest.importorskip("amqtt")
    if shutil.which(program) is None:
        pytest.skip(f"{program} is not installed")
    demo = new_demo()
    command = demo.shows(f"  {program} ")
    subprocess.run(command, shell=True, check=True)
    demo.shows("request   n11bridge/demo/request/sms/send/alice Hello")
    demo.shows("to alice (+491701234567): delivered")
    demo.shows("Thank you, your text no. 2")
    assert demo.end() == 0


@pytest.mark.slow
def test_a_broker_in_use_is_as_clean_as_before(new_demo: NewDemo, mosquitto: Mosquitto) -> None:
    demo = new_demo(
        *("--broker", f"127.0.0.1:{mosquitto.port}", "--username", "joe", "--discovery"),
        N11_MQTT_PASSWORD="s3 cret$x",
    )
    demo.shows("delivered")
    demo.shows(NOTHING_MORE)
    kept = mosquitto.retained()
    assert "n11bridge/demo/state/modem" in kept
    assert "homeassistant/device/n11bridge_355910044336974/config" in kept
    assert demo.end() == 0
    assert mosquitto.retained() == []
    assert not mosquitto.remembers("n11bridge-demo")
    demo.assert_gone()


@pytest.mark.slow
def test_home_assistant_is_left_alone_unless_told(new_demo: NewDemo, mosquitto: Mosquitto) -> None:
    demo = new_demo(
        N11_MQTT_BROKER=f"127.0.0.1:{mosquitto.port}",
        N11_MQTT_USERNAME="joe",
        N11_MQTT_PASSWORD="s3 cret$x",
    )
    demo.shows("delivered")
    assert {topic.split("/")[0] for topic in mosquitto.retained()} == {"n11bridge"}
    assert demo.end() == 0


@pytest.mark.slow
def test_others_at_the_broker_do_not_disturb_it_and_its_end_is_told(
    new_demo: NewDemo, mosquitto: Mosquitto
) -> None:
    demo = new_demo(
        *("--broker", f"127.0.0.1:{mosquitto.port}", "--username", "joe"),
        N11_MQTT_PASSWORD="s3 cret$x",
    )
    demo.shows(NOTHING_MORE)
    mosquitto.publish("n11bridge/demo/state/modem", "")
    demo.shows("problem   n11bridge/demo/state/modem has what the bridge does not publish")
    mosquitto.publish("n11bridge/demo/event/sms/received", '{"from": "me"}')
    demo.shows("problem   n11bridge/demo/event/sms/received has what the bridge does not publish")
    mosquitto.end()
    demo.shows("broker    gone; waiting for it")
    assert demo.end() == 1
    assert "messages stay retained below n11bridge/demo" in "\n".join(demo.lines)
    demo.assert_gone()


@pytest.mark.slow
def test_mosquitto_takes_the_place_of_amqtt(new_demo: NewDemo) -> None:
    if shutil.which("mosquitto") is None:
        pytest.skip("mosquitto is not installed")
    demo = new_demo(amqtt=False)
    demo.shows("(mosquitto, part of this demo)")
    demo.shows("delivered")
    assert len(mentioning(str(demo.folder))) == 2  # the bridge and mosquitto
    assert demo.end() == 0
    demo.assert_gone()


@pytest.mark.slow
def test_the_end_of_the_bridge_is_told(new_demo: NewDemo) -> None:
    pytest.importorskip("amqtt")
    demo = new_demo()
    demo.shows("delivered")
    for bridge in mentioning(str(demo.folder)):
        os.kill(bridge, signal.SIGKILL)
    assert demo.end(None) == 1
    said = "\n".join(demo.lines)
    assert "n11bridge demo: the bridge ended by signal 9; its last words:" in said
    assert "modem: ready" in said
    demo.assert_gone()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("address", "why"),
    [
        ("127.0.0.1:{closed}", "the broker 127.0.0.1:{closed} cannot be reached"),
        ("127.0.0.1:mqtt", "127.0.0.1:mqtt is no broker: HOST:PORT is wanted"),
        ("127.0.0.1:{open}", "the broker 127.0.0.1:{open} refuses us: Not authorized"),
    ],
)
def test_a_broker_that_is_of_no_use(
    new_demo: NewDemo, mosquitto: Mosquitto, address: str, why: str
) -> None:
    ports = {"closed": free_port(), "open": mosquitto.port}
    demo = new_demo("--broker", address.format(**ports))
    assert demo.end(None) == 1
    assert demo.lines[0].startswith(f"n11bridge demo: {why.format(**ports)}")
    demo.assert_gone()
