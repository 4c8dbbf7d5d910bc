"""Finding what fits: BM25 over words (Robertson and Zaragoza 2009, k1 = 1.2, b = 0.75), from an inverted index."""

from __future__ import annotations

import heapq
import math
import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence

_K1, _B = 1.2, 0.75
_WORD = re.compile(r"\w+")
_STEM = 6
"""Words are cut to their first letters: "rimborso" and "rimborsare" meet, and no language needs a stemmer."""
_MARKUP = re.compile(r"\{[{%#].*?[}%#]\}", re.DOTALL)


def _plain(text: str) -> str:
    folded = unicodedata.normalize("NFKD", text.casefold())
    return "".join(character for character in folded if not unicodedata.combining(character))


#: Function words of the languages desks are written in most; rarer words say what a text is about.
_EMPTY = frozenset(
    _plain(
        """
        a about all am an and any are as at be been but by can could do does for from had has have he her hi him his how
        i if in is it its just me my no not of on or our please she so some thank thanks that the their them then there
        they this to too us very was we were what when which who will with would you your
        ai al alla anche che chi ci come con cosa così da dal dalla dei del della di due e ed era essere gli grazie ha
        hai hanno ho i il in io la le lei lo loro lui ma me mi mia mio ne nel nella noi non o per perché più quando
        quello questa questo se sei si sono su sua suo ti tra tu tuo un una uno vi voi
        das der die ein eine und ist ich sie wir nicht mit auf für von zu den dem es
        de el en es la las los que un una y no con para por su lo
        le les des du et est je vous nous pas pour dans une qui sur
        """
    ).split()
)


def words(text: str) -> list[str]:
    """The words that count, in one form whatever their case, accents and endings."""
    return [word[:_STEM] for word in _WORD.findall(_plain(text)) if len(word) > 1 and word not in _EMPTY]


class Index:
    """Texts by number, in the order given. Template markup in them is not searched."""

    def __init__(self, texts: Iterable[str]) -> None:
        self._postings: dict[str, list[tuple[int, int]]] = defaultdict(list)
        lengths = []
        for number, text in enumerate(texts):
            counted = Counter(words(_MARKUP.sub(" ", text)))
            lengths.append(sum(counted.values()))
            for word, count in counted.items():
                self._postings[word].append((number, count))
        self._size = len(lengths)
        average = (sum(lengths) / len(lengths) if lengths else 0.0) or 1.0
        self._norms = [_K1 * (1 - _B + _B * length / average) for length in lengths]

    def search(self, query: str, most: int) -> list[tuple[int, float]]:
        """The best fitting (number, score), best first; equal ones in their order. Nothing that shares no word."""
        scores: dict[int, float] = defaultdict(float)
        for word in set(words(query)):
            found = self._postings.get(word, ())
            weight = math.log(1 + (self._size - len(found) + 0.5) / (len(found) + 0.5))
            for number, count in found:
                scores[number] += weight * count * (_K1 + 1) / (count + self._norms[number])
        return heapq.nsmallest(most, scores.items(), key=lambda item: (-item[1], item[0]))


def best(query: str, texts: Sequence[str]) -> int | None:
    """Which of a few texts fits best; None when none has a word in common."""
    found = Index(texts).search(query, 1)
    return found[0][0] if found else None
