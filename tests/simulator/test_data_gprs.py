"""The way into the packet network and what it tells (manual 5, 24.3, 24.4, 24.7 to 24.9)."""

import asyncio

import pytest

from .world import connect, echo, online, send, server


@pytest.mark.parametrize(
    ("command", "answer"),
    [
        ('AT+CGDCONT=1,"IP","CMNET"', "\r\nOK\r\n"),
        ("AT+CGDCONT=1,IP,CMNET", "\r\nERROR\r\n"),
        ("AT+CGDCONT=?", "\r\n+CGDCONT: (1-7),(IP,IPV6,PPP),(0-3),(0-4)\r\n\r\nOK\r\n"),
        ('AT+NETAPN="CMNET","",""', "\r\nOK\r\n"),
        ("AT+NETAPN=CMNET,,", "\r\nERROR\r\n"),
        ("AT+NETAPN?", '\r\n+NETAPN: "","",""\r\n\r\nOK\r\n'),
        ("AT+XIIC?", "\r\n+XIIC:    0,0.0.0.0\r\n\r\nOK\r\n"),
        ("AT+XIIC=2", "\r\nERROR\r\n"),
        ("AT+CGATT?", "\r\n+CGATT: 1\r\n\r\nOK\r\n"),
        ("AT+CGATT=?", "\r\n+CGATT: (0,1)\r\n\r\nOK\r\n"),
        ("AT&D", "\r\nOK\r\n"),
        ("AT&D1", "\r\nOK\r\n"),
        ("AT&D3", "\r\nERROR\r\n"),
        ('AT+XGAUTH=1,1,"gsm","1234"', "\r\nOK\r\n"),
        ("AT+XGAUTH=?", "\r\n+XGAUTH: (1),(0-3),32,32\r\n\r\nOK\r\n"),
        ("ATO", "\r\nERROR\r\n"),
        ("AT+FLOWCALC?", "\r\n+FLOWCALC: 0,0\r\n\r\nOK\r\n"),
        ("AT+RATECALC?", "\r\n+RATECALC: 0,0\r\n\r\nOK\r\n"),
        ("AT+PING=192.168.2.61", "\r\n+PING: No PPP Link\r\n"),
        ("AT+DNSSERVER?", "\r\n+DNSSERVER: dns1:0.0.0.0;dns2:0.0.0.0\r\n"),
        ("AT+DNSSERVER=211.65.24.123", "\r\nERROR\r\n"),
    ],
)
def test_answers_as_in_the_examples(bench, command, answer):
    async def scenario():
        async with bench() as modem:
            assert await modem.say(f"{command}\r") == answer

    asyncio.run(scenario())


def test_contexts_are_kept_until_they_are_deleted(bench):
    async def scenario():
        async with bench() as modem:
            await modem.say('AT+CGDCONT=1,"IP","CMNET"\r')
            assert await modem.say("AT+CGDCONT?\r") == (
                '\r\n+CGDCONT: 1,"IP","CMNET","0.0.0.0",0,0\r\n\r\nOK\r\n'
            )
            await modem.say("AT+CGDCONT=1\r")
            assert await modem.say("AT+CGDCONT?\r") == "\r\nOK\r\n"

    asyncio.run(scenario())


@pytest.mark.parametrize(
    ("style", "answer"),
    [
        ("n11", "+XIIC:    1,10.232.165.29\r\n"),
        ("m590", "+XIIC:    1, 10.232.165.29\r\n"),
        ("n706", "+XIIC:    1,10.232.165.29\r\n+XIIC:    1,2401:4900:7971:4C79::C36:A899\r\n"),
    ],
)
def test_the_link_is_told_in_all_ways_seen(bench, style, answer):
    async def scenario():
        async with bench(f"xiic={style}") as modem:
            await online(modem)
            assert await modem.say("AT+XIIC?\r") == f"\r\n{answer}\r\nOK\r\n"
            assert await modem.say("AT+XIIC=0\r") == "\r\nOK\r\n"
            assert "    0," in await modem.say("AT+XIIC?\r")

    asyncio.run(scenario())


def test_detaching_takes_the_link_away_before_the_ok(bench):
    async def scenario():
        async with server(echo) as port, bench() as modem:
            await online(modem)
            await connect(modem, port)
            assert await modem.say("AT+CGATT=0\r") == (
                "\r\nGPRS DISCONNECTION\r\n\r\nOK\r\n\r\n+TCPCLOSE: 0,Link Closed\r\n"
            )
            assert await modem.say("AT+XIIC=1\r") == "\r\nERROR\r\n"
            assert await modem.say("AT+CGATT=1\r") == "\r\nOK\r\n"
            await online(modem)

    asyncio.run(scenario())


def test_without_a_card_nothing_attaches(bench):
    async def scenario():
        async with bench(sim=False) as modem:
            assert await modem.say("AT+CGATT=0\r") == "\r\nERROR\r\n"
            assert await modem.say("AT+XIIC=1\r") == "\r\nERROR\r\n"
            assert "+CGATT: 0" in await modem.say("AT+CGATT?\r")

    asyncio.run(scenario())


def test_the_network_may_want_an_apn_and_a_password(bench):
    async def scenario():
        async with bench() as modem:
            await modem.do("link", access=["m2m", "user", "secret"])
            await modem.say("AT+XIIC=1\r")
            assert not (await modem.do("link"))["active"]
            await modem.say('AT+CGDCONT=1,"IP","m2m"\r')
            await modem.say('AT+XGAUTH=1,1,"user","secret"\r')
            await online(modem)

    asyncio.run(scenario())


def test_a_dead_link_still_says_1_and_lets_nothing_through(bench):
    async def scenario():
        async with server(echo) as port, bench(setup_timeout=0.05) as modem:
            await online(modem)
            await modem.do("link", dead=True)
            assert "+XIIC:    1,10." in await modem.say("AT+XIIC?\r")
            modem.modem.receive(f"AT+TCPSETUP=0,127.0.0.1,{port}\r".encode())
            await modem.until_written("+TCPSETUP: 0,FAIL\r\n")
            assert await modem.say("AT+XIIC=0\r") == "\r\nOK\r\n"
            await online(modem)  # anew, and alive
            await connect(modem, port)

    asyncio.run(scenario())


def test_traffic_is_counted_and_may_be_cleared(bench):
    async def scenario():
        async with server(echo) as port, bench() as modem:
            await online(modem)
            await connect(modem, port)
            await send(modem, "AT+TCPSEND=0,3000", b"x" * 3000)
            await modem.until(lambda: modem.seen().count("x") == 3000)
            assert "+FLOWCALC: 2,2\r\n" in await modem.say("AT+FLOWCALC?\r")
            assert await modem.say("AT+FLOWCALC=0\r") == "\r\nOK\r\n"
            assert "+FLOWCALC: 0,0\r\n" in await modem.say("AT+FLOWCALC?\r")

    asyncio.run(scenario())


def test_a_slow_link_takes_its_time(bench):
    async def scenario():
        loop = asyncio.get_running_loop()
        async with server(echo) as port, bench() as modem:
            await online(modem)
            await connect(modem, port)
            await modem.do("link", up=20_000)
            start = loop.time()
            await send(modem, "AT+TCPSEND=0,3000", b"x" * 3000)
            await modem.until(lambda: modem.seen().count("x") == 3000)
            assert loop.time() - start >= 3000 / 20_000 * 0.98

    asyncio.run(scenario())


@pytest.mark.parametrize("host", ['"www.china.com"', "www.china.com"])
def test_names_are_resolved(bench, host):
    async def scenario():
        async with bench() as modem:
            await online(modem)
            await modem.do("peers", names={"www.china.com": "124.238.253.103"})
            modem.modem.receive(f"AT+DNS={host}\r".encode())
            answer = await modem.until_written("+DNS: OK\r\n")
            assert answer == "\r\nOK\r\n\r\n+DNS: 124.238.253.103\r\n\r\n+DNS: OK\r\n"
            modem.modem.receive(b"AT+DNS=nowhere.example\r")
            await modem.until_written("\r\nOK\r\n\r\n+DNS: ERROR\r\n")
            await modem.say("AT+DNSSERVER=211.65.24.123\r")
            assert await modem.say("AT+DNSSERVER?\r") == (
                "\r\n+DNSSERVER: dns1:211.65.24.123;dns2:0.0.0.0\r\n"
            )

    asyncio.run(scenario())


def test_pings_are_answered_by_a_table_by_this_host_or_not_at_all(bench):
    async def scenario():
        async with bench() as modem:
            await online(modem)
            await modem.do(
                "peers",
                names={"www.baidu.com": "183.232.231.172"},
                pings={"183.232.231.172": [780, 299, 719, 755, 299]},
            )
            modem.modem.receive(b"AT+PING=www.baidu.com\r")
            answer = await modem.until_written("570 ms\r\n")
            assert answer.startswith(
                "\r\nOK\r\n\r\nReply from 183.232.231.172: bytes= 36 time = 780(ms), TTL = 255\r\n"
            )
            assert answer.endswith(
                "\r\nPing statistics for 183.232.231.172:\r\n"
                "Packets: Sent = 5, Received = 5, Lose = 0 <0%>, max_delay = 780 ms, "
                "min_delay = 299 ms, average delay = 570 ms\r\n"
            )
            modem.modem.receive(b"AT+PING=192.168.2.61\r")
            answer = await modem.until_written("<100%>\r\n")
            assert answer.count("Request timed out.\r\n") == 5
            modem.modem.receive(b'AT+PING="localhost"\r')
            await modem.until_written("Received = 5, Lose = 0 <0%>")

    asyncio.run(scenario())
