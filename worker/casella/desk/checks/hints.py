"""What is no mistake and probably not meant: it is told by the check, and keeps nobody from applying the desk."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date

from casella.desk.checks.circumstances import circumstances_of
from casella.desk.checks.clock_hints import clock_hints, open_days
from casella.desk.checks.lacking import lacking
from casella.desk.checks.text_hints import cut_texts, unfilled
from casella.desk.model import Desk
from casella_rules import CallWebhook, Problem, Reply, Rule, SendSurvey, Snooze
from casella_rules.checks.possible import Judges
from casella_rules.checks.suspicions import suspicions
from casella_rules.language.arguments import Assign
from casella_rules.language.open_time import measured_in
from casella_rules.yaml.problems import in_order, quoted

_DESK_FILE = "desk.yaml"


def hints(desk: Desk, today: date) -> tuple[Problem, ...]:
    """By file and line. What people may use without any rule (canned messages, tags, attributes) is never missed.
    `today`: dates before it are over."""
    judges = Judges(circumstances_of(desk.parts, desk.rules.vocabulary))
    rules = desk.rules.rules
    of_files = [
        *_unused(desk),
        *_empty_teams(desk),
        *cut_texts(desk),
        *unfilled(desk),
        *clock_hints(desk),
        *open_days(desk),
        *lacking(desk),
    ]
    return in_order([*_dead_assigns(rules), *suspicions(rules, judges, today), *of_files])


def _dead_assigns(rules: Iterable[Rule]) -> Iterator[Problem]:
    for rule in rules:
        place, assigns = rule.place, [one.argument for one in rule.actions if isinstance(one.argument, Assign)]
        certain = next((at for at, one in enumerate(assigns) if not one.to), len(assigns))
        if certain < len(assigns) - 1:  # where no agent wrote, what goes to the sender leaves the next one its chance
            text = f"only the first 'assign' of {quoted(rule.name)} ever acts"
            yield Problem(place.file, place.line, place.column, text, "Write one with 'else', or make two rules of it")
        if any(one.agent and one.otherwise and one.otherwise.after for one in assigns):
            text = f"the 'after' in the 'else' of {quoted(rule.name)} does nothing: an agent has no queue to wait in"
            yield Problem(
                place.file, place.line, place.column, text, "Drop it, or write {team: …} instead of the agent"
            )


def _unused(desk: Desk) -> Iterator[Problem]:
    arguments = [action.argument for rule in desk.rules.rules for action in rule.actions]
    hours = {field.partition(".")[2] for field in desk.rules.fields if field.startswith("hours.")}
    hours |= {counted_in for field in desk.rules.fields if (counted_in := measured_in(field)[1])}
    waited = [desk.rules.open_waits(event) for event in ("conversation_waiting", "conversation_idle")]
    hours |= {span.hours for spans in waited for span in spans} | {rule.after_in for rule in desk.rules.rules}
    hours |= {rule.cooldown_in for rule in desk.rules.rules}
    hours |= {agent.hours for agent in desk.parts.agents.values() if agent.hours}
    hours |= {value for channel in desk.parts.channels.values() for value in channel.options.values()}
    hours |= {one.when_open for one in arguments if isinstance(one, Reply) and one.when_open}
    snoozes = [one for one in arguments if isinstance(one, Snooze)]
    hours |= {one.until_open or (one.duration.hours if one.duration else "") for one in snoozes}
    sends = [one.survey for one in arguments if isinstance(one, SendSurvey)]
    surveys = {key or next(iter(desk.parts.surveys), "") for key in sends}
    webhooks = {one.to for one in arguments if isinstance(one, CallWebhook)}
    for what, there, used in (
        ("the office hours", desk.parts.hours, hours),
        ("the survey", desk.parts.surveys, surveys),
        ("the webhook", desk.parts.webhooks, webhooks),
    ):
        for key in there:
            if key not in used:
                yield _of_desk(desk, f"nothing uses {what} {quoted(key)}", "Name it in a rule, or take it out")


def _empty_teams(desk: Desk) -> Iterator[Problem]:
    peopled = {team for agent in desk.parts.agents.values() for team in agent.teams}
    given = {
        name
        for rule in desk.rules.rules
        for action in rule.actions
        if isinstance(action.argument, Assign)
        for name in (action.argument.team, action.argument.otherwise.team if action.argument.otherwise else None)
        if name
    }
    for team in desk.parts.teams:
        if team in given and team not in peopled:
            text = f"rules give conversations to the team {quoted(team)}, and nobody is in it"
            yield _of_desk(desk, text, f"Add {team} to the 'teams' of an agent")


def _of_desk(desk: Desk, text: str, hint: str) -> Problem:
    return Problem(str(desk.folder / _DESK_FILE), 1, 1, text, hint)
