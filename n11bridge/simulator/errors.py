"""How a command can end other than with OK (manual appendix A; 3GPP TS 27.005, 3.2.5)."""

from __future__ import annotations

from .profile import Style

NAMES = {
    0: "PHONE_FAILURE",
    3: "OPERATION_NOT_ALLOWED",
    4: "OPERATION_NOT_SUPPORTED",
    10: "SIM_NOT_INSERTED",
    11: "SIM_PIN_REQUIRED",
    12: "SIM_PUK_REQUIRED",
    13: "SIM_FAILURE",
    14: "SIM_BUSY",
    16: "INCORRECT_PASSWORD",
    20: "MEMORY_FULL",
    17: "SIM_PIN2_REQUIRED",
    21: "INVALID_INDEX",
    24: "TEXT_LONG",
    25: "INVALID_CHAR_INTEXT",
    26: "DAIL_STR_LONG",
    27: "INVALID_CHAR_INDIAL",
    30: "NO_NET_SERVICE",
    49: "EXE_NOT_SURPORT",
    53: "PARAM_INVALID",
    1001: "PDP_NOT_ACTIVE",
    1002: "FAIL_TO_OPEN_THE_DATA_CONNECTION",
}
"""The codes of appendix A that this modem uses, in the manual's own spelling."""

NOT_ALLOWED = 3
NOT_SUPPORTED = 4
NO_SIM = 10
PIN_REQUIRED = 11
PUK_REQUIRED = 12
SIM_FAILURE = 13
SIM_BUSY = 14
WRONG_PASSWORD = 16
PIN2_REQUIRED = 17
BAD_INDEX = 21
TEXT_TOO_LONG = 24
BAD_CHARACTER_IN_TEXT = 25
NUMBER_TOO_LONG = 26
BAD_CHARACTER_IN_NUMBER = 27
MEMORY_FULL = 20
NO_SERVICE = 30
UNKNOWN_COMMAND = 49
INVALID = 53
PDP_NOT_ACTIVE = 1001
NO_DATA_CONNECTION = 1002

CMS_NOT_SUPPORTED = 303
CMS_BAD_PDU_PARAMETER = 304
CMS_BAD_TEXT_PARAMETER = 305
CMS_NO_SIM = 310
CMS_PIN_REQUIRED = 311
CMS_SIM_FAILURE = 313
CMS_SIM_BUSY = 314
CMS_PUK_REQUIRED = 316
CMS_BAD_INDEX = 321
CMS_FULL = 322
CMS_NO_SERVICE = 331


class Refused(Exception):
    """The command fails: with a code of appendix A, or with a plain ERROR for None."""

    def __init__(self, code: int | None = None) -> None:
        super().__init__(code)
        self.code = code

    def final(self, cmee: int, style: Style) -> str:
        """Return the final result code in the form that AT+CMEE asks for."""
        if self.code is None or cmee == 0:
            return "ERROR"
        name = NAMES[self.code].replace("_", " ")
        return f"+CME ERROR: {self.code if cmee == 1 else name}"


class SmsRefused(Refused):
    """An SMS command fails with a +CMS ERROR code of 27.005."""

    def final(self, cmee: int, style: Style) -> str:
        """Return the final result code; 27.005 itself knows no CMEE, the manual's examples do."""
        return "ERROR" if cmee == 0 and style.cms == "cmee" else f"+CMS ERROR: {self.code}"


class EndedWith(Refused):
    """The command ends with exactly this line."""

    def __init__(self, line: str) -> None:
        super().__init__()
        self.line = line

    def final(self, cmee: int, style: Style) -> str:
        """Return the line, whatever CMEE says."""
        return self.line


class Silent(Exception):
    """The command ends without a word."""
