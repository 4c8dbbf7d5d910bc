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
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace

from casella_assistant.model import Task

OPEN, CLOSE = "⟦", "⟧"
_PLACEHOLDER = re.compile(r"⟦\s?([A-Z]{1,12}_\d{1,6})\s?⟧")
_LIKE_PLACEHOLDER = re.compile(r"[⟦⟧]")
_LONGEST = 24
"""No placeholder has more characters, blanks included."""

_EMAIL = re.compile(r"(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}")
_IBAN = re.compile(r"(?<![A-Za-z0-9])[A-Za-z]{2}\d{2}(?:[ -]?[A-Za-z0-9]){11,30}(?![A-Za-z0-9])")
_CARD = re.compile(r"(?<!\d)\d(?:[ -]?\d){12,18}(?!\d)")
_SECRETS = tuple(
    re.compile(pattern)
    for pattern in (
        r"-----BEGIN [A-Z ]{0,30}PRIVATE KEY-----[\s\S]{0,8000}?-----END [A-Z ]{0,30}PRIVATE KEY-----",
        r"\beyJ[\w-]{8,2000}\.[\w-]{8,4000}\.[\w-]{8,2000}",  # JSON Web Token
        r"\b(?:sk|pk|rk)[-_][\w-]{16,200}",
        r"\b(?:AKIA|ASIA)[A-Z0-9]{16}\b",
        r"\bgh[pousr]_\w{20,255}",
        r"\bxox[abprs]-[\w-]{10,200}",
        r"\bAIza[\w-]{35}\b",
        r"\bcsl_[\w-]{20,100}",
        r"(?i)\bbearer\s{1,3}([\w.~+/=-]{8,2000})",
        r"\b[a-z][a-z0-9+.-]{1,20}://[^\s/:@]{1,100}:([^\s/@]{1,200})@",
        r"(?i)\b(?:password|passwort|passcode|passwd|pwd|kennwort|contraseña|mot de passe|parola d'ordine|api[ _-]?key|"
        r"access[ _-]?token|secret|pin|cvv|cvc|otp|tan)\b(?: (?:code|number|codice))?"
        r"(?:\s{0,3}[:=]\s{0,3}|\s{1,3}(?:is|ist|è|es|est)\s{1,3})[\"'«]?([^\s\"'»]{3,200})",
    )
)
_NUMBERISH = re.compile(r"\d")
Span = tuple[int, int, str]


class Masks:
    """The placeholders of one request. The same value has the same placeholder throughout."""

    def __init__(self, region: str | None = None, sensitive: Iterable[tuple[str, str]] = ()) -> None:
        self._region = region
        self._known = [(kind, value) for kind, value in sensitive if len(value) >= 3]
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
        for start, stop, kind in _without_overlaps(self._found(text)):
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

    def _found(self, text: str) -> Iterator[Span]:
        """What has to be kept back; where two overlap, what comes first here wins."""
        yield from ((found.start(), found.end(), "TEXT") for found in _LIKE_PLACEHOLDER.finditer(text))
        for kind, value in self._known:
            yield from ((start, start + len(value), kind) for start in _occurrences(text, value))
        for pattern in _SECRETS:
            group = pattern.groups
            yield from ((found.start(group), found.end(group), "SECRET") for found in pattern.finditer(text))
        if "@" in text:
            yield from ((found.start(), found.end(), "EMAIL") for found in _EMAIL.finditer(text))
        if len(_NUMBERISH.findall(text)) >= 6:
            yield from _checked(_IBAN, text, "IBAN", is_iban)
            yield from _checked(_CARD, text, "CARD", is_card)
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


def is_card(written: str) -> bool:
    """Whether the digits fulfil Luhn's formula, which every payment card does."""
    digits = [int(character) for character in written if character.isascii() and character.isdigit()]
    if not 13 <= len(digits) <= 19 or len(set(digits)) == 1:
        return False
    doubled = [sum(divmod(2 * digit, 10)) for digit in digits[-2::-2]]
    return (sum(digits[::-2]) + sum(doubled)) % 10 == 0


def is_iban(written: str) -> bool:
    """Whether the check digits are right: the number, its first four moved behind, is 1 modulo 97."""
    plain = re.sub(r"[ -]", "", written).upper()
    if not 15 <= len(plain) <= 34 or not plain.isascii():
        return False
    moved = plain[4:] + plain[:4]
    return int("".join(str(int(character, 36)) for character in moved)) % 97 == 1


def _checked(pattern: re.Pattern[str], text: str, kind: str, is_one: Callable[[str], bool]) -> Iterator[Span]:
    """Candidates that are what they look like. What follows a number without a gap of its own ("… thanks") may look
    like its end, so shorter readings are tried as well."""
    for found in pattern.finditer(text):
        stop = found.end()
        while stop - found.start() >= 13:
            if is_one(text[found.start() : stop]) and (stop == found.end() or not text[stop].isalnum()):
                yield found.start(), stop, kind
                break
            stop -= 1


def _occurrences(text: str, value: str) -> Iterator[int]:
    """Where it stands as a word of its own."""
    start = text.find(value)
    while start >= 0:
        around = text[max(start - 1, 0) : start] + text[start + len(value) : start + len(value) + 1]
        if not any(character.isalnum() for character in around):
            yield start
        start = text.find(value, start + len(value))


def _without_overlaps(spans: Iterable[Span]) -> list[Span]:
    """In order of place; earlier findings win over later ones."""
    taken: list[Span] = []
    for span in spans:
        if span[0] < span[1] and all(span[1] <= other[0] or span[0] >= other[1] for other in taken):
            taken.append(span)
    return sorted(taken)
