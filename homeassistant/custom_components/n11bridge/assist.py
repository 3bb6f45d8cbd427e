"""Assist by SMS: a trusted sender's text goes to the conversation agent, the answer goes back."""

import hmac
import logging
import re
import time
import unicodedata
from typing import Any

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import Context, HomeAssistant, callback

from .bridge import Bridge
from .const import CONF_AGENT, CONF_ASSIST, CONF_CODE_WORD, CONF_LIMIT, DOMAIN, LIMIT

_LOGGER = logging.getLogger(__name__)

#: Seconds for which a sender's next text belongs to the same conversation.
CONVERSATION = 300.0
HOUR = 3600.0
#: Characters of an answer, and of a question: three parts. Home Assistant's own agent would be busy
#: with one of 39 parts for minutes.
LONGEST = 459
#: An answer goes to a number only: the name of an organisation or a short code has no phone.
_NUMBER = re.compile(r"\+?[0-9]{7,15}\Z")


class Assist:
    """Answers texts, as far as the entry's options allow; it reads them anew at each text."""

    def __init__(self, hass: HomeAssistant, entry: ConfigEntry[Any], bridge: Bridge) -> None:
        self._hass = hass
        self._entry = entry
        self._bridge = bridge
        self._answered: dict[str, list[float]] = {}
        self._conversations: dict[str, tuple[str | None, float]] = {}

    @callback
    def take(self, message: dict[str, Any]) -> None:
        """Answer this text, if it is one to be answered."""
        options = self._entry.options
        sender = message.get("from")
        if not options.get(CONF_ASSIST) or not _to_be_answered(message):
            return
        words = without_code_word(message["text"], options.get(CONF_CODE_WORD, ""))
        if words is None:
            return
        if len(words) > LONGEST:
            _LOGGER.warning("Assist answers no text of more than %d characters", LONGEST)
            return
        if not self._within_limit(str(sender), int(options.get(CONF_LIMIT, LIMIT))):
            _LOGGER.warning("Assist answers no more texts of this sender within the hour")
            return
        self._entry.async_create_background_task(
            self._hass, self._answer(str(sender), words), f"{DOMAIN} assist"
        )

    def _within_limit(self, sender: str, limit: int) -> bool:
        now = time.monotonic()
        times = [each for each in self._answered.get(sender, ()) if now - HOUR < each]
        allowed = len(times) < limit
        self._answered[sender] = [*times, now] if allowed else times
        return allowed

    async def _answer(self, sender: str, words: str) -> None:
        # Imported here: without Assist, Home Assistant may have no conversation at all.
        from homeassistant.components import conversation

        now = time.monotonic()
        before, until = self._conversations.get(sender, (None, 0.0))
        try:
            result = await conversation.async_converse(
                self._hass,
                words,
                before if now < until else None,
                Context(),
                agent_id=self._entry.options.get(CONF_AGENT),
            )
            self._conversations[sender] = (result.conversation_id, now + CONVERSATION)
            text = str(result.response.speech.get("plain", {}).get("speech") or "").strip()
            if len(text) > LONGEST:
                text = text[: LONGEST - 3].rstrip() + "..."
            if text:
                await self._bridge.ask("sms/send", {"to": sender, "text": text})
        except Exception as error:  # agents are anybody's
            _LOGGER.warning("Assist could not answer a text: %s", error or type(error).__name__)


def _to_be_answered(message: dict[str, Any]) -> bool:
    """A whole text of now, of a trusted sender that an answer can reach."""
    return bool(
        not message["replayed"]
        and not message.get("redelivered")
        and message.get("trusted") is True
        and message.get("complete") is True
        and isinstance(message.get("text"), str)
        and _NUMBER.match(str(message.get("from")))
    )


def without_code_word(text: str, code_word: str) -> str | None:
    """Return the words behind the code word; None when it is not there, or nothing behind it."""
    words = text.strip()
    if code_word:
        first, _, words = " ".join(words.split(maxsplit=1)).partition(" ")
        said, expected = (_plain(word) for word in (first, code_word))
        # What is no proper Unicode, such as half an emoji, is no code word either.
        if not hmac.compare_digest(said.encode(errors="replace"), expected.encode()):
            return None
    return words or None


def _plain(word: str) -> str:
    """Make a word that was typed on one keyboard equal to the same word of another."""
    return unicodedata.normalize("NFKC", word).rstrip(":,").casefold()
