"""Messages in English and Italian whose words are as frequent as words are (Zipf): the first English word is in about
half of all messages, the last ones are in a few hundred of five million, and an order number is in one."""

from __future__ import annotations

import random
from collections.abc import Iterator
from itertools import accumulate, product

VOCABULARY = 10_000  # words of each language
_ENGLISH = (
    "the to and you i is it of my for in that we have on be not with are this your can please order at was will but "
    "if when from hello thanks me would as so do an there by good or one has what been all could invoice delivery"
)
_ITALIAN = (
    "di che e la il un non per è una in mi si ho lo ma ha le con cosa ti da se come ci no sono al più questo qui bene "
    "hai del tu solo della so mio era grazie buongiorno ordine fattura consegna vorrei quando ancora prego"
)
_SYLLABLES = {
    "en": ("ber", "ing", "ton", "ash", "er", "ly", "wick", "mond", "shire", "eck", "old", "ough", "st", "and", "ew"),
    "it": ("za", "ri", "ello", "mente", "gno", "ta", "sco", "ina", "lo", "chi", "are", "oni", "va", "tu", "pe"),
}
COMMON, COMMON_ITALIAN = "the", "di"


def vocabulary(language: str) -> list[str]:
    """The words of a language, the most frequent first."""
    first = (_ENGLISH if language == "en" else _ITALIAN).split()
    made = ("".join(parts) for parts in product(_SYLLABLES[language], repeat=4))
    known = dict.fromkeys(first)
    for word in made:
        if len(known) == VOCABULARY:
            break
        known.setdefault(word)
    words = list(known)
    tail = words[len(first) :]
    random.Random(language).shuffle(tail)
    return [*first, *tail]


def texts(chance: random.Random, most: int = 100_000) -> Iterator[tuple[str, str]]:
    """Language and text without end: `most` different ones of each language, in chance order; every thirtieth has an
    order number of its own."""
    weights = list(accumulate(1 / rank for rank in range(1, VOCABULARY + 1)))
    pools = {}
    for language in ("en", "it"):
        words = vocabulary(language)
        lengths = chance.choices((2, 4, 6, 8, 10, 14, 20, 30), (6, 10, 12, 14, 14, 12, 8, 4), k=most)
        pools[language] = [" ".join(chance.choices(words, cum_weights=weights, k=length)) for length in lengths]
    number = 0
    pick = chance.random
    while True:
        number += 1
        language = "en" if pick() < 0.8 else "it"
        text = pools[language][int(pick() * most)]
        yield language, f"{text} nr{number:07d}" if number % 30 == 0 else text
