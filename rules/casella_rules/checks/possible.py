"""Can this be answered at all? Questions about one thing (the time, the channel, the agent …) are looked at together,
and tried on everything that thing can be. False only where nothing can answer them; what is not known is possible.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from functools import lru_cache
from itertools import islice, product

from casella_rules.checks.moments import FIRST_DAY, LAST_DAY, moments
from casella_rules.checks.samples import OTHER_NAME, samples
from casella_rules.checks.ways import Literal, Way, ways
from casella_rules.checks.wording import clash
from casella_rules.engine.reference import holds
from casella_rules.language.circumstances import Circumstances
from casella_rules.language.facts import Facts, FactValue, previous_field
from casella_rules.language.model import All, Condition, Rule, Test, conditions_of, flat
from casella_rules.language.open_time import measured_in
from casella_rules.language.vocabulary import ValueType

#: More combinations than this are not tried.
_MOST_TRIED = 20_000
_Row = Mapping[str, FactValue]

#: Fields that are about one thing, and the name of that thing. Those of the time, and what an event changed, are found
#: by their beginning.
_TOGETHER = {
    "channel": "channel",
    "channel_type": "channel",
    "conversation.is_new": "messages",
    "conversation.messages": "messages",
    **dict.fromkeys(("conversation.assignee", "previous.assignee"), "agent"),
}


def things_of(test: Test) -> frozenset[str]:
    """What a test speaks of."""
    return frozenset(thing_of(condition.field) for condition in conditions_of(test))


@lru_cache(maxsize=4_096)
def thing_of(field: str) -> str:
    """What a field is about: fields of one thing have to be looked at together."""
    first, _, rest = field.partition(".")
    if field in _TOGETHER:
        return _TOGETHER[field]
    if first in ("time", "hours"):
        return "time"
    if first == "previous":
        return f"conversation.{rest}"
    return "agent" if first == "agent" else field


class Patience:
    """How much may still be tried. When it is over, everything counts as possible: a desk made to be hard to judge is
    judged less, in bounded time, and the same on every machine."""

    def __init__(self, most: int = 200_000) -> None:
        self._most = self._left = most

    def spend(self, steps: int) -> None:
        self._left -= steps

    def renew(self) -> None:
        self._left = self._most

    @property
    def is_over(self) -> bool:
        return self._left < 0


class Judge:
    """What is possible when one thing happens. `trigger`: the event with its parameter; empty: whatever happens."""

    def __init__(self, circumstances: Circumstances, trigger: str = "", patience: Patience | None = None) -> None:
        self._known = circumstances
        self._trigger = trigger
        self._patience = patience or Patience()
        self._judged: dict[Way, bool] = {}

    def ways(self, test: Test) -> list[Way] | None:
        """The ways in which the test can hold; none: it never does; None: too many to look at, or no patience."""
        return None if self._patience.is_over else ways(test, self.allows)

    def excludes(self, test: Test) -> bool:
        """Whether the test can never hold."""
        if self.clashing(test):
            return True
        return not _is_plain(test) and self.ways(test) == []

    def clashing(self, test: Test) -> tuple[str, ...]:
        """The fields of which the plain questions of a test ask what cannot be together, if there are such."""
        about: dict[str, list[Literal]] = {}
        for part in flat(test):
            about.setdefault(thing_of(part.field), []).append(Literal(part, True))
        for literals in about.values():
            if not self._together(tuple(literals)):
                most = next(at for at in range(1, len(literals) + 1) if not self._together(tuple(literals[:at])))
                return tuple(dict.fromkeys(literal.condition.field for literal in literals[:most]))
        return ()

    def allows_both(self, known: Test, test: Test, shared: Iterable[str]) -> bool:
        """Whether a test that may hold may do so where `known`, nothing but questions, does. `shared`: what both speak
        of; nothing else is looked at again."""
        if not _is_plain(test):
            return not self.excludes(All((known, test)))
        both = [Literal(condition, True) for part in (known, test) for condition in flat(part)]
        return all(
            self._together(tuple(one for one in both if thing_of(one.condition.field) == thing)) for thing in shared
        )

    def allows(self, way: Way) -> bool:
        """Whether the last question can be answered together with those before it, which can."""
        self._patience.spend(len(way))
        if not way:
            return True
        thing = thing_of(way[-1].condition.field)
        return self._together(tuple(literal for literal in way if thing_of(literal.condition.field) == thing))

    def _together(self, asked: Way) -> bool:
        """Whether questions about one thing can be answered together."""
        answer = self._judged.get(asked)
        if answer is None:
            if self._patience.is_over:
                return True
            answer = self._judged[asked] = self._answerable(asked)
        return answer

    def _answerable(self, asked: Way) -> bool:
        fields = list(dict.fromkeys(literal.condition.field for literal in asked))
        if len(asked) == 1 and _is_easy(asked[0]) and not self._is_told_by_desk(fields[0]):
            return self._known.may_be_known(fields[0], self._trigger)
        if len(fields) == 1 and asked[0].condition.value is ValueType.TEXT and not self._is_told_by_desk(fields[0]):
            return self._text_answerable(fields[0], asked)
        rows = self._rows(fields, asked)
        if rows is None:
            return True
        return any(at >= _MOST_TRIED or self._answers(row, asked) for at, row in enumerate(rows))

    def _text_answerable(self, field: str, asked: Way) -> bool:
        if not self._known.is_always_known(field, self._trigger) and self._answers({field: None}, asked):
            return True
        if not self._known.may_be_known(field, self._trigger):
            return False
        absent = any(
            literal.condition.operator == "is_set" and (literal.condition.operand == (True,)) is not literal.wanted
            for literal in asked
        )
        self._patience.spend(sum(len(literal.condition.operand) for literal in asked) ** 2)
        return not absent and not clash([literal for literal in asked if literal.condition.operator != "is_set"])

    def _answers(self, row: _Row, asked: Way) -> bool:
        self._patience.spend(len(asked))
        facts = Facts(self._trigger or str(row.get("event", "")), row)
        return all(holds(literal.condition, facts) is literal.wanted for literal in asked)

    # --- what a thing can be --------------------------------------------------------------------------------------

    def _rows(self, fields: Sequence[str], asked: Way) -> Iterable[_Row] | None:
        """Everything that the fields can be together; None when it is not known."""
        match thing_of(fields[0]):
            case "time":
                return self._moments(fields, asked)
            case "channel":
                return self._channels(asked)
            case "agent" if self._is_told_by_desk("agent.name"):
                return self._agents(fields, asked)
            case "messages":
                rows = self._product(("conversation.is_new", "conversation.messages"), asked)
                return rows and (row for row in rows if _is_new(row))
        return self._product(fields, asked)

    def _product(self, fields: Sequence[str], asked: Way) -> Iterable[_Row] | None:
        tracked = [literal.condition.field for literal in asked if literal.condition.operator.startswith("changed")]
        names = list(dict.fromkeys([*fields, *map(previous_field, tracked)]))
        lists = [self._samples(name, asked) for name in names]
        if any(one is None for one in lists):
            return None
        known = [one for one in lists if one is not None]
        return ({n: v for n, v in zip(names, row, strict=True) if v is not _UNTOLD} for row in product(*known))

    def _samples(self, name: str, asked: Way) -> list[FactValue] | None:
        """What one field can be. Something that was not changed has no former value, not even none."""
        before = name.startswith("previous.")
        about = [one for one in asked if name in (one.condition.field, previous_field(one.condition.field))]
        absent: list[FactValue] = [] if self._known.is_always_known(name, self._trigger) else [None]
        if before:
            absent = [_UNTOLD, None]
        if not self._known.may_be_known(name, self._trigger):
            return absent[:1]
        value = self._value_type(name, about)
        closed = self._known.values(name, self._trigger)
        found = samples(value, about, closed, self._known.limits(name, self._trigger))
        return None if found is None else [*found, *absent]

    def _value_type(self, name: str, about: Sequence[Literal]) -> ValueType:
        spec = self._known.vocabulary.field_of(measured_in(name)[0])
        return spec.value if spec else about[0].condition.value if about else ValueType.FLAG

    def _moments(self, fields: Sequence[str], asked: Way) -> Iterable[_Row] | None:
        if not any(field.startswith("time.") for field in fields):
            return self._product(fields, asked)  # hours that are always open today are other hours tomorrow: a hint
        keys = [field.partition(".")[2] for field in fields if field.startswith("hours.")]
        hours = {key: self._known.hours[key] for key in keys if key in self._known.hours}
        zones = {one.zone for one in hours.values()} | (set(self._known.zones.values()) or {"UTC"})
        named = [day for one in asked for day in one.condition.operand if isinstance(day, date)]
        if len(hours) < len(keys) or len(zones) > 1 or any(not FIRST_DAY < day < LAST_DAY for day in named):
            return self._product(fields, asked)  # more than there is, but nothing that there is not
        return moments(hours, zones.pop(), named)

    def _channels(self, asked: Way) -> Iterator[_Row] | None:
        """The desk's channels, and one of each type that is asked about and is not there yet."""
        names = [str(name) for literal in asked for name in literal.condition.operand if isinstance(name, str)]
        if self._known.channels is None:
            return None if len(names) > 6 else self._any_channels([*names, OTHER_NAME])
        others = [name for name in (*names, OTHER_NAME) if name not in self._known.channels]
        pairs = [*self._known.channels.items(), *((f"a new {name}", name) for name in others)]
        return ({"channel": frozenset(pair), "channel_type": pair[1]} for pair in pairs)

    def _any_channels(self, names: Sequence[str]) -> Iterator[_Row]:
        for key, kind in product(names, names):
            yield {"channel": frozenset((key, kind)), "channel_type": kind}

    def _is_told_by_desk(self, field: str) -> bool:
        return self._known.agents is not None and field.startswith("agent.")

    def _agents(self, fields: Sequence[str], asked: Way) -> Iterable[_Row] | None:
        """Each agent of the desk, and nobody, with everything that the desk does not say."""
        told = {"conversation.assignee", *(f"agent.{name}" for name in _SKETCHED)}
        others = self._product([field for field in fields if field not in told], asked)
        if others is None:
            return None
        free = list(islice(others, _MOST_TRIED))
        whole = [row for row in free if not any(row.get(name, 0) is None for name in ("agent.available", "agent.open"))]
        return ({**row, **agent} for agent in self._each_agent() for row in (whole if agent["agent.name"] else free))

    def _each_agent(self) -> Iterator[_Row]:
        names = [f"agent.{name}" for name in _SKETCHED]
        has_conversation = self._known.may_be_known("conversation.assignee", self._trigger)
        if has_conversation:
            yield dict.fromkeys(("conversation.assignee", *names, "agent.available", "agent.open"))
        for key, agent in (self._known.agents or {}).items():
            first = agent.name.split()[0] if agent.name.split() else agent.name
            values = (agent.name, first, agent.role, agent.teams, agent.skills, agent.languages)
            yield {"conversation.assignee": key if has_conversation else None, **dict(zip(names, values, strict=True))}


_HARDER = ("is_set", "has_none")
_SKETCHED = ("name", "first_name", "role", "teams", "skills", "languages")
#: Stands for a fact that is not given at all.
_UNTOLD: FactValue = "\0untold"


def _is_easy(literal: Literal) -> bool:
    """A question about words or a set that some value answers, whatever it names. Most questions are such."""
    condition = literal.condition
    return literal.wanted and condition.value in (ValueType.TEXT, ValueType.SET) and condition.operator not in _HARDER


def _is_plain(test: Test) -> bool:
    """Whether a test is nothing but questions that all must hold."""
    if isinstance(test, All):
        return all(map(_is_plain, test.parts))
    return isinstance(test, Condition)


def _is_new(row: _Row) -> bool:
    """A conversation is new while it has one message. None yet counts as either."""
    messages = row["conversation.messages"]
    return messages in (0, None) or row["conversation.is_new"] is (messages == 1)


class Judges:
    """A judge for each thing that happens, made when first asked."""

    def __init__(self, circumstances: Circumstances) -> None:
        self.circumstances = circumstances
        self.patience = Patience()
        self._judges: dict[str, Judge] = {}

    def of(self, trigger: str) -> Judge:
        """Who judges what is possible when this happens."""
        judge = self._judges.get(trigger)
        if judge is None:
            judge = self._judges[trigger] = Judge(self.circumstances, trigger, self.patience)
        return judge

    def any_allows(self, rule: Rule, test: Test) -> bool:
        """Whether the test can hold at any of the things that wake the rule."""
        return any(not self.of(trigger).excludes(test) for trigger in rule.when)
