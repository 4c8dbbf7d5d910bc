"""What differs between what happened in one conversation and what would have."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from casella.inbox.history.effects import Effect


@dataclass(frozen=True, slots=True)
class Deed:
    """An effect, when it came and the words it was about."""

    effect: Effect
    at: datetime
    text: str
    priority: str


@dataclass(frozen=True, slots=True)
class Change:
    """One difference. `old` None: it is new; `new` None: it is gone. `rule`: whose doing it is, or was."""

    kind: str
    old: str | None
    new: str | None
    rule: str


@dataclass(slots=True)
class Compared:
    """One conversation, then and now. `placed_…`: who first got it. `at`, `text`: of the first thing that differs."""

    id: str
    contact: str
    at: datetime | None = None
    text: str = ""
    changes: list[Change] = field(default_factory=list)
    placed_old: Deed | None = None
    placed_new: Deed | None = None


def compared(id: str, contact: str, old: Sequence[Deed], new: Sequence[Deed]) -> Compared:
    """All differences: who got it, its priority and tags in the end, and everything else deed by deed."""
    found = Compared(id, contact, placed_old=_first(old, "assign"), placed_new=_first(new, "assign"))
    pairs = [
        (found.placed_old, found.placed_new),
        (_first(reversed(old), "priority"), _first(reversed(new), "priority")),
        *_tag_pairs(old, new),
        *_other_pairs(old, new),
    ]
    differing = [(was, would) for was, would in pairs if _what(was) != _what(would)]
    found.changes = [_change(was, would) for was, would in differing]
    deeds = [deed for pair in differing for deed in pair if deed]
    if deeds:
        first = min(deeds, key=lambda deed: deed.at)
        found.at, found.text = first.at, first.text
    return found


_Pair = tuple[Deed | None, Deed | None]


def _tag_pairs(old: Sequence[Deed], new: Sequence[Deed]) -> Iterable[_Pair]:
    """Tags that one world ends with and the other does not; and tags taken off in one of them only."""
    for kind in ("tag", "untag"):
        was, would = _standing(old, kind), _standing(new, kind)
        yield from ((was[tag], None) for tag in was if tag not in would)
        yield from ((None, would[tag]) for tag in would if tag not in was)


def _standing(deeds: Iterable[Deed], kind: str) -> dict[str, Deed]:
    """The tags about which this was the last word."""
    last = {deed.effect.what: deed for deed in deeds if deed.effect.kind in ("tag", "untag")}
    return {tag: deed for tag, deed in last.items() if deed.effect.kind == kind}


def _other_pairs(old: Sequence[Deed], new: Sequence[Deed]) -> Iterable[_Pair]:
    was, would = Counter(_keys(old)), Counter(_keys(new))
    yield from ((deed, None) for deed in _beyond(old, was - would))
    yield from ((None, deed) for deed in _beyond(new, would - was))


def _keys(deeds: Iterable[Deed]) -> Iterable[tuple[str, str]]:
    return ((deed.effect.kind, deed.effect.what) for deed in deeds if deed.effect.kind not in _IN_THE_END)


def _beyond(deeds: Sequence[Deed], surplus: Counter[tuple[str, str]]) -> Iterable[Deed]:
    """The last so many of each kind: the earlier ones are what both have."""
    for deed in reversed(deeds):
        key = deed.effect.kind, deed.effect.what
        if surplus[key] > 0:
            surplus[key] -= 1
            yield deed


_IN_THE_END = ("assign", "priority", "tag", "untag")


def _first(deeds: Iterable[Deed], kind: str) -> Deed | None:
    return next((deed for deed in deeds if deed.effect.kind == kind), None)


def _what(deed: Deed | None) -> str | None:
    return deed.effect.what if deed else None


def _change(was: Deed | None, would: Deed | None) -> Change:
    deed = would or was
    assert deed is not None, "one of the two differs from nothing"
    return Change(deed.effect.kind, _what(was), _what(would), deed.effect.rule)
