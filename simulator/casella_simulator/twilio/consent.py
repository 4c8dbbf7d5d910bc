"""STOP and START, as Twilio keeps them: it blocks, it confirms to the phone, and still forwards the webhook."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from casella_simulator.twilio.account import TwilioNumber

Keyword: TypeAlias = Literal["STOP", "START", "HELP"]

_WORDS: dict[str, Keyword] = {
    **dict.fromkeys(("STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "REVOKE", "OPTOUT"), "STOP"),
    **dict.fromkeys(("START", "YES", "UNSTOP"), "START"),
    **dict.fromkeys(("HELP", "INFO"), "HELP"),
}
_CONFIRMATIONS: dict[Keyword, str] = {
    "STOP": "You have successfully been unsubscribed. You will not receive any more messages from this number. "
    "Reply START to resubscribe.",
    "START": "You have successfully been re-subscribed to messages from this number. Reply HELP for help. "
    "Reply STOP to unsubscribe. Msg&Data Rates May Apply.",
    "HELP": "Reply STOP to unsubscribe. Msg&Data Rates May Apply.",
}


@dataclass(frozen=True, slots=True)
class ConsentAnswer:
    """What the carrier made of a keyword, and what it answers to the phone, if anything."""

    keyword: Keyword
    confirmation: str | None


def keyword(text: str) -> Keyword | None:
    """The keyword a message consists of; the whole message must be the keyword."""
    return _WORDS.get(text.strip().upper())


def scope(number: TwilioNumber) -> str:
    """What a STOP to this number covers: the whole messaging service, or the number alone."""
    return number.messaging_service or number.number


class OptOuts:
    """Who wrote STOP to what."""

    def __init__(self) -> None:
        self._stopped: set[tuple[str, str]] = set()

    def stopped(self, covered: str, phone: str) -> bool:
        return (covered, phone) in self._stopped

    def hear(self, number: TwilioNumber, phone: str, text: str) -> ConsentAnswer | None:
        """Applies a keyword. STOP and START are confirmed only when they change something."""
        word = keyword(text)
        if word is None:
            return None
        pair = (scope(number), phone)
        changes = word == "HELP" or (word == "STOP") != (pair in self._stopped)
        if word == "STOP":
            self._stopped.add(pair)
        elif word == "START":
            self._stopped.discard(pair)
        return ConsentAnswer(word, _CONFIRMATIONS[word] if changes else None)

    def clear(self) -> None:
        self._stopped.clear()
