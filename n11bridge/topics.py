"""Topics and the filters that choose them (MQTT 5, 4.7), and what the modem takes (manual 18)."""

import re
from itertools import zip_longest

#: Bytes that a topic may have for the modem (manual 18.5).
LONGEST = 128


def matches(pattern: str, topic: str) -> bool:
    """Whether a filter chooses a topic."""
    return not (topic.startswith("$") and pattern[:1] in "+#") and overlap(pattern, topic)


def overlap(one: str, other: str) -> bool:
    """Whether there can be a topic that both filters choose."""
    for a, b in zip_longest(one.split("/"), other.split("/")):
        if "#" in (a, b):
            return True
        if None in (a, b) or (a != b and "+" not in (a, b)):
            return False
    return True


def below(prefix: str, topic: str) -> str:
    """The topic, or filter, below a prefix; an empty one changes nothing."""
    return f"{prefix}/{topic}" if prefix else topic


def fault(topic: str, *, wildcards: bool = False) -> str:
    """Why the modem's client cannot have this topic, or filter; empty when it can."""
    if not topic:
        return "is empty"
    if len(topic) > LONGEST:
        return f"is longer than the {LONGEST} characters that the modem takes"
    if not re.fullmatch(r"[ !#-~]+", topic):
        return "holds more than plain ASCII characters, or a quotation mark"
    if not wildcards:
        return "holds + or #" if re.search(r"[+#]", topic) else ""
    *levels, last = topic.split("/")
    if any(re.search(r"#|.\+|\+.", each) for each in levels) or re.search(r".[+#]|[+#].", last):
        return "has + or # beside other characters, or # before its end"
    return ""
