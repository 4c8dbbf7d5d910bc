"""What a replay found: counted over everything, with some examples of each kind."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass, field
from datetime import datetime

from casella.inbox.history.changes import Change, Compared
from casella.inbox.history.known import Gap
from casella.inbox.history.rows import Extent
from casella.inbox.history.waiting import TeamWaits

Json = str | int | float | bool | None | list["Json"] | dict[str, "Json"]


@dataclass(frozen=True, slots=True)
class Example:
    """One conversation that would have gone differently."""

    conversation: str
    contact: str
    at: datetime | None
    text: str
    changes: tuple[Change, ...]


@dataclass(slots=True)
class Group:
    """Conversations that differ first of all because of one rule. `examples` are the first few of `conversations`."""

    rule: str
    conversations: int = 0
    examples: list[Example] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class RuleLine:
    """How often a rule acted then and would act now. `state`: new, gone, changed, as it was."""

    rule: str
    state: str
    then: int
    now: int
    watched: int
    waits: int

    @property
    def moves(self) -> bool:
        """Whether there is anything to see: the rule itself, or how often it acts."""
        return self.state != "as it was" or self.then != self.now


@dataclass(frozen=True, slots=True)
class QueueLine:
    """What a team (or a single agent) got first. The waits are the model's."""

    queue: str
    then: int
    now: int
    waits_then: TeamWaits
    waits_now: TeamWaits


@dataclass(frozen=True, slots=True)
class Summary:
    """Conversations, by what differs in them."""

    conversations: int = 0
    changed: int = 0
    elsewhere: int = 0
    first_given: int = 0
    no_longer_given: int = 0
    replies_new: int = 0
    replies_gone: int = 0
    priority: int = 0
    tags: int = 0
    other: int = 0


@dataclass(frozen=True, slots=True)
class Report:
    """The whole difference. `strayed`: stored decisions that their own rules do not make again, which limits how far
    the rest can be believed. `limits`: what the history cannot answer, in sentences."""

    since: datetime
    until: datetime
    rules: str
    rule_set: str
    old_rule_sets: tuple[str, ...]
    extent: Extent
    decisions: int
    repeated: int
    strayed: int
    unreadable: int
    summary: Summary
    rule_lines: tuple[RuleLine, ...]
    queues: tuple[QueueLine, ...]
    groups: tuple[Group, ...]
    gaps: tuple[Gap, ...]
    limits: tuple[str, ...]
    assumptions: tuple[str, ...]

    def as_json(self) -> dict[str, Json]:
        """Plain values; moments as ISO 8601 in UTC."""
        return {key: _plain(value) for key, value in asdict(self).items()}


class Findings:
    """Collects conversations one by one; keeps only counts and the first examples of each group."""

    def __init__(self, examples: int) -> None:
        self._examples = examples
        self._groups: dict[str, Group] = {}
        self._counts: Counter[str] = Counter()

    def add(self, found: Compared) -> None:
        """Count one conversation."""
        self._counts["conversations"] += 1
        if not found.changes:
            return
        self._counts["changed"] += 1
        self._counts.update({_counted(change) for change in found.changes})
        leading = min(found.changes, key=lambda change: _WEIGHT.get(change.kind, len(_WEIGHT)))
        group = self._groups.setdefault(leading.rule, Group(leading.rule))
        group.conversations += 1
        if len(group.examples) < self._examples:
            group.examples.append(Example(found.id, found.contact, found.at, found.text, tuple(found.changes)))

    @property
    def summary(self) -> Summary:
        return Summary(**self._counts)

    @property
    def groups(self) -> tuple[Group, ...]:
        """The largest first."""
        return tuple(sorted(self._groups.values(), key=lambda group: -group.conversations))


_WEIGHT = {"assign": 0, "reply": 1, "priority": 2, "tag": 3, "untag": 3}


def _counted(change: Change) -> str:
    match change.kind:
        case "assign":
            return "first_given" if change.old is None else "no_longer_given" if change.new is None else "elsewhere"
        case "reply":
            return "replies_new" if change.old is None else "replies_gone"
        case "priority":
            return "priority"
        case "tag" | "untag":
            return "tags"
        case _:
            return "other"


def _plain(value: object) -> Json:
    match value:
        case datetime():
            return value.isoformat()
        case dict():
            return {str(key): _plain(inner) for key, inner in value.items()}
        case list() | tuple():
            return [_plain(inner) for inner in value]
        case str() | int() | float() | None:
            return value
    raise TypeError(type(value).__name__)
