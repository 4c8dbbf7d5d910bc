"""Keeping personal and secret values back: what leaves the building carries placeholders, the answer gets the values
again.

Found are e-mail addresses, telephone numbers (libphonenumber's matcher), card numbers (Luhn, ISO/IEC 7812-1), IBANs
(mod 97, ISO 13616), and secrets: keys and tokens of known shapes, private keys, passwords in addresses, and what
stands behind a word like "password". A text that already holds something like a placeholder is masked there too, so
that nobody can write one and be given another's value.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from casella_assistant import findings
from casella_assistant.findings import Span, without_overlaps
from casella_assistant.model import Task
from casella_assistant.plain_text import plain

OPEN, CLOSE = "⟦", "⟧"
_PLACEHOLDER = re.compile(r"⟦\s?([A-Z]{1,12}_\d{1,6})\s?⟧")
_LIKE_PLACEHOLDER = re.compile(r"[⟦⟧]")
_LONGEST = 24
"""No placeholder has more characters, blanks included."""

_NUMBERISH = re.compile(r"\d")


class Masks:
    """The placeholders of one request. The same value has the same placeholder throughout."""

    def __init__(self, region: str | None = None, sensitive: Iterable[tuple[str, str]] = ()) -> None:
        self._region = region
        self._known = [(kind, plain(value).text) for kind, value in sensitive if len(value) >= 3]
        self._values: dict[str, str] = {}
        self._placeholders: dict[tuple[str, str], str] = {}
        self._counts: Counter[str] = Counter()

    @property
    def counts(self) -> Mapping[str, int]:
        """How many different values of each kind were kept back."""
        return {kind.lower(): count for kind, count in sorted(self._counts.items()) if kind != "TEXT"}

    def task(self, task: Task) -> Task:
        """The task as it may leave: everything that anybody wrote, masked."""
        return replace(
            task,
            turns=tuple(replace(turn, text=self.mask(turn.text)) for turn in task.turns),
            sources=tuple(replace(source, text=self.mask(source.text)) for source in task.sources),
            intent=self.mask(task.intent),
            draft=self.mask(task.draft),
            contact=self.mask(task.contact),
            sensitive=(),
        )

    def mask(self, text: str) -> str:
        """The text with placeholders."""
        parts, end = [], 0
        for start, stop, kind in without_overlaps(self._found(text), len(text)):
            parts += [text[end:start], self._placeholder(kind, text[start:stop])]
            end = stop
        return "".join([*parts, text[end:]])

    def restore(self, text: str) -> str:
        """The text with the values again. A placeholder that was never given stays, and is flagged elsewhere."""
        return _PLACEHOLDER.sub(lambda found: self._values.get(found[1], found[0]), text)

    def _placeholder(self, kind: str, value: str) -> str:
        known = self._placeholders.get((kind, value))
        if known is None:
            self._counts[kind] += 1
            name = f"{kind}_{self._counts[kind]}"
            known = self._placeholders[kind, value] = f"{OPEN}{name}{CLOSE}"
            self._values[name] = value
        return known

    def _found(self, written: str) -> Iterator[Span]:
        """What has to be kept back; where two overlap, what comes first here wins."""
        yield from ((found.start(), found.end(), "TEXT") for found in _LIKE_PLACEHOLDER.finditer(written))
        normal = plain(written)
        for start, stop, kind in self._in_plain(normal.text):
            yield (*normal.span(start, stop), kind)

    def _in_plain(self, text: str) -> Iterator[Span]:
        for kind, value in self._known:
            yield from ((start, start + len(value), kind) for start in _occurrences(text, value))
        yield from findings.secrets(text)
        yield from findings.emails(text)
        if len(_NUMBERISH.findall(text)) >= 6:
            yield from findings.ibans(text)
            yield from findings.cards(text)
        yield from findings.places(text)
        if len(_NUMBERISH.findall(text)) >= 6:
            yield from self._phones(text)

    def _phones(self, text: str) -> Iterator[Span]:
        """Numbers that could be dialled: with a plus any possible one, without it only a valid one of the region."""
        import phonenumbers  # its tables take long to load; a check of a desk masks nothing

        for match in phonenumbers.PhoneNumberMatcher(text, self._region, leniency=phonenumbers.Leniency.POSSIBLE):
            if match.raw_string.startswith("+") or phonenumbers.is_valid_number(match.number):
                yield match.start, match.end, "PHONE"


class Restorer:
    """Puts values back into a text that arrives in pieces, wherever the pieces are cut."""

    def __init__(self, masks: Masks) -> None:
        self._masks = masks
        self._held = ""

    def feed(self, piece: str) -> str:
        """What may be shown now. A placeholder that is not complete yet is held back."""
        text = self._held + piece
        start = text.rfind(OPEN)
        if start >= 0 and CLOSE not in text[start:] and len(text) - start < _LONGEST:
            text, self._held = text[:start], text[start:]
        else:
            self._held = ""
        return self._masks.restore(text)

    def end(self) -> str:
        """What was still held back."""
        held, self._held = self._held, ""
        return self._masks.restore(held)


def placeholders_in(text: str) -> list[str]:
    """Placeholders that stand in a text."""
    return [found[0] for found in _PLACEHOLDER.finditer(text)]


def region_of(address: str) -> str | None:
    """The region of a telephone number written with a plus: `IT` for +39…; None for anything else."""
    import phonenumbers

    try:
        return phonenumbers.region_code_for_number(phonenumbers.parse(address)) or None
    except phonenumbers.NumberParseException:
        return None


def generic(text: str, region: str | None = None, sensitive: Iterable[tuple[str, str]] = ()) -> str:
    """The text with its personal values replaced for good: `[email]`, `[phone]` … It can be shown to another customer
    and leaves holes that are flagged."""
    masks = Masks(region, sensitive)
    return _PLACEHOLDER.sub(lambda found: f"[{found[1].partition('_')[0].lower()}]", masks.mask(text))


def _occurrences(text: str, value: str) -> Iterator[int]:
    """Where it stands as a word of its own."""
    start = text.find(value)
    while start >= 0:
        around = text[max(start - 1, 0) : start] + text[start + len(value) : start + len(value) + 1]
        if not any(character.isalnum() for character in around):
            yield start
        start = text.find(value, start + len(value))
