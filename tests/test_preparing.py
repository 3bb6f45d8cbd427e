"""What happens to the setting up when an answer cannot be read."""

import asyncio
from types import SimpleNamespace

import pytest

from n11bridge.at.errors import Malformed, TimedOut
from n11bridge.preparing import prepare


def run(tell, *names):
    tried = []

    async def step(capability):
        tried.append(capability.name)
        error = tell(capability.name, tried.count(capability.name))
        if error:
            raise error

    async def main():
        await prepare([SimpleNamespace(name=name) for name in names], step)

    try:
        asyncio.run(main())
    except Exception as error:
        return tried, error
    return tried, None


def test_it_is_tried_again_for_the_ok_may_have_been_late():
    def tell(name, time):
        return Malformed("late") if name == "sms" and time == 1 else None

    assert run(tell, "modem", "sms", "gprs") == (["modem", "sms", "sms", "gprs"], None)


def test_what_is_not_essential_keeps_nobody_waiting():
    def tell(name, time):
        return Malformed("odd") if name == "gprs" else None

    assert run(tell, "modem", "gprs", "sms") == (["modem", "gprs", "gprs", "sms"], None)


@pytest.mark.parametrize(
    ("name", "error"), [("sms", Malformed("odd")), ("gprs", TimedOut("AT", acted=True))]
)
def test_the_rest_is_trouble(name, error):
    tried, raised = run(lambda each, time: error if each == name else None, "modem", name, "files")
    assert raised is error
    assert "files" not in tried
