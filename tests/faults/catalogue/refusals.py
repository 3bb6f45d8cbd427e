"""Each +CMS and +CME code in answer to CMGS, with the conclusion that must be drawn from it.

The codes are those of 3GPP TS 27.005 (3.2.5), below 256 those of 24.011 (8.4) and 23.040
(9.2.3.22), and of the manual's appendix A.
"""

from collections.abc import Iterator

from ..fault import Catalogue
from ..scene import Scene

CATALOGUE = Catalogue("CMGS refused")
#: All there are, and some that nobody has defined.
CMS = (
    *(1, 8, 10, 17, 21, 22, 27, 28, 29, 30, 38, 41, 42, 47, 50, 69, 81),
    *(*range(95, 100), 111, 127, *range(128, 131), *range(143, 146), *range(159, 162)),
    *(175, 176, *range(192, 200), *range(208, 214), 255, *range(300, 306)),
    *(*range(310, 323), 330, 331, 332, 340, 500, 511, 512, 999),
)
CME = (
    *(*range(8), *range(10, 19), *range(20, 28), *range(30, 33), *range(40, 58)),
    *(103, 106, 107, 111, 112, 113, *range(132, 135), 148, 149, 150, *range(264, 284), 999),
)
#: The message or the subscription is at fault, or the modem cannot do it at all.
HOPELESS_CMS = (
    *(1, 8, 10, 28, 29, 30, 50, 69, 95, 96, 97, 99),
    *(*range(128, 131), *range(143, 146), *range(159, 162), 175, 176),
    *(193, 195, 196, 198, 199, 209, 303),
)
HOPELESS_CME = (4, 49, 52, 54, 55, 56, 57)
#: The network's acknowledgement did not come, or the centre has it already: it may be on its way.
DOUBTFUL_CMS, DOUBTFUL_CME = (197, 332), (31,)
#: Nothing is wrong with the message: it goes out in the end, once.
PASSING_CMS = tuple(code for code in CMS if code not in HOPELESS_CMS + DOUBTFUL_CMS)
PASSING_CME = tuple(code for code in CME if code not in HOPELESS_CME + DOUBTFUL_CME)


def _refused(
    name: str, expected: str, lines: list[str], ends: set[str], phase: str, unknown: bool
) -> None:
    @CATALOGUE.fault(name, expected, alone=True)
    def strike(scene: Scene) -> Iterator[None]:
        for line in lines:
            scene.strikes += 1
            scene.excuse(unknown=unknown)
            scene.modem.do("fault", kind="error", command="+CMGS", phase=phase, line=line)
            scene.order(resend=False, ends=frozenset(ends))
            assert scene.settle(), f"{line}: the message has not come to its end"
        yield


def _codes(family: str, codes: tuple[int, ...]) -> list[str]:
    return [f"+{family} ERROR: {code}" for code in codes]


_refused(
    "with a code that passes",
    "tried again until it is sent, once",
    _codes("CMS", PASSING_CMS) + _codes("CME", PASSING_CME) + ["ERROR"],
    {"delivered"},
    "payload",
    False,
)
_refused(
    "with a code that will not pass",
    "failed at once, and not sent",
    _codes("CMS", HOPELESS_CMS) + _codes("CME", HOPELESS_CME),
    {"failed"},
    "payload",
    False,
)
for _name, _phase in (("sent", "answer"), ("not sent", "payload")):
    _refused(
        f"with a code that leaves it open, and {_name}",
        "unknown: neither sent again nor called lost",
        _codes("CMS", DOUBTFUL_CMS) + _codes("CME", DOUBTFUL_CME),
        {"unknown"},
        _phase,
        True,
    )
_refused(
    "instead of a prompt",
    "tried again: nothing was with the modem",
    [*_codes("CMS", (38, 42, 314, 331, 500)), *_codes("CME", (14, 30)), "ERROR"],
    {"delivered"},
    "command",
    False,
)


@CATALOGUE.fault(
    "for half an hour, with no network service", "it waits, and is sent once", alone=True
)
def for_long(scene: Scene) -> Iterator[None]:
    line = "+CMS ERROR: 331"
    scene.modem.do("fault", kind="error", command="+CMGS", phase="payload", line=line, times=None)
    scene.traffic()
    for _ in range(60):
        scene.rest()
        scene.advance(30)
    scene.modem.do("clear")
    yield
