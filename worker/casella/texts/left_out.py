"""Why somebody is left out of a campaign, as a sentence for each reason: English and Italian."""

from __future__ import annotations

from collections.abc import Mapping

from casella.texts.titles import TITLES

LEFT_OUT: Mapping[str, tuple[str, str]] = {
    "no_address": (
        "The channel reaches none of the contact's addresses.",
        "Il canale non raggiunge nessuno degli indirizzi del contatto.",
    ),
    "bad_address": ("The address can be nobody's number.", "L'indirizzo non può essere il numero di nessuno."),
    "duplicate": (
        "The contact is written to already: named twice, or merged into somebody who is in it.",
        "Al contatto si scrive già: è nominato due volte, o unito a qualcuno che c'è.",
    ),
    "own_address": ("This is a number of yours.", "È un numero vostro."),
    "contact_stopped": ("The contact has opted out.", "Il contatto non vuole più messaggi."),
    "no_marketing_consent": (
        "The contact has not agreed to marketing.",
        "Il contatto non ha acconsentito al marketing.",
    ),
    "canned_inputs_missing": (
        "A variable of the text is empty for this contact.",
        "Una variabile del testo è vuota per questo contatto.",
    ),
    "text_too_long": (
        "The text is longer than the channel takes.",
        "Il testo è più lungo di quanto il canale accetta.",
    ),
    "always_quiet": (
        "No moment of a day is outside quiet hours everywhere in the contact's country.",
        "Nessun momento del giorno è fuori dalle ore di silenzio in tutto il paese del contatto.",
    ),
    "not_replyable": (
        "The contact cannot be answered on this channel.",
        "Al contatto non si può rispondere su questo canale.",
    ),
    "failed": (
        "The message could not be made; the log says why.",
        "Il messaggio non si è potuto fare; il log dice perché.",
    ),
}
_OTHER = ("The channel does not take this message.", "Il canale non accetta questo messaggio.")
"""The reasons of channels are their own (an unregistered number); most have a heading of their own."""


def why_left_out(reason: str, locale: str) -> str:
    """The sentence of a reason, in the reader's language."""
    place = 1 if locale == "it" else 0
    if reason in LEFT_OUT:
        return LEFT_OUT[reason][place]
    return f"{TITLES[reason][place]}." if reason in TITLES else _OTHER[place]
