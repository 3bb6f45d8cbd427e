"""Nothing secret is in the log, whatever happens, at the default level and at any other."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from n11bridge.pdu import submit

from .conftest import NewHouse
from .house import House

pytestmark = pytest.mark.slow

PIN, WRONG_PIN, PUK = "83619", "7261", "95174823"
PASSWORD, KEY_PASSWORD = "pass-Kq7wT", "key-Zr4nB"
ALICE, STRANGER, NAME = "+491701234567", "+4917655443322", "Geheimbank"
SENT = ["Vault opens at nine {[€]}", "Секретный код", "🔑 under the mat"]
RECEIVED = ["The alarm is off until Friday", "Пароль от двери", "half 🔑 a key"]


def spellings(secret: str) -> set[str]:
    """How a secret could stand in a log."""
    found = {secret, json.dumps(secret)[1:-1], repr(secret)[1:-1]}
    for encoding in ("utf-8", "utf-16-be", "utf-16-le"):
        octets = secret.encode(encoding)
        found |= {octets.hex(), octets.hex().upper(), repr(octets)[2:-1]}
    return found


def number_spellings(number: str) -> set[str]:
    """A number in full, national, and as semi-octets of a PDU."""
    digits = number.removeprefix("+")
    padded = digits + "F" * (len(digits) % 2)
    swapped = "".join(padded[i + 1] + padded[i] for i in range(0, len(padded), 2))
    return {digits, digits[2:], swapped, swapped.lower()}


def text_spellings(text: str) -> set[str]:
    """A text, and its user data in a PDU."""
    encoded = submit(ALICE, text)[0].encode().pdu
    return spellings(text) | {encoded[-24:], encoded[-24:].lower()}


def scenario(house: House) -> set[str]:
    """Everything that can go right and wrong; what must not be in the log."""
    house.open("pin_required")
    house.ask("sim/enter_pin", pin=WRONG_PIN)
    house.ask("sim/enter_pin", pin="not a PIN")
    mark = house.heard.mark()
    house.ask("sim/enter_pin", pin=PIN)
    house.wait_status("ready", after=mark)
    for text in SENT:
        (key,) = house.send("alice", text)
        house.wait_message(key, "delivered")
    house.ask("sms/send", to=STRANGER, text=SENT[0])
    house.ask_raw("sms/send", '{"to": "' + STRANGER + '", "text": "' + SENT[0], "sms/send")
    house.ask_raw(f"sms/send/{STRANGER[1:]}", SENT[0], "sms/send")
    house.ask("sms/send", to="alice", text=SENT[1], encoding="gsm7")
    house.ask("sms/send", to="alice", nonsense=SENT[0])
    house.ask("sim/change_pin", old=PIN, new=WRONG_PIN, text=PUK)
    house.ask("sim/unblock", puk=PUK, pin=PIN)
    house.ask("ussd/send", code=f"*100*{STRANGER[1:]}#")
    for text in RECEIVED:
        mark = house.heard.mark()
        house.modem.do("receive", from_=STRANGER, text=text)
        house.received(mark, from_=STRANGER)
    house.modem.do("receive", from_=NAME, text=RECEIVED[0])
    house.received(from_=NAME)
    mark = house.heard.mark()
    house.modem.do("receive_pdu", pdus=["0004FF91" + "7156453423" * 3])
    house.received(mark, encoding="pdu")
    house.modem.do("call", from_=STRANGER)
    house.wait_event("call/incoming")
    house.modem.do("fault", kind="error", command="+CMGS*", line=f"+CMS ERROR: {STRANGER}")
    (key,) = house.send("alice", SENT[0])
    house.wait_event("sms/status", mark, message=key, state="sending")
    house.heard.wait_until(lambda _: house.states(key)[-1] != "sending")
    house.modem.do("raw", text=f'\r\n+NEWS: "{STRANGER}","{RECEIVED[0]}"\r\n')
    house.wait_event("at/unknown")
    house.ask("at/send", command=f'AT+CPBF="{STRANGER}"')
    identity = house.state("sim")
    mark = house.heard.mark()
    house.modem.do("restart")
    house.wait_event("modem/reset", mark)
    house.daemon.stop()
    return {str(value) for key in ("imsi", "iccid") if (value := identity.get(key))}


@pytest.mark.parametrize("level", ["info", "debug"])
def test_nothing_secret_is_logged(new_house: NewHouse, level: str) -> None:
    house = new_house(
        *("--pin", PIN),
        contacts={"alice": ALICE},
        sms={"allow_to": [], "trusted": ["alice"]},
        mqtt={"username": "n11", "password": PASSWORD},
        allow_dangerous=["at/send"],
        log={"level": level},
    )
    secrets = scenario(house)
    assert len(secrets) == 2
    for text in (*SENT, *RECEIVED):
        secrets |= text_spellings(text)
    for number in (ALICE, STRANGER):
        secrets |= number_spellings(number)
    for secret in (PIN, WRONG_PIN, PUK, PASSWORD, NAME):
        secrets |= spellings(secret)
    lines = house.daemon.output.since()
    assert len(lines) > 5
    # The time of day may look like anything.
    log = "\n".join(re.sub(r"^[\d:]{8} ", "", line) for line in lines)
    shown = {secret for secret in secrets if secret in log}
    assert not shown, [line for line in lines if any(each in line for each in shown)]
    assert "Traceback" not in log


def test_nothing_secret_is_in_what_is_said_of_a_configuration(tmp_path: Path) -> None:
    """Among files that are of no use, an encrypted key, whose password nobody may be asked for."""
    key = tmp_path / "key.pem"
    command = [
        "openssl",
        "genpkey",
        "-algorithm",
        "RSA",
        "-aes256",
        "-pass",
        f"pass:{KEY_PASSWORD}",
    ]
    subprocess.run([*command, "-out", str(key)], check=True, capture_output=True)
    secrets = (PIN, PASSWORD, KEY_PASSWORD, ALICE[1:])
    config = tmp_path / "n11.yaml"
    for text in (
        f"modem: {{port: /a, pin: {PIN}}}\nmqtt: {{host: a, password: {PASSWORD}}}",
        f"modem: {{port: /a, pin: '{PIN}x'}}\nmqtt: {{host: a, username: [{PASSWORD}]}}",
        f"modem: {{port: /a}}\nmqtt: {{host: a, tls: {{key: {key}, pass: {KEY_PASSWORD}}}}}",
        f"modem: {{port: /a}}\nmqtt: {{host: a}}\ncontacts: {{a: {ALICE}x}}\nlog: {PIN}",
        f"modem: {{port: /a, pin: '{PIN}'\nmqtt: {PASSWORD}",
    ):
        config.write_text(text)
        command = [sys.executable, "-m", "n11bridge", "run", "-c", str(config)]
        ran = subprocess.run(command, capture_output=True, text=True, check=False)
        assert ran.returncode == 2
        assert not [secret for secret in secrets if secret in ran.stdout + ran.stderr], ran.stderr
