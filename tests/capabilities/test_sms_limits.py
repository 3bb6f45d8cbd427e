"""What holds messages back: storms collapse, loops end, and both survive a restart."""

import asyncio
import json

import pytest

from n11bridge.capabilities.sms import Sms
from n11bridge.capability import RequestError
from n11bridge.config import Limits
from n11bridge.config import Sms as Settings
from n11bridge.message import fingerprint

from .host import bench
from .test_sms import Storages

ALICE, BOB = "+491701234567", "+491707654321"
ALARM = "Water in the pump house"
ENOUGH = Limits(1000, 1000, 1000)
WINDOW = 300


def run(tmp_path, play, **settings):
    async def main():
        sms = Settings(**{"limits": ENOUGH, **settings})
        async with bench(tmp_path, Sms, answers=Storages().answers, sms=sms) as (host, _):
            return await play(host)

    return asyncio.run(main())


async def send(host, text=ALARM, to=ALICE, **parameters):
    answer = await host.ask("sms/send", to=to, text=text, **parameters)
    return answer.data["messages"]


async def outbox(host):
    return [(m["text"], m["state"]) for m in (await host.ask("sms/outbox"))["messages"]]


async def sent(host, key):
    """Record a message as sent whole."""

    def work(tables):
        for part in tables.outbox.parts(key):
            tables.outbox.sending(key, part.seq, host.now())
            tables.outbox.part_sent(key, part.seq, 1, host.now())

    await host.store.commit(work)


async def due(host):
    found = await host.store.read(lambda tables: tables.outbox.next(host.now()))
    return found and found[0].text


async def told(host):
    waiting = await host.store.read(lambda tables: tables.publications.waiting(100))
    events = [json.loads(each.payload) for each in waiting if "status" in each.topic]
    return [event["message"] for event in events if event["state"] == "queued"]


def test_a_storm_becomes_one_message_with_a_count(tmp_path):
    async def play(host):
        [first] = await send(host)
        await sent(host, first["message"])
        answers = []
        for _ in range(12):
            host.clock += 10
            [answer] = await send(host)
            answers.append(answer)
        assert "collapsed" not in first
        assert [answer["collapsed"] for answer in answers] == list(range(1, 13))
        [key] = {answer["message"] for answer in answers}
        assert key != first["message"]
        assert await outbox(host) == [(ALARM, "sent"), (f"{ALARM} (12x)", "queued")]
        assert await told(host) == [first["message"], key]
        assert await due(host) is None
        host.clock += WINDOW - 120
        assert await due(host) == f"{ALARM} (12x)"
        return await host.store.read(lambda tables: tables.outbox.parts(key))

    [part] = run(tmp_path, play, collapse=WINDOW)
    assert part.length == len(part.pdu) // 2 - 1


def test_a_storm_that_goes_on_sends_one_message_for_each_window(tmp_path):
    async def play(host):
        texts = []
        for _ in range(100):
            while (found := await due(host)) is not None:
                texts.append(found)
                [key] = [
                    m["message"]
                    for m in (await host.ask("sms/outbox", state="queued"))["messages"]
                    if m["text"] == found
                ][:1]
                await sent(host, key)
            await send(host)
            host.clock += 10
        return texts

    texts = run(tmp_path, play, collapse=WINDOW)
    assert texts[0] == ALARM
    assert len(texts) == 4  # in 1000 seconds
    counts = [int(text.removeprefix(f"{ALARM} (").removesuffix("x)")) for text in texts[1:]]
    assert counts == [29, 30, 30]


def test_one_repetition_bears_no_count(tmp_path):
    async def play(host):
        await send(host)
        await send(host)
        return await outbox(host)

    assert run(tmp_path, play, collapse=WINDOW) == [(ALARM, "queued"), (ALARM, "queued")]


def test_only_the_same_text_to_the_same_number_collapses(tmp_path):
    async def play(host):
        await send(host, to=[ALICE, BOB])
        await send(host, "All is well")
        [alice] = await send(host)
        host.clock += WINDOW
        [bob] = await send(host, to=BOB)
        return [name for name in (alice, bob) if "collapsed" in name], len(await outbox(host))

    collapsed, count = run(tmp_path, play, collapse=WINDOW)
    assert [(each["to"], each["collapsed"]) for each in collapsed] == [(ALICE, 1)]
    assert count == 5


@pytest.mark.parametrize("end", ["failed", "cancelled"])
def test_a_message_that_came_to_nothing_holds_no_other_back(tmp_path, end):
    async def play(host):
        [first] = await send(host)
        if end == "cancelled":
            await host.ask("sms/cancel", message=first["message"])
        else:
            await host.store.commit(
                lambda tables: tables.outbox.finish(first["message"], end, "x", host.now())
            )
        [second] = await send(host)
        return "collapsed" in second, await due(host)

    assert run(tmp_path, play, collapse=WINDOW) == (False, ALARM)


def test_a_storm_survives_a_restart(tmp_path):
    async def before(host):
        await send(host)
        await send(host)
        return await send(host)

    async def after(host):
        return await send(host), await outbox(host)

    [[earlier], ([later], messages)] = [
        run(tmp_path, play, collapse=WINDOW) for play in (before, after)
    ]
    assert earlier["message"] == later["message"]
    assert later["collapsed"] == 3
    assert [text for text, _ in messages] == [ALARM, f"{ALARM} (3x)"]


def test_repetitions_cost_nothing_but_what_is_sent(tmp_path):
    async def play(host):
        for _ in range(50):
            await send(host)
        error = await host.refused("sms/send", to=ALICE, text="another text")
        return error.code, await outbox(host)

    limits = Limits(minute=2, hour=1000, day=1000)
    code, messages = run(tmp_path, play, collapse=WINDOW, limits=limits)
    assert code == "rate_limited"
    assert [text for text, _ in messages] == [ALARM, f"{ALARM} (49x)"]


def test_a_count_that_needs_another_part_is_counted(tmp_path):
    """160 characters are one message, with a count they are two."""
    text = "x" * 160

    async def play(host):
        for _ in range(2):
            await send(host, text)
        error = await host.refused("sms/send", to=ALICE, text=text)
        return str(error), await outbox(host)

    limits = Limits(minute=2, hour=1000, day=1000)
    error, messages = run(tmp_path, play, collapse=WINDOW, limits=limits)
    assert "sms.limits.minute is reached" in error
    assert messages == [(text, "queued"), (text, "queued")]


def test_without_the_option_each_is_sent(tmp_path):
    async def play(host):
        for _ in range(3):
            await send(host)
        return len(await outbox(host))

    assert run(tmp_path, play) == 3


# -- loops


async def receive(host, number, text):
    pdu = f"{number}{host.clock}{text}"
    await host.store.commit(
        lambda tables: tables.inbox.add_single(
            fingerprint(pdu), pdu, fingerprint(pdu)[:20], number, "{}", host.now()
        )
    )


async def converse(host, number, rounds, seconds=10):
    """Answer each message from a number until that is refused; how often it was not."""
    for count in range(rounds):
        await receive(host, number, f"no. {count}")
        host.clock += seconds / 2
        try:
            await send(host, f"answer {count}", to=ALICE)
        except RequestError as error:
            return count, error
        host.clock += seconds / 2
    return rounds, None


@pytest.mark.parametrize("number", [ALICE, "01701234567"])
def test_two_machines_that_answer_each_other_are_stopped(tmp_path, number):
    async def play(host):
        count, error = await converse(host, number, 100)
        # Everybody else may be written to.
        await send(host, "hello", to=BOB)
        return count, error, host.problems, host.clock

    async def later(host):
        host.clock = clock
        again = await host.refused("sms/send", to=ALICE, text="after a restart")
        host.clock += 3600
        await send(host, "an hour later")
        return again

    count, error, problems, clock = run(tmp_path, play, loop_limit=20)
    assert count == 20
    assert (error.code, error.retryable) == ("rate_limited", True)
    assert "sms.loop_limit" in str(error)
    assert problems == ["sms_loop"]
    assert run(tmp_path, later, loop_limit=20).code == "rate_limited"


def test_alarms_that_nobody_answers_are_no_loop(tmp_path):
    async def play(host):
        for number in range(100):
            await send(host, f"alarm {number}")
        await receive(host, ALICE, "stop it")
        await send(host, "as you wish")
        return host.problems

    assert run(tmp_path, play, loop_limit=20) == []


def test_a_talk_at_the_pace_of_people_is_no_loop(tmp_path):
    async def play(host):
        return (await converse(host, ALICE, 60, seconds=200))[0]

    assert run(tmp_path, play, loop_limit=20) == 60


def test_names_and_other_numbers_are_not_mistaken(tmp_path):
    async def play(host):
        return [(await converse(host, sender, 30))[0] for sender in (BOB, "name 1234567", "INFO")]

    assert run(tmp_path, play, loop_limit=20) == [30, 30, 30]


def test_the_limit_can_be_switched_off(tmp_path):
    async def play(host):
        return (await converse(host, ALICE, 50))[0]

    assert run(tmp_path, play, loop_limit=0) == 50
