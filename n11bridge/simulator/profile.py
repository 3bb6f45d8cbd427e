"""What is particular about one modem: its identity and delays, and how it reads the manual."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import Literal, get_args, get_type_hints

from .data_style import CONTRARY_DATA, DataStyle


@dataclass(frozen=True)
class Profile:
    """Identity, SIM card, storages and delays of one simulated modem; times in seconds."""

    imei: str = "355910044336974"
    imsi: str = "262011234567890"
    iccid: str = "89490200001234567890"
    sim: bool = True
    pin: str | None = None
    puk: str = "12345678"
    centre: str = "+491710760000"
    storage: int = 50
    boot_delay: float = 0.0
    ready_delay: float = 0.0
    registration_delay: float = 0.0
    send_delay: float = 0.0
    report_delay: float = 0.0
    scan_delay: float = 0.0
    location_delay: float = 0.0
    upgrade_delay: float = 0.0
    link_delay: float = 0.0
    setup_delay: float = 0.0
    setup_timeout: float = 18.0
    guard: float = 1.0
    patience: float = 1.0
    """What the time-outs of prompts are multiplied with."""
    settling: float = 0.0
    """How long after a prompt for data the modem is still deaf."""


@dataclass(frozen=True)
class Style(DataStyle):
    """Which of two readings the modem takes wherever the manual leaves both open."""

    spacing: Literal["double", "single", "mixed"] = "double"
    """CRLFs between information and OK: two, one, or now this and now that (manual 1.2)."""
    colon: str = ": "
    """What stands between the name and the values of an answer."""
    trailing: str = ""
    """Blanks at the end of an information line."""
    reports: Literal["after", "anytime"] = "after"
    """Whether a report waits for the end of a running command."""
    typeahead: Literal["kept", "dropped"] = "kept"
    """What becomes of bytes that arrive while a command runs."""
    unknown: Literal["error", "cme"] = "error"
    """An unknown command ends with ERROR, or with +CME ERROR: 49 where CMEE asks for it."""
    cms: Literal["cmee", "always"] = "cmee"
    """+CMS ERROR only with CMEE > 0 (the examples), or always (27.005)."""
    creg_at_once: bool = False
    """Whether AT+CREG=1 or 2 reports the present state directly after its OK (3.2)."""
    creg_query: Literal["real", "zero"] = "real"
    """Whether CREG? and CGREG? show the real <n>, or 0 as the examples do (3.2, 3.3)."""
    pbready: Literal["once", "never"] = "once"
    """Whether +PBREADY comes after the start."""
    busy: Literal["cms", "cme"] = "cms"
    """SMS commands before +PBREADY: +CMS ERROR: 314 or +CME ERROR: 14."""
    malformed_pin: Literal["free", "counted"] = "free"
    """Whether a PIN that can be none costs one of the tries (3.14)."""
    cpms_one: Literal["mem1", "all"] = "mem1"
    """What AT+CPMS with one parameter changes (6.1)."""
    shared_storage: bool = False
    """Whether SM and ME are one store under two names, as on the M590."""
    class0: Literal["shown", "stored"] = "shown"
    """A class 0 message with mt=1: +CMT and stored nowhere, or stored with +CMTI (6.4)."""
    cnmi: Literal["test", "text"] = "test"
    """Limits of CNMI: by its test form (bm 0,2, ds 0,1), or by its text and 27.005 (6.4)."""
    jamming_end: Literal["reported", "silent"] = "reported"
    """Whether the end of jamming is reported as its beginning is (24.13)."""
    cpbs: Literal["use", "bare"] = "use"
    """Whether choosing a phonebook tells how full it is, or is but OK (7.1)."""
    cmgl_gap: Literal["one", "two"] = "one"
    """CRLFs between the entries of a list (6.6)."""
    escape: Literal["ok", "nothing"] = "ok"
    """What the modem says to ESC at the prompt (6.7)."""
    stamp: Literal["short", "long"] = "short"
    """Time stamps of text mode: "22/09/05,17:46:53+32" or "2022/09/05 17:46:53+32" (6.5)."""
    wrong_rate: Literal["garbage", "nothing"] = "garbage"
    """What comes back at a wrong baud rate where one is enforced."""

    @classmethod
    def named(cls, *words: str) -> Style:
        """Return the style of ``words``, each a preset or KEY=VALUE; ValueError otherwise."""
        style = cls()
        for word in words:
            key, equals, value = word.partition("=")
            style = style._with(key, value) if equals else _preset(word)
        return style

    def _with(self, key: str, value: str) -> Style:
        hint = get_type_hints(Style).get(key) if key in _KEYS else None
        if hint is None:
            raise ValueError(f"no style {key!r}; there are {', '.join(sorted(_KEYS))}")
        choices = ("yes", "no") if hint is bool else get_args(hint)
        if choices and value not in choices:
            raise ValueError(f"style {key} is one of {', '.join(choices)}")
        chosen = {key: value == "yes" if hint is bool else value}
        return replace(self, **chosen)  # type: ignore[arg-type]


_KEYS = {field.name for field in fields(Style)}

PRESETS = {
    "default": Style(),
    "manual": Style(spacing="single", trailing=" ", creg_query="zero", creg_at_once=True),
    "contrary": Style(
        spacing="mixed",
        colon=":",
        reports="anytime",
        typeahead="dropped",
        unknown="cme",
        cms="always",
        creg_at_once=True,
        creg_query="zero",
        busy="cme",
        malformed_pin="counted",
        cpms_one="all",
        jamming_end="silent",
        cpbs="bare",
        class0="stored",
        cnmi="text",
        cmgl_gap="two",
        escape="nothing",
        stamp="long",
        wrong_rate="nothing",
        **CONTRARY_DATA,
    ),
}


def _preset(name: str) -> Style:
    if name not in PRESETS:
        raise ValueError(f"no style {name!r}; there are {', '.join(PRESETS)} and KEY=VALUE")
    return PRESETS[name]
