"""What may be sent: the caps on cost, and the end of a loop of two machines."""

import math
from typing import Any

from n11bridge.capability import RequestError

#: The windows of the cost caps in seconds, by their names in the configuration.
WINDOWS = {"minute": 60.0, "hour": 3600.0, "day": 86400.0}
#: The window of sms.loop_limit in seconds.
LOOP_WINDOW = 3600.0


class LoopError(RequestError):
    """Two machines answer each other."""

    #: Always the same, so that it is told once an hour; it names no number, for it is logged.
    problem = (
        "messages go to and fro with one number, as when two machines answer each other: "
        "sms.loop_limit holds ours back"
    )


def check_caps(tables: Any, limits: Any, wanted: int, now: float) -> None:
    """RequestError when so many more parts are more than sms.limits allow."""
    for name, window in WINDOWS.items():
        limit = getattr(limits, name)
        if wanted > limit:
            raise RequestError(
                "rate_limited",
                f"{wanted} parts at once are more than sms.limits.{name} ({limit}) ever allows",
            )
        spent = tables.outbox.parts_accepted_since(now - window, now)
        if spent + wanted > limit:
            oldest = tables.outbox.oldest_accepted(now - window) or now
            raise RequestError(
                "rate_limited",
                f"sms.limits.{name} is reached ({spent} of {limit} parts); "
                f"it begins to free in {_seconds(oldest + window - now)} s",
                retryable=True,
            )


def check_loop(tables: Any, limit: int, number: str, now: float) -> None:
    """LoopError when a message would be one answer too many; a limit of 0 is none."""
    if not limit:
        return
    answers, asked = tables.talks.answers(number, now - LOOP_WINDOW)
    if asked and len(answers) >= limit:
        frees = answers[-limit] + LOOP_WINDOW - now
        raise LoopError(
            "rate_limited",
            f"sms.loop_limit is reached: {limit} messages to one number within an hour each "
            "answered one from it, as when two machines answer each other; "
            f"it frees in {_seconds(frees)} s",
            retryable=True,
        )


def _seconds(left: float) -> int:
    return math.ceil(max(0.0, left))
