"""What plugins add goes through the same tables as what is built in."""

import pytest
from pydantic import BaseModel, ConfigDict

from casella_rules import (
    ActionSpec,
    Decision,
    DuplicateEntryError,
    EventSpec,
    Facts,
    FieldSpec,
    Names,
    StrategySpec,
    UnknownEntryError,
    ValueType,
    builtin_vocabulary,
    compile_rules,
    read_rules,
    rules_from_json,
)
from casella_rules.language.builtin.actions import ACTIONS
from casella_rules.language.builtin.events import EVENTS
from casella_rules.language.builtin.fields import FIELDS
from casella_rules.language.builtin.operators import OPERATORS


class Ring(BaseModel):
    """A plugin's own argument, of an ordinary pydantic model."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    times: int = 1


EXTENDED = builtin_vocabulary().extended(
    events=[EventSpec("acme_called", "Somebody called.")],
    fields=[FieldSpec("acme.mood", ValueType.WORD, "How they sound.", "acme.mood: angry", values=("calm", "angry"))],
    actions=[ActionSpec("ring", Ring, "Ring a bell.", "ring: {times: 2}", shorthand="times")],
    strategies=[StrategySpec("tallest", "The tallest agent.")],
)
RULE = """
rules:
  - name: A
    when: acme_called
    if: {acme.mood: angry}
    then: [{ring: 3}, {ring: {times: 2}}, ring, {assign: {team: t, strategy: tallest}}]
"""


def test_added_entries_work_like_built_in_ones() -> None:
    rules, problems = read_rules([("r.yaml", RULE.encode())], EXTENDED)
    assert not problems
    decision = compile_rules(rules, EXTENDED).decide(Facts("acme_called", {"acme.mood": "angry"}))
    assert [a.argument for a in decision.actions[:3]] == [Ring(times=3), Ring(times=2), Ring(times=1)]


def test_added_entries_fail_like_built_in_ones() -> None:
    broken = RULE.replace("angry", "angri").replace("ring: 3", "ring: x").replace("tallest", "talest")
    _, problems = read_rules([("r.yaml", broken.encode())], EXTENDED)
    assert [str(problem) for problem in problems] == [
        "r.yaml:5:21: 'angri' is never a value of 'acme.mood'. Did you mean 'angry'?",
        "r.yaml:6:19: expected a whole number, got 'x'",
        "r.yaml:6:78: strategy 'talest' is not known. "
        "Strategies: least_busy, longest_idle, manual, round_robin, sticky, tallest, weighted",
    ]


def test_without_the_plugin_its_stored_rules_say_what_is_missing() -> None:
    rules, _ = read_rules([("r.yaml", RULE.encode())], EXTENDED)
    with pytest.raises(UnknownEntryError, match="'ring'"):
        rules_from_json(compile_rules(rules, EXTENDED).json, builtin_vocabulary())


def test_what_a_plugin_no_longer_takes_says_so_whether_as_a_rule_or_as_a_decision() -> None:
    rules, _ = read_rules([("r.yaml", RULE.encode())], EXTENDED)
    stored = compile_rules(rules, EXTENDED).json
    decision = compile_rules(rules, EXTENDED).decide(Facts("acme_called", {"acme.mood": "angry"})).as_json()
    for text, read in ((stored, rules_from_json), (decision, Decision.from_json)):
        changed = text.replace('{"times":3}', '{"often":3}')
        assert changed != text
        with pytest.raises(UnknownEntryError, match="the action 'ring' in a form that it no longer has"):
            read(changed, EXTENDED)


@pytest.mark.parametrize("entry", [FieldSpec("text", ValueType.TEXT, "", ""), FieldSpec("any", ValueType.TEXT, "", "")])
def test_a_taken_name_is_refused(entry: FieldSpec) -> None:
    with pytest.raises(DuplicateEntryError, match=entry.name):
        builtin_vocabulary().extended(fields=[entry])


@pytest.mark.parametrize("name", ["", "Big", "a b", "a..b", "*.a", "a.*.*", "a.*.b.c"])
def test_a_name_that_cannot_be_written_is_refused(name: str) -> None:
    with pytest.raises(DuplicateEntryError):
        builtin_vocabulary().extended(fields=[FieldSpec(name, ValueType.TEXT, "", "")])


@pytest.mark.parametrize("entry", [*FIELDS, *OPERATORS], ids=lambda entry: entry.name)
def test_every_example_of_a_condition_is_a_condition(entry: FieldSpec) -> None:
    rule = f"rules:\n  - name: A\n    when: message_received\n    if:\n      {entry.example}\n    then: [stop]\n"
    _, problems = read_rules([("r.yaml", rule.encode())], builtin_vocabulary())
    assert not [str(problem) for problem in problems]
    assert entry.description.endswith(".")


@pytest.mark.parametrize("entry", ACTIONS, ids=lambda entry: entry.name)
def test_every_example_of_an_action_is_an_action(entry: ActionSpec) -> None:
    rule = f"rules:\n  - name: A\n    when: message_received\n    if: always\n    then:\n      - {entry.example}\n"
    read, problems = read_rules([("r.yaml", rule.encode())], builtin_vocabulary())
    assert not [str(problem) for problem in problems]
    assert read[0].actions[0].name == entry.name
    assert entry.description.endswith(".")


def test_every_event_may_wake_a_rule() -> None:
    for event in EVENTS:
        when = f"{{{event.example}}}" if event.example else event.name
        rule = f"rules: [{{name: A, when: {when}, if: always, then: [stop]}}]"
        _, problems = read_rules([("r.yaml", rule.encode())], builtin_vocabulary())
        assert not problems


def test_of_many_names_only_the_nearest_is_shown() -> None:
    names = Names({"team": frozenset(f"team-{n}" for n in range(100))})
    assert names.unknown("team", "taem-7") == ("team 'taem-7' is not in desk.yaml", "Did you mean 'team-7'?")
    _, hint = names.unknown("team", "zzz") or ("", "")
    assert hint.startswith("Teams: team-0, team-1, ")
    assert hint.endswith(" and 88 more")
    assert names.unknown("agent", "whoever") is None
    assert names.including("team", ["zzz"]).unknown("team", "zzz") is None
