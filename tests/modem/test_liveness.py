"""Each class of operation has a record of its own."""

import pytest

from n11bridge.at.command import Command, Setting
from n11bridge.capabilities.network import wire as network
from n11bridge.capabilities.signal import ReadSignalQuality
from n11bridge.capabilities.sms import wire as sms
from n11bridge.modem.liveness import Liveness, operation

CSQ = ReadSignalQuality().exchange().section
CMGS = sms.SendPdu(20).payload_exchange(b"00").section
CMGL = sms.ListMessages().exchange().section


@pytest.mark.parametrize(
    ("section", "name"),
    [
        (CSQ, "at"),
        (CMGS, "sms_send"),
        (CMGL, "sms"),
        (sms.Indications.query().section, "sms"),
        (sms.MessageFormat(0).set().section, "sms"),
        (network.ScanNetworks().exchange().section, "operator"),
        ("5.2", "ussd"),
        ("5.1", "gprs"),
        ("8.3", "sockets"),
        ("14.2", "sockets"),
        ("18.7", "uplink"),
        ("", "raw"),
        ("3.11", "at"),
    ],
)
def test_the_class_is_the_chapter(section: str, name: str) -> None:
    assert operation(section).name == name


def test_every_record_names_a_section() -> None:
    def all_below(kind: type) -> list[type]:
        return [each for sub in kind.__subclasses__() for each in (sub, *all_below(sub))]

    declared = [
        each
        for base in (Command, Setting)
        for each in all_below(base)
        if each.__module__.startswith("n11bridge.")
    ]
    assert len(declared) > 40
    assert all(operation(each.manual).name for each in declared if hasattr(each, "manual"))


def test_a_good_signal_does_not_clear_a_message_that_hangs() -> None:
    liveness = Liveness()
    reasons = []
    for moment in range(3):
        reasons.append(liveness.timed_out(CMGS))
        liveness.succeeded(CSQ, moment)
        liveness.succeeded(CMGL, moment)
    assert reasons == [None, None, "sms_send timed out 3 times in a row"]
    assert liveness.hung
    assert (liveness.records["at"].last_success, liveness.records["at"].timeouts) == (2, 0)
    assert (liveness.records["sms_send"].last_success, liveness.records["sms_send"].timeouts) == (
        None,
        3,
    )
    assert liveness.timed_out(CMGS) is None
    liveness.succeeded(CMGS, 9)
    assert not liveness.hung
    assert liveness.records["sms_send"].timeouts == 0


def test_what_waits_for_others_proves_nothing() -> None:
    liveness = Liveness()
    for section in ("4.2", "5.2", "16.3", ""):
        assert [liveness.timed_out(section) for _ in range(20)] == [None] * 20
    assert not liveness.hung
    assert liveness.records["operator"].timeouts == 20
