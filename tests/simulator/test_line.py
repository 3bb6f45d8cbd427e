"""The pty and the TCP port that a client opens."""

import asyncio
import os
import termios
import tty
from contextlib import asynccontextmanager

import pytest

from n11bridge.simulator import Simulator, Style
from n11bridge.simulator.line import PtyLine, TcpLine
from n11bridge.simulator.uart import Uart


@asynccontextmanager
async def opened(path, speed=termios.B115200):
    """Open a serial port as a client does; yields a function that says and listens."""
    port = os.open(path, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)
    tty.setraw(port, termios.TCSANOW)
    mode = termios.tcgetattr(port)
    mode[4] = mode[5] = speed
    termios.tcsetattr(port, termios.TCSANOW, mode)
    loop = asyncio.get_running_loop()
    arrived: asyncio.Queue[bytes] = asyncio.Queue()

    def read():
        try:
            data = os.read(port, 4096)
        except OSError:
            data = b""
        arrived.put_nowait(data)
        if not data:
            loop.remove_reader(port)

    loop.add_reader(port, read)

    async def say(data, end):
        os.write(port, data)
        heard = b""
        while end not in heard:
            piece = await asyncio.wait_for(arrived.get(), 5)
            if not piece:
                return b"unplugged"
            heard += piece
        return heard

    try:
        yield say
    finally:
        loop.remove_reader(port)
        os.close(port)


def test_a_pty_under_its_link_unplugged_and_plugged_in_again(tmp_path):
    link = tmp_path / "modem"
    link.symlink_to("/nowhere")  # as a killed simulator leaves it

    async def scenario():
        async with Simulator(PtyLine(Uart(), link)) as simulator:
            await simulator.do("wait", stat=1)
            async with opened(link) as say:
                await say(b"AT\r", b"OK\r\n")
                hears = asyncio.create_task(say(b"", b"never"))
                await asyncio.sleep(0)
                await simulator.do("unplug")
                assert await hears == b"unplugged"
            assert not link.is_symlink()
            await simulator.do("replug")
            async with opened(link) as say:
                assert (await say(b"AT\r", b"OK\r\n")) == b"AT\r\r\nOK\r\n"
        assert not link.is_symlink()

    asyncio.run(scenario())


def test_a_file_in_the_place_of_the_link_is_left_alone(tmp_path):
    link = tmp_path / "modem"
    link.write_text("precious")

    async def scenario():
        async with Simulator(PtyLine(Uart(), link)):
            pass

    with pytest.raises(FileExistsError):
        asyncio.run(scenario())
    assert link.read_text() == "precious"


@pytest.mark.parametrize("garbage", [True, False])
def test_only_the_right_baud_rate_is_understood(tmp_path, garbage):
    link = tmp_path / "modem"
    style = Style.named(f"wrong_rate={'garbage' if garbage else 'nothing'}")
    uart = Uart(9600, enforced=True)

    async def scenario():
        line = PtyLine(uart, link, garbage=garbage)
        async with Simulator(line, style=style, uart=uart) as simulator:
            await simulator.do("wait", starts=1, stat=1)
            async with opened(link, termios.B9600) as say:
                assert b"OK" in await say(b"ATE0\r", b"OK\r\n")
                assert await say(b"AT+IPR=115200\r", b"OK\r\n") == b"\r\nOK\r\n"
                await simulator.do("wait", idle=True)
            async with opened(link, termios.B9600) as say:
                deaf = asyncio.create_task(say(b"AT\r", b"\xe4" if garbage else b"never"))
                if garbage:
                    assert b"OK" not in await deaf
                else:
                    done, _ = await asyncio.wait({deaf}, timeout=0.05)
                    assert not done
                    deaf.cancel()
            async with opened(link, termios.B115200) as say:
                assert await say(b"AT\r", b"OK\r\n") == b"\r\nOK\r\n"
            assert (await simulator.do("ledger"))["recent"].count("AT") == 1

    asyncio.run(scenario())


def test_a_client_that_does_not_read_loses_nothing_at_first(tmp_path):
    link = tmp_path / "modem"

    async def scenario():
        async with Simulator(PtyLine(Uart(), link)) as simulator:
            await simulator.do("wait", stat=1)
            await simulator.do("raw", text="x" * 200_000)
            async with opened(link) as say:
                heard = await say(b"AT\r", b"OK\r\n")
                assert heard.count(b"x") == 200_000

    asyncio.run(scenario())


def test_one_client_at_a_time_over_tcp():
    async def scenario():
        line = TcpLine("127.0.0.1", 0)
        async with Simulator(line) as simulator:
            await simulator.do("wait", stat=1)
            port = int(line.name.rpartition(":")[2])
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(b"AT\r")
            assert await reader.readuntil(b"OK\r\n")
            second, other = await asyncio.open_connection("127.0.0.1", port)
            with pytest.raises((ConnectionError, asyncio.IncompleteReadError)):
                await second.readexactly(1)
            other.close()
            await simulator.do("unplug")
            with pytest.raises((ConnectionError, asyncio.IncompleteReadError)):
                await reader.readexactly(1)
            writer.close()
            with pytest.raises(ConnectionRefusedError):
                await asyncio.open_connection("127.0.0.1", port)
            await simulator.do("replug")
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(b"AT\r")
            assert await reader.readuntil(b"OK\r\n") == b"AT\r\r\nOK\r\n"
            writer.close()

    asyncio.run(scenario())
