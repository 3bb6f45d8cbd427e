"""HTTP and HTTPS over the modem (manual chapters 16 and 17)."""

import asyncio
import contextlib
import functools
import http.server
import ssl
import threading

import pytest
import trustme

from .world import online, send, server

PAGE = bytes(range(256)) * 40


@contextlib.contextmanager
def site(folder, context=None):
    """Python's own web server for ``folder``; yields its port."""
    (folder / "page.bin").write_bytes(PAGE)

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_):
            pass

    handler = functools.partial(Quiet, directory=folder)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as serving:
        if context is not None:
            serving.socket = context.wrap_socket(serving.socket, server_side=True)
        thread = threading.Thread(target=serving.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield serving.server_port
        finally:
            serving.shutdown()
            thread.join()


async def ask(modem, port, action, path="/page.bin", name="HTTP"):
    await modem.say(f"AT+{name}PARA=url,localhost{path}\r")
    await modem.say(f"AT+{name}PARA=port,{port}\r")
    modem.modem.receive(f"AT+{name}SETUP\r".encode())
    assert await modem.until_written("OK\r\n") == "\r\nOK\r\n"
    modem.modem.receive(f"AT+{name}ACTION={action}\r".encode())


async def response(modem, name="HTTP"):
    """What the modem writes until the connection is closed, as head and body."""
    answer = await modem.until_written(f"CLOSED: {name} Link Closed\r\n")
    begin, end = f"\r\nOK\r\n\r\n+{name}RECV:\r\n", f"\r\n+{name}CLOSED: {name} Link Closed\r\n"
    assert answer.startswith(begin)
    assert answer.endswith(end)
    head, _, body = answer[len(begin) : -len(end)].partition("\r\n\r\n")
    return head, body.encode("latin-1")


@pytest.mark.parametrize(("action", "body"), [("0", PAGE), ("1", b"")])
def test_a_page_is_fetched_whole_or_its_head_alone(bench, tmp_path, action, body):
    async def scenario():
        with site(tmp_path) as port:
            async with bench() as modem:
                await online(modem)
                await ask(modem, port, action)
                head, content = await response(modem)
                assert head.startswith("HTTP/1.0 200 OK")
                assert f"Content-Length: {len(PAGE)}" in head
                assert content == body
                assert (await modem.do("data"))["open"] == []

    asyncio.run(scenario())


async def keep(requests, reader, writer):
    """Answer one request, and remember it."""
    head = await reader.readuntil(b"\r\n\r\n")
    length = next(
        (int(line.split(b":")[1]) for line in head.split(b"\r\n") if b"-Length:" in line), 0
    )
    requests.append(head.decode() + (await reader.readexactly(length)).decode())
    writer.write(b"HTTP/1.1 204 No Content\r\n\r\n")


@pytest.mark.parametrize(
    ("action", "line"),
    [
        ("0,,,1000,50", "Range: bytes=1000-1049\r\n"),
        ("0,1000,50", "Range: bytes=1000-1049\r\n"),
        ("0", "Connection: close\r\n"),
    ],
)
def test_a_part_of_a_page_is_asked_for(bench, action, line):
    async def scenario():
        requests = []
        async with server(functools.partial(keep, requests)) as port, bench() as modem:
            await online(modem)
            await ask(modem, port, action, "/a/b?c=d")
            await response(modem)
            assert requests[0].startswith(f"GET /a/b?c=d HTTP/1.1\r\nHost: localhost:{port}\r\n")
            assert line in requests[0]

    asyncio.run(scenario())


def test_content_is_posted_and_packets_of_ones_own_are_sent(bench):
    async def scenario():
        requests = []
        async with server(functools.partial(keep, requests)) as port, bench() as modem:
            await online(modem)
            await ask(modem, port, "2,25,2")
            assert await modem.until_written(">") == "\r\n>"
            modem.modem.receive(b"MAC=NEOWAY&DATA=012345678")
            await response(modem)
            assert requests[0].startswith("POST /page.bin HTTP/1.1\r\n")
            assert "Content-Type: application/json\r\n" in requests[0]
            assert requests[0].endswith("\r\n\r\nMAC=NEOWAY&DATA=012345678")
            own = "DELETE /x HTTP/1.1\r\nHost: here\r\n\r\n"
            await ask(modem, port, f"99,{len(own)}")
            await modem.until_written(">")
            modem.modem.receive(own.encode())
            await response(modem)
            assert requests[1] == own

    asyncio.run(scenario())


def test_pieces_may_have_a_header_each(bench, tmp_path):
    async def scenario():
        with site(tmp_path) as port:
            async with bench("httprecv=each") as modem:
                await online(modem)
                await ask(modem, port, "0")
                answer = await modem.until_written("+HTTPCLOSED: HTTP Link Closed\r\n")
                pieces = answer.split("\r\n+HTTPRECV:\r\n")[1:]
                assert len(pieces) > 1
                whole = "".join(piece.removesuffix("\r\n") for piece in pieces[:-1])
                assert PAGE.decode("latin-1").startswith(whole.partition("\r\n\r\n")[2])

    asyncio.run(scenario())


@pytest.mark.parametrize(
    ("style", "answer"),
    [
        ("held", "first second\r\n+HTTPCLOSED: HTTP Link Closed\r\n\r\n+CMTI"),
        ("open", 'first \r\n+CMTI: "SM",1\r\nsecond\r\n+HTTPCLOSED'),
    ],
)
def test_a_message_waits_for_the_end_of_a_response_or_does_not(bench, style, answer):
    async def scenario():
        proceed = asyncio.Event()

        async def talk(reader, writer):
            await reader.readuntil(b"\r\n\r\n")
            writer.write(b"HTTP/1.1 200 OK\r\n\r\nfirst ")
            await proceed.wait()
            writer.write(b"second")

        async with server(talk) as port, bench(f"http_gaps={style}") as modem:
            await online(modem)
            await ask(modem, port, "0")
            await modem.until(lambda: "first" in modem.seen())
            await modem.do("receive", from_="+4930111", text="Hello")
            proceed.set()
            await modem.until(lambda: answer in modem.seen())

    asyncio.run(scenario())


@pytest.mark.parametrize(("trusted", "style"), [(True, "HTTPSCLOSED"), (False, "HTTSCLOSED")])
def test_https_looks_at_the_certificate_if_told_to(bench, tmp_path, trusted, style):
    async def scenario():
        authority = trustme.CA()
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert("localhost").configure_cert(context)
        known = authority if trusted else trustme.CA()
        with site(tmp_path, context) as port:
            async with bench(f"https_closed={style}") as modem:
                await online(modem)
                certificate = known.cert_pem.bytes()
                await send(modem, f'AT+CERTADD="ca.pem",{len(certificate)}', certificate)
                await modem.until_written("OK\r\n")
                await modem.say('AT+HTTPSCFG="authmode",1\r')
                await modem.say('AT+HTTPSCFG="cacert","ca.pem"\r')
                assert "+HTTPSCFG: 3,1,,ca.pem,," in await modem.say("AT+HTTPSCFG?\r")
                if trusted:
                    await ask(modem, port, "0", name="HTTPS")
                    assert (await response(modem, "HTTPS"))[1] == PAGE
                    return
                await modem.say(f"AT+HTTPSPARA=url,localhost:{port}/page.bin\r")
                modem.modem.receive(b"AT+HTTPSSETUP\r")
                assert await modem.until_written("\r\n") == "\r\nERROR\r\n"
                await modem.say('AT+HTTPSCFG="authmode",0\r')
                await ask(modem, port, "0", name="HTTPS")
                await modem.until_written("\r\n+HTTSCLOSED: HTTPS Link Closed\r\n")

    asyncio.run(scenario())


@pytest.mark.parametrize(
    ("command", "answer"),
    [
        ("AT+HTTPPARA=url,", "ERROR"),
        ("AT+HTTPPARA=url," + "x" * 129, "ERROR"),
        ("AT+HTTTPARA=url,www.neoway.com.cn/en/index.aspx", "OK"),
        ("AT+HTTPPARA=port,80", "OK"),
        ("AT+HTTPPARA=port,x", "ERROR"),
        ("AT+HTTPSETUP", "ERROR"),
        ("AT+HTTPACTION=0", "+HTTPACTION: NOT LINK"),
        ("AT+HTTPACTION=", "+HTTPACTION: LACK OF PARAMETER"),
        ("AT+HTTPCLOSE", "OK"),
        ("AT+HTTPSCLOSE", "OK"),
    ],
)
def test_answers_and_complaints(bench, command, answer):
    async def scenario():
        async with bench() as modem:
            await online(modem)
            assert await modem.say(f"{command}\r") == f"\r\n{answer}\r\n"

    asyncio.run(scenario())


def test_a_link_that_is_lost_during_the_handshake_leaves_nothing_open(bench):
    async def scenario():
        called, gone = asyncio.Event(), asyncio.Event()

        async def talk(reader, _writer):
            called.set()
            with contextlib.suppress(ConnectionError):
                await reader.read()  # the first bytes of TLS, which get no answer
                await reader.read()
            gone.set()

        async with server(talk) as port, bench() as modem:
            await online(modem)
            await modem.say(f"AT+HTTPSPARA=url,localhost:{port}/\r")
            modem.modem.receive(b"AT+HTTPSSETUP\r")
            await asyncio.wait_for(called.wait(), 5)
            await modem.do("link", lost=True)
            assert (await modem.do("data"))["open"] == []
            await modem.do("restart")
            await asyncio.wait_for(gone.wait(), 5)

    asyncio.run(scenario())


def test_a_connection_may_be_refused(bench, tmp_path):
    async def scenario():
        with site(tmp_path) as port:
            async with bench() as modem:
                await online(modem)
                await modem.say(f"AT+HTTPPARA=url,localhost:{port}/page.bin\r")
                await modem.do("refuse")
                assert await modem.say("AT+HTTPSETUP\r") == "\r\nERROR\r\n"
                await ask(modem, port, "0")
                assert (await response(modem))[1] == PAGE

    asyncio.run(scenario())


@pytest.mark.parametrize(
    ("action", "answer"),
    [
        ("2", "+HTTPACTION: LACK OF PARAMETER"),
        ("2,2049", "+HTTPACTION: LENGTH ERROR"),
        ("2,10,6", "+HTTPACTION: TYPE ERROR"),
        ("3", "+HTTPPARA: ERROR MODE"),
        ("0,,,x,5", "+HTTPPARA: OFFSET ERROR1"),
        ("0,,,5,0", "+HTTPPARA: SIZE ERROR"),
    ],
)
def test_requests_that_make_no_sense(bench, action, answer):
    async def scenario():
        async def talk(reader, _writer):
            await reader.read()

        async with server(talk) as port, bench() as modem:
            await online(modem)
            await ask(modem, port, action)
            assert await modem.until_written("\r\n") == f"\r\n{answer}\r\n"
            await modem.do("link", lost=True)
            assert modem.take() == (
                "\r\nGPRS DISCONNECTION\r\n\r\n+HTTPCLOSED: HTTP Link Closed\r\n"
            )

    asyncio.run(scenario())
