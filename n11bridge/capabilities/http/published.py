"""What the `http` capability answers."""

from typing import Any

import voluptuous as vol

from n11bridge import content
from n11bridge.capabilities.http.answer import Answer
from n11bridge.payload import Field, Fields

ANSWER: Fields = {
    "url": Field(str, "http://www.example.com/status", "where the answer came from"),
    "status": Field(vol.All(int, vol.Range(min=100, max=999)), 200),
    "reason": Field(str, "OK"),
    "headers": Field(
        {str: str},
        {"content-type": "text/plain"},
        "names in lower case; several of one name stand behind commas, cookies on lines",
    ),
    **content.CONTENT,
    "length": Field(int, 5, "of the body, in bytes"),
    "truncated": Field(bool, False, "whether the body was longer than max_length"),
}


def shown(answer: Answer, url: str, most: int) -> dict[str, Any]:
    """The answer as it is published, its body cut at the most."""
    headers: dict[str, str] = {}
    for name, value in answer.headers:
        between = "\n" if name == "set-cookie" else ", "
        headers[name] = f"{headers[name]}{between}{value}" if name in headers else value
    body = answer.body[:most]
    return {
        "url": url,
        "status": answer.status,
        "reason": answer.reason,
        "headers": headers,
        **content.shown(body),
        "length": len(body),
        "truncated": not answer.whole or len(answer.body) > most,
    }
