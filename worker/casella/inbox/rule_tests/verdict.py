"""Runs tests of a desk, and says of each what was expected, what came instead, and which rule decided it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from casella.desk import Desk
from casella.desk.test_file.parts import DeskTest, Expected, Step, TestPart
from casella.host import Host
from casella.inbox.rule_tests.because import because
from casella.inbox.rule_tests.house import RuleTestHouse
from casella.inbox.rule_tests.play import Play
from casella.inbox.rule_tests.record import Record


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that came otherwise than expected. `because`: lines of the trace that decided it."""

    what: str
    expected: str
    got: str
    because: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of one test. `differences` by step; a test without steps has the one step 0."""

    test: DeskTest
    differences: tuple[tuple[int, Difference], ...]

    @property
    def passed(self) -> bool:
        """Whether everything came as expected."""
        return not self.differences

    def as_text(self) -> str:
        """What failed, for people."""
        place = self.test.place
        lines = [f"{place.file}:{place.line}:{place.column}: {self.test.part.name}"]
        for number, one in self.differences:
            head = f"step {number}, {one.what}: " if number else f"{one.what}: "
            lines += [f"    {head}expected {one.expected}", f"    {' ' * len(head)}got {one.got}"]
            lines += [f"        {line}" for line in one.because]
        return "\n".join(lines)


class RuleTests:
    """Runs tests of one desk. `host`: the plugins that it was read with; none of them is asked anything outside."""

    def __init__(self, desk: Desk, host: Host) -> None:
        self._house = RuleTestHouse(desk, host)

    def run(self, test: DeskTest) -> Verdict:
        """One test, in a world of its own."""
        differences: list[tuple[int, Difference]] = []
        with self._house.begin(test.part.given) as world:
            play = Play(world)
            for number, step in enumerate(steps_of(test.part), _first_number(test.part)):
                play.happen(step)
                if step.expect:
                    with world.rooms.store.read() as db:
                        differences += [(number, one) for one in _differences(Record(play, db), step.expect)]
        return Verdict(test, tuple(differences))


def _first_number(part: TestPart) -> int:
    """Steps are counted as written; the message that is given comes before the first."""
    return 1 if part.steps and part.given.message is None else 0


def steps_of(part: TestPart) -> Sequence[Step]:
    """What happens, one after the other: the message that is given comes first."""
    first = [Step(message=part.given.message)] if part.given.message is not None else []
    steps = [*first, *part.steps]
    if part.expect is None:
        return steps
    if steps[-1].expect is None:
        return [*steps[:-1], steps[-1].model_copy(update={"expect": part.expect})]
    return [*steps, Step(expect=part.expect)]


# --- comparing --------------------------------------------------------------------------------------------------


def _differences(record: Record, expected: Expected) -> Iterator[Difference]:
    for name in Expected.model_fields:
        if name in expected.model_fields_set:
            wanted, got = _WANTED.get(name, getattr)(expected, name), _GOT[name](record, expected)
            if wanted != got:
                yield Difference(name, _shown(wanted), _shown(got), tuple(because(record, name, wanted, got)))


def _sorted(expected: Expected, name: str) -> object:
    return sorted(getattr(expected, name))


def _listed(expected: Expected, name: str) -> object:
    return list(getattr(expected, name))


def _written(expected: Expected, name: str) -> object:
    return [text.strip() for text in getattr(expected, name)]


def _one_reply(record: Record, _: Expected) -> object:
    replies = [reply.what for reply in record.replies]
    return replies[0] if len(replies) == 1 else replies or None


_WANTED: Mapping[str, Callable[[Expected, str], object]] = {
    "rules": _listed, "watched": _listed, "delayed": _listed, "tags": _sorted, "replies": _written, "notes": _written,
    "notified": _written, "webhooks": _listed, "offered": _listed, "actions": _listed,
}  # fmt: skip
_GOT: Mapping[str, Callable[[Record, Expected], object]] = {
    "rules": lambda record, _: record.matched,
    "watched": lambda record, _: record.watched,
    "delayed": lambda record, _: record.delayed,
    "assignee": lambda record, _: record.assignee,
    "team": lambda record, _: record.team,
    "unassigned": lambda record, _: record.assignee is None,
    "priority": lambda record, _: record.conversation.priority if record.conversation else "normal",
    "tags": lambda record, _: record.tags,
    "status": lambda record, _: record.conversation.status if record.conversation else None,
    "inbox": lambda record, _: record.inbox,
    "reply": _one_reply,
    "replies": lambda record, _: [reply.what.strip() for reply in record.replies],
    "offered": lambda record, _: [title for reply in record.replies for title in reply.offered],
    "locale": lambda record, _: record.replies[-1].locale if record.replies else None,
    "notes": lambda record, _: [text.strip() for text in record.notes],
    "notified": lambda record, _: [text.strip() for text in record.notified],
    "webhooks": lambda record, _: record.webhooks,
    "survey": lambda record, _: record.surveys[-1] if record.surveys else None,
    "actions": lambda record, _: record.plugin_actions,
    "drafts": lambda record, _: record.drafts,
    "opted_out": lambda record, _: record.opted_out,
    "custom": lambda record, expected: {key: record.custom.get(key) for key in expected.custom},
}


def _shown(value: object) -> str:
    match value:
        case None | []:
            return "nothing" if value is None else "none"
        case list():
            return ", ".join(f"'{item}'" for item in value)
        case bool():
            return "true" if value else "false"
        case str():
            return f"'{value}'"
        case _:
            return str(value)
