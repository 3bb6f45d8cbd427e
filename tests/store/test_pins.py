from pathlib import Path

import pytest

from n11bridge.store import Tables, WrongState
from n11bridge.store.database import connect

SIM, OTHER_SIM = "8949000000000000001", "8949000000000000002"


def test_one_attempt_for_each_sim_and_pin(tables: Tables) -> None:
    pins = tables.pins
    assert pins.attempted(SIM, "1234") is None
    pins.begin(SIM, "1234", now=1)
    assert pins.attempted(SIM, "1234") == "pending"
    with pytest.raises(WrongState, match="tried on SIM 8949000000000000001 before: pending"):
        pins.begin(SIM, "1234", now=2)
    pins.result(SIM, "1234", "refused")
    assert pins.attempted(SIM, "1234") == "refused"
    with pytest.raises(WrongState, match="before: refused"):
        pins.begin(SIM, "1234", now=3)


def test_another_pin_or_another_sim_has_its_own_attempt(tables: Tables) -> None:
    tables.pins.begin(SIM, "1234", now=1)
    assert tables.pins.attempted(SIM, "4321") is None
    assert tables.pins.attempted(OTHER_SIM, "1234") is None
    tables.pins.begin(SIM, "4321", now=2)
    tables.pins.result(SIM, "4321", "refused")
    assert tables.pins.attempted(SIM, "1234") == "pending"


def test_a_verified_pin_is_tried_again_when_the_sim_asks_again(tables: Tables) -> None:
    tables.pins.begin(SIM, "1234", now=1)
    tables.pins.result(SIM, "1234", "verified")
    assert tables.pins.attempted(SIM, "1234") == "verified"
    tables.pins.begin(SIM, "1234", now=2)
    assert tables.pins.attempted(SIM, "1234") == "unproven"
    # Changed in a telephone meanwhile: refused, and that is that.
    tables.pins.result(SIM, "1234", "refused")
    with pytest.raises(WrongState):
        tables.pins.begin(SIM, "1234", now=3)


def test_a_verified_pin_gets_one_more_attempt_when_the_answer_was_lost(tables: Tables) -> None:
    tables.pins.begin(SIM, "1234", now=1)
    tables.pins.result(SIM, "1234", "verified")
    tables.pins.begin(SIM, "1234", now=2)
    tables.pins.begin(SIM, "1234", now=3)
    assert tables.pins.attempted(SIM, "1234") == "pending"
    with pytest.raises(WrongState):
        tables.pins.begin(SIM, "1234", now=4)


def test_a_result_needs_an_attempt(tables: Tables) -> None:
    with pytest.raises(WrongState, match="no attempt"):
        tables.pins.result(SIM, "1234", "verified")


def test_the_pin_does_not_stand_in_the_file(path: Path) -> None:
    connection = connect(path)
    pins = Tables(connection).pins
    pins.begin(SIM, "98317264", now=1)
    pins.begin(OTHER_SIM, "98317264", now=1)
    hashes = connection.execute("SELECT hash FROM pin").fetchall()
    connection.close()
    content = path.read_bytes()
    assert SIM.encode() in content
    assert b"98317264" not in content
    assert hashes[0]["hash"] != hashes[1]["hash"]  # salted each for itself
