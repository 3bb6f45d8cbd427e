"""What is said about USSD (manual 5.2; 3GPP TS 27.007, 7.15). No text shows in a `repr`."""

import re
from dataclasses import field
from enum import IntEnum

from n11bridge import pdu
from n11bridge.at.command import Command, Report
from n11bridge.at.wire import Rest

#: Strings are ended by a quotation mark; what is no scheme after it belongs to a text without.
_STRING = re.compile(r'"(?P<quoted>.*)" *(?:, *(?P<dcs>[0-9]{1,3}))? *,?|(?P<bare>.*)', re.DOTALL)


class Result(IntEnum):
    """What became of it (manual 5.2)."""

    DONE = 0
    REPLY_EXPECTED = 1
    TERMINATED = 2
    OTHER_CLIENT = 3
    NOT_SUPPORTED = 4
    NETWORK_TIMEOUT = 5


class Answer(Report, at="+CUSD", manual="5.2", spread=True):
    """The network says or asks something. A text without quotes may hold commas."""

    result: Result
    string: Rest = field(default="", repr=False)

    @property
    def text(self) -> str | None:
        """What it says, decoded; None when it says nothing."""
        match = _STRING.fullmatch(self.string.strip())
        assert match is not None
        said = match["quoted"] if match["quoted"] is not None else match["bare"]
        said = said.replace("\r\n", "\n").replace("\r", "\n")
        return pdu.ussd.decode(said, int(match["dcs"] or 0)) or None


class ShowAnswers(Command[None], at="+CUSD", manual="5.2", timeout=15):
    """Hand on what the network says (1), or not (0)."""

    mode: int = 1


class Send(Command[None], at="+CUSD", manual="5.2", timeout=30):
    """Send a code, or the reply that is expected; the answer is a report of its own."""

    mode: int
    string: str = field(repr=False)
    dcs: int


class Cancel(Command[None], at="+CUSD", manual="5.2", timeout=15):
    """End the session."""

    mode: int = 2


class AnswerAsListed(Answer, at="+CUUSD", manual="5.2", spread=True):
    """The same as the manual's contents spell it."""


class ShowAnswersAsListed(ShowAnswers, at="+CUUSD", manual="5.2"):
    """The same as the manual's contents spell it."""


class SendAsListed(Send, at="+CUUSD", manual="5.2"):
    """The same as the manual's contents spell it."""


class CancelAsListed(Cancel, at="+CUUSD", manual="5.2"):
    """The same as the manual's contents spell it."""
