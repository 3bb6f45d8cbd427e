"""What the `ussd` capability publishes and answers."""

import voluptuous as vol

from n11bridge.payload import Field, Fields, moment

RESULTS = (
    *("done", "reply_expected", "terminated", "other_client", "not_supported"),
    "network_timeout",
)
ANSWER: Fields = {
    "result": Field(vol.In(RESULTS), "done", "reply_expected: the network waits for a reply"),
    "text": Field(vol.Maybe(str), "Your balance is 5.78 EUR", "what the network says"),
}
RECEIVED: Fields = {
    "code": Field(vol.Maybe(str), "*100#", "what it answers; null when the network began"),
    **ANSWER,
}
LOW: Fields = {
    "balance": Field(float, 4.2),
    "low": Field(float, 5.0, "the mark in the configuration"),
}
STATE: Fields = {
    "session": Field(bool, False, "whether the network waits for a reply"),
    "balance": Field(vol.Maybe(float), 5.78, "the credit; null when none is known"),
    "balance_time": Field(vol.Maybe(moment), "2026-11-26T12:00:00+01:00", "when it was read"),
    "low": Field(vol.Maybe(bool), False, "whether it is below the mark"),
}
