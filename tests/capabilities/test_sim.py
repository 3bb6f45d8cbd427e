import asyncio
import logging
from itertools import pairwise

import pytest
import voluptuous as vol

from n11bridge.at.errors import Malformed, Refused, TimedOut
from n11bridge.capabilities.sim import Sim, wire
from n11bridge.capabilities.sim.search import Search
from n11bridge.capability import RequestError

from .host import bench

ICCID = "89490200001234567890"


class Card:
    """A SIM that counts; ``style`` is how the modem words a refusal."""

    def __init__(
        self,
        *,
        pin="1234",
        locked=True,
        iccid=ICCID,
        style="+CME ERROR: 16",
        shy=False,
        bare=False,
    ):
        self.pin, self.locked, self.iccid = pin, locked, iccid
        self.style, self.shy, self.bare = style, shy, bare
        self.open = not locked
        self.tries = 3
        self.entered = []

    def restart(self):
        self.open = not self.locked

    @property
    def answers(self):
        table = {
            "AT+CPIN?": lambda _: f"+CPIN: {self.state}\nOK",
            "AT+CCID": lambda _: self.identity("+CCID", self.iccid, self.open or not self.shy),
            "AT+CIMI": lambda _: self.identity("+CIMI", "262011234567890", self.open),
            'AT+CLCK="SC",2': lambda _: f"+CLCK: {int(self.locked)}\nOK",
        }
        pins = ("1111", "1234", "4321")
        for pin in pins:
            table[f'AT+CPIN="{pin}"'] = lambda _, pin=pin: self.enter(pin)
            table[f'AT+CPIN="12345678","{pin}"'] = lambda _, pin=pin: self.unblock(pin)
            for mode in (0, 1):
                line = f'AT+CLCK="SC",{mode},"{pin}"'
                table[line] = lambda _, pin=pin, mode=mode: self.lock(pin, mode)
            for new in pins:
                line = f'AT+CPWD="SC","{pin}","{new}"'
                table[line] = lambda _, pin=pin, new=new: self.change(pin, new)
        return table

    @property
    def state(self):
        return "SIM PUK" if not self.tries else "READY" if self.open else "SIM PIN"

    def identity(self, name, number, told):
        return f"{'' if self.bare else name + ': '}{number}\nOK" if told else "ERROR"

    def judge(self, pin):
        self.entered.append(pin)
        right = pin == self.pin
        self.tries = 3 if right else self.tries - 1
        return "OK" if right else self.style

    def enter(self, pin):
        if self.open or not self.tries:
            return "+CME ERROR: 3"
        answer = self.judge(pin)
        self.open = answer == "OK"
        return answer

    def lock(self, pin, mode):
        answer = self.judge(pin)
        if answer == "OK":
            self.locked = bool(mode)
        return answer

    def change(self, pin, new):
        answer = self.judge(pin)
        if answer == "OK":
            self.pin = new
        return answer

    def unblock(self, pin):
        if self.tries:
            return "+CME ERROR: 3"
        self.pin, self.tries, self.open = pin, 3, True
        return "OK"


@pytest.fixture(autouse=True)
def _no_pause(monkeypatch):
    monkeypatch.setattr(Sim, "pause", 0)


def run(tmp_path, play, card=None, pin=None, **answers):
    table = {**(card.answers if card else {}), **answers}

    async def main():
        async with bench(tmp_path, Sim, answers=table, pin=pin) as (host, peer):
            return await play(host, peer)

    return asyncio.run(main())


async def look(host, _):
    """What there is to see once the modem is set up."""
    return host.modem.status, host.states["sim"], host.problems


async def restart(host, _):
    """Have the modem set up again, as after a restart."""
    prepared = host.prepared
    host.modem.restart("test")
    await host.until(lambda: host.prepared > prepared and host.modem.status != "starting")


# -- what there is


@pytest.mark.parametrize("bare", [False, True])
def test_a_sim_without_a_pin(tmp_path, bare):
    status, state, problems = run(tmp_path, look, Card(locked=False, bare=bare), pin="1234")
    assert status == "searching"
    assert state == {
        "status": "ready",
        "imsi": "262011234567890",
        "iccid": ICCID,
        "lock": False,
        "tries_left": None,
    }
    assert problems == []


@pytest.mark.parametrize(
    ("answer", "status"),
    [
        ("+CPIN:READY \nOK", "searching"),
        ("+CPIN: SIM PIN2\nOK", "searching"),
        ("+CPIN: SIM PIN\nOK", "pin_required"),
        ("+CPIN: SIM PUK\nOK", "puk_required"),
        ("+CPIN: PH-SIM PIN\nOK", "no_sim"),
        ("ERROR", "no_sim"),
        ("+CME ERROR: 10", "no_sim"),
        ("+CME ERROR: SIM NOT INSERTED", "no_sim"),
        ("+CME ERROR: 11", "pin_required"),
        ("+CME ERROR: 12", "puk_required"),
        ("+CME ERROR: 14", "no_sim"),
        (["+CME ERROR: 14", "+CME ERROR: 13", "+CPIN: READY\nOK"], "searching"),
    ],
)
def test_conditions(tmp_path, answer, status):
    async def play(host, peer):
        return host.modem.status, peer.count("AT+CPIN?")

    found, asked = run(tmp_path, play, **{"AT+CPIN?": answer})
    assert found == status
    assert asked <= 10


@pytest.mark.parametrize(
    ("answer", "iccid"),
    [
        ("+CCID: 89860002190810001367\nOK", "89860002190810001367"),
        ('+CCID: "8986000219081000136f"\nOK', "8986000219081000136"),
        ("ERROR", None),
        ("OK", None),
    ],
)
def test_iccid(tmp_path, answer, iccid):
    card = Card(locked=False)
    assert run(tmp_path, look, card, **{"AT+CCID": answer})[1]["iccid"] == iccid


def test_what_a_modem_does_not_tell_is_unknown(tmp_path):
    card = Card(locked=False)
    answers = {"AT+CIMI": "ERROR", 'AT+CLCK="SC",2': "+CME ERROR: 3"}
    _, state, _ = run(tmp_path, look, card, **answers)
    assert (state["imsi"], state["lock"], state["status"]) == (None, None, "ready")


def test_a_sim_that_comes_later_is_found(tmp_path):
    async def play(host, peer):
        before = host.modem.status, host.ready
        sim = host.capabilities["sim"]
        await sim.look_again()
        await host.until(lambda: host.ready == 1)
        status = host.modem.status
        host.modem.set_registration("registered")
        asked = peer.count("AT+CPIN?")
        await sim.look_again()
        return before, status, host.ready, peer.count("AT+CPIN?") - asked

    answers = {"AT+CPIN?": ["ERROR", "+CPIN: READY\nOK"]}
    before, status, ready, asked_again = run(tmp_path, play, Card(locked=False), **answers)
    assert before == ("no_sim", 0)
    assert (status, ready) == ("searching", 1)
    assert asked_again == 0


def test_the_phonebook_is_heeded_only_after_the_start(tmp_path):
    """A second look at the SIM beside the first would set the modem up a second time."""

    def early(peer):
        peer.say("+PBREADY")
        return "OK"

    async def play(host, peer):
        host.modem.set_registration("registered")
        await host.capabilities["sim"].look_again()
        return host.ready, peer.count("AT+CPIN?")

    assert run(tmp_path, play, Card(locked=False), **{"AT+CMEE=1": early}) == (1, 1)


def test_the_phonebook_that_was_ready_during_the_start_is_not_forgotten(tmp_path):
    def missing(peer):
        peer.answers["AT+CPIN?"] = "+CPIN: READY\nOK"
        peer.say("+PBREADY")
        return "+CME ERROR: 10"

    async def play(host, _):
        await host.until(lambda: host.ready)
        return host.modem.sim

    assert run(tmp_path, play, Card(locked=False), **{"AT+CPIN?": missing}) == "ready"


def test_a_sim_that_is_pulled_and_comes_back(tmp_path):
    """The registration goes first; the PIN that was accepted is entered again."""
    card = Card()

    async def play(host, peer):
        sim = host.capabilities["sim"]
        host.modem.set_registration("registered")
        found = []
        for answer in ("+CME ERROR: 10", card.answers["AT+CPIN?"]):
            host.modem.set_registration("searching")
            peer.answers["AT+CPIN?"] = answer
            await sim.look_again()
            state = host.states["sim"]
            found.append((state["status"], state["iccid"], host.modem.status))
            card.restart()
        await host.until(lambda: host.ready == 2)
        return found, card.entered, host.problems

    found, entered, problems = run(tmp_path, play, card, pin="1234")
    assert found == [("no_sim", None, "no_sim"), ("ready", ICCID, "searching")]
    assert entered == ["1234", "1234"]
    assert problems == []


def test_the_modem_is_restarted_for_a_sim_that_vanished(tmp_path, monkeypatch):
    monkeypatch.setattr("n11bridge.capabilities.sim.search.FIRST_WAIT", 0)

    async def play(host, peer):
        sim = host.capabilities["sim"]
        sim._search = Search()
        sim._search.found()
        peer.answers["AT+CPIN?"] = "+CME ERROR: 10"
        await sim.look_again()
        await host.until(lambda: host.prepared == 2 and host.modem.status == "no_sim")
        return peer.count("AT+CFUN=1,1")

    assert run(tmp_path, play, Card(locked=False), **{"AT+CFUN=1,1": "OK"}) == 1


def test_the_search_for_a_sim_becomes_less_and_less_frequent():
    search = Search()
    assert not any(search.missing(now) for now in range(0, 10**5, 10))  # there never was one
    search.found()
    due = [now for now in range(0, 30_000, 10) if search.missing(now)]
    gaps = [later - earlier for earlier, later in pairwise(due)]
    assert due[0] == 60
    assert gaps[:3] == [130, 250, 490]  # the next wait begins when it is missed again
    assert 3600 <= gaps[-1] <= 3620
    search.found()
    assert not search.missing(30_000)
    assert search.missing(30_060)


def test_it_is_looked_for_every_10_seconds(tmp_path):
    async def play(host, _):
        return host.capabilities["sim"].intervals()

    [(seconds, method)] = run(tmp_path, play, Card())
    assert (seconds, method.__name__) == (10, "look_again")


# -- the configured PIN


def test_the_configured_pin_is_entered(tmp_path):
    card = Card()
    status, state, problems = run(tmp_path, look, card, pin="1234")
    assert status == "searching"
    assert (state["status"], state["lock"], state["tries_left"]) == ("ready", True, 3)
    assert problems == []
    assert card.entered == ["1234"]


def test_without_a_configured_pin_nothing_is_tried(tmp_path):
    card = Card()
    status, state, problems = run(tmp_path, look, card)
    assert (status, state["status"]) == ("pin_required", "pin_required")
    assert (card.entered, problems) == ([], [])


def test_an_accepted_pin_is_entered_again_after_each_restart(tmp_path):
    card = Card()

    async def play(host, peer):
        card.restart()
        await restart(host, peer)
        return host.modem.status

    assert run(tmp_path, play, card, pin="1234") == "searching"
    card.restart()
    assert run(tmp_path, look, card, pin="1234")[0] == "searching"
    assert card.entered == ["1234"] * 3


@pytest.mark.parametrize("style", ["ERROR", "+CME ERROR: 16", "+CME ERROR: 11", "+CME ERROR: 3"])
@pytest.mark.parametrize("shy", [False, True])
def test_a_refused_pin_is_never_tried_again(tmp_path, style, shy):
    card = Card(style=style, shy=shy)

    async def play(host, peer):
        await host.capabilities["sim"].look_again()
        await restart(host, peer)
        return await look(host, peer)

    status, state, problems = run(tmp_path, play, card, pin="1111")
    assert (status, state["status"]) == ("pin_required", "pin_required")
    assert set(problems) == {"pin_refused"}
    card.restart()
    assert run(tmp_path, look, card, pin="1111")[0] == "pin_required"
    assert card.entered == ["1111"]
    assert run(tmp_path, look, card, pin="1234")[0] == "searching"
    assert card.entered == ["1111", "1234"]


def test_a_pin_that_was_accepted_once_and_is_refused_now_is_latched(tmp_path):
    card = Card()
    run(tmp_path, look, card, pin="1234")
    card.pin = "4321"
    card.restart()
    assert run(tmp_path, look, card, pin="1234")[0] == "pin_required"
    assert run(tmp_path, look, card, pin="1234")[0] == "pin_required"
    assert card.entered == ["1234", "1234"]


@pytest.mark.parametrize("first_shy", [False, True])
def test_one_attempt_holds_whether_or_not_the_sim_says_who_it_is(tmp_path, first_shy):
    card = Card(shy=first_shy)
    assert run(tmp_path, look, card, pin="1111")[0] == "pin_required"
    card.shy = not first_shy
    assert run(tmp_path, look, card, pin="1111")[0] == "pin_required"
    assert card.entered == ["1111"]


def test_another_sim_has_an_attempt_of_its_own(tmp_path):
    wrong, right = Card(pin="4321"), Card(iccid="89490200009999999999")
    run(tmp_path, look, wrong, pin="1234")
    assert run(tmp_path, look, right, pin="1234")[0] == "searching"
    assert run(tmp_path, look, wrong, pin="1234")[0] == "pin_required"
    assert (wrong.entered, right.entered) == (["1234"], ["1234"])


def test_an_accepted_pin_of_one_sim_does_not_help_another_that_is_shy(tmp_path):
    good, bad = Card(), Card(pin="4321", iccid="89490200009999999999")
    run(tmp_path, look, bad, pin="1234")
    run(tmp_path, look, good, pin="1234")
    bad.shy = True
    assert run(tmp_path, look, bad, pin="1234")[0] == "pin_required"
    assert bad.entered == ["1234"]


def die_at_the_pin(card):
    """Have the modem ask for its PIN and die before it answers; what is on the disk then."""

    async def play(host, peer):
        async def recorded():
            return await host.store.read(lambda tables: tables.pins.attempted(ICCID, "1234"))

        asked = peer.count('AT+CPIN="1234"')
        peer.answers['AT+CPIN="1234"'] = None  # the modem does not come to an answer
        card.restart()
        host.modem.restart("test")
        await host.until(lambda: peer.count('AT+CPIN="1234"') == asked + 1)
        return await recorded()

    return play


def test_the_attempt_is_on_disk_before_the_pin_leaves(tmp_path):
    card = Card()
    assert run(tmp_path, die_at_the_pin(card), card, pin="1234") == "unproven"
    assert card.entered == ["1234"]


def test_a_pin_accepted_before_gets_one_more_attempt_when_the_answer_was_lost(tmp_path):
    card = Card()
    run(tmp_path, die_at_the_pin(card), card, pin="1234")
    assert run(tmp_path, look, card, pin="1234")[0] == "searching"
    # Changed in a telephone meanwhile, and the answer lost again: two tries, and no third.
    card.pin = "4321"
    card.restart()

    async def dead(host, peer):
        return await host.store.read(lambda tables: tables.pins.attempted(ICCID, "1234"))

    assert run(tmp_path, dead, card, pin="1234") == "refused"
    assert card.tries == 2


def test_a_sim_that_is_ready_after_a_lost_answer_proves_the_pin(tmp_path):
    card = Card()

    async def play(host, _):
        return await host.store.read(lambda tables: tables.pins.attempted(ICCID, "1234"))

    async def begin(host, _):
        await host.store.commit(lambda tables: tables.pins.begin(ICCID, "1234", 1.0))

    card.open = True
    run(tmp_path, begin, card)
    assert run(tmp_path, play, card, pin="1234") == "verified"


def test_a_modem_that_restarts_at_the_pin_does_not_get_it_again(tmp_path):
    card = Card()
    answers = {'AT+CPIN="1234"': "MODEM:STARTUP"}

    async def play(host, peer):
        return host.modem.status, peer.count('AT+CPIN="1234"'), len(host.problems)

    assert run(tmp_path, play, card, pin="1234", **answers) == ("pin_required", 1, 1)


def test_a_break_down_after_the_ok_does_not_spoil_the_pin(tmp_path):
    card = Card()
    line = 'AT+CPIN="1234"'

    def break_down(peer):
        peer.answers[line] = card.answers[line]
        answer = card.enter("1234")
        card.restart()
        return f"{answer}\nMODEM:STARTUP"

    assert run(tmp_path, look, card, pin="1234", **{line: break_down})[0] == "searching"
    assert card.entered == ["1234", "1234"]


def test_an_answer_that_is_lost_leaves_the_sim_to_decide(tmp_path, monkeypatch):
    monkeypatch.setattr(wire.Pin, "timeout", 0.1)
    card = Card()

    def silent(_):
        card.enter("1234")

    status, state, problems = run(tmp_path, look, card, pin="1234", **{'AT+CPIN="1234"': silent})
    assert (status, state["tries_left"], problems) == ("searching", 3, [])


def test_a_sim_that_needs_a_moment_after_its_pin(tmp_path):
    answers = {
        "AT+CPIN?": [
            "+CPIN: SIM PIN\nOK",
            "+CPIN: SIM PIN\nOK",
            "+CME ERROR: 14",
            "+CPIN: READY\nOK",
        ]
    }
    card = Card()
    status, _, problems = run(tmp_path, look, card, pin="1234", **answers)
    assert (status, problems, card.entered) == ("searching", [], ["1234"])


def test_an_ok_that_the_sim_does_not_confirm_is_a_refusal(tmp_path):
    answers = {"AT+CPIN?": "+CPIN: SIM PIN\nOK", 'AT+CPIN="1234"': "OK"}

    async def play(host, peer):
        await host.capabilities["sim"].look_again()
        return host.modem.status, peer.count('AT+CPIN="1234"')

    assert run(tmp_path, play, Card(), pin="1234", **answers) == ("pin_required", 1)


def test_a_wrong_last_pin_leaves_the_puk_to_a_person(tmp_path):
    card = Card()
    card.tries = 1

    async def play(host, peer):
        await host.capabilities["sim"].look_again()
        return *await look(host, peer), peer.heard

    status, state, problems, heard = run(tmp_path, play, card, pin="1111")
    assert status == state["status"] == "puk_required"
    assert state["tries_left"] == 0
    assert problems == ["pin_refused"]
    assert not any("," in line for line in heard if line.startswith("AT+CPIN="))


# -- requests


def test_enter_pin(tmp_path):
    card = Card()

    async def play(host, _):
        data = await host.ask("sim/enter_pin", pin="1234")
        await host.until(lambda: host.ready == 1)
        return data, host.modem.status, host.states["sim"]["imsi"]

    expected = ({"status": "ready"}, "searching", "262011234567890")
    assert run(tmp_path, play, card) == expected


def test_a_pin_that_was_refused_is_forbidden(tmp_path):
    card = Card()

    async def play(host, _):
        first = await host.refused("sim/enter_pin", pin="1111")
        second = await host.refused("sim/enter_pin", pin="1111")
        return first, second, host.modem.status, host.states["sim"]

    first, second, status, state = run(tmp_path, play, card)
    assert isinstance(first, Refused)
    assert first.code == 16
    assert isinstance(second, RequestError)
    assert second.code == "forbidden"
    assert "1111" not in str(second)
    assert (status, state["tries_left"]) == ("pin_required", None)
    assert card.entered == ["1111"]


def test_a_pin_is_not_entered_where_none_is_asked_for(tmp_path):
    card = Card(locked=False)

    async def play(host, _):
        return await host.refused("sim/enter_pin", pin="1234")

    error = run(tmp_path, play, card)
    assert (error.code, card.entered) == ("unavailable", [])


def test_a_person_is_told_of_an_ok_that_was_none(tmp_path):
    async def play(host, _):
        return await host.refused("sim/enter_pin", pin="1234")

    answers = {"AT+CPIN?": "+CPIN: SIM PIN\nOK", 'AT+CPIN="1234"': "OK"}
    assert isinstance(run(tmp_path, play, Card(), **answers), Malformed)


def test_unblock(tmp_path):
    card = Card()
    card.tries = 0

    async def play(host, _):
        data = await host.ask("sim/unblock", puk="12345678", pin="4321")
        await host.until(lambda: host.ready == 1)
        return data, host.modem.status, host.states["sim"]["tries_left"], host.problems

    expected = ({"status": "ready"}, "searching", 3, ["pin_changed"])
    assert run(tmp_path, play, card, pin="1234") == expected
    card.restart()
    assert run(tmp_path, look, card, pin="4321")[0] == "searching"


def test_unblock_may_give_a_pin_that_was_refused_before(tmp_path):
    card = Card()
    card.tries = 1

    async def play(host, _):
        await host.ask("sim/unblock", puk="12345678", pin="1111")
        return host.problems

    assert run(tmp_path, play, card, pin="1111") == ["pin_refused"]
    card.restart()
    assert run(tmp_path, look, card, pin="1111")[0] == "searching"


def test_the_puk_is_not_sent_to_a_sim_that_does_not_ask_for_it(tmp_path):
    async def play(host, peer):
        return await host.refused("sim/unblock", puk="12345678", pin="4321"), peer.heard

    error, heard = run(tmp_path, play, Card())
    assert error.code == "unavailable"
    assert not any("12345678" in line for line in heard)


def test_change_pin(tmp_path):
    card = Card()

    async def play(host, _):
        data = await host.ask("sim/change_pin", old="1234", new="4321")
        again = await host.refused("sim/change_pin", old="1111", new="1234")
        latched = await host.refused("sim/change_pin", old="1111", new="1234")
        return data, again, latched, host.problems

    data, wrong, latched, problems = run(tmp_path, play, card, pin="1234")
    assert data == {}
    assert isinstance(wrong, Refused)
    assert latched.code == "forbidden"
    assert problems == ["pin_changed"]
    assert (card.pin, card.entered) == ("4321", ["1234", "1234", "1111"])


def test_a_pin_that_was_changed_is_not_tried_any_more(tmp_path):
    card = Card()

    async def change(host, _):
        await host.ask("sim/change_pin", old="1234", new="4321")

    run(tmp_path, change, card, pin="1234")
    card.restart()
    status, _, problems = run(tmp_path, look, card, pin="1234")
    assert (status, problems) == ("pin_required", ["pin_refused"])
    assert (card.entered[-1], card.tries) == ("1234", 3)  # the one that changed it
    run(tmp_path, look, card, pin="4321")
    assert card.open


def test_lock(tmp_path):
    card = Card(locked=False)

    async def play(host, _):
        locked = await host.ask("sim/lock", enabled=True, pin="1234")
        state = host.states["sim"]
        unlocked = await host.ask("sim/lock", enabled=False, pin="1234")
        return locked, state["lock"], state["tries_left"], unlocked

    assert run(tmp_path, play, card) == ({"lock": True}, True, 3, {"lock": False})


def test_a_refusal_that_is_not_about_the_pin_does_not_latch_an_accepted_one(tmp_path):
    card = Card()
    line = 'AT+CLCK="SC",0,"1234"'

    async def play(host, peer):
        real = peer.answers[line]
        peer.answers[line] = "+CME ERROR: 14"
        busy = await host.refused("sim/lock", enabled=False, pin="1234")
        peer.answers[line] = real
        return busy, await host.ask("sim/lock", enabled=False, pin="1234")

    busy, data = run(tmp_path, play, card, pin="1234")
    assert isinstance(busy, Refused)
    assert data == {"lock": False}


def test_a_lost_answer_does_not_latch_an_accepted_pin(tmp_path, monkeypatch):
    monkeypatch.setattr(wire.ChangePin, "timeout", 0.1)
    card = Card()

    async def play(host, _):
        return await host.refused("sim/change_pin", old="1234", new="4321")

    answers = {'AT+CPWD="SC","1234","4321"': None}
    assert isinstance(run(tmp_path, play, card, pin="1234", **answers), TimedOut)
    card.restart()
    assert run(tmp_path, look, card, pin="1234")[0] == "searching"


@pytest.mark.parametrize(
    ("verb", "parameters"),
    [
        ("enter_pin", {}),
        ("enter_pin", {"pin": 1234}),
        ("enter_pin", {"pin": "123"}),
        ("enter_pin", {"pin": "123456789"}),
        ("enter_pin", {"pin": "1234\n"}),
        ("enter_pin", {"pin": '12"4'}),
        ("unblock", {"pin": "1234"}),
        ("unblock", {"puk": "1234567", "pin": "1234"}),
        ("change_pin", {"old": "1234"}),
        ("lock", {"enabled": "yes", "pin": "1234"}),
    ],
)
def test_wrong_parameters_are_refused_without_repeating_them(tmp_path, verb, parameters):
    async def play(host, _):
        return await host.refused(f"sim/{verb}", **parameters)

    error = run(tmp_path, play, Card())
    assert isinstance(error, vol.Invalid)
    assert "123" not in str(error)


def test_no_pin_in_a_log_or_a_repr(tmp_path, caplog):
    card = Card(pin="4321")

    async def play(host, _):
        await host.refused("sim/enter_pin", pin="1111")

    with caplog.at_level(logging.DEBUG):
        run(tmp_path, play, card, pin="1234")
    assert card.entered == ["1234", "1111"]
    assert not any(pin in caplog.text for pin in card.entered)
    records = (
        wire.Pin("1234", "1234"),
        wire.Lock("SC", 1, "1234"),
        wire.ChangePin("SC", *["1234"] * 2),
    )
    assert not any("1234" in repr(record) for record in records)
