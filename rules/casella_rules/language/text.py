"""How texts are compared: whatever the case and the Unicode form, and word by word where words are meant."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

# These scripts put no spaces between words, so every character may begin or end one.
_SPACELESS = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3005-\u3007\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
    "\U00020000-\U0003ffff]"
)


def fold(text: str) -> str:
    """The form in which texts are compared: NFKC and casefold, and one apostrophe, because phones type ’ for '."""
    if text.isascii():
        return text.lower()
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    return folded.replace("’", "'")


def unaccented(text: str) -> str:
    """The form for `accents: ignore`: folded, and every letter without what stands above or below it (é as e)."""
    if text.isascii():
        return text.lower()
    letters = unicodedata.normalize("NFD", fold(text))
    return unicodedata.normalize("NFC", "".join(one for one in letters if unicodedata.category(one) != "Mn"))


def exact(text: str) -> str:
    """The form for `case: exact`: as written. Only canonically equal spellings (é in one or two code points) agree."""
    return text if text.isascii() else unicodedata.normalize("NFC", text)


def compatible(text: str) -> str:
    """The form on which patterns run: NFKC and one apostrophe, the case left to the pattern's own `(?i)`."""
    return text if text.isascii() else unicodedata.normalize("NFKC", text).replace("’", "'")


def folds_simply(text: str) -> bool:
    """True when folding only swapped letters for their other case, one for one (no `ß` to `ss`): to a pattern that
    ignores case, the folded text then is the same text."""
    if text.isascii():
        return True
    form = compatible(text)
    folded = form.casefold()
    return len(folded) == len(form) and folded == fold(text)


def collapsed(text: str) -> str:
    """Every run of white space as one space, none at the ends."""
    return " ".join(text.split())


def has_word(text: str, word: str) -> bool:
    """True when the word (or phrase) stands in the text with no letter, digit or accent joined to either end.

    Both must be in the same form already, the phrase collapsed. Apostrophes, hyphens and `_` separate words: `ordine`
    is a word of `l'ordine`, and `_refund_` is how WhatsApp writes an italic refund.
    """
    if " " in word:
        text = collapsed(text)
    opens, closes = _joins(word[0]), _joins(word[-1])
    start = text.find(word)
    while start >= 0:
        end = start + len(word)
        free_before = not opens or start == 0 or not _joins(text[start - 1])
        if free_before and (not closes or end == len(text) or not _joins(text[end])):
            return True
        start = text.find(word, start + 1)
    return False


@lru_cache(maxsize=4096)
def _joins(character: str) -> bool:
    """True for what glues to its neighbours in a word."""
    if _SPACELESS.match(character):
        return False
    if character.isalnum():
        return True
    # Accents belong to their letter; the variation selectors behind emoji belong to nothing.
    return unicodedata.category(character) in ("Mn", "Mc") and not "\ufe00" <= character <= "\ufe0f"
