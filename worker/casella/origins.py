"""What can be told of a number and of words: the country they come from, the language they are in."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

from casella.extras import has


def country_of(number: str) -> str | None:
    """`IT` for a number that begins with +39; None for a service's number, or one that is none."""
    import phonenumbers  # its tables take long to load; a check of a desk asks for no number

    try:
        return phonenumbers.region_code_for_number(phonenumbers.parse(number, None))
    except phonenumbers.NumberParseException:
        return None


def home_of(number: str) -> str | None:
    """The country whose hours count for a number: its own, or, where its digits do not say which, the largest that
    shares its calling code. None for what can be no number anywhere."""
    import phonenumbers  # see above

    try:
        parsed = phonenumbers.parse(number, None)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_possible_number(parsed):
        return None
    code = parsed.country_code or 0
    return phonenumbers.region_code_for_number(parsed) or phonenumbers.region_code_for_country_code(code)


def spellings_of(written: str, countries: Iterable[str]) -> set[str]:
    """The numbers (+390612345678) that somebody may mean who writes one: with or without + or 00, with spaces, or as it
    is dialled within one of these countries. Empty for what is no number."""
    digits = re.sub(r"[\s()./-]", "", written)
    if not re.fullmatch(r"\+?[0-9]{6,18}", digits):
        return set()
    import phonenumbers  # see above

    plain = digits.removeprefix("+").removeprefix("00")
    found = {f"+{plain}"} if not plain.startswith("0") else set[str]()
    for country in () if digits.startswith(("+", "00")) else countries:
        try:
            number = phonenumbers.parse(digits, country)
        except phonenumbers.NumberParseException:
            continue
        found.add(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))
    return found


def beginnings_of(written: str, countries: Iterable[str]) -> list[str]:
    """With which digits a number may begin (without +) whose first digits somebody writes, in full or as they are
    dialled within one of these countries: `06` in Italy is 3906, in the United Kingdom 446."""
    import phonenumbers  # see above

    digits = re.sub(r"[^0-9]", "", written)
    if written.strip().startswith("+"):
        return [digits]
    if digits.startswith("00"):
        return [digits[2:]]
    found = [digits] if not digits.startswith("0") else []
    for country in countries:
        code = str(phonenumbers.country_code_for_region(country))
        found += [code + digits, code + digits[1:]] if digits.startswith("0") else [code + digits]
    return list(dict.fromkeys(found))


FEWEST_DIGITS = 10
"""Of a whole number, as agents write it (A-15)."""


def new_number_of(written: str, countries: Iterable[str]) -> str | None:
    """The number (+390612345678) that somebody means who writes a whole one; None for fewer digits, and for what can be
    no number anywhere."""
    import phonenumbers  # see above

    digits = re.sub(r"[^0-9+]", "", written)
    if len(digits.removeprefix("+").removeprefix("00")) < FEWEST_DIGITS:
        return None
    possible = []
    for spelling in sorted(spellings_of(written, countries)):
        try:
            number = phonenumbers.parse(spelling, None)
        except phonenumbers.NumberParseException:
            continue
        if phonenumbers.is_valid_number(number):
            return spelling
        if phonenumbers.is_possible_number(number):
            possible.append(spelling)
    return possible[0] if possible else None


_TAG = re.compile(r"[A-Za-z]{2,3}([-_][A-Za-z0-9]{2,8}){0,3}")


def language_tag(told: str | None) -> str | None:
    """`it-IT` for what a device or a provider calls it (`it_IT`); None for anything that is no language (BCP 47)."""
    return told.replace("_", "-") if told and _TAG.fullmatch(told) else None


_FEWEST_LETTERS = 12
"""Shorter texts say too little: "ok" is a word in most languages."""


def language_of(text: str) -> str | None:
    """`it`, as far as can be told from the words; None for too few of them, and without the extra `language`."""
    if sum(map(str.isalpha, text)) < _FEWEST_LETTERS or not has("language"):
        return None
    return _classify(text[:1000])


@lru_cache(maxsize=256)
def _classify(text: str) -> str:
    # It loads its model: only where a rule asks.
    import py3langid  # type: ignore[import-untyped]  # it brings no types

    return str(py3langid.classify(text)[0])


def number_of(country: str) -> str | None:
    """A number as they are in a country; None for one that has none."""
    import phonenumbers  # see above

    found = phonenumbers.example_number(country)
    return phonenumbers.format_number(found, phonenumbers.PhoneNumberFormat.E164) if found else None
