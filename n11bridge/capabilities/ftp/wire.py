"""What is said about FTP (manual 15)."""

import re
from dataclasses import field

from n11bridge.at.command import Command, Ends, PayloadCommand, Reply, Report
from n11bridge.at.wire import Counted, Keyword, Rest

#: What a file is carried as: every byte as it is.
BINARY = 2
CONTENT, INFORMATION = 1, 2
STORE, APPEND, DELETE = 1, 2, 3

#: Lines that can be the only answer to a transfer; the end of a data link alone is none.
FAILURE = r"\+FTP: *(?:Create|Server C).*"

#: The most that the modem downloads into its buffer at once (manual 15.6).
BUFFER = 20480
#: The most that is read from the buffer at once (manual 15.8).
MOST_READ = 8192
#: The most and the least that is uploaded at once (manual 15.4). The error names another most than
#: the parameter; each upload is a connection of its own, so it is worth trying for more.
MOST_PUT, LEAST_PUT, MORE_PUT = 1024, 2, 4096


class Login(
    Command[list[str]],
    at="+FTPLOGIN",
    manual="15.1",
    ends=Ends.OUTCOME,
    last=r"\+FTPL+OGIN: *\S.*|^ERROR$",
    timeout=75,
):
    """Log in; passive is the only mode there is. How it went is said after the OK."""

    host: Keyword
    port: int
    user: Keyword
    password: Keyword = field(repr=False)
    active: int = 0


class LoginAsPrinted(Login, at="+FTPLLOGIN", manual="15.1"):
    """The same as the manual's examples spell it."""


class Logout(
    Command[list[str]],
    at="+FTPLOGOUT",
    manual="15.2",
    ends=Ends.REPLY,
    last=r"\+FTPL+O?GOUT: *\S.*",
    timeout=10,
):
    """Log out; an OK follows as a rule."""


class LogoutAsPrinted(Logout, at="+FTPLLOGOUT", manual="15.2"):
    """The same as the manual's examples spell it."""


class LogoutAsListed(Logout, at="+FTPLGOUT", manual="15.2"):
    """The same as the manual's contents spell it."""


class Notice(Report, at="+FTP", manual="15.3"):
    """A link of the FTP client went down, or did not come up: the control link is the login."""

    text: Rest

    @property
    def broken(self) -> bool:
        """Whether a transfer cannot go on."""
        return re.match("create|server c", self.text, re.IGNORECASE) is not None

    @property
    def logged_out(self) -> bool:
        """Whether the login is gone (the manual has Ctrl and Control)."""
        return re.search("c(on)?tro?l", self.text, re.IGNORECASE) is not None


class Piece(Report, at="+FTPGET", manual="15.3"):
    """A piece of what was asked for."""

    length: int
    data: Counted = field(repr=False)


class Get(
    Command[list[str]],
    at="+FTPGET",
    manual="15.3",
    ends=Ends.REPLY,
    last=rf"\+FTPGET: *[A-Za-z].*|{FAILURE}",
    timeout=35,
):
    """Have a file, or what the server says of a path, reported as pieces; no OK ends it."""

    path: Keyword
    type: int = BINARY
    what: int = INFORMATION


class Put(
    PayloadCommand[list[str]],
    at="+FTPPUT",
    manual="15.4",
    ends=Ends.REPLY,
    last=rf"\+FTPPUT *[:>] *\S.*|{FAILURE}",
    pause=0.05,
    timeout=75,
):
    """Upload a piece: store or append. The modem waits one second for it."""

    path: Keyword
    type: int
    mode: int
    size: int


class Remove(
    Command[list[str]],
    at="+FTPPUT",
    manual="15.4",
    ends=Ends.REPLY,
    last=rf"\+FTPPUT *[:>] *\S.*|{FAILURE}",
    timeout=75,
):
    """Delete a file: an upload of no bytes."""

    path: Keyword
    type: int = BINARY
    mode: int = DELETE
    size: int = 0


class Connection(Reply, at="+FTPSTATUS", manual="15.5"):
    """Whether there is a control link, and whereto."""

    connected: int
    host: Keyword | None = None
    port: int | None = None


class ReadConnection(Command[Connection], at="+FTPSTATUS", manual="15.5", ends=Ends.REPLY):
    """Is there a control link?"""


class Download(Command[None], at="+FTPGETBUFF", manual="15.6", timeout=35):
    """Download a part of a file into the modem's buffer, behind what is there already."""

    path: str
    type: int
    offset: int
    length: int


class DownloadStatus(Report, at="+FTPBUFFSTAT", manual="15.7"):
    """A download has begun (0) or has completed (1)."""

    completed: int


class BufferUse(Reply, at="+FTPBUFFSTAT", manual="15.7"):
    """Whether the buffer is full, and how many bytes it holds."""

    full: int
    length: int


class ReadBufferUse(Command[BufferUse], at="+FTPBUFFSTAT", manual="15.7"):
    """How many bytes does the buffer hold?"""


class FromBuffer(Reply, at="+FTPBUFFREAD", manual="15.8"):
    """Bytes taken from the buffer."""

    length: int
    data: Counted = field(repr=False)


class ReadBuffer(Command[FromBuffer], at="+FTPBUFFREAD", manual="15.8", timeout=15):
    """Take so many bytes from the buffer's beginning."""

    length: int
