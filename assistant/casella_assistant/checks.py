"""What an agent should look at before a proposal goes out. Nothing is hidden or changed: it is flagged.

unfilled_hole     a hole of a template or a placeholder nobody filled
unknown_link      a link or an e-mail address that stands in no source
unknown_number    a number that stands in no source
too_long          more than the channel takes
too_many_parts    more parts than the desk wants
other_language    another language than was asked for
prompt_echo       words of the instructions themselves
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from casella_assistant.language import Languages, primary
from casella_assistant.masking import CLOSE, OPEN
from casella_assistant.model import Flag, Measured, Task

_HOLES = re.compile(
    r"\{\{.{0,80}?\}\}|\{%.{0,80}?%\}|⟦[^⟧\n]{0,40}⟧|\[[A-Za-z][A-Za-z0-9_.'’ -]{1,40}\]|<[A-Za-z][A-Za-z0-9_ -]{1,40}>"
    r"|\{[A-Za-z][A-Za-z0-9_. ]{1,40}\}|\bX{3,}\b|_{3,}"
)
_LINK = re.compile(
    r"(?:https?://|www\.)[^\s<>\"'⟦⟧]{1,2000}|\b(?:[a-z0-9-]{1,63}\.){1,5}[a-z]{2,24}/[^\s<>\"']{0,2000}"
    r"|\b(?:[a-z0-9-]{1,63}\.){1,5}(?:com|net|org|info|biz|io|eu|it|de|fr|es|uk|ch|at|us|app|dev|shop|example|ru|cn|xyz|"
    r"top|link|click)\b",
    re.IGNORECASE,
)
_EMAIL = re.compile(r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}")
_NUMBER = re.compile(r"(?<![\w])[+]?\d(?:[\d.,:/  -]{0,30}\d)?")
_LIST_MARK = re.compile(r"^\s*\d{1,2}[.)]\s", re.MULTILINE)
_ECHO = ("<conversation>", "</conversation>", "<sources>", "</sources>", "<agent>", "</agent>", OPEN, CLOSE)
_SURE = 0.95
_LONG_ENOUGH = 20
"""Letters; what is shorter has no language that could be told with certainty."""


def check(text: str, measured: Measured, task: Task, languages: Languages, *, chat: bool = True) -> tuple[Flag, ...]:
    """Every flag, in the order of their severity. `task` unmasked: its texts are the sources, and what the agent wrote
    is his to say. `chat`: the text is meant for the contact, so the channel's limits count."""
    found = [*_holes(text), *_links(text, task), *_numbers(text, task), *_echo(text)]
    if chat:
        found += _size(measured, task)
    found += _language(text, task, languages)
    return tuple(dict.fromkeys(found))


def _holes(text: str) -> Iterator[Flag]:
    yield from (Flag("unfilled_hole", found[0]) for found in _HOLES.finditer(text))


def _links(text: str, task: Task) -> Iterator[Flag]:
    known = {link for source in _material(task) for link in _links_in(source)}
    yield from (Flag("unknown_link", link) for link in _links_in(text) if link not in known)


def _links_in(text: str) -> list[str]:
    emails = [found[0].rstrip(".").lower() for found in _EMAIL.finditer(text)]
    rest = _EMAIL.sub(" ", text)
    links = [
        re.sub(r"^(https?://)?(www\.)?", "", found[0].rstrip(".,;:!?)»”").lower()) for found in _LINK.finditer(rest)
    ]
    return [*emails, *(link.rstrip("/") for link in links)]


def _numbers(text: str, task: Task) -> Iterator[Flag]:
    known = {number for source in _material(task) for number in _numbers_in(source)}
    for written in _written_numbers(_LIST_MARK.sub(" ", _without_links(text))):
        parts = _forms(written)
        if not any(form in known for form in parts):
            yield Flag("unknown_number", written)


def _without_links(text: str) -> str:
    return _LINK.sub(" ", _EMAIL.sub(" ", text))


def _written_numbers(text: str) -> list[str]:
    return [found[0].strip() for found in _NUMBER.finditer(text)]


def _numbers_in(text: str) -> Iterator[str]:
    for written in _written_numbers(text):
        yield from _forms(written)
        yield from (digits for digits in re.findall(r"\d+", written))


def _forms(written: str) -> list[str]:
    """A number as digits alone, with and without a fraction of zeros: 1.000,00 is 1000."""
    digits = re.sub(r"\D", "", written)
    forms = [digits]
    if re.search(r"[.,]00$", written):
        forms.append(digits[:-2])
    return forms


def _material(task: Task) -> Iterable[str]:
    """Whatever may be repeated: the conversation, the sources, the agent's own words."""
    yield from (turn.text for turn in task.turns)
    yield from (source.text for source in task.sources)
    yield task.intent
    yield task.draft


def _size(measured: Measured, task: Task) -> Iterator[Flag]:
    if not measured.fits:
        yield Flag("too_long", f"{measured.units}/{measured.limit}")
    if task.limits.parts is not None and measured.parts > task.limits.parts:
        yield Flag("too_many_parts", f"{measured.parts}/{task.limits.parts}")


def _language(text: str, task: Task, languages: Languages) -> Iterator[Flag]:
    if sum(character.isalpha() for character in text) < _LONG_ENOUGH:
        return
    guess = languages.guess(text)
    if guess and guess.certainty >= _SURE and guess.language != primary(task.language):
        yield Flag("other_language", guess.language)


def _echo(text: str) -> Iterator[Flag]:
    yield from (Flag("prompt_echo", mark) for mark in _ECHO[:6] if mark in text.lower())
