import re
from pathlib import Path
from typing import Any

import pytest

from n11bridge.config import (
    At,
    Balance,
    Config,
    ConfigError,
    Endpoint,
    Forward,
    Gprs,
    Jamming,
    Limits,
    Location,
    Mqtt,
    Problem,
    Tls,
    load,
)
from n11bridge.config.schema import keys_of
from n11bridge.config.settings import Route, Uplink, UplinkTls, Will

EXAMPLE = Path(__file__).parent.parent / "config" / "n11bridge.yaml"
MINIMAL = "modem: {port: /dev/n11v2}\nmqtt: {host: localhost}\n"


@pytest.fixture
def written(tmp_path: Path) -> Any:
    def write(text: str) -> Path:
        path = tmp_path / "n11.yaml"
        path.write_text(text, encoding="utf-8")
        return path

    return write


def problems_of(path: Path) -> list[Problem]:
    with pytest.raises(ConfigError) as caught:
        load(path)
    return caught.value.problems


def all_keys(section: tuple[str, ...] = ()) -> list[str]:
    """Every key with those below it."""
    return [
        each
        for key in keys_of(section)
        for each in (".".join((*section, key)), *all_keys((*section, key)))
    ]


def test_the_minimal_file_brings_the_defaults(written: Any) -> None:
    config = load(written(MINIMAL))
    assert (config.modem.name, config.modem.baud, config.modem.flow_control) == (
        "n11",
        115200,
        "none",
    )
    assert config.mqtt == Mqtt(host="localhost", client_id="n11bridge-n11")
    assert (config.mqtt.port, config.mqtt.discovery, config.mqtt.keepalive) == (
        1883,
        "homeassistant",
        60,
    )
    assert config.store == Path("/var/lib/n11bridge/n11.db")
    assert config.sms.limits == Limits(minute=10, hour=60, day=200)
    assert (config.sms.allow_to, config.sms.partial_after) == (("+*",), 900)
    assert config.allow_dangerous == frozenset()
    assert config.base == "n11bridge/n11"


def test_the_example_loads_and_holds_nothing_but_defaults(written: Any) -> None:
    assert load(EXAMPLE) == load(written(MINIMAL))


def test_the_example_names_every_key() -> None:
    text = EXAMPLE.read_text(encoding="utf-8")
    keys = all_keys()
    assert "sms.limits.minute" in keys
    assert "mqtt.tls.insecure" in keys
    for key in keys:
        assert re.search(rf"(^|[\s#{{]){key.split('.')[-1]}:", text, re.MULTILINE), key


def test_the_example_with_its_comments_removed_is_valid_but_for_files(written: Any) -> None:
    text = re.sub(
        r"^( *)# (( *)(?:- )?(\w+:( .*)?))$",
        r"\1\2",
        EXAMPLE.read_text(encoding="utf-8"),
        flags=re.MULTILINE,
    )
    problems = problems_of(written(text))
    assert {problem.key for problem in problems} == {
        "modem.pin_file",
        "modem.power_gpio",  # one hook is enough
        "mqtt.password",
        "mqtt.password_file",
        "mqtt.tls.ca",
        "mqtt.tls.certificate",
        "mqtt.tls.key",
        "gprs.password",
        "gprs.password_file",
        "forwards.2.password",
        "forwards.2.password_file",
        "uplink.password",
        "uplink.password_file",
    }


def test_everything_given_arrives(written: Any, tmp_path: Path) -> None:
    for name in ("ca.pem", "me.pem", "me.key"):
        (tmp_path / name).touch()
    (tmp_path / "socks").write_text("secret\n")
    config = load(
        written("""
modem: {name: shed, port: "socket://shed:7000", baud: 9600, flow_control: hardware, pin: "0123"}
mqtt:
  host: broker
  username: n11
  password: secret
  prefix: house/sms
  discovery: false
  protocol: 5
  tls: {ca: ca.pem, certificate: me.pem, key: me.key}
store: n11.db
contacts: {alice: "+49 170-1234567", bob: "+491707654321"}
groups: {family: [alice, bob]}
sms: {allow_to: [], trusted: [alice, "+4930*", MyBank], limits: {day: 5}, validity: 3600, keep: 1}
signal: {interval: 10}
forwards:
- {listen: "[::1]:8883", to: "broker.example.com:8883", tls: true, ca: ca.pem, wait: 5}
- {listen: "127.0.0.1:53", to: "192.0.2.53:53", udp: true}
- {socks: "0.0.0.0:1080", username: a, password_file: socks}
balance: {code: "*100#", pattern: '([0-9]+)', interval: 3600, low: 5}
location: {interval: 600}
jamming: {detection: true, threshold: 50}
at: {allow: ["AT+CSQ"]}
allow_dangerous: [at/send]
gprs: {apn: internet, username: b, password: secret}
transparent: {yield: false}
log: {level: debug}
""")
    )
    assert config.modem.pin == "0123"
    assert config.base == "house/sms/shed"
    assert (config.mqtt.client_id, config.mqtt.port) == ("n11bridge-shed", 8883)
    assert (config.mqtt.discovery, config.mqtt.protocol) == (None, "5")
    assert config.mqtt.tls == Tls(tmp_path / "ca.pem", tmp_path / "me.pem", tmp_path / "me.key")
    assert config.store == tmp_path / "n11.db"
    assert config.sms.limits == Limits(day=5)
    assert config.contacts["alice"] == "+491701234567"
    assert config.groups == {"family": ("alice", "bob")}
    assert config.addresses.trusted("MyBank")
    assert not config.addresses.allowed("+442079460000")
    assert config.balance == Balance("*100#", "([0-9]+)", 3600, 5.0)
    assert (config.location, config.jamming) == (Location(600), Jamming(True, 50))
    assert config.at == At(("AT+CSQ",))
    assert config.allow_dangerous == {"at/send"}
    assert config.gprs == Gprs("internet", "b", "secret")
    assert not config.transparent.yields
    tls, udp, socks = config.forwards
    assert tls == Forward(
        Endpoint("::1", 8883), Endpoint("broker.example.com", 8883), tls=True, ca="ca.pem", wait=5
    )
    assert (str(tls.listen), tls.idle) == ("[::1]:8883", 3600)
    assert (udp.udp, udp.idle) == (True, 60)
    assert (socks.to, socks.username, socks.password) == (None, "a", "secret")


def test_all_problems_are_found_at_once_with_line_and_cure(written: Any) -> None:
    path = written("""modem:
  port: ttyUSB0
  bawd: 9600
mqtt:
  host: localhost
  host: other
sms:
  limits:
    minute: 0
groups:
  family: [alcie]
contacts:
  alice: "+491701234567"
allow_dangerous: [at/sent]
""")
    problems = problems_of(path)
    assert [(problem.key, problem.line) for problem in problems] == [
        ("modem.port", 2),
        ("modem.bawd", 3),
        ("mqtt.host", 6),
        ("sms.limits.minute", 9),
        ("groups.family.0", 11),
        ("allow_dangerous.0", 14),
    ]
    words = str(ConfigError(path, problems)).splitlines()
    assert words[1] == f"{path}:3: modem.bawd: is no known key; did you mean baud?"
    assert words[2] == f"{path}:6: mqtt.host: was given in line 5 already; keep one of the two"
    assert words[4].endswith("is no known contact; did you mean alice?")
    assert words[5].endswith("is no dangerous request; did you mean at/send?")


@pytest.mark.parametrize(
    ("text", "key", "line", "cure"),
    [
        ("", "modem", None, "add modem: {port: /dev/n11v2}"),
        ("mqtt: {host: a}", "modem", 1, "add modem"),
        ("modem:\n  name: a\nmqtt: {host: a}", "modem.port", 1, "add port: /dev/n11v2"),
        ("modem:\nmqtt: {host: a}", "modem", 1, "add modem"),
        ("- a", "", 1, "begin with modem:"),
        ("a: [", "", 1, "check indentation"),
        ("modem: {port: /a}\nmqtt: 5", "mqtt", 2, "write them below it"),
        (MINIMAL + "logs: 1", "logs", 3, "did you mean log?"),
        (MINIMAL + "xyzzy: 1", "xyzzy", 3, "known are modem, mqtt, store"),
        (MINIMAL + "contacts: {no: '+49301'}", "contacts.no", 3, "put it in quotes"),
        (MINIMAL + "contacts: {a: +491701234567}", "contacts.a", 3, 'quote the number: "+49'),
        (MINIMAL + "contacts: {a: '+49x'}", "contacts.a", 3, "write 3 to 20 digits"),
        (MINIMAL + "contacts: {a/b: '+49301'}", "contacts.a...", 3, "use letters"),
        (MINIMAL + "contacts: {'4930': '+49301'}", "contacts.4930", 3, "put a letter"),
        (MINIMAL + "contacts: {a: }", "contacts.a", 3, "quote the number"),
        (
            MINIMAL + "contacts: {a: '+49301'}\ngroups: {a: [a]}",
            "groups.a",
            4,
            "rename one of them",
        ),
        (MINIMAL + "groups: {a: b}", "groups.a", 3, "write it as [one, two]"),
        (MINIMAL + "sms: {allow_to: [MyBank]}", "sms.allow_to.0", 3, "write a number"),
        (MINIMAL + "sms: {allow_to: [+49301]}", "sms.allow_to.0", 3, "put it in quotes"),
        (
            MINIMAL + "contacts: {alice: '+49301'}\nsms: {trusted: [alcie]}",
            "sms.trusted.0",
            4,
            "did you mean alice?",
        ),
        (MINIMAL + "sms: {trusted: ['My*']}", "sms.trusted.0", 3, "write a number"),
        (MINIMAL + "sms: {limits: {day: -1}}", "sms.limits.day", 3, "whole number from 1"),
        (MINIMAL + "sms: {keep: true}", "sms.keep", 3, "whole number from 1"),
        (MINIMAL + "sms: {encoding: gsm}", "sms.encoding", 3, "did you mean gsm7?"),
        (MINIMAL + "sms: {delivery_report: 1}", "sms.delivery_report", 3, "true or false"),
        (MINIMAL + "log: {level: loud}", "log.level", 3, "choose one of debug"),
        (MINIMAL + "signal: {interval: [1]}", "signal.interval", 3, "whole number"),
        (MINIMAL + "balance: {code: '*1#'}", "balance.pattern", 3, "add pattern"),
        ("modem: {port: /a, power_gpio: {}}\nmqtt: {host: a}", "modem.power_gpio.chip", 1, "add"),
        (MINIMAL + "balance: {code: balance, pattern: '(1)'}", "balance.code", 3, "*100#"),
        (MINIMAL + "balance: {code: '*1#', pattern: '1'}", "balance.pattern", 3, "parentheses"),
        (MINIMAL + "balance: {code: '*1#', pattern: '(1'}", "balance.pattern", 3, "mend it"),
        (MINIMAL + "balance: {code: '*1#', pattern: '(1)', low: x}", "balance.low", 3, "from 0"),
        (MINIMAL + "location: {interval: 5}", "location.interval", 3, "from 300"),
        (MINIMAL + "at: {allow: [CSQ]}", "at.allow.0", 3, "AT+CSQ"),
        ("modem: {port: /a, baud: 300}\nmqtt: {host: a}", "modem.baud", 1, "choose one of 9600"),
        ("modem: {port: /a, name: a/b}\nmqtt: {host: a}", "modem.name", 1, "leave out"),
        ("modem: {port: /a, pin: 0123}\nmqtt: {host: a}", "modem.pin", 1, "quote it"),
        ("modem: {port: /a, pin: '12'}\nmqtt: {host: a}", "modem.pin", 1, "4 to 8 digits"),
        ("modem: {port: /a}\nmqtt: {host: a, prefix: a/+}", "mqtt.prefix", 2, "leave out"),
        ("modem: {port: /a}\nmqtt: {host: a, prefix: /a}", "mqtt.prefix", 2, "leave out"),
        ("modem: {port: /a}\nmqtt: {host: 'mqtt://a'}", "mqtt.host", 2, "alone"),
        ("modem: {port: /a}\nmqtt: {host: a, discovery: yes}", "mqtt.discovery", 2, "homeassis"),
        ("modem: {port: /a}\nmqtt: {host: a, protocol: 4}", "mqtt.protocol", 2, "auto"),
        ("modem: {port: /a}\nmqtt: {host: a, tls: }", "mqtt.tls", 2, "write them below it"),
        (
            "modem: {port: /a}\nmqtt: {host: a, tls: {ca: none.pem}}",
            "mqtt.tls.ca",
            2,
            "check the path",
        ),
        ("modem: {port: /a}\nmqtt: {host: a, password: x}", "mqtt.password", 2, "add username"),
        ("modem: {port: /a}\nmqtt: {host: '${N11_NONE}'}", "mqtt.host", 2, "set it"),
        ("modem: {port: /a, pin_file: none}\nmqtt: {host: a}", "modem.pin_file", 1, "check"),
        ("modem: &a {port: *a}\nmqtt: {host: a}", "modem.port", 1, "mend the *alias"),
        (MINIMAL + "forwards: {}", "forwards", 3, "write it as"),
        (MINIMAL + "forwards: [{}]", "forwards.0", 3, "listen and to"),
        (MINIMAL + "forwards: [{lissen: 1}]", "forwards.0.lissen", 3, "did you mean listen?"),
        (MINIMAL + "forwards: [{listen: '127.0.0.1:1'}]", "forwards.0", 3, "listen and to"),
        (MINIMAL + "forwards: [{socks: 1080}]", "forwards.0.socks", 3, "put it in quotes"),
        (MINIMAL + "forwards: [{socks: '1080'}]", "forwards.0.socks", 3, "host:port"),
        (MINIMAL + "forwards: [{socks: 'localhost:1080'}]", "forwards.0.socks", 3, "127.0.0.1:"),
        (MINIMAL + "forwards: [{socks: '127.0.0.1:70000'}]", "forwards.0.socks", 3, "host:port"),
        (MINIMAL + "forwards: [{socks: '0.0.0.0:1080'}]", "forwards.0.socks", 3, "public: true"),
        (MINIMAL + "forwards: [{socks: '[::]:1080'}]", "forwards.0.socks", 3, "public: true"),
        (
            MINIMAL + "forwards: [{socks: '127.0.0.1:1080', tls: true}]",
            "forwards.0.tls",
            3,
            "leave it out",
        ),
        (
            MINIMAL + "forwards: [{socks: '127.0.0.1:1080', username: a}]",
            "forwards.0.username",
            3,
            "add password",
        ),
        (
            MINIMAL + "forwards: [{listen: '[::1]:80', to: '[2001:db8::1]:80'}]",
            "forwards.0.to",
            3,
            "no IPv6",
        ),
        (
            MINIMAL + "forwards: [{listen: '[::1]:80', to: 'a:80', tls: true}]",
            "forwards.0.tls",
            3,
            "insecure: true",
        ),
        (
            MINIMAL + "forwards: [{listen: '[::1]:80', to: 'a:80', ca: ca.pem}]",
            "forwards.0.ca",
            3,
            "leave it out",
        ),
        (
            MINIMAL + "forwards: [{listen: '[::1]:80', to: 'a:80', tls: true, ca: '/ca.pem'}]",
            "forwards.0.ca",
            3,
            "certificates/add",
        ),
        (
            MINIMAL
            + "forwards: [{listen: '[::1]:80', to: 'a:80', udp: true, tls: true, insecure: true}]",
            "forwards.0.tls",
            3,
            "leave one",
        ),
        (
            MINIMAL
            + "forwards:\n- {listen: '[::1]:80', to: 'a:80'}\n- {listen: '[::1]:80', to: 'b:80'}",
            "forwards.1",
            5,
            "a port of its own",
        ),
    ],
)
def test_problem(written: Any, text: str, key: str, line: int | None, cure: str) -> None:
    (problem,) = [each for each in problems_of(written(text)) if each.key == key]
    assert problem.line == line
    assert cure in problem.cure


def test_a_missing_or_unreadable_file_is_a_problem(tmp_path: Path) -> None:
    (problem,) = problems_of(tmp_path / "none.yaml")
    assert problem.message == "cannot be read: No such file or directory"
    (problem,) = problems_of(tmp_path)
    assert problem.message == "cannot be read: Is a directory"
    (tmp_path / "latin").write_bytes(b"store: \xe4")
    (problem,) = problems_of(tmp_path / "latin")
    assert "UTF-8" in problem.message


def test_the_environment_fills_in(written: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"N11_PIN": "0123", "N11_PORT": "1884", "N11_HOST": "b"}.items():
        monkeypatch.setenv(name, value)
    config = load(
        written(
            "modem: {port: /dev/n11v2, pin: '${N11_PIN}'}\n"
            "mqtt: {host: '${N11_HOST}.lan', port: '${N11_PORT}'}"
        )
    )
    assert config.modem.pin == "0123"
    assert (config.mqtt.host, config.mqtt.port) == ("b.lan", 1884)


def test_a_missing_variable_is_named(written: Any) -> None:
    (problem,) = problems_of(written(MINIMAL + "store: '${N11_NONE}/a'"))
    assert "N11_NONE" in problem.message


def test_secrets_are_read_from_files(written: Any, tmp_path: Path) -> None:
    (tmp_path / "pin").write_text("0123\n")
    (tmp_path / "password").write_text(" with ${BLANKS} \r\n")
    config = load(
        written(
            "modem: {port: /dev/n11v2, pin_file: pin}\n"
            f"mqtt: {{host: a, username: u, password_file: {tmp_path}/password}}"
        )
    )
    assert config.modem.pin == "0123"
    assert config.mqtt.password == " with ${BLANKS} "


def test_a_secret_and_its_file_exclude_each_other(written: Any, tmp_path: Path) -> None:
    (tmp_path / "pin").write_text("0123\n")
    path = written("modem: {port: /a, pin: '0123', pin_file: pin}\nmqtt: {host: a}")
    (problem,) = problems_of(path)
    assert (problem.key, problem.message) == ("modem.pin_file", "stands beside pin")


def test_no_secret_is_in_repr(written: Any) -> None:
    config = load(
        written(
            "modem: {port: /dev/n11v2, pin: '4711'}\n"
            "mqtt: {host: a, username: u, password: hunter2}"
        )
    )
    assert config.modem.pin == "4711"
    assert isinstance(config, Config)
    assert "4711" not in repr(config)
    assert "hunter2" not in repr(config)


@pytest.mark.parametrize(
    "text",
    [
        "modem: {port: /a, pin: hunter2}\nmqtt: {host: a}",
        "modem: {port: /a}\nmqtt: {host: a, password: [hunter2]}",
        "modem: {port: /a}\nmqtt: {host: a, password: hunter2}",
        MINIMAL + "forwards: [{socks: '[::1]:1080', password: hunter2}]",
        "modem: {port: /a}\nmqtt: {host: a, password:hunter2}",
        "modem: {port: /a}\nmqtt: {host: a, password: *hunter2}",
        "modem: {port: /a}\nmqtt: {host: a, password: !hunter2 a}",
        "modem: {port: /a}\nmqtt: {host: a, password: 'hunter2}",
        "modem: {port: /a}\nmqtt:\n  host: a\n  password:hunter2\n",
        'modem: {port: /a}\nmqtt: {host: a, password: "hunter2\\q"}',
        "modem: {port: /a}\nmqtt: {host: a, password: @hunter2}",
        "modem: {port: /a}\nmqtt: {host: a, password: '${hunter2 }'}",
    ],
)
def test_no_secret_is_in_a_message(written: Any, text: str) -> None:
    path = written(text)
    assert "hunter2" not in str(ConfigError(path, problems_of(path)))


UPLINK = MINIMAL + "uplink:\n  host: far.example.com\n"


def test_the_uplink(written: Any, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("pass\n")
    path = written(
        UPLINK + "  username: me\n  password_file: secret\n  tls: {ca: ca.pem}\n"
        "  will: {topic: gone, message: bye}\n"
        "  forward: [{topic: home/#, to: site1, qos: 0}]\n  back: [{topic: site1/cmd/#, to: far}]\n"
    )
    uplink = load(path).uplink
    assert uplink is not None
    assert (uplink.port, uplink.client_id, uplink.password) == (8883, "n11bridge-n11", "pass")
    assert uplink.tls == UplinkTls("ca.pem")
    assert uplink.will == Will("gone", "bye")
    assert uplink.forward == (Route("home/#", "site1", 0),)
    assert uplink.back == (Route("site1/cmd/#", "far"),)
    assert "pass" not in repr(uplink)
    assert load(written(UPLINK)).uplink == Uplink("far.example.com")


@pytest.mark.parametrize(
    ("lines", "key", "words"),
    [
        ("forward: [{topic: '#'}]", "uplink.forward.0.topic", "own requests"),
        ("forward: [{topic: '+/n11/#'}]", "uplink.forward.0.topic", "own requests"),
        ("forward: [{topic: a/+}, {topic: a/b}]", "uplink.forward.1.topic", "forward.0"),
        ("back: [{topic: cmd/#, to: n11bridge/n11}]", "uplink.back.0", "only the bridge"),
        ("back: [{topic: '#'}]", "uplink.back.0", "only the bridge"),
        ("back: [{topic: x, to: homeassistant}]", "uplink.back.0", "only the bridge"),
        (
            "forward: [{topic: a/#}]\n  back: [{topic: b, to: a}]",
            "uplink.back.0",
            "would be sent back",
        ),
        (
            "forward: [{topic: a, to: s}]\n  back: [{topic: s/#, to: r}]",
            "uplink.back.0",
            "what forward.0 sends",
        ),
        ("forward: [{topic: a/b#}]", "uplink.forward.0.topic", "beside other characters"),
        ("forward: [{to: a}]", "uplink.forward.0.topic", "is missing"),
        ("forward: [{topic: a, to: ä}]", "uplink.forward.0.to", "plain ASCII"),
        ("password: 'a\"b'\n  username: me", "uplink.password", "cannot be told the modem"),
        ("password: abc", "uplink.password", "without username"),
        ("tls: {key: k.pem}", "uplink.tls", "one half"),
        ("tls:", "uplink.tls", "must hold keys"),
        ("will: {topic: a, message: 'b,c'}", "uplink.will.message", "cannot be told the modem"),
        ("queue: 0", "uplink.queue", "no possible value"),
    ],
)
def test_what_is_wrong_with_an_uplink(written: Any, lines: str, key: str, words: str) -> None:
    [problem] = problems_of(written(f"{UPLINK}  {lines}\n"))
    assert problem.key == key
    assert words in str(problem)
