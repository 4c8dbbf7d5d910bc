"""Runs tests of a desk, and says of each what was expected, what came instead, and which rule decided it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from casella.desk.model import Desk
from casella.desk.trials.because import because
from casella.desk.trials.effects import closed
from casella.desk.trials.parts import Expected, Step, TestPart
from casella.desk.trials.play import Log, Play
from casella.desk.trials.stage import Happening
from casella.desk.trials.world import World
from casella_rules import FactValue
from casella_rules.language.model import Place


@dataclass(frozen=True, slots=True)
class DeskTest:
    """One test, and where it stands."""

    part: TestPart
    place: Place


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


def run_test(desk: Desk, test: DeskTest) -> Verdict:
    """One test, in a world of its own."""
    play = Play(World(desk, test.part.given))
    differences: list[tuple[int, Difference]] = []
    for number, step in enumerate(steps_of(test.part), _first_number(test.part)):
        if step.model_fields_set - {"expect"}:  # a step that only expects looks at what happened before it
            play.log = Log()
        happen(play, step)
        if step.expect:
            differences += [(number, one) for one in _differences(play, step.expect)]
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


def happen(play: Play, step: Step) -> None:
    """The clock moves, then it happens."""
    world = play.world
    if step.at is not None:
        play.passes(world.local(step.at))
    if step.wait is not None:
        play.passes(world.now + timedelta(seconds=step.wait))
    if step.message is not None:
        play.message(step.message)
    if step.takes is not None:
        play.takes(step.takes)
    if step.prioritizes is not None:
        play.prioritizes(step.prioritizes)
    if step.agent_replies is not None:
        play.agent_replies(step.agent_replies, step.by)
    if step.event is not None:
        play.happens(_event(world, step))
    if step.closes and world.conversation and world.conversation.status != "closed":
        play.happens(closed(world))
    world.move_to(world.now)  # what has come due by all this


def _event(world: World, step: Step) -> list[Happening]:
    event = step.event or ""
    if event == "agent_available":
        return [Happening(event, agent=next(iter(world.agents), ""), aside=True)]
    if event in ("contact_opted_out", "contact_opted_in"):
        world.opted_out = event == "contact_opted_out"
        if world.conversation is None or world.conversation.status == "closed":
            return []  # nothing can be done about it
    elif world.conversation is None:
        world.begin("contact")
    return [Happening(event, extra={"survey.score": step.score} if step.score is not None else {})]


# --- comparing --------------------------------------------------------------------------------------------------


def _differences(play: Play, expected: Expected) -> Iterator[Difference]:
    for name in Expected.model_fields:
        if name in expected.model_fields_set:
            wanted, got = _WANTED.get(name, getattr)(expected, name), _GOT[name](play, expected)
            if wanted != got:
                yield Difference(name, _shown(wanted), _shown(got), tuple(because(play, name, wanted, got)))


def _sorted(expected: Expected, name: str) -> object:
    return sorted(getattr(expected, name))


def _listed(expected: Expected, name: str) -> object:
    return list(getattr(expected, name))


def _written(expected: Expected, name: str) -> object:
    return [text.strip() for text in getattr(expected, name)]


def _one_reply(play: Play, _: Expected) -> object:
    replies = [reply.what for reply in play.log.replies]
    return replies[0] if len(replies) == 1 else replies or None


def _plain(value: FactValue) -> object:
    return value.isoformat() if isinstance(value, date) else value


def _of(name: str, otherwise: object = None) -> Callable[[Play, Expected], object]:
    def got(play: Play, _: Expected) -> object:
        conversation = play.world.conversation
        return otherwise if conversation is None else getattr(conversation, name)

    return got


_WANTED: Mapping[str, Callable[[Expected, str], object]] = {
    "rules": _listed, "watched": _listed, "delayed": _listed, "tags": _sorted, "replies": _written, "notes": _written,
    "notified": _written, "webhooks": _listed, "offered": _listed, "actions": _listed,
}  # fmt: skip
_GOT: Mapping[str, Callable[[Play, Expected], object]] = {
    "rules": lambda play, _: play.log.acted,
    "watched": lambda play, _: play.log.watched,
    "delayed": lambda play, _: play.log.delayed,
    "assignee": _of("assignee"),
    "team": _of("team"),
    "unassigned": lambda play, _: play.world.conversation is None or play.world.conversation.assignee is None,
    "priority": _of("priority", "normal"),
    "tags": lambda play, _: sorted(play.world.conversation.tags) if play.world.conversation else [],
    "status": _of("status"),
    "inbox": _of("inbox"),
    "reply": _one_reply,
    "replies": lambda play, _: [reply.what.strip() for reply in play.log.replies],
    "offered": lambda play, _: play.log.offered,
    "locale": lambda play, _: play.log.replies[-1].locale if play.log.replies else None,
    "notes": lambda play, _: [text.strip() for text in play.log.notes],
    "notified": lambda play, _: [text.strip() for text in play.log.notified],
    "webhooks": lambda play, _: play.log.webhooks,
    "survey": lambda play, _: play.log.surveys[-1] if play.log.surveys else None,
    "actions": lambda play, _: play.log.asked,
    "drafts": lambda play, _: play.log.drafts,
    "opted_out": lambda play, _: play.world.opted_out,
    "custom": lambda play, expected: {key: _plain(play.world.custom.get(key)) for key in expected.custom},
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
