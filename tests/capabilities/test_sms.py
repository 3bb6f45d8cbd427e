import asyncio
import json

import pytest

from n11bridge.capabilities.sms import Sms, wire
from n11bridge.capabilities.sms.storage import Storage

from .host import bench

#: Three texts from one sender: "hellohello", "one", "two".
HELLO = "0004038121F30000621122014103400AE8329BFD4697D9EC37"
ONE = "0004038121F3000062112201410340036F7719"
TWO = "0004038121F300006211220141034003F4FB1B"

SILENCE = object()


class Storages:
    """A modem's two storages; lists and deletes where CPMS points (manual 6.1)."""

    def __init__(self, **stored):
        self.stored = {"SM": {}, "ME": {}} | stored
        self.selected = "SM"
        self.listed = []
        #: Called at each CPMS with the storage; what it returns is answered.
        self.on_select = lambda _: None

    @property
    def answers(self):
        slots = {}
        for index in range(1, 4):
            slots[f"AT+CMGR={index}"] = lambda _, index=index: self.read(index)
            slots[f"AT+CMGD={index}"] = lambda _, index=index: self.delete(index)
        return {
            "AT+CMGF=0": "OK",
            'AT+CPMS="SM"': lambda _: self.select("SM"),
            'AT+CPMS="ME"': lambda _: self.select("ME"),
            "AT+CNMI=?": "+CNMI: (0-3), (0-3), (0,2), (0-1), (0,1)\nOK",
            "AT+CNMI=2,1,2,1,0": "OK",
            "AT+CMGL=4": lambda _: self.list(),
            **slots,
        }

    def select(self, memory):
        refusal = self.on_select(memory)
        if refusal is not None:
            return None if refusal is SILENCE else refusal
        self.selected = memory
        return f"+CPMS: {len(self.stored[memory])},50,0,50,0,50\nOK"

    def list(self):
        self.listed.append(self.selected)
        entries = [
            f"+CMGL: {index},0,,{len(text) // 2 - 1}\n{text}\n"
            for index, text in self.stored[self.selected].items()
        ]
        return "".join(entries) + "OK"

    def read(self, index):
        text = self.stored[self.selected].get(index)
        return f"+CMGR: 1,,{len(text) // 2 - 1}\n{text}\nOK" if text else "ERROR"

    def delete(self, index):
        return "ERROR" if self.stored[self.selected].pop(index, None) is None else "OK"

    @property
    def empty(self):
        return not any(self.stored.values())


def run(tmp_path, play, storages, **answers):
    async def main():
        table = {**storages.answers, **answers}
        async with bench(tmp_path, Sms, answers=table) as (host, peer):
            return await play(host, peer)

    return asyncio.run(main())


async def received(host):
    rows = await host.store.read(lambda tables: tables.inbox.since(None, 100))
    return sorted(json.loads(payload)["text"] for _, payload in rows)


@pytest.fixture(autouse=True)
def _no_pause(monkeypatch):
    monkeypatch.setattr(Storage, "pause", 0)


@pytest.mark.parametrize("times", range(1, 5))
def test_a_second_set_up_never_changes_the_storage_under_a_list(tmp_path, times):
    """A list taken for another storage's would delete there what nobody has read."""
    storages = Storages(SM={1: ONE, 2: TWO}, ME={1: HELLO})

    selections = []

    async def main():
        async with bench(tmp_path, Sms, answers=storages.answers, wait=False) as (host, _):

            def again(memory):
                selections.append(memory)
                if len(selections) == times:
                    host.sim_is_ready()

            storages.on_select = again
            await host.until(lambda: storages.empty and len(storages.listed) == 4)
            return await received(host)

    assert asyncio.run(main()) == ["hellohello", "one", "two"]
    assert sorted(storages.listed) == ["ME", "ME", "SM", "SM"]


def test_a_storage_whose_selection_was_not_answered_is_not_mistaken(tmp_path, monkeypatch):
    monkeypatch.setattr(wire.SelectStorage, "timeout", 0.1)
    monkeypatch.setattr("n11bridge.capabilities.sms.capability.SECOND_TRY", 0)
    storages = Storages()

    def silent(memory):
        storages.selected = memory
        storages.on_select = lambda _: None
        return SILENCE

    async def play(host, peer):
        await host.until(lambda: storages.listed == ["ME", "SM"])
        storages.stored = {"SM": {1: ONE}, "ME": {1: TWO}}
        storages.on_select = silent
        peer.say('+CMTI: "ME",1', '+CMTI: "SM",1')
        await host.until(lambda: storages.empty)
        return await received(host)

    assert run(tmp_path, play, storages) == ["one", "two"]


@pytest.mark.parametrize("refusal", ["ERROR", "+CMS ERROR: 302"])
def test_a_modem_that_refuses_messages_until_the_sim_is_read(tmp_path, refusal):
    storages = Storages(SM={1: ONE}, ME={1: TWO})
    refusals = [refusal] * 3
    storages.on_select = lambda _: refusals.pop() if refusals else None

    async def play(host, peer):
        await host.until(lambda: storages.empty)
        return await received(host), peer.count("AT+CNMI=2,1,2,1,0"), host.problems

    assert run(tmp_path, play, storages) == (["one", "two"], 1, [])


def test_a_message_refused_before_it_left_has_not_changed_its_state(tmp_path):
    async def play(host, _):
        host.modem.set_registration("registered")
        await host.ask("sms/send", to="+491701234567", text="hello")
        async with asyncio.timeout(10):
            while not (await host.ask("sms/outbox"))["messages"][0]["error"]:
                pass
        waiting = await host.store.read(lambda tables: tables.publications.waiting(10))
        return [json.loads(each.payload)["state"] for each in waiting]

    # Like all that it has no answer to, AT+CMGS is refused by the peer before any prompt.
    assert run(tmp_path, play, Storages()) == ["queued"]


def test_waits_for_the_network_are_no_attempts(tmp_path, monkeypatch):
    monkeypatch.setattr("n11bridge.capabilities.sms.sending.PAUSE", 0)
    refusals = ["+CMS ERROR: 331"] * 9

    async def play(host, peer):
        host.modem.set_registration("registered")
        waiting = dict.fromkeys(range(10, 40), lambda _: refusals.pop() if refusals else "ERROR")
        peer.answers |= {f"AT+CMGS={length}": answer for length, answer in waiting.items()}
        await host.ask("sms/send", to="+491701234567", text="hello")
        async with asyncio.timeout(10):
            while True:
                [message] = (await host.ask("sms/outbox"))["messages"]
                if message["error"] == "ERROR":
                    return message["state"], message["attempts"]

    assert run(tmp_path, play, Storages()) == ("queued", 1)


@pytest.mark.parametrize(
    ("told", "later", "prepared"),
    [
        ("+CNMI: 2,1,2,1,0", "+CNMI: 0,0,0,0,0", 2),
        ("2,1,2,1,0", "0,0,0,0,0", 2),  # as the manual's table prints it
        ("+CNMI: 2,1,2,1,0", "+CNMI: 2,1,2,1,0", 1),
        ("+CNMI: 2,1,2,1,0", "+CMS ERROR: 314", 1),
        ("+CNMI: 1,0,0,0,0", "+CNMI: 0,0,0,0,0", 1),  # it never said what was set
    ],
)
def test_a_restart_without_a_word_is_known_by_the_settings_it_cost(tmp_path, told, later, prepared):
    async def play(host, peer):
        sms = host.capabilities["sms"]
        await host.until(lambda: host.ready)
        peer.answers["AT+CNMI?"] = later + ("" if "ERROR" in later else "\nOK")
        await sms.verify()
        peer.answers["AT+CNMI?"] = f"{told}\nOK"
        await host.until(lambda: host.ready == prepared)
        await sms.verify()
        return host.prepared

    answers = {"AT+CNMI?": f"{told}\nOK"}
    assert run(tmp_path, play, Storages(), **answers) == prepared


@pytest.mark.parametrize("refusal", ["ERROR", "+CMS ERROR: 305"])
def test_a_doubtful_refusal_has_the_settings_looked_at(tmp_path, refusal):
    async def play(host, peer):
        await host.until(lambda: host.ready)
        host.modem.set_registration("registered")
        peer.answers["AT+CNMI?"] = "+CNMI: 0,0,0,0,0\nOK"
        peer.answers |= {f"AT+CMGS={length}": refusal for length in range(10, 40)}
        await host.ask("sms/send", to="+491701234567", text="hello")
        await host.until(lambda: host.prepared == 2)

    run(tmp_path, play, Storages(), **{"AT+CNMI?": "+CNMI: 2,1,2,1,0\nOK"})


@pytest.mark.parametrize(
    "damage",
    [
        lambda text: text[:20] + text[22:],
        lambda text: text[:21] + text[22:],
        lambda text: text[:20] + "00" + text[20:],
        lambda text: text[:9],
    ],
)
@pytest.mark.parametrize("announced", [True, False])
def test_a_message_that_the_line_damages_is_read_again(tmp_path, damage, announced):
    """It is not as long as its header says; kept as it came, the real one would be deleted."""
    storages = Storages()
    damaged = ["+CMGR: 1,,24\n" + damage(HELLO) + "\nOK"] if announced else []

    async def play(host, peer):
        await host.until(lambda: storages.listed == ["ME", "SM"])
        storages.stored["SM"] = {1: HELLO}
        if announced:
            peer.say('+CMTI: "SM",1')
        else:
            host.sim_is_ready()
        await host.until(lambda: storages.empty)
        return await received(host)

    def read(_):
        return damaged.pop(0) if damaged else storages.read(1)

    answers = {"AT+CMGR=1": read}
    if not announced:
        entry = f"+CMGL: 1,1,,24\n{damage(HELLO)}\nOK"
        listed = [entry]
        answers["AT+CMGL=4"] = lambda _: (
            listed.pop() if storages.stored["SM"] and listed else storages.list()
        )
    assert run(tmp_path, play, storages, **answers) == ["hellohello"]


@pytest.mark.parametrize("name", ["S\x00M", "", "S\xffM,", "SMSMSM"])
def test_an_announcement_that_the_line_damages_is_not_in_vain(tmp_path, caplog, name):
    storages = Storages()

    async def play(host, peer):
        await host.until(lambda: storages.listed == ["ME", "SM"])
        storages.stored["SM"] = {1: HELLO}
        peer.say(f'+CMTI: "{name}",1')
        await host.until(lambda: storages.empty)
        return await received(host)

    assert run(tmp_path, play, storages) == ["hellohello"]
    assert "failed" not in caplog.text


def test_a_modem_that_counts_otherwise_is_believed(tmp_path):
    """The same twice is no noise, whatever its header says: it must not stay unread for ever."""
    storages = Storages(SM={1: HELLO})
    odd = f"+CMGR: 1,,99\n{HELLO}\nOK"

    async def play(host, peer):
        await host.until(lambda: storages.empty)
        return await received(host)

    answers = {
        "AT+CMGR=1": odd,
        "AT+CMGL=4": lambda _: f"+CMGL: 1,1,,99\n{HELLO}\nOK" if storages.stored["SM"] else "OK",
    }
    assert run(tmp_path, play, storages, **answers) == ["hellohello"]
