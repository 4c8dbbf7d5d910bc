"""The words by which people leave, come back and ask for help (channels.md §2.1).

Three sorts: what Twilio acts on by itself, what law or custom asks of every sender in the United States and Canada,
and Italian. All of them end up in our own ledger; only the first sort is answered by Twilio.
"""

from __future__ import annotations

from casella.plugin import KeywordList
from casella.plugin.keywords import Keyword

TWILIO_WORDS: dict[str, Keyword] = {
    "stop": "stop",
    "stopall": "stop",
    "unsubscribe": "stop",
    "cancel": "stop",
    "end": "stop",
    "quit": "stop",
    "revoke": "stop",
    "optout": "stop",
    "start": "start",
    "yes": "start",
    "unstop": "start",
    "help": "help",
    "info": "help",
}
"""Exactly these, whole message, case ignored: Twilio blocks or unblocks the sender and answers."""

TOLL_FREE_WORDS: dict[str, Keyword] = {"stop": "stop", "start": "start", "unstop": "start"}
"""On toll-free numbers the carriers' network acts, on these only."""

TELNYX_WORDS = frozenset(
    {
        *("stop", "stopall", "stop all", "unsubscribe", "cancel", "end", "quit"),
        *("start", "unstop", "help", "info"),
    }
)
"""What Telnyx acts on and answers, per messaging profile, unless it is told otherwise there."""

STOP_WORDS = (
    *(word for word, keyword in TWILIO_WORDS.items() if keyword == "stop"),
    *("stop all", "opt out", "remove", "remove me", "unsubscribe me"),
    *("arret", "arretez", "désabonner"),
    *("ferma", "fermate", "disiscrivi", "disiscrivimi", "disiscrivetemi", "cancellami", "cancellatemi"),
    *("rimuovimi", "annulla iscrizione"),
)
START_WORDS = (
    *(word for word, keyword in TWILIO_WORDS.items() if keyword == "start"),
    *("inizia", "riprendi", "iscrivimi"),
)
HELP_WORDS = (
    *(word for word, keyword in TWILIO_WORDS.items() if keyword == "help"),
    *("aide", "aiuto"),
)


def keyword_list(stop: tuple[str, ...], start: tuple[str, ...], help: tuple[str, ...]) -> KeywordList:
    """The built-in words and these."""
    return KeywordList.of(stop=(*STOP_WORDS, *stop), start=(*START_WORDS, *start), help=(*HELP_WORDS, *help))
