"""What keeps a dialogue going, whatever the modem is used for: attention, echo, rate, restart."""

from n11bridge.at.command import Command, Report, Setting

#: In which order commands that wait for the line take their turns.
URGENT, NORMAL, BACKGROUND = 0, 1, 2


class Startup(Report, at="MODEM:STARTUP", manual="B.2"):
    """The modem has just started; all its settings are gone."""


class PhonebookReady(Report, at="+PBREADY", manual="B.2"):
    """The SIM has been read; SMS and phonebook can be used."""


class Attention(Command[None], at="", manual="1.2", timeout=0.5):
    """AT: are you there?"""


class EchoOff(Command[None], at="E0", manual="3.4"):
    """Stop repeating what we write; the manual's table has the two values the wrong way round."""


class ResultCodes(Command[None], at="Q0", manual="3.5", timeout=0.5):
    """Give result codes."""


class VerboseResults(Command[None], at="V1", manual="3.6", timeout=0.5):
    """Give result codes as words."""


class NumericErrors(Setting[None], at="+CMEE", manual="3.2"):
    """Say +CME ERROR with a number instead of a plain ERROR."""

    mode: int = 1


class BaudRate(Setting["BaudRate"], at="+IPR", manual="3.13"):
    """The rate of the port in bit/s; 0 is detected by the modem. It survives a power cut."""

    rate: int


class Functionality(Setting["Functionality"], at="+CFUN", manual="3.11", timeout=15):
    """Radio and SIM: 1 all on, 0 off; ``restart`` 1 restarts the module before."""

    level: int
    restart: int | None = None
