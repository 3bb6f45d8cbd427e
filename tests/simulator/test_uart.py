"""Bytes take their time, on an absolute schedule."""

import asyncio

from n11bridge.simulator.simulation import PacedPort, Simulator
from n11bridge.simulator.uart import Pacer, Uart


def test_bytes_pass_at_ten_bits_each_in_order_and_whole():
    async def scenario():
        loop = asyncio.get_running_loop()
        passed: list[tuple[float, int]] = []
        received = bytearray()

        def sink(data):
            received.extend(data)
            passed.append((loop.time() - start, len(received)))

        pacer = Pacer(Uart(115200), sink)
        sent = bytes(range(256)) * 12
        start = loop.time()
        for offset in range(0, len(sent), 1000):
            pacer.put(sent[offset : offset + 1000])
        await pacer.drain()
        assert bytes(received) == sent
        exact = len(sent) * 10 / 115200
        assert exact * 0.97 <= passed[-1][0] < exact * 1.5
        assert all(time * 11520 * 1.03 + 1 >= count for time, count in passed)

    asyncio.run(scenario())


class Wire:
    """A port whose bytes are noted with their time."""

    name = "wire"

    def __init__(self):
        self.receive = None
        self.written = b""
        self.times = []

    async def open(self, receive):
        self.receive = receive

    async def close(self):
        pass

    def write(self, data):
        self.written += data
        self.times.append(asyncio.get_running_loop().time())

    def unplug(self):
        pass

    def replug(self):
        pass


def test_a_command_is_complete_when_its_last_byte_has_arrived():
    async def scenario():
        uart, wire = Uart(9600), Wire()
        port = PacedPort(wire, uart)
        async with Simulator(port, uart=uart) as simulator:
            await simulator.do("wait", stat=1)
            await port.drain()
            start, before = asyncio.get_running_loop().time(), len(wire.written)
            wire.receive(b" " * 40 + b"ATE0\r")
            await simulator.do("wait", commands=1)
            await port.drain()
            first_byte = next(time for time in wire.times if time > start) - start
            assert wire.written[before:].endswith(b"ATE0\r\r\nOK\r\n")
            assert first_byte >= 8 * 10 / 9600 * 0.97  # the echo of the first chunk
            elapsed = wire.times[-1] - start
            exact = (45 + len(b"\r\nOK\r\n")) * 10 / 9600
            assert exact * 0.97 <= elapsed < exact * 1.5

    asyncio.run(scenario())


def test_what_passed_is_noted_with_its_time_in_order():
    async def scenario():
        uart, wire = Uart(115200), Wire()
        port = PacedPort(wire, uart)
        async with Simulator(port, uart=uart) as simulator:
            await simulator.do("wait", stat=1)
            await port.drain()
            start = asyncio.get_running_loop().time()
            wire.receive(b"ATE0\r")
            await simulator.do("wait", commands=1, idle=True)
            await port.drain()
            passed = (await simulator.do("passed", since=start))["passed"]
            heard = [bytes.fromhex(text) for _, way, text in passed if way == "in"]
            said = [bytes.fromhex(text) for _, way, text in passed if way == "out"]
            assert (b"".join(heard), b"".join(said)) == (b"ATE0\r", b"ATE0\r\r\nOK\r\n")
            times = [time for time, _, _ in passed]
            assert times == sorted(times)
            assert times[0] >= start + 5 * 10 / 115200
            assert (await simulator.do("passed", since=times[-1]))["passed"] == []

    asyncio.run(scenario())


def test_ok_to_a_new_baud_rate_leaves_at_the_old_one():
    async def scenario():
        uart, wire = Uart(9600), Wire()
        port = PacedPort(wire, uart)
        async with Simulator(port, uart=uart) as simulator:
            await simulator.do("wait", stat=1)
            wire.receive(b"AT+IPR=115200\r")
            await simulator.do("wait", commands=1, matching="+IPR", idle=True)
            assert wire.written.endswith(b"\r\nOK\r\n")
            assert uart.rate == 115200

    asyncio.run(scenario())
