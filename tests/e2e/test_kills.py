"""``kill -9`` at every step of a message's life: nothing lost, nothing sent or told twice.

Three ledgers must agree: what the test asked, what the network saw, what the subscriber heard.
"""

import pytest

from .conftest import NewHouse
from .house import House

pytestmark = pytest.mark.slow

ALICE, BOB = "+491701234567", "+491707654321"
WHOLE = ["queued", "sending", "sent", "delivered"]


def texts(house: House) -> list[str]:
    """What the network got, in order."""
    return [m["text"] for m in house.sent()]


def distinct(states: list[str]) -> list[str]:
    """The states without those told again: after a crash the last ones may be."""
    return list(dict.fromkeys(states))


# -- outgoing


def test_while_messages_are_queued(new_house: NewHouse):
    house = new_house().open()
    house.lose_network()
    asked = [f"message {number}" for number in range(5)]
    keys = [house.send(ALICE, text)[0] for text in asked]
    house.reopen("searching")
    mark = house.heard.mark()
    house.reopen("searching")
    house.modem.do("network", stat=1)
    for key in keys:
        house.wait_message(key, "delivered")
    assert texts(house) == asked
    assert [e["state"] for e in house.events("sms/status", mark)].count("sent") == 5
    assert all(distinct(house.states(key)) == WHOLE for key in keys)


def test_after_the_answer_and_before_anything_else(new_house: NewHouse):
    house = new_house().open()
    keys = [house.send(ALICE, f"message {number}")[0] for number in range(3)]
    house.reopen()
    for key in keys:
        house.wait_event("sms/status", message=key)
    house.wait_until_settled(keys)
    unknown = [key for key in keys if "unknown" in house.states(key)]
    assert len(unknown) <= 1  # the one that was with the modem when it happened
    assert set(texts(house)) | {f"message {keys.index(k)}" for k in unknown} == {
        f"message {number}" for number in range(3)
    }
    assert len(texts(house)) == len(set(texts(house)))


def test_before_the_prompt(new_house: NewHouse):
    """Nothing of it was with the modem yet: it is sent, once."""
    house = new_house().open()
    house.modem.do("fault", kind="silence", command="+CMGS", phase="command")
    (key,) = house.send(ALICE, "one")
    house.wait(commands=1, matching="+CMGS")
    house.reopen()
    house.wait_message(key, "delivered")
    assert texts(house) == ["one"]
    assert distinct(house.states(key)) == WHOLE


@pytest.mark.parametrize("on_unknown", ["keep", "resend"])
@pytest.mark.parametrize("carried_out", [True, False])
def test_after_ctrl_z(new_house: NewHouse, on_unknown: str, carried_out: bool):
    """Nobody can tell whether the network has it: `unknown`, sent again only on request."""
    house = new_house().open()
    (first,) = house.send(BOB, "before")
    house.wait_message(first, "delivered")
    phase = "answer" if carried_out else "payload"
    # The line tells the test that the modem has the Ctrl-Z; the daemon publishes it.
    house.modem.do("fault", kind="report", command="+CMGS", phase=phase, line="+MARK: 1")
    house.modem.do("fault", kind="silence", command="+CMGS", phase=phase)
    (key,) = house.send(ALICE, "perhaps", on_unknown=on_unknown)
    (after,) = house.send(BOB, "after")
    house.wait_event("at/unknown", line="+MARK: 1")
    house.reopen()
    house.wait_message(after, "delivered")
    house.wait_message(key, "unknown" if on_unknown == "keep" else "delivered")
    assert texts(house).count("perhaps") == carried_out + (on_unknown == "resend")
    assert [text for text in texts(house) if text != "perhaps"] == ["before", "after"]
    if on_unknown == "keep":
        assert distinct(house.states(key)) == ["queued", "sending", "unknown"]
    else:
        assert distinct(house.states(key)) == WHOLE
        assert house.states(key)[-4:] == WHOLE
    assert distinct(house.states(after)) == WHOLE

    house.reopen()
    house.wait(idle=True)
    assert texts(house).count("perhaps") == carried_out + (on_unknown == "resend")


def test_between_two_parts(new_house: NewHouse):
    """The parts before are sent, the one with the modem is unknown, the rest stays here."""
    house = new_house().open()
    house.modem.do("fault", kind="silence", command="+CMGS", phase="answer", skip=1)
    (key,) = house.send(ALICE, "x" * 153 + "y" * 153 + "z" * 100)
    house.wait(sent=2)
    house.reopen()
    event = house.wait_message(key, "unknown")
    assert (event["parts"], event["parts_sent"]) == (3, 1)
    house.wait_state("sms", unknown=1, queued=0, queued_parts=0)
    assert texts(house) == ["x" * 153, "y" * 153]
    (after,) = house.send(BOB, "after")
    house.wait_message(after, "delivered")
    assert texts(house)[2:] == ["after"]


@pytest.mark.parametrize(
    ("statement", "moment", "states"),
    [
        ("INSERT INTO message", "before", WHOLE),
        ("INSERT INTO message", "after", WHOLE),
        # The PDU is on the wire, its Ctrl-Z is not.
        ("SET state = 'sending'", "before", WHOLE),
        ("SET state = 'sending'", "after", ["queued", "sending", "unknown"]),
        ("SET state = 'sent'", "before", ["queued", "sending", "unknown"]),
        ("SET state = 'sent'", "after", WHOLE),
    ],
)
def test_at_a_step_of_the_store(
    new_house: NewHouse, statement: str, moment: str, states: list[str]
):
    house = new_house()
    house.simulator.start()
    house.modem.do("reports", automatic=False)
    mark = house.heard.mark()
    house.daemon.start_mortal(statement, moment)
    house.wait_status("ready", after=mark)
    request = {"id": "mortal", "to": ALICE, "text": "once"}
    house.publish("sms/send", request)
    assert house.daemon.wait() == -9

    house.start()
    if states is WHOLE:
        house.wait_event("sms/status", id="mortal", state="sent")
        house.modem.do("report", reference=house.sent()[0]["reference"])
    house.wait_event("sms/status", id="mortal", state=states[-1])
    answer = house.ask("sms/send", **request)
    assert answer["status"] == "accepted"
    assert len(house.sent()) == (states is WHOLE or statement == "SET state = 'sent'")
    assert distinct([e["state"] for e in house.events("sms/status")]) == states
    # What the broker had, but did not acknowledge in time, may come again with the same words.
    answers = [m.json for m in house.heard.since() if m.topic.endswith("response/sms/send")]
    assert len(answers) >= 2
    assert all(each == answer for each in answers)


@pytest.mark.parametrize(("moment", "end"), [("before", "sent"), ("after", "delivered")])
def test_while_a_delivery_report_is_recorded(new_house: NewHouse, moment: str, end: str):
    """It came as +CDS, which nothing stores: unrecorded it is gone, and the message stays sent."""
    house = new_house()
    house.simulator.start()
    house.modem.do("reports", automatic=False)
    mark = house.heard.mark()
    house.daemon.start_mortal("UPDATE part SET state = ?, status", moment)
    house.wait_status("ready", after=mark)
    house.publish("sms/send", {"id": "mortal", "to": ALICE, "text": "once"})
    house.wait_event("sms/status", id="mortal", state="sent")
    house.modem.do("report", reference=house.sent()[0]["reference"])
    assert house.daemon.wait() == -9
    house.start()
    house.wait_event("sms/status", id="mortal", state=end)
    assert house.ask("sms/outbox")["data"]["messages"][0]["state"] == end
    assert len(house.sent()) == 1
    assert (
        distinct([e["state"] for e in house.events("sms/status")]) == WHOLE[: WHOLE.index(end) + 1]
    )


# -- incoming


@pytest.mark.parametrize(
    ("command", "phase"),
    [("+CMGR", "command"), ("+CMGR", "answer"), ("+CMGR", "middle"), ("+CMGR", "final")],
)
def test_while_reading(new_house: NewHouse, command: str, phase: str):
    house = new_house().open()
    house.modem.do("fault", kind="silence", command=command, phase=phase)
    house.modem.do("receive", from_=ALICE, text="read me")
    house.wait(commands=1, matching=command)
    house.reopen()
    house.received(text="read me")
    house.wait(stored=0)
    house.ask("signal/read")
    # Where the look at the start had it in a list already, it may be told again, marked as such.
    first, *again = house.events("sms/received")
    assert all(e["uid"] == first["uid"] and e["redelivered"] for e in again)
    house.wait_state("sms", received=1)


def test_between_reading_and_deleting(new_house: NewHouse):
    house = new_house().open()
    house.modem.do("fault", kind="silence", command="+CMGD", phase="command")
    house.modem.do("receive", from_=ALICE, text="read and kept")
    house.wait(commands=1, matching="+CMGD")
    first = house.received(text="read and kept")
    mark = house.heard.mark()
    house.reopen()
    house.wait(stored=0)
    assert house.ask("sms/inbox")["data"]["messages"][0]["uid"] == first["uid"]
    again = house.events("sms/received", mark)
    assert all(e["uid"] == first["uid"] and e["redelivered"] for e in again)
    house.wait_state("sms", received=1)
    house.modem.do("receive", from_=ALICE, text="the next")
    house.received(text="the next")
    assert len(house.ask("sms/inbox")["data"]["messages"]) == 2


@pytest.mark.parametrize("text", ["a single one", "one of three parts: " + "and so on, " * 35])
@pytest.mark.parametrize(
    ("statement", "moment"),
    [
        ("INSERT INTO inbox ", "before"),
        ("INSERT INTO inbox ", "after"),
        ("UPDATE inbox SET payload", "before"),
        ("UPDATE inbox SET payload", "after"),
        ("DELETE FROM publication", "before"),
        ("DELETE FROM publication", "after"),
    ],
)
def test_incoming_at_a_step_of_the_store(
    new_house: NewHouse, statement: str, moment: str, text: str
):
    house = new_house()
    house.simulator.start()
    mark = house.heard.mark()
    house.daemon.start_mortal(statement, moment)
    house.wait_status("ready", after=mark)
    house.modem.do("receive", from_=ALICE, text=text)
    assert house.daemon.wait() == -9
    house.start()
    event = house.received(text=text)
    house.wait(stored=0)
    house.ask("signal/read")
    events = house.events("sms/received")
    assert {e["uid"] for e in events} == {event["uid"]}
    assert all(e["redelivered"] for e in events[1:])
    assert len(events) <= 2
    assert [m["text"] for m in house.ask("sms/inbox")["data"]["messages"]] == [text]
    house.wait_state("sms", received=1)


def test_again_and_again(new_house: NewHouse):
    """Killed at whatever moment, five times, with traffic in both directions all the while."""
    house = new_house().open()
    asked, keys = [], []
    for round_ in range(5):
        for number in range(4):
            asked.append(f"out {round_}.{number}")
            keys += house.send(ALICE, asked[-1], on_unknown="keep")
            house.modem.do("receive", from_=BOB, text=f"in {round_}.{number}")
        house.wait(sent=len(house.sent()) + 1)
        house.reopen()
    house.wait_until_settled(keys)
    house.wait(stored=0)
    house.ask("signal/read")

    sent = texts(house)
    assert len(sent) == len(set(sent)), "sent twice"
    unknown = {
        text for text, key in zip(asked, keys, strict=True) if "unknown" in house.states(key)
    }
    assert set(asked) - set(sent) <= unknown, "lost"
    assert len(unknown) <= 5

    events = house.events("sms/received")
    assert {e["text"] for e in events} == {f"in {r}.{n}" for r in range(5) for n in range(4)}
    uids = [e["uid"] for e in events]
    assert len(set(uids)) == 20
    seen: set[str] = set()
    for event in events:
        assert event["redelivered"] or event["uid"] not in seen
        seen.add(event["uid"])
    assert len(house.ask("sms/inbox")["data"]["messages"]) == 20
