"""FTP over the modem (manual chapter 15), with a real server."""

import asyncio
import contextlib
import random
import threading

import pytest
from pyftpdlib.authorizers import DummyAuthorizer
from pyftpdlib.handlers import FTPHandler
from pyftpdlib.servers import FTPServer

from .world import connect, echo, online, send, server

DATA = random.Random(15).randbytes(30_000)


@contextlib.contextmanager
def ftp_server(folder):
    """An FTP server for ``folder`` with one user; yields its port and how to throw all out."""
    (folder / "test.txt").write_bytes(b"1234567890")
    (folder / "30K.bin").write_bytes(DATA)
    (folder / "Test").mkdir()

    class Handler(FTPHandler):
        authorizer = DummyAuthorizer()
        auth_failed_timeout = 0
        sessions = []

        def on_connect(self):
            self.sessions.append(self)

    Handler.authorizer.add_user("user1", "pwd2009", str(folder), perm="elradfmw")
    with FTPServer(("127.0.0.1", 0), Handler) as serving:
        ending = threading.Event()

        def serve():
            while not ending.is_set():
                serving.serve_forever(timeout=0.01, blocking=False)

        thread = threading.Thread(target=serve)
        thread.start()

        def throw_out():
            for session in Handler.sessions:
                serving.ioloop.call_later(0, session.close)

        try:
            yield serving.address[1], throw_out
        finally:
            ending.set()
            thread.join()
            serving.close_all()


async def login(modem, port, password="pwd2009"):
    modem.modem.receive(f"AT+FTPLOGIN=127.0.0.1,{port},user1,{password}\r".encode())
    return await modem.until_written("logged in\r\n" if password == "pwd2009" else "530 N")


@contextlib.asynccontextmanager
async def logged_in(bench, folder, *style, **profile):
    with ftp_server(folder) as (port, throw_out):
        async with bench(*style, **profile) as modem:
            modem.throw_out = throw_out
            await online(modem)
            assert (await login(modem, port)).endswith(
                "\r\nOK\r\n\r\n+FTPLOGIN: User logged in\r\n"
            )
            assert await modem.say("AT+FTPSTATUS\r") == f"\r\n+FTPSTATUS: 1,127.0.0.1,{port}\r\n"
            yield modem


async def ask(modem, command, end):
    modem.modem.receive(f"{command}\r".encode())
    return await modem.until_written(end)


def test_logging_in_and_out(bench, tmp_path):
    async def scenario():
        async with logged_in(bench, tmp_path) as modem:
            answer = await ask(modem, "AT+FTPLOGIN=127.0.0.1,21,a,b", "\r\n")
            assert answer == "\r\n+FTPLOGIN: Have Logged In\r\n"
            assert await modem.say("AT+TCPSETUP=0,127.0.0.1,9\r") == "\r\nERROR\r\n"
            answer = await ask(modem, "AT+FTPLOGOUT", "OK\r\n")
            assert answer == "\r\n+FTPLOGOUT: User logged out\r\n\r\nOK\r\n"
            assert await modem.say("AT+FTPSTATUS\r") == "\r\n+FTPSTATUS: 0,0.0.0.0,0\r\n"
            assert await modem.say("AT+FTPLOGOUT\r") == (
                "\r\n+CME ERROR: INVALID SOCKET ID\r\n\r\nERROR\r\n"
            )
            assert (await modem.do("data"))["open"] == []

    asyncio.run(scenario())


def test_who_cannot_log_in(bench, tmp_path):
    async def scenario():
        with ftp_server(tmp_path) as (port, _):
            async with server(echo) as other, bench() as modem:
                answer = await modem.say(f"AT+FTPLOGIN=127.0.0.1,{port},user1,pwd2009\r")
                assert answer == "\r\n+FTPLOGIN: GPRS DISCONNECTION\r\n"
                await online(modem)
                await login(modem, port, "wrong")
                await modem.say("AT\r")
                answer = await ask(modem, "AT+FTPLOGIN=127.0.0.1,1,a,b", "+FTPLOGIN: ERROR\r\n")
                assert answer == (
                    "\r\nOK\r\n\r\n+FTP:Server Control Link Disconnect\r\n\r\n+FTPLOGIN: ERROR\r\n"
                )
                answer = await ask(modem, "AT+FTPLOGIN=nowhere.example,1,a,b", "N: ERROR\r\n")
                assert answer == (
                    "\r\nOK\r\n\r\n+CME ERROR: OTHER ERROR\r\n\r\n+FTPLOGIN: ERROR\r\n"
                )
                assert await modem.say("AT+FTPLOGIN=127.0.0.1,21,a\r") == (
                    "\r\n+FTPLOGIN: Error\r\n"
                )
                await connect(modem, other)
                answer = await modem.say(f"AT+FTPLOGIN=127.0.0.1,{port},user1,pwd2009\r")
                assert answer == "\r\nERROR\r\n"

    asyncio.run(scenario())


def test_files_are_fetched(bench, tmp_path):
    async def scenario():
        async with logged_in(bench, tmp_path) as modem:
            end = "+FTPGET: OK.total length is "
            assert await ask(modem, "AT+FTPGET=test.txt,1,1", end + "10\r\n") == (
                "\r\n+FTPGET: 10,1234567890\r\n"
                "\r\n+FTP:Server Data Link Disconnect\r\n"
                "\r\n+FTPGET: OK.total length is 10\r\n"
            )
            answer = await ask(modem, "AT+FTPGET=,1,2", end)
            assert "test.txt\r\n" in answer
            await modem.say("AT\r")
            answer = await ask(modem, "AT+FTPGET=30K.bin,2,1,1000,3072", end + "3072\r\n")
            assert answer.startswith("\r\n+FTPGET: 3072,")
            piece = answer[len("\r\n+FTPGET: 3072,") :][:3072]
            assert piece.encode("latin-1") == DATA[1000:4072]
            answer = await ask(modem, "AT+FTPGET=30K.bin,2,1", end + "30000\r\n")
            assert "\r\n+FTPGET: 4096," in answer

    asyncio.run(scenario())


@pytest.mark.parametrize(
    ("command", "answer"),
    [
        ("AT+FTPGET=test.txt,1,1,0,5120", "ERROR"),
        ("AT+FTPGET=TEST\\test\\pv.txt,1,1", "+FTP:Create data link Error"),
        ("AT+FTPGET=test.txt,1,1,1024", "+FTPGET: SIZE Error"),
        ("AT+FTPGET=test.txt,3,1", "+FTPGET: Error"),
        ("AT+FTPPUT=test.txt,1,3,0", "+FTPPUT>Delete File OK"),
        ("AT+FTPPUT=test.txt,1,4,0", "+FTPPUT: Mode Error"),
        ("AT+FTPPUT=test.txt,1,1,1", "+FTPPUT: SIZE Error"),
        ("AT+FTPPUT=none.txt,1,3,0", "+FTPPUT: Send Fail"),
    ],
)
def test_complaints_as_in_the_examples(bench, tmp_path, command, answer):
    async def scenario():
        async with logged_in(bench, tmp_path) as modem:
            assert await ask(modem, command, answer + "\r\n") == f"\r\n{answer}\r\n"

    asyncio.run(scenario())


def test_nothing_works_before_the_login(bench):
    async def scenario():
        async with bench() as modem:
            await online(modem)
            assert await modem.say("AT+FTPGET=a,1,1\r") == "\r\n+FTPGET: Error Not Login\r\n"
            assert await modem.say("AT+FTPPUT=a,1,1,9\r") == "\r\n+FTPPUT: Error Not Login\r\n"

    asyncio.run(scenario())


def test_files_are_stored_and_appended_to(bench, tmp_path):
    async def scenario():
        async with logged_in(bench, tmp_path) as modem:
            for mode, data in ((1, DATA[:1024]), (2, DATA[1024:2000])):
                await send(modem, f"AT+FTPPUT=Test\\a.bin,2,{mode},{len(data)}", data)
                await modem.until_written(f"\r\n+FTPPUT: OK,{len(data)}\r\n")
            assert (tmp_path / "Test" / "a.bin").read_bytes() == DATA[:2000]

    asyncio.run(scenario())


def test_the_prompt_does_not_wait_for_long(bench, tmp_path):
    async def scenario():
        async with logged_in(bench, tmp_path, patience=0.02) as modem:
            answer = await ask(modem, "AT+FTPPUT=tt.txt,1,1,1024", "EXPIRED\r\n")
            assert answer == "\r\n>\r\n+FTPPUT: OPERATION EXPIRED\r\n"

    asyncio.run(scenario())


def test_downloads_into_the_buffer(bench, tmp_path):
    async def scenario():
        async with logged_in(bench, tmp_path) as modem:
            answer = await ask(modem, 'AT+FTPGETBUFF="30K.bin",2,10,1000', "STAT: 1\r\n")
            assert answer == "\r\nOK\r\n\r\n+FTPBUFFSTAT: 0\r\n\r\n+FTPBUFFSTAT: 1\r\n"
            assert await modem.say("AT+FTPBUFFSTAT\r") == "\r\n+FTPBUFFSTAT: 0,1000\r\n\r\nOK\r\n"
            await ask(modem, "AT+FTPGETBUFF=30K.bin", "STAT: 1\r\n")
            assert await modem.say("AT+FTPBUFFSTAT\r") == (
                "\r\n+FTPBUFFSTAT: 1,20480\r\n\r\nOK\r\n"
            )
            await modem.say("AT+CMEE=2\r")
            assert await modem.say("AT+FTPGETBUFF=30K.bin\r") == ("\r\n+CME ERROR: MEMORY FULL\r\n")
            read = b""
            while len(read) < 20480:
                answer = await modem.say("AT+FTPBUFFREAD=8192\r")
                head, _, rest = answer.partition(",")
                length = int(head.removeprefix("\r\n+FTPBUFFREAD: "))
                read += rest[:length].encode("latin-1")
                assert rest[length:] == "\r\n\r\nOK\r\n"
            assert read == DATA[10:1010] + DATA[:19480]

    asyncio.run(scenario())


def test_a_server_that_hangs_up_is_reported(bench, tmp_path):
    async def scenario():
        async with logged_in(bench, tmp_path) as modem:
            modem.throw_out()
            answer = await modem.until_written("Disconnect\r\n")
            assert answer == "\r\n+FTP:Server Control Link Disconnect\r\n"
            assert (await modem.do("data"))["open"] == []

    asyncio.run(scenario())


def test_a_link_that_dies_meanwhile_is_a_time_out(bench, tmp_path):
    async def scenario():
        async with logged_in(bench, tmp_path, patience=0.01) as modem:
            await modem.do("link", dead=True)
            answer = await ask(modem, "AT+FTPGET=30K.bin,2,1", "TimeOut\r\n")
            assert answer == "\r\n+FTPGET: Error!TimeOut\r\n"
            await modem.do("link", lost=True)
            assert (await modem.do("data"))["open"] == []

    asyncio.run(scenario())


def test_a_restart_leaves_nothing_open(bench, tmp_path):
    async def scenario():
        async with logged_in(bench, tmp_path) as modem:
            await modem.do("restart")
            assert (await modem.do("data"))["open"] == []

    asyncio.run(scenario())
