"""No command of the data side, however typed, may break the simulator."""

import asyncio
import random

import pytest

from n11bridge.simulator.commands import Form
from n11bridge.simulator.data import COMMANDS

from .world import echo, online, server

NAMES = sorted({name for name, form in COMMANDS if form is Form.SET and name.startswith("+")})
VALUES = [
    *("", "0", "1", "2", "4", "5", "-1", "99", "4096", "65536", "1e3", "\xb2", "\xff", " 1 "),
    *('"', '""', '"x"', '"a\\"b"', "url", "port", "localhost", "127.0.0.1", "256.1.1.1", "a:b"),
    *("{port}", '"sslversion"', '"authmode"', '"IP"', '"ca.pem"', "\\", "*", "https://", "::1"),
]


@pytest.mark.parametrize("connected", [False, True])
@pytest.mark.parametrize("name", NAMES)
def test_nonsense_is_answered_and_nothing_breaks(bench, name, connected):
    async def scenario():
        broken = []
        asyncio.get_running_loop().set_exception_handler(lambda _, context: broken.append(context))
        chance = random.Random(name)
        quick = {"patience": 0.0001, "setup_timeout": 0.01, "guard": 0.001}
        async with server(echo) as port, bench("no_link=late", **quick) as modem:
            if connected:
                await online(modem)
            for _ in range(40):
                values = ",".join(chance.choices(VALUES, k=chance.randint(1, 6)))
                await modem.say(f"AT{name}={values.format(port=port)}\r")
                if modem.modem.stack.transparent.on:
                    modem.modem.stack.cut("test")
            await modem.say("AT\r")
            await modem.do("link", lost=True)
            assert (await modem.say("AT\r")).endswith("OK\r\n")
        assert broken == []

    asyncio.run(scenario())
