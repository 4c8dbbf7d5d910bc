"""Who was looked for and who was passed over, in the words of failed tests: by keys, as the desk is written."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from casella.inbox.rule_tests.record import Run
from casella.inbox.rule_tests.world import World
from casella.store.feed import JsonValue
from casella_rules import Assign
from casella_rules.reasons import Reason


def choices(world: World, run: Run) -> Iterator[str]:
    """A line for each search that the house has kept with this decision."""
    wanted = {one.rule: one.argument for one in run.decision.actions if isinstance(one.argument, Assign)}
    return (_line(world, wanted.get(str(stored.get("rule"))), stored) for stored in run.choices)


def _line(world: World, wanted: Assign | None, stored: Mapping[str, JsonValue]) -> str:
    directory = world.rooms.directory.current
    team, chosen = directory.teams.get(str(stored.get("team_id"))), directory.key_of(_text(stored.get("agent_id")))
    if stored.get("behind"):
        return f"{team.key if team else ''}: nobody (others have waited longer)"
    passed = ", ".join(_passed(world, stored.get("passed_over")))
    said = f"{chosen or 'nobody'}{f' ({passed})' if passed else ''}"
    if team is None and wanted is not None and wanted.to is not None:
        return f"whoever answered: {said}"
    strategy = _text(stored.get("strategy")) or "least_busy"
    if instead := _text(stored.get("instead")):
        strategy = f"{instead} (because {strategy} cannot be asked)"
    return f"{strategy} of {team.key if team else wanted.agent if wanted else ''}: {said}"


def _passed(world: World, stored: JsonValue) -> Iterator[str]:
    """Who is not there in this test is not told of."""
    for pair in stored if isinstance(stored, list) else ():
        agent_id, reason = pair if isinstance(pair, list) else ("", "")
        key = world.rooms.directory.current.key_of(str(agent_id))
        if key in world.duty:
            yield f"{key} {Reason(str(reason)).sentence}"


def _text(value: JsonValue) -> str | None:
    return str(value) if value else None
