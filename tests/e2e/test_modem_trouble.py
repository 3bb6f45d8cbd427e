"""The modem restarts, vanishes, falls silent, is full, has another rate; the daemon stays."""

import pytest

from .conftest import NewHouse
from .house import House

pytestmark = pytest.mark.slow

ALICE, BOB = "+491701234567", "+491707654321"
WHOLE = ["queued", "sending", "sent", "delivered"]


def works(house: House) -> None:
    """Messages go out and come in."""
    count = len(house.sent())
    (key,) = house.send(ALICE, f"all is well {count}")
    house.wait_message(key, "delivered")
    house.modem.do("receive", from_=BOB, text=f"here too {count}")
    house.received(text=f"here too {count}")
    house.wait(stored=0)


# -- restarts


def test_the_modem_restarts(new_house: NewHouse):
    """All that AT&W did not save is gone: CNMI, CREG and the rest are set again."""
    house = new_house().open()
    pid = house.daemon.pid
    for restarts in (1, 2):
        mark = house.heard.mark()
        house.modem.do("restart")
        assert house.wait_event("modem/reset", mark)["step"] == "restart"
        house.wait_state("modem", mark, status="ready", restarts=restarts)
        works(house)
    assert house.daemon.pid == pid


@pytest.mark.parametrize(
    ("phase", "states", "sent"),
    [
        ("command", WHOLE, 1),  # before the prompt: the modem has nothing of it
        ("payload", ["queued", "sending", "unknown"], 0),
        ("answer", ["queued", "sending", "unknown"], 1),
    ],
)
def test_it_restarts_in_the_middle_of_a_message(
    new_house: NewHouse, phase: str, states: list[str], sent: int
):
    """A brown-out under the burst of the transmitter is the commonest fault in the field."""
    house = new_house().open()
    mark = house.heard.mark()
    house.modem.do("fault", kind="restart", command="+CMGS", phase=phase)
    (key,) = house.send(ALICE, "at the wrong moment")
    house.wait_state("modem", mark, status="ready", restarts=1)
    house.wait_message(key, states[-1])
    assert house.states(key) == states
    assert [m["text"] for m in house.sent()] == ["at the wrong moment"] * sent
    works(house)


@pytest.mark.parametrize("command", ["+CMGR", "+CMGD"])
def test_it_restarts_while_a_message_is_read(new_house: NewHouse, command: str):
    house = new_house().open()
    house.modem.do("fault", kind="restart", command=command)
    house.modem.do("receive", from_=BOB, text="still there")
    house.wait(starts=2)
    uid = house.received(text="still there")["uid"]
    house.wait(stored=0)
    works(house)
    events = [e for e in house.events("sms/received") if e["text"] == "still there"]
    assert [e["uid"] for e in events] == [uid]


def test_it_restarts_on_request(new_house: NewHouse):
    house = new_house().open()
    mark = house.heard.mark()
    assert house.ask("modem/restart")["status"] == "ok"
    house.wait(starts=2)
    house.wait_status("ready", after=mark)
    works(house)


# -- vanishes


def test_the_port_is_unplugged_and_comes_back(new_house: NewHouse):
    house = new_house().open()
    pid = house.daemon.pid
    for _ in range(2):
        mark = house.heard.mark()
        house.modem.do("unplug")
        house.wait_status("absent", after=mark)
        house.wait_state("network", mark, registration=None, operator=None, cell=None)
        house.wait_state("sim", mark, status=None, imsi=None)
        house.wait_state("signal", mark, rssi_dbm=None, quality=None)
        (key,) = house.send(ALICE, f"kept {mark}")
        house.modem.do("receive", from_=BOB, text=f"missed {mark}")
        house.modem.do("replug")
        house.wait_status("ready", after=mark)
        house.wait_message(key, "delivered")
        house.received(text=f"missed {mark}")
        works(house)
    assert house.daemon.pid == pid
    assert len({m["text"] for m in house.sent()}) == len(house.sent())


def test_it_is_unplugged_in_the_middle_of_a_message(new_house: NewHouse):
    house = new_house().open()
    mark = house.heard.mark()
    house.modem.do("fault", kind="unplug", command="+CMGS", phase="answer", seconds=0.5)
    (key,) = house.send(ALICE, "cut off")
    house.wait_message(key, "unknown")
    house.wait_status("ready", after=mark)
    assert len(house.sent()) == 1
    works(house)


# -- falls silent


def test_a_modem_that_hangs(new_house: NewHouse):
    house = new_house().open()
    mark = house.heard.mark()
    house.modem.do("fault", kind="hang", command="+CSQ")
    assert house.ask("signal/read")["error"]["code"] == "timeout"
    house.wait_status("recovering", after=mark)
    assert house.wait_event("modem/reset", mark)["step"] == "reopen"
    (key,) = house.send(ALICE, "for later")
    house.modem.do("clear")
    house.wait_status("ready", after=mark)
    house.wait_message(key, "delivered")
    works(house)


def test_messages_that_hang_while_all_else_answers(new_house: NewHouse):
    """A good +CSQ is no sign of life where every +CMGS hangs: the module is restarted."""
    house = new_house().open()
    house.modem.do("fault", kind="silence", command="+CMGS", phase="command", times=3)
    (key,) = house.send(ALICE, "at last")
    house.wait(starts=2, timeout=60)
    house.heard.wait_for(lambda m: m.topic.endswith("event/modem/reset"))
    house.wait_message(key, "delivered")
    assert [m["text"] for m in house.sent()] == ["at last"]
    assert house.state("modem")["restarts"] >= 1
    health = [m.json for m in house.heard.since() if m.topic.endswith("state/health")]
    assert any(h["liveness"].get("sms_send", {}).get("timeouts") == 3 for h in health)
    assert all(h["liveness"]["at"]["timeouts"] == 0 for h in health if h["liveness"])


@pytest.mark.parametrize("command", ["+CSQ", "+CMGS", "+CMGR"])
def test_noise_on_the_line(new_house: NewHouse, command: str):
    house = new_house().open()
    noise = {"kind": "garbage", "command": command, "times": 3}
    house.modem.do("fault", **noise, hex="00FFFE0D0A80410D0A")
    house.ask("signal/read")
    works(house)


@pytest.mark.parametrize("silent", ["garbage", "nothing"])
def test_the_wrong_baud_rate(new_house: NewHouse, silent: str):
    """The modem is found at the rate it has: modules are shipped at 9600."""
    house = new_house("--baud", "9600", "--style", f"wrong_rate={silent}")
    house.open()
    assert house.state("modem")["baud"] == 9600
    works(house)


def test_it_was_left_at_a_prompt(new_house: NewHouse):
    """What the dead daemon began must not be completed by what the next one says."""
    house = new_house().open()
    house.modem.do("fault", kind="delay", after_in=len("AT+CMGS=20\r") + 30, seconds=0.5)
    house.modem.do("fault", kind="report", command="+CMGS", phase="prompt", line="+MARK: 1")
    (key,) = house.send(ALICE, "hello world, this is cut")
    house.wait_event("at/unknown", line="+MARK: 1")
    house.reopen()
    house.wait_until_settled([key])
    texts = [m["text"] for m in house.sent()]
    assert texts in ([], ["hello world, this is cut"])
    assert texts or "sent" not in house.states(key)
    works(house)


# -- is full


def test_messages_stored_before_the_start(new_house: NewHouse):
    house = new_house()
    house.simulator.start()
    first = house.modem.do("receive", from_=BOB, text="on the SIM")
    assert house.ledger()["storages"]["SM"]
    pdu = first["pdus"][0]
    house.modem.do("store", pdu=pdu, storage="ME")  # the same one: some modems store all twice
    house.modem.do("receive", from_=BOB, text="x" * 300, order=[2, 1])
    house.start()
    house.received(text="on the SIM")
    house.received(text="x" * 300)
    house.wait(stored=0)
    works(house)
    texts = [e["text"] for e in house.events("sms/received")]
    assert sorted(texts[:2]) == ["on the SIM", "x" * 300]
    assert len(texts) == 3


def test_messages_that_were_sent_or_written_stay_where_they_are(new_house: NewHouse):
    house = new_house()
    house.simulator.start()
    draft = house.modem.do("receive", from_=BOB, text="x")["pdus"][0]
    for state in (2, 3):
        house.modem.do("store", pdu=draft, storage="SM", state=state)
    house.start()
    house.received(text="x")
    house.wait(stored=2)
    assert house.ask("sms/storage")["data"]["SM"]["used"] == 2


def test_a_sim_that_is_full(new_house: NewHouse):
    """No report comes with the SIM full; the network delivers again once there is room."""
    house = new_house("--storage", "3").open()
    house.daemon.kill()
    for number in range(8):
        house.modem.do("receive", from_=BOB, text=f"number {number}")
    ledger = house.ledger()
    assert (len(ledger["storages"]["SM"]), len(ledger["waiting"])) == (3, 5)
    house.start()
    house.wait(waiting=0, delivered=8, stored=0)
    house.received(text="number 7")
    house.ask("signal/read")
    texts = [e["text"] for e in house.events("sms/received")]
    assert sorted(texts) == [f"number {number}" for number in range(8)]


def test_a_slow_modem(new_house: NewHouse):
    """As long after its power as real ones, in the order of real ones."""
    delays = ("--boot-delay", "0.3", "--ready-delay", "0.7", "--registration-delay", "0.5")
    house = new_house(*delays, "--send-delay", "0.3", "--report-delay", "0.3").open()
    works(house)
    mark = house.heard.mark()
    house.modem.do("restart")
    house.wait_state("modem", mark, status="ready", restarts=1)
    works(house)


def test_a_slot_that_is_filled_again_at_once(new_house: NewHouse):
    """A message read twice must not be deleted twice: the slot holds another one by then."""
    house = new_house("--storage", "1").open()
    house.modem.do("fault", kind="delay", command="+CMGR", phase="answer", seconds=0.3)
    for number in range(3):
        house.modem.do("receive", from_=BOB, text=f"number {number}")
    for _ in range(3):
        house.modem.do("raw", text='\r\n+CMTI: "SM",1\r\n')
    for number in range(3):
        house.received(text=f"number {number}")
    house.wait(stored=0, waiting=0)
    works(house)


@pytest.mark.parametrize("silent", ["garbage", "nothing"])
def test_the_baud_rate_changes_underneath(new_house: NewHouse, silent: str):
    house = new_house("--baud", "115200", "--style", f"wrong_rate={silent}").open()
    mark = house.heard.mark()
    house.modem.do("fault", kind="baud", command="+CSQ", baud=9600)
    house.ask("signal/read")
    house.wait_state("modem", mark, status="ready", baud=9600)
    works(house)
    assert house.state("modem")["restarts"] == 0


def test_the_echo_comes_back_without_a_restart(new_house: NewHouse):
    """Who repeats our commands again has lost its settings: all of them are set again."""
    house = new_house().open()
    mark = house.heard.mark()
    house.modem.do("fault", kind="echo", command="+CSQ", phase="final")
    house.ask("signal/read")
    (key,) = house.send(ALICE, "hello")
    house.wait_message(key, "delivered")
    assert house.wait_event("modem/reset", mark)["step"] == "restart"
    assert [m["text"] for m in house.sent()] == ["hello"]
    works(house)


def test_the_sim_is_pulled_and_put_back(new_house: NewHouse):
    """The simulated modem sees a card only when it starts, as many do."""
    house = new_house("--pin", "1234", modem={"pin": "1234"}).open()
    mark = house.heard.mark()
    house.modem.do("sim", inserted=False)
    house.wait_state("modem", mark, status="no_sim")
    house.wait_state("sim", mark, status="no_sim", iccid=None)
    house.modem.do("sim", inserted=True)
    (key,) = house.send(ALICE, "once it is there")
    house.ask("modem/restart")
    house.wait_status("ready", after=mark)
    house.wait_message(key, "delivered")
    works(house)
