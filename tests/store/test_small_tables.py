from n11bridge.store import Begun, Publication, Seen, Tables


def test_publications_wait_in_order_until_acknowledged(tables: Tables) -> None:
    publications = tables.publications
    seqs = [publications.add("t", "one"), publications.add("t", "two", "{}")]
    publications.add("t", "three")
    assert publications.waiting(2) == [
        Publication(seqs[0], "t", "one", None),
        Publication(seqs[1], "t", "two", "{}"),
    ]
    publications.done([seqs[0], 4711])
    assert publications.count() == 2
    assert [each.payload for each in publications.waiting(10)] == ["two", "three"]


def test_a_publication_number_is_never_used_again(tables: Tables) -> None:
    first = tables.publications.add("t", "one")
    tables.publications.done([first])
    assert tables.publications.add("t", "two") > first


def test_a_request_is_begun_once_and_answered_alike(tables: Tables) -> None:
    requests = tables.requests
    assert requests.begin("1", "sms/send", "d", now=1) == Begun()
    assert requests.begin("1", "sms/send", "d", now=2) == Seen(same=True, response=None)
    requests.answer("1", "first")
    requests.answer("1", "second")
    assert requests.begin("1", "sms/send", "d", now=3) == Seen(same=True, response="first")
    assert requests.begin("1", "sms/send", "other", now=3) == Seen(same=False, response="first")
    assert requests.begin("1", "sms/cancel", "d", now=3) == Seen(same=False, response="first")


def test_what_a_dead_process_left_unanswered(tables: Tables) -> None:
    requests = tables.requests
    requests.begin("late", "sms/send", "d", now=3, properties='{"response_topic": "x"}')
    requests.begin("early", "ussd/send", "d", now=2)
    requests.begin("done", "sms/send", "d", now=1)
    requests.answer("done", "ok")
    assert requests.unanswered() == [
        ("early", "ussd/send", None),
        ("late", "sms/send", '{"response_topic": "x"}'),
    ]


def test_requests_are_forgotten_once_answered(tables: Tables) -> None:
    for id in ("open", "old"):
        tables.requests.begin(id, "sms/send", "d", now=1)
    tables.requests.begin("new", "sms/send", "d", now=5)
    tables.requests.answer("old", "ok")
    tables.requests.answer("new", "ok")
    tables.requests.forget(before=5, most=100)
    assert tables.requests.begin("old", "sms/send", "d", now=6) == Begun()
    assert tables.requests.begin("new", "sms/send", "d", now=6) == Seen(True, "ok")
    assert tables.requests.begin("open", "sms/send", "d", now=6) == Seen(True, None)


def test_of_a_flood_of_requests_the_latest_are_remembered(tables: Tables) -> None:
    for number in range(10):
        tables.requests.begin(f"r{number}", "sms/send", "d", now=10)
        if number != 2:
            tables.requests.answer(f"r{number}", "ok")
    tables.requests.forget(before=5, most=3)
    known = [n for n in range(10) if isinstance(_again(tables, n), Seen)]
    assert known == [2, 7, 8, 9]


def _again(tables: Tables, number: int) -> object:
    return tables.requests.begin(f"r{number}", "sms/send", "d", now=11)


def test_counters_add_up(tables: Tables) -> None:
    assert tables.counters.all() == {}
    tables.counters.add("resets")
    tables.counters.add("parts_sent", 3)
    tables.counters.add("resets")
    assert tables.counters.all() == {"parts_sent": 3, "resets": 2}


def test_facts_are_kept_replaced_and_deleted(tables: Tables) -> None:
    assert tables.facts.get("modem") is None
    tables.facts.set("modem", "N11")
    tables.facts.set("modem", "N11V2")
    assert tables.facts.get("modem") == "N11V2"
    tables.facts.delete("modem")
    tables.facts.delete("modem")
    assert tables.facts.get("modem") is None


def begin_unnamed(tables: Tables, id: str, now: float, *, redelivered: bool) -> Begun | Seen:
    return tables.requests.begin(id, "sms/send", "digest", now, packet=7, redelivered=redelivered)


def test_a_request_without_id_is_known_again_by_its_packet(tables: Tables) -> None:
    assert begin_unnamed(tables, "made-1", 10, redelivered=False) == Begun()
    # The same words once more are another request; delivered again, they are the same one.
    assert begin_unnamed(tables, "made-2", 20, redelivered=False) == Begun()
    assert begin_unnamed(tables, "made-3", 30, redelivered=True) == Seen(same=True, response=None)


def test_packets_of_an_old_session_are_no_longer_known(tables: Tables) -> None:
    begin_unnamed(tables, "made-1", 10, redelivered=False)
    tables.requests.forget_packets(20)
    assert begin_unnamed(tables, "made-2", 30, redelivered=True) == Begun()
    tables.requests.forget_packets(20)
    assert isinstance(begin_unnamed(tables, "made-3", 40, redelivered=True), Seen)
