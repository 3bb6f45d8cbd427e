"""Each +CMS and +CME code in answer to CMGS, with the conclusion that must be drawn from it.

The codes are those of 3GPP TS 27.005 (3.2.5), below 256 those of 24.011 (8.4) and 23.040
(9.2.3.22), and of the manual's appendix A.
"""

from collections.abc import Iterator

from ..fault import Catalogue
from ..scene import Scene

CATALOGUE = Catalogue("CMGS refused")
#: It passes, or SIM and network come back: the message goes out in the end, once.
PASSING_CMS = (
    *(17, 21, 22, 27, 38, 41, 42, 47, 192, 194, 212),
    *(300, 301, 302, *range(310, 319), 320, 322, 331, 500),
)
PASSING_CME = (*range(4), 5, 6, 7, *range(10, 16), 17, 18, 20, 23, 30, 32, 50, 51)
#: The network's acknowledgement did not come: it may have the message or not.
DOUBTFUL_CMS, DOUBTFUL_CME = (332,), (31,)
#: It will never be taken.
HOPELESS_CMS = (
    *(1, 8, 10, 28, 29, 30, 50, 69, 81, *range(95, 100), 111, 127),
    *(*range(128, 131), *range(143, 146), 159, 160, 161, 175, 176, 193, *range(195, 200)),
    *(208, 209, 210, 211, 213, 255, 303, 304, 305, 321, 330, 340, 511, 512, 999),
)
HOPELESS_CME = (
    *(4, 16, 21, 22, 24, 25, 26, 27, *range(40, 50), *range(52, 58)),
    *(103, 106, 107, 111, 112, 113, *range(132, 135), 148, 149, 150, *range(264, 284), 999),
)


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
