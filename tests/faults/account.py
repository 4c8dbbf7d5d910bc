"""The account: what was acknowledged, shown, sent and told, compared. Every difference is a broken law, in words.

It knows only what can be seen from outside: what customers and agents were answered, what a GET shows in the end, what
the provider took, and what the event stream told. So that it can be tried, it is given a `History` and looks at nothing
else; `history` reads one from a house.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

ARRIVED = ("sent", "delivered", "read")
"""States that say that the provider has it, from the lowest to the highest; they only ever move up."""
MOVING = ("queued", "sending")
_SHOWN = 3  # of many examples, in a sentence


@dataclass(frozen=True)
class Row:
    """A message as a GET shows it in the end."""

    id: str
    conversation: str
    direction: str
    state: str
    text: str


@dataclass(frozen=True)
class Told:
    """An event about a message, as the stream told it. Not `judged` by its order: what an older version told."""

    cursor: str
    message: str
    state: str
    judged: bool = True


@dataclass
class History:
    """`written`: by phone, the texts that were acknowledged, in this order. `shown`: by phone, what a GET shows.
    `replies`: agents' that were acknowledged, as (id, text). `taken`: ids of messages in the order in which the
    provider took them. `told`: by watcher, who watched from before the first message on."""

    written: Mapping[str, Sequence[str]]
    shown: Mapping[str, Sequence[str]]
    rows: Mapping[str, Row]
    replies: Sequence[tuple[str, str]] = ()
    taken: Sequence[str] = ()
    told: Mapping[str, Sequence[Told]] = field(default_factory=dict)
    reset: frozenset[str] = frozenset()
    """Watchers who were told to load again what they show: only an upgrade may do that."""

    def uncertain(self) -> frozenset[str]:
        """What nobody knew of for a while; people were told so, and it has lost its place in the order."""
        return frozenset(one.message for told in self.told.values() for one in told if one.state == "unconfirmed")


def broken_laws(history: History) -> list[str]:
    """In words, one for each law and place; empty when everything holds."""
    return [*_inbound(history), *_replies(history), *_once(history), *_in_order(history), *_told_right(history)]


def _inbound(history: History) -> Iterator[str]:
    """Acknowledged is seen: once, and in the order in which it was written."""
    for phone, written in history.written.items():
        shown = history.shown.get(phone, ())
        lost, doubled = Counter(written) - Counter(shown), Counter(shown) - Counter(written)
        if lost:
            yield f"{phone}: acknowledged and not shown: {_some(lost)}"
        if doubled:
            yield f"{phone}: shown more often than written: {_some(doubled)}"
        if not lost and not doubled and list(shown) != list(written):
            first = next(place for place, pair in enumerate(zip(shown, written, strict=True)) if pair[0] != pair[1])
            yield f"{phone}: shown in another order than written, from {written[first]!r} on"
    for phone in history.shown.keys() - history.written.keys():
        yield f"{phone}: shown, but nobody wrote from there"


def _replies(history: History) -> Iterator[str]:
    """An agent's reply that was answered with 201 is there, once."""
    there = Counter(row.text for row in history.rows.values() if row.direction == "out")
    for message_id, text in history.replies:
        if message_id not in history.rows:
            yield f"the reply {text!r} was acknowledged and is not there"
        elif there[text] > 1:
            yield f"the reply {text!r} is there {there[text]} times"


def _once(history: History) -> Iterator[str]:
    """Sent exactly once, or honestly uncertain."""
    taken = Counter(history.taken)
    for message_id, times in taken.items():
        if message_id not in history.rows:
            yield f"the provider took {message_id}, which is not shown"
        if times > 1:
            yield f"{message_id} was sent {times} times"
    for row in history.rows.values():
        if row.direction == "out" and row.state in ARRIVED and not taken[row.id]:
            yield f"{row.id} counts as {row.state}, and the provider never took it"
        if row.direction == "out" and row.state in MOVING:
            yield f"{row.id} is still {row.state}"


def _in_order(history: History) -> Iterator[str]:
    """One conversation's messages left in the order in which the first stream told that they were queued. (Not in which
    they are shown: that is by time, and two who write in the same moment may get the turn the other way round.)"""
    places: dict[str, int] = {}
    for told in [*history.told.values()][:1]:
        for place, one in enumerate(told):
            if one.state == "queued":
                places.setdefault(one.message, place if one.judged else -1)
    uncertain, latest, late = history.uncertain(), dict[str, int](), list[str]()
    for message_id in history.taken:
        row, place = history.rows.get(message_id), places.get(message_id, -1)
        if row is None or message_id in uncertain or place < 0:
            continue
        if place < latest.get(row.conversation, -1):
            late.append(message_id)
        latest[row.conversation] = max(place, latest.get(row.conversation, -1))
    if late:
        yield f"{len(late)} messages left after a later one of their conversation: {late[:_SHOWN]}"


def _told_right(history: History) -> Iterator[str]:
    """Each stream told everything, once; states only moved up; the last event about a row equals the row."""
    for watcher, told in history.told.items():
        cursors = Counter(one.cursor for one in told)
        if repeated := {cursor: times for cursor, times in cursors.items() if times > 1}:
            yield f"{watcher} was told {len(repeated)} events twice: {sorted(repeated)[:_SHOWN]}"
        untold = history.rows.keys() - {one.message for one in told}
        if untold and watcher not in history.reset:
            yield f"{watcher} was never told of {len(untold)} messages: {sorted(untold)[:_SHOWN]}"
        yield from _states_right(history, watcher, told)


def _states_right(history: History, watcher: str, told: Sequence[Told]) -> Iterator[str]:
    states: defaultdict[str, list[str]] = defaultdict(list)
    for one in told:
        if one.judged:
            states[one.message].append(one.state)
    if unknown := states.keys() - history.rows.keys():
        yield f"{watcher} was told of {sorted(unknown)[:_SHOWN]}, which a GET does not show"
    wrong = [id for id in states.keys() - unknown if states[id][-1] != history.rows[id].state]
    if wrong:
        row = history.rows[wrong[0]]
        yield f"{watcher} was told {len(wrong)} messages wrong: {states[row.id]} of {row.id}, which is {row.state}"
    if down := [id for id, several in states.items() if _moves_down(several)]:
        yield f"{watcher} was told of {len(down)} messages that move down: {states[down[0]]} of {down[0]}"


def _moves_down(states: Sequence[str]) -> bool:
    ranks = [ARRIVED.index(state) for state in states if state in ARRIVED]
    return ranks != sorted(ranks)


def _some(counted: Counter[str]) -> str:
    several = sorted(counted)
    more = f" and {len(several) - _SHOWN} more" if len(several) > _SHOWN else ""
    return ", ".join(map(repr, several[:_SHOWN])) + more
