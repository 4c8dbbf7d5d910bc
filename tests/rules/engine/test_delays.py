"""Rules that wait, rules that rest, and events that say how long or when: all as data, the clock is the caller's."""

from datetime import UTC, datetime

import pytest

from casella_rules import Decision, DelayedRule, Facts, HeldBecause, HeldRule, Past, decide, decide_due, next_time
from tests.rules.reading import VOCABULARY, ruleset

WAITS = """
rules:
  - name: Nobody answered
    when: message_received
    if: {conversation.assignee: {is_set: false}}
    after: 10m
    unless: [message_sent, closed]
    then: [{notify: {managers: true, text: Still nobody}}, {tag: late}]
  - name: Everything
    when: message_received
    if: always
    then: [{tag: seen}]
"""
UNASSIGNED = Facts("message_received", {})
ASSIGNED = Facts("message_received", {"conversation.assignee": "ann"})


def test_a_rule_with_after_waits_and_the_others_act_at_once() -> None:
    decision = decide(ruleset(WAITS), UNASSIGNED)
    assert decision.matched == ("Everything",)
    assert decision.delayed == (DelayedRule("Nobody answered", 600, ("message_sent", "conversation_closed")),)
    assert [action.rule for action in decision.actions] == ["Everything"]
    assert decide(ruleset(WAITS), ASSIGNED).delayed == ()
    assert Decision.from_json(decision.as_json(), VOCABULARY) == decision


def test_when_its_time_has_come_its_test_is_asked_again() -> None:
    due = decide_due(ruleset(WAITS), "Nobody answered", UNASSIGNED)
    assert due.matched == ("Nobody answered",)
    assert [action.action for action in due.actions] == ["notify", "tag"]
    assert decide_due(ruleset(WAITS), "Nobody answered", ASSIGNED) == Decision(ruleset(WAITS).hash)


@pytest.mark.parametrize("change", [("Nobody answered", "Renamed"), ("    after", "    enabled: false\n    after")])
def test_a_rule_that_was_removed_or_switched_off_meanwhile_does_nothing(change: tuple[str, str]) -> None:
    due = decide_due(ruleset(WAITS.replace(*change)), "Nobody answered", UNASSIGNED)
    assert due.held == (HeldRule("Nobody answered", HeldBecause.NO_LONGER_THERE),)
    assert due.actions == ()


def test_a_waiting_rule_that_only_watches_acts_on_nothing_then_either() -> None:
    text = WAITS.replace("    after", "    mode: watch\n    after")
    assert decide(ruleset(text), UNASSIGNED).delayed[0].rule == "Nobody answered"
    due = decide_due(ruleset(text), "Nobody answered", UNASSIGNED)
    assert (due.watched, due.actions) == (("Nobody answered",), ())


def test_a_rule_that_waits_does_not_take_the_assignment_from_others() -> None:
    text = """
rules:
  - {name: A, when: message_received, if: always, after: 5m, then: [{assign: {team: a}}]}
  - {name: B, when: message_received, if: always, then: [{assign: {team: b}}]}
"""
    decision = decide(ruleset(text), UNASSIGNED)
    assert [action.rule for action in decision.actions] == ["B"]
    assert decision.skipped == ()


RESTS = "rules:\n  - {name: A, when: message_received, if: always, cooldown: 1h, then: [{tag: x}]}\n"


@pytest.mark.parametrize(("ago", "acts"), [(None, True), (0, False), (3599.9, False), (3600, True)])
def test_a_rule_rests_for_its_cooldown(ago: float | None, acts: bool) -> None:
    past = Past(seconds_since={} if ago is None else {"A": ago, "B": 0})
    decision = decide(ruleset(RESTS), UNASSIGNED, past)
    assert bool(decision.matched) == bool(decision.actions) == acts
    assert decision.held == (() if acts else (HeldRule("A", HeldBecause.COOLDOWN),))
    assert Decision.from_json(decision.as_json(), VOCABULARY) == decision


def test_a_rule_without_a_cooldown_never_rests() -> None:
    text = RESTS.replace("cooldown: 1h, ", "")
    assert decide(ruleset(text), UNASSIGNED, Past(seconds_since={"A": 0})).matched == ("A",)


TIMES = """
rules:
  - {name: Half an hour, when: {conversation_waiting: 30m}, if: always, then: [{priority: high}]}
  - {name: Two hours, when: [{conversation_waiting: 2h}, {conversation_idle: 90m}], if: always, then: [{tag: x}]}
  - {name: Mornings, when: {schedule: "0  9 * * MON-FRI"}, if: {conversation.idle: {older_than: 3d}}, then: [close]}
  - {name: Off, when: {conversation_idle: 5m}, enabled: false, if: always, then: [close]}
"""


def test_each_rule_wakes_at_its_own_time() -> None:
    rules_ = ruleset(TIMES)
    assert decide(rules_, Facts("conversation_waiting 30m", {})).matched == ("Half an hour",)
    assert decide(rules_, Facts("conversation_waiting 2h", {})).matched == ("Two hours",)
    assert decide(rules_, Facts("conversation_idle 1h30m", {})).matched == ("Two hours",)
    idle = {"conversation.idle": 4 * 86400.0}
    assert decide(rules_, Facts("schedule 0 9 * * mon-fri", idle)).matched == ("Mornings",)


def test_the_rule_set_says_what_it_waits_for() -> None:
    rules_ = ruleset(TIMES)
    assert rules_.waits("conversation_waiting") == (1800, 7200)
    assert rules_.waits("conversation_idle") == (5400,)
    assert rules_.schedules == ("0 9 * * mon-fri",)
    assert "conversation_idle 5m" not in rules_.triggers
    assert ruleset(RESTS).triggers == {"message_received"}


def test_facts_know_the_event_behind_the_trigger() -> None:
    facts = Facts("conversation_waiting 30m", {})
    assert (facts.event, facts["event"]) == ("conversation_waiting", "conversation_waiting")
    assert Facts.from_json(facts.as_json()).trigger == "conversation_waiting 30m"


def test_a_schedule_follows_the_wall_clock_of_its_zone() -> None:
    def after(moment: datetime, cron: str = "30 2 * * *") -> str:
        found = next_time(cron, moment, "Europe/Rome")
        return found.isoformat() if found else "never"

    assert after(datetime(2026, 3, 28, tzinfo=UTC)) == "2026-03-28T01:30:00+00:00"
    assert after(datetime(2026, 3, 28, 2, tzinfo=UTC)) == "2026-03-29T01:00:00+00:00"  # 02:30 does not exist that day
    assert after(datetime(2026, 10, 24, 12, tzinfo=UTC)) == "2026-10-25T00:30:00+00:00"  # and here exists twice
    assert after(datetime(2026, 10, 25, 0, 30, tzinfo=UTC)) == "2026-10-26T01:30:00+00:00"
    assert after(datetime(2026, 11, 20, 12, tzinfo=UTC), "0 9 * * mon-fri") == "2026-11-23T08:00:00+00:00"


FIRST = "rules:\n  - {name: A, when: [conversation_opened, message_received], if: IF, then: [{tag: x}]}\n"


@pytest.mark.parametrize("started_by", ["contact", "agent", None])
def test_a_rule_about_messages_ignores_conversations_that_agents_start(started_by: str | None) -> None:
    opened = Facts("conversation_opened", {"conversation.started_by": started_by})
    received = Facts("message_received", {"conversation.started_by": started_by})
    assert bool(decide(ruleset(FIRST.replace("IF", "always")), opened).matched) == (started_by != "agent")
    assert decide(ruleset(FIRST.replace("IF", "always")), received).matched == ("A",)
    asked = FIRST.replace("IF", "{conversation.started_by: [agent, contact]}")
    assert bool(decide(ruleset(asked), opened).matched) == (started_by is not None)
    alone = FIRST.replace("[conversation_opened, message_received]", "conversation_opened").replace("IF", "always")
    assert decide(ruleset(alone), opened).matched == ("A",)


def test_team_queues_are_asked_by_team() -> None:
    asked = "{team: {billing: {waiting: {gt: 5}}, front-desk.available: 0}}"
    text = f"rules:\n  - {{name: A, when: message_received, if: {asked}, then: [stop]}}\n"
    assert ruleset(text).fields == {"team.billing.waiting", "team.front-desk.available"}
    held = Facts("message_received", {"team.billing.waiting": 6, "team.front-desk.available": 0})
    assert decide(ruleset(text), held).matched == ("A",)
