"""The file system (manual chapter 22), as its examples show it."""

import asyncio

import pytest

from .world import send

TEXT = b"start0123456789012345\r\n"


async def write(modem, name, mode, data):
    await send(modem, f'AT+FSWF="{name}",{mode},{len(data)},10000', data, prompt="\r\n> ")
    assert await modem.until_written("OK\r\n") == "\r\nOK\r\n"


@pytest.mark.parametrize(
    ("command", "answer"),
    [
        ('AT+FSRF="test.txt",0,10', "\r\n+FSRF: 10,start01234\r\n\r\nOK\r\n"),
        ('AT+FSRF="test.txt",0,0', "\r\nERROR\r\n"),
        ('AT+FSRF="test.txt",0,1025', "\r\nERROR\r\n"),
        ('AT+FSRF="test.txt",1,20,2', "\r\n+FSRF: 20,tart0123456789012345\r\n\r\nOK\r\n"),
        ('AT+FSRF="test.txt",1,0,2', "\r\nERROR\r\n"),
        ('AT+FSRF="test.txt",1,10,0', "\r\nERROR\r\n"),
        ('AT+FSFS="test.txt"', "\r\n+FSFS: 23\r\n\r\nOK\r\n"),
        ('AT+FSFS="123.txt"', "\r\nERROR\r\n"),
        ('AT+FSDF="test.txt"', "\r\nOK\r\n"),
        ('AT+FSDF="123.txt"', "\r\nERROR\r\n"),
        ('AT+FSWF="test.txt",1,1024,60001', "\r\nERROR\r\n"),
    ],
)
def test_answers_as_in_the_examples(bench, command, answer):
    async def scenario():
        async with bench() as modem:
            await write(modem, "test.txt", 1, TEXT)
            assert await modem.say(f"{command}\r") == answer

    asyncio.run(scenario())


@pytest.mark.parametrize(("style", "size"), [("replace", 5), ("overlay", 23)])
def test_writing_appends_or_begins_anew_and_outlives_a_restart(bench, style, size):
    async def scenario():
        async with bench(f"fswf={style}") as modem:
            await write(modem, "a", 0, TEXT[:3])
            await write(modem, "a", 1, TEXT[3:])
            assert modem.modem.stack.files["a"] == TEXT
            await write(modem, "a", 0, b"START")
            await modem.do("restart")
            assert len(modem.modem.stack.files["a"]) == size
            assert modem.modem.stack.files["a"].startswith(b"START")

    asyncio.run(scenario())


def test_writing_may_time_out(bench):
    async def scenario():
        async with bench() as modem:
            answer = await modem.say('AT+FSWF="test.txt",1,1024,1\r')
            assert answer == "\r\n> \r\n+FSWF: Timeout!\r\n"
            assert await modem.say("AT\r") == "\r\nOK\r\n"

    asyncio.run(scenario())
