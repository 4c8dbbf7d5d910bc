"""The rules and messages of `bench.rules`: one neutral form, from which every engine gets its own.

A rule asks what a manager's rule asks: one or two channels, any of some words (or a pattern) in the text, any of some
tags, and mostly that it is within office hours. Half the messages hold what some rule looks for; most of those come
by the right channel. Texts are small letters without punctuation, because not every rival can fold and cut words.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

CHANNELS = ("sms", "whatsapp", "messenger", "webchat")
TAGS = tuple(f"tag-{number:02d}" for number in range(40))
TEAMS = tuple(f"team-{number}" for number in range(20))
#: Rules in one YAML file; a file of rules is limited to 2 MB.
FILE_OF_RULES = 1_000


@dataclass(frozen=True)
class Spec:
    """One rule. Exactly one of `words` and `pattern` is set."""

    number: int
    channels: tuple[str, ...]
    words: tuple[str, ...]
    pattern: str
    tags: tuple[str, ...]
    within_hours: bool

    @property
    def name(self) -> str:
        return f"Rule {self.number}"


@dataclass(frozen=True)
class Message:
    """What the rules are asked about."""

    channel: str
    text: str
    tags: tuple[str, ...]
    hours: str


class _Words:
    """Words that look like words, none of which is part of another one's beginning by design."""

    def __init__(self) -> None:
        chance, made = random.Random(1), dict[str, None]()
        while len(made) < 34_000:
            syllables = (
                chance.choice("bcdfghjklmnprstvz") + chance.choice("aeiou") for _ in range(chance.choice((3, 4)))
            )
            made["".join(syllables) + chance.choice("bcdfghjklmnprstvz")] = None
        known = list(made)
        self.everyday, self.rare = known[:2_000], known[2_000:]


_WORDS = _Words()


def specs(count: int) -> list[Spec]:
    """The first `count` rules; always the same ones."""
    chance = random.Random(7)
    return [_spec(number, chance) for number in range(count)]


def _spec(number: int, chance: random.Random) -> Spec:
    first, second, third = _WORDS.rare[number * 3 : number * 3 + 3]
    words = (first, f"{second} {third}", third)[: chance.choice((2, 3))]
    pattern = chance.choice(
        (rf"\b{first}(s|ed|ing)?\b", rf"\b{first} (no |nr )?[0-9]{{4,6}}\b", rf"\b{first}[a-z]* please\b")
    )
    return Spec(
        number,
        channels=tuple(chance.sample(CHANNELS, chance.choice((1, 1, 2)))),
        words=words if number % 2 == 0 else (),
        pattern=pattern if number % 2 else "",
        tags=tuple(sorted(chance.sample(TAGS, chance.choice((3, 8, 20))))),
        within_hours=number % 3 > 0,
    )


def messages(count: int, rules: Sequence[Spec]) -> list[Message]:
    """Messages of 8 to 40 words; always the same ones for as many rules."""
    chance = random.Random(3)
    return [_message(rules, chance) for _ in range(count)]


def _message(rules: Sequence[Spec], chance: random.Random) -> Message:
    words = chance.choices(_WORDS.everyday, k=chance.randint(8, 40))
    channel = chance.choice(CHANNELS)
    if chance.random() < 0.5:
        rule = chance.choice(rules)
        words[chance.randrange(len(words))] = chance.choice(rule.words) if rule.words else _fitting(rule, chance)
        channel = chance.choice(rule.channels) if chance.random() < 0.8 else channel
    hours = "open" if chance.random() < 0.7 else "closed"
    return Message(channel, " ".join(words), tuple(chance.sample(TAGS, 3)), hours)


def _fitting(rule: Spec, chance: random.Random) -> str:
    word = _WORDS.rare[rule.number * 3]
    return chance.choice((f"{word}s", f"{word} nr {chance.randint(1000, 999999)}", f"{word} please", word))


def expected(rules: Sequence[Spec], message: Message) -> list[int]:
    """The numbers of the rules that match, found the slow and plain way."""
    padded = f" {message.text} "
    return [
        rule.number
        for rule in rules
        if message.channel in rule.channels
        and (not rule.within_hours or message.hours == "open")
        and not set(rule.tags).isdisjoint(message.tags)
        and (
            any(f" {word} " in padded for word in rule.words) or bool(rule.pattern and re.search(rule.pattern, padded))
        )
    ]


def yaml_files(rules: Sequence[Spec]) -> Iterator[tuple[str, bytes]]:
    """The rules as a manager writes them, in files of a size that is allowed."""
    for start in range(0, len(rules), FILE_OF_RULES):
        part = rules[start : start + FILE_OF_RULES]
        yield f"rules/{start:05d}.yaml", ("rules:\n" + "".join(_yaml(rule) for rule in part)).encode()


def _yaml(rule: Spec) -> str:
    asked = f"matches: '{rule.pattern}'" if rule.pattern else f"contains_word: [{', '.join(rule.words)}]"
    return (
        f"  - name: {rule.name}\n"
        "    when: message_received\n"
        "    if:\n"
        f"      channel: [{', '.join(rule.channels)}]\n"
        f"      text: {{{asked}}}\n"
        f"      contact.tags: {{has_any: [{', '.join(rule.tags)}]}}\n"
        + ("      hours: {support: open}\n" if rule.within_hours else "")
        + "    then:\n"
        f"      - priority: {('high', 'urgent')[rule.number % 2]}\n"
        f"      - tag: {TAGS[rule.number % len(TAGS)]}\n"
        f"      - assign: {{team: {TEAMS[rule.number % len(TEAMS)]}, strategy: least_busy}}\n"
    )
