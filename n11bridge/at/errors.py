"""What can go wrong in a dialogue, and what the modem's numbers mean (manual, appendix A)."""

import re


class AtError(Exception):
    """An exchange with the modem did not end well."""


class Refused(AtError):
    """The modem said no; ``line`` holds its words, ``code`` its number when it gave one.

    Written as a string it leaves out long numbers and what stands in quotes.
    """

    def __init__(self, line: str) -> None:
        self.line = line
        match = _NUMBERED.fullmatch(line)
        self.family: str | None = match["family"] if match else None
        self.code: int | None = int(match["code"]) if match and match["code"] else None
        super().__init__(self._describe())

    def _describe(self) -> str:
        table = {"CME": CME, "CMS": CMS}.get(self.family or "", {})
        meaning = table.get(self.code) if self.code is not None else None
        # Errors go to the log, where no number and no text of anybody's belongs.
        line = re.sub(r"\+?\d{5,}|\"[^\"]*\"?", "...", self.line)
        return f"{line} ({meaning})" if meaning else line


class Malformed(AtError):
    """The modem ended the command well, but its answer lacks what the manual promises."""


class TimedOut(AtError):
    """No answer in time.

    ``acted`` is true when everything was handed over, so that the modem may have carried it out.
    """

    def __init__(self, line: str, *, acted: bool) -> None:
        self.acted = acted
        super().__init__(f"no answer to {line.split('=')[0]}")


class Lost(AtError):
    """The modem restarted or the port went away in the middle; ``acted`` as in TimedOut."""

    def __init__(self, line: str, *, acted: bool) -> None:
        self.acted = acted
        super().__init__(f"the modem went away during {line.split('=')[0]}")


class Abandoned(AtError):
    """We took the command back before its payload was complete; nothing was carried out."""


class Unavailable(Exception):
    """There is no modem to talk to now."""


class Expired(Exception):
    """The request waited for its turn longer than it may."""


_NUMBERED = re.compile(r"\+(?P<family>CM[ES]) ERROR: *(?P<code>\d{1,5})?.*")

# Neoway's table (appendix A) in plain words.
CME = {
    0: "phone failure",
    1: "no connection to the phone",
    2: "phone adapter link reserved",
    3: "operation not allowed",
    4: "operation not supported",
    5: "PH-SIM PIN required",
    6: "PH-FSIM PIN required",
    7: "PH-FSIM PUK required",
    10: "SIM not inserted",
    11: "SIM PIN required",
    12: "SIM PUK required",
    13: "SIM failure",
    14: "SIM busy",
    15: "SIM wrong",
    16: "incorrect password",
    17: "SIM PIN2 required",
    18: "SIM PUK2 required",
    20: "memory full",
    21: "invalid index",
    22: "not found",
    23: "memory failure",
    24: "text too long",
    25: "invalid character in text",
    26: "dial string too long",
    27: "invalid character in dial string",
    30: "no network service",
    31: "network timeout",
    32: "emergency calls only",
    40: "network personalisation PIN required",
    41: "network personalisation PUK required",
    42: "network subset personalisation PIN required",
    43: "network subset personalisation PUK required",
    44: "service provider personalisation PIN required",
    45: "service provider personalisation PUK required",
    46: "corporate personalisation PIN required",
    47: "corporate personalisation PUK required",
    48: "PH-SIM phonebook PIN required",
    49: "execution not supported",
    50: "execution failed",
    51: "no memory",
    52: "option not supported",
    53: "parameter invalid",
    54: "extended register does not exist",
    55: "extended SMS does not exist",
    56: "extended phonebook does not exist",
    57: "extended file system does not exist",
    103: "GPRS: illegal MS",
    106: "GPRS: illegal ME",
    107: "GPRS service not allowed",
    111: "GPRS: PLMN not allowed",
    112: "GPRS: location area not allowed",
    113: "GPRS: roaming not allowed",
    132: "GPRS service option not supported",
    133: "GPRS service option not subscribed",
    134: "GPRS service option temporarily out of order",
    148: "unspecified GPRS error",
    149: "PDP authentication failure",
    150: "invalid mobile class",
    264: "SIM verification failed",
    265: "SIM unblocking failed",
    266: "SIM condition not fulfilled",
    267: "SIM unblocking failed, no tries left",
    268: "SIM verification failed, no tries left",
    269: "SIM: invalid parameter",
    270: "SIM: unknown command",
    271: "SIM: wrong class",
    272: "SIM: technical problem",
    273: "SIM: PIN must be unblocked",
    274: "SIM: no file selected",
    275: "SIM: file does not match command",
    276: "SIM: contradiction with PIN state",
    277: "SIM: contradiction with invalidation state",
    278: "SIM: maximum value reached",
    279: "SIM: pattern not found",
    280: "SIM: file not found",
    281: "SIM toolkit busy",
    282: "SIM: unknown error",
    283: "SIM profile error",
}

# The manual's appendix has none of these: 3GPP TS 27.005, 3.2.5; below 256 the causes of
# 3GPP TS 24.011 (relay layer) and 23.040 9.2.3.22 (service centre).
CMS = {
    1: "unassigned number",
    8: "operator determined barring",
    10: "call barred",
    21: "short message transfer rejected",
    27: "destination out of service",
    28: "unidentified subscriber",
    29: "facility rejected",
    30: "unknown subscriber",
    38: "network out of order",
    41: "temporary failure",
    42: "congestion",
    47: "resources unavailable",
    50: "requested facility not subscribed",
    69: "requested facility not implemented",
    81: "invalid short message reference value",
    95: "invalid message",
    96: "invalid mandatory information",
    97: "message type not implemented",
    98: "message not compatible with state",
    99: "information element not implemented",
    111: "protocol error",
    127: "interworking failure",
    128: "telematic interworking not supported",
    129: "short message type 0 not supported",
    130: "cannot replace short message",
    143: "unspecified TP-PID error",
    144: "alphabet not supported",
    145: "message class not supported",
    159: "unspecified TP-DCS error",
    160: "command cannot be actioned",
    161: "command unsupported",
    175: "unspecified TP-Command error",
    176: "TPDU not supported",
    192: "service centre busy",
    193: "no service centre subscription",
    194: "service centre system failure",
    195: "invalid address of the recipient",
    196: "destination barred",
    197: "duplicate short message",
    198: "TP-VPF not supported",
    199: "TP-VP not supported",
    208: "SIM storage full",
    209: "no SMS storage on the SIM",
    210: "error in the MS",
    211: "memory exceeded",
    212: "SIM toolkit busy",
    213: "SIM data download error",
    255: "unspecified error",
    300: "ME failure",
    301: "SMS service of ME reserved",
    302: "operation not allowed",
    303: "operation not supported",
    304: "invalid PDU mode parameter",
    305: "invalid text mode parameter",
    310: "SIM not inserted",
    311: "SIM PIN required",
    312: "PH-SIM PIN required",
    313: "SIM failure",
    314: "SIM busy",
    315: "SIM wrong",
    316: "SIM PUK required",
    317: "SIM PIN2 required",
    318: "SIM PUK2 required",
    320: "memory failure",
    321: "invalid memory index",
    322: "memory full",
    330: "service centre address unknown",
    331: "no network service",
    332: "network timeout",
    340: "no acknowledgement expected",
    500: "unknown error",
}
