"""TLS over the modem and its certificates (manual chapters 9 and 10)."""

import asyncio
import ssl

import pytest
import trustme

from .world import echo, online, send, server


@pytest.fixture(scope="module")
def authority():
    return trustme.CA()


@pytest.fixture(scope="module")
def context(authority):
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(made)
    return made


async def add(modem, name, certificate):
    length = len(certificate)
    await send(modem, f'AT+CERTADD="{name}",{length}', certificate)
    assert await modem.until_written("OK\r\n") == f"\r\n+CERTADD: {length},OK\r\n"


async def set_up(modem, port, mode=0, number=1):
    modem.modem.receive(f"AT+SSLTCPSETUP={number},localhost,{port},{mode}\r".encode())
    return await modem.until_written(f"+SSLTCPSETUP: {number},")


def test_a_connection_whose_server_shows_the_right_certificate(bench, authority, context):
    async def scenario():
        async with server(echo, context) as port, bench() as modem:
            await online(modem)
            await add(modem, "ca.pem", authority.cert_pem.bytes())
            await modem.say('AT+SSLTCPCFG="authmode",1\r')
            await modem.say('AT+SSLTCPCFG="cacert","ca.pem"\r')
            assert await modem.say("AT+SSLTCPCFG?\r") == (
                "\r\n+SSLTCPCFG: 3,1,,ca.pem,,\r\n\r\nOK\r\n"
            )
            assert (await set_up(modem, port)).endswith("\r\nOK\r\n\r\n+SSLTCPSETUP: 1,OK\r\n")
            assert await modem.say("AT+IPSTATUS=1\r") == "\r\n+IPSTATUS: 1,CONNECT,TCP,4096\r\n"
            assert "+SSLTCPSETUP: 1,localhost," in await modem.say("AT+SSLTCPSETUP?\r")
            await send(modem, "AT+SSLTCPSEND=1,20", b"12345678901234567890")
            await modem.until_written(
                "\r\nOK\r\n\r\n+SSLTCPSEND: 1,20\r\n\r\n+SSLTCPRECV: 1,20,12345678901234567890\r\n"
            )
            assert (await set_up(modem, port)).endswith("1,ERROR1\r\n")
            assert await modem.say("AT+SSLTCPCLOSE=1\r") == "\r\n+SSLTCPCLOSE: 1,OK\r\n"
            assert await modem.say("AT+SSLTCPCLOSE=1\r") == "\r\n+SSLTCPCLOSE: ERROR\r\n"

    asyncio.run(scenario())


@pytest.mark.parametrize("stranger", [True, False])
def test_a_certificate_that_nobody_trusts_is_refused(bench, context, stranger):
    async def scenario():
        async with server(echo, context) as port, bench() as modem:
            await online(modem)
            if stranger:
                await add(modem, "ca.pem", trustme.CA().cert_pem.bytes())
            await modem.say('AT+SSLTCPCFG="authmode",1\r')
            await modem.say('AT+SSLTCPCFG="cacert","ca.pem"\r')
            assert (await set_up(modem, port)).endswith("1,AUTHFAIL\r\n")
            assert (await modem.do("data"))["open"] == []
            await modem.say('AT+SSLTCPCFG="authmode",0\r')
            assert (await set_up(modem, port)).endswith("1,OK\r\n")

    asyncio.run(scenario())


@pytest.mark.parametrize(("version", "spoken"), [(3, "TLSv1.2"), (2, "TLSv1.1"), (1, "TLSv1")])
def test_the_version_is_the_one_that_was_chosen(bench, authority, version, spoken):
    async def scenario():
        heard = []

        async def talk(reader, writer):
            heard.append(writer.get_extra_info("ssl_object").version())
            await reader.read()

        made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert("localhost").configure_cert(made)
        made.set_ciphers("DEFAULT:@SECLEVEL=0")
        made.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
        async with server(talk, made) as port, bench() as modem:
            await online(modem)
            await modem.say(f'AT+SSLTCPCFG="sslversion",{version}\r')
            assert (await set_up(modem, port)).endswith("1,OK\r\n")
            await modem.say("AT+SSLTCPCLOSE=1\r")
            assert heard == [spoken]
            await modem.say('AT+SSLTCPCFG="sslversion",0\r')
            assert (await set_up(modem, port)).endswith("1,FAIL\r\n")

    asyncio.run(scenario())


@pytest.mark.parametrize("shown", [True, False])
def test_a_server_may_want_a_certificate_from_the_modem(bench, authority, shown):
    async def scenario():
        made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        made.verify_mode = ssl.CERT_REQUIRED
        authority.issue_cert("localhost").configure_cert(made)
        authority.configure_trust(made)
        own = authority.issue_cert("modem")
        async with server(echo, made) as port, bench() as modem:
            await online(modem)
            await add(modem, "ca.pem", authority.cert_pem.bytes())
            await add(modem, "cc.pem", own.cert_chain_pems[0].bytes())
            await add(modem, "ck.pem", own.private_key_pem.bytes())
            settings = {"cacert": "ca.pem", "clientcert": "cc.pem", "clientkey": "ck.pem"}
            for kind, name in settings.items():
                await modem.say(f'AT+SSLTCPCFG="{kind}","{name}"\r')
            await modem.say(f'AT+SSLTCPCFG="authmode",{2 if shown else 1}\r')
            assert (await set_up(modem, port)).endswith("1,OK\r\n" if shown else "FAIL\r\n")

    asyncio.run(scenario())


def test_certificates_are_checked_and_deleted_and_outlive_a_restart(bench):
    async def scenario():
        async with bench() as modem:
            await add(modem, "ck.pem", b"\x00\r\n\x1a" * 100)
            await modem.do("restart")
            await modem.until(lambda: modem.modem.ready)
            await modem.say("ATE0\r")
            modem.take()
            assert await modem.say('AT+CERTCHECK="ck.pem"\r') == "\r\n+CERTCHECK: ck.pem,OK\r\n"
            assert await modem.say('AT+CERTDEL="ck.pem"\r') == "\r\n+CERTDEL: ck.pem,OK\r\n"
            assert await modem.say('AT+CERTDEL="ck.pem"\r') == "\r\n+CERTDEL: ERROR\r\n"
            assert await modem.say('AT+CERTCHECK="ck.pem"\r') == "\r\n+CERTCHECK: ERROR\r\n"

    asyncio.run(scenario())


@pytest.mark.parametrize(
    ("style", "answer"),
    [
        ("example", "\r\n+SSLTCPREAD: 1,12345\r\n\r\nOK\r\n"),
        ("table", "\r\n1,12345\r\n\r\nOK\r\n"),
        ("counted", "\r\n+SSLTCPREAD: 1,5,12345\r\n\r\nOK\r\n"),
    ],
)
def test_reading_in_all_readings(bench, context, style, answer):
    async def scenario():
        async with server(echo, context) as port, bench(f"ssl_read={style}") as modem:
            await online(modem)
            await modem.say("AT+RECVMODE=0\r")
            await set_up(modem, port)
            await send(modem, "AT+SSLTCPSEND=1,10", b"1234567890")
            await modem.until_written("\r\n+SSLTCPRECV: 1\r\n")
            assert await modem.say("AT+SSLTCPREAD=1,5\r") == answer

    asyncio.run(scenario())


@pytest.mark.parametrize(
    ("command", "answer"),
    [
        ("AT+SSLTCPSETUP=1,58.60.184.213,12009", "\r\n+SSLTCPSETUP: ERROR\r\n"),
        ("AT+SSLTCPSETUP=1,58.60.184.213,12009,1", "\r\n+SSLTCPSETUP: ERROR\r\n"),
        ("AT+SSLTCPSEND=1,4097", "\r\n+SSLTCPSEND: Data length error\r\n"),
        ("AT+SSLTCPSEND=?", "\r\n+SSLTCPSEND: (0-4),(1-4096)\r\n"),
        ("AT+SSLTCPCFG=?", "\r\n+SSLTCPCFG: <type>,<type_name>\r\n\r\nOK\r\n"),
        ("AT+SSLTCPCFG=sslversion,1", "\r\nERROR\r\n"),
        ('AT+SSLTCPCFG="sslversion",4', "\r\nERROR\r\n"),
    ],
)
def test_answers_and_complaints_as_in_the_examples(bench, command, answer):
    async def scenario():
        async with bench() as modem:
            await online(modem)
            assert await modem.say(f"{command}\r") == answer

    asyncio.run(scenario())
