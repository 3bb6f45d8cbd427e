from n11bridge.store import Tables


def waiting(tables: Tables) -> list[bytes]:
    """What is sent, in its order, when all goes well."""
    found = []
    while (message := tables.uplink.first()) is not None:
        found.append(message.payload)
        tables.uplink.done(message.seq)
    return found


def test_the_queue_keeps_its_order(tables: Tables) -> None:
    for payload in (b"one", b"two", b"\x00\xff"):
        assert tables.uplink.add("t", payload, qos=1, most=10) == 0
    assert tables.uplink.count() == 3
    assert waiting(tables) == [b"one", b"two", b"\x00\xff"]


def test_when_too_many_wait_those_with_qos_0_are_dropped_and_no_others(tables: Tables) -> None:
    for number in range(4):
        tables.uplink.add("t", b"%d" % number, qos=number % 2, most=4)
    assert tables.uplink.add("t", b"4", qos=1, most=4) == 1
    assert tables.uplink.add("t", b"5", qos=0, most=4) == 1
    assert tables.uplink.add("t", b"6", qos=1, most=4) == 1
    assert tables.uplink.add("t", b"7", qos=1, most=4) == 0
    assert waiting(tables) == [b"1", b"3", b"4", b"6", b"7"]


def test_what_is_refused_again_and_again_lets_others_go_ahead(tables: Tables) -> None:
    tables.uplink.add("t", b"bad", qos=1, most=9)
    tables.uplink.add("t", b"good", qos=1, most=9)
    for _ in range(3):
        message = tables.uplink.first()
        assert message is not None
        assert message.payload == b"bad"
        tables.uplink.refused(message.seq)
    assert waiting(tables) == [b"good", b"bad"]


def test_a_second_delivery_of_what_still_waits_is_none(tables: Tables) -> None:
    tables.uplink.add("t", b"one", qos=1, packet=7, most=9)
    tables.uplink.add("t", b"one", qos=1, packet=7, duplicate=True, most=9)
    tables.uplink.add("t", b"one", qos=1, packet=8, duplicate=True, most=9)
    tables.uplink.add("t", b"one", qos=1, packet=7, most=9)
    assert waiting(tables) == [b"one"] * 3
