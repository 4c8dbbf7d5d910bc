"""What a rule says in so many words, and people hardly ever mean: a time of the calendar that comes sixty times an
hour, one of several denials, a question about what a rule above has just changed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from itertools import takewhile

from cronsim import CronSim, CronSimError

from casella_rules.checks.possible import Judges
from casella_rules.engine.explain import sentence
from casella_rules.language.arguments import SetAttributes, SetPriority, Tags
from casella_rules.language.model import Action, All, Always, Any, Condition, Not, Rule, Test, conditions_of, event_of
from casella_rules.yaml.problems import Problem, quoted

#: What customers see, or what rings somebody: once in a while is meant.
_SEEN = frozenset({"reply", "survey", "notify", "webhook"})
_OF_MANY = frozenset({"contains", "contains_word", "starts_with", "ends_with", "matches", "any_of", "has_any"})
_DENYING = {"is_not": "none_of", "none_of": "none_of", "has_none": "has_none"}


def too_often(rule: Rule) -> Iterator[Problem]:
    """A schedule that comes more than once within an hour, and does something that people see each time."""
    if rule.cooldown or not any(action.name in _SEEN for action in rule.actions):
        return
    for trigger in rule.when:
        cron = trigger.partition(" ")[2] if event_of(trigger) == "schedule" else ""
        found = _within_an_hour(cron) if cron else None
        if found is not None:
            first, times = found
            hour = f"between {first.hour}.00 and {first.hour}.59"
            once = " ".join([str(first.minute), *cron.split()[1:]])
            text = f"this rule acts {times} times {hour}, each time on every conversation that it matches"
            yield _at(rule, text, f"Once is 'schedule: \"{once}\"'; or add a cooldown")


def _within_an_hour(cron: str) -> tuple[datetime, int] | None:
    """The first moment of such a schedule and how often it comes in that hour, where that is more than once."""
    try:
        moments = CronSim(cron, datetime(2025, 12, 31, 23, 59, tzinfo=UTC))
        first = next(moments)
        end = first.replace(minute=0) + timedelta(hours=1)
        times = 1 + sum(1 for _ in takewhile(lambda at: at < end, moments))
    except (CronSimError, StopIteration):
        return None
    return (first, times) if times > 1 else None


def one_of_denials(rule: Rule) -> Iterator[Problem]:
    """`any` of two denials of one field: whoever is the one is not the other."""
    for group in _groups(rule.test):
        denied: dict[str, list[Test]] = {}
        for part in group.parts:
            if field := _denied_field(part):
                denied.setdefault(field, []).append(part)
        for field, parts in denied.items():
            asked = [next(conditions_of(part)) for part in parts]
            if len({one.operand for one in asked}) > 1:
                text = f"one of these denials of {quoted(field)} nearly always holds: what is the one is not the other"
                yield _at(rule, text, _none_of(field, parts), asked[0])


def _none_of(field: str, parts: Sequence[Test]) -> str:
    operators = {part.operator for part in parts if isinstance(part, Condition)}
    if all(isinstance(part, Condition) for part in parts) and len({_DENYING[one] for one in operators}) == 1:
        values = dict.fromkeys(str(value) for part in parts for value in next(conditions_of(part)).operand)
        return f"For none of them write '{field}: {{{_DENYING[operators.pop()]}: [{', '.join(values)}]}}'"
    inner = {next(conditions_of(part)).operator for part in parts if isinstance(part, Not)}
    if len(inner) == 1 and not operators and (operator := inner.pop()) in _OF_MANY:
        values = dict.fromkeys(str(value) for part in parts for value in next(conditions_of(part)).operand)
        return f"For none of them write 'not: {{{field}: {{{operator}: [{', '.join(values)}]}}}}'"
    asked = ", ".join(sentence(next(conditions_of(part))) for part in parts)
    return f"For none of them write 'not: {{any: […]}}' around what is denied ({asked})"


def _denied_field(part: Test) -> str:
    match part:
        case Condition(operator=operator) if operator in _DENYING:
            return part.field
        case Not(Condition() as inner) if inner.operator not in _DENYING and inner.operator != "is_set":
            return inner.field
    return ""


def _groups(test: Test) -> Iterator[Any]:
    match test:
        case Any(parts):
            yield test
            for part in parts:
                yield from _groups(part)
        case All(parts):
            for part in parts:
                yield from _groups(part)
        case Not(part):
            yield from _groups(part)


#: What an action changes, of what rules below may ask. Who gets the conversation is left out: the first one wins.
_CHANGED: Mapping[str, str] = {
    "tag": "conversation.tags", "untag": "conversation.tags", "priority": "conversation.priority",
    "close": "conversation.status", "reopen": "conversation.status", "snooze": "conversation.status",
}  # fmt: skip
_STATUS = {"close": "closed", "reopen": "open", "snooze": "snoozed"}


def changed_above(rules: Sequence[Rule], judges: Judges) -> Iterator[Problem]:
    """Rules that ask for what a rule above them changes in the very same run. All of a run are asked about what was so
    before it."""
    changing = [(rule, dict(_changes(rule))) for rule in rules if _acts(rule)]
    for below in rules:
        if not below.enabled or below.after or not below.when:
            continue
        for condition in conditions_of(below.test):
            for above, changes in changing:
                if above is below:
                    break
                named = changes.get(condition.field, frozenset()) & set(map(str, condition.operand))
                same_run = set(above.when) & set(below.when)
                if named and same_run and _together(above, below, condition, judges):
                    yield _unseen(above, below, condition, sorted(named)[0])
                    break
            else:
                continue
            break


def _acts(rule: Rule) -> bool:
    return rule.enabled and not (rule.watch or rule.after or rule.stops)


def _together(above: Rule, below: Rule, asked: Condition, judges: Judges) -> bool:
    """Whether in one run the one rule may match, and the other would but for this question."""
    rest = All((above.scoped_test, _without(below.scoped_test, asked)))
    return judges.any_allows(below, rest) and not judges.patience.is_over


def _without(test: Test, asked: Condition) -> Test:
    match test:
        case Condition():
            return Always() if test is asked else test
        case All(parts):
            return All(tuple(_without(part, asked) for part in parts))
        case Any(parts):
            return Any(tuple(_without(part, asked) for part in parts))
        case Not(part):
            return Always() if part is asked else Not(_without(part, asked))
        case Always():
            return test


def _unseen(above: Rule, below: Rule, condition: Condition, value: str) -> Problem:
    text = (
        f"{quoted(below.name)} does not see what {quoted(above.name)} (line {above.place.line}) changes in the same "
        f"run: {quoted(f'{condition.field} {value}')}"
    )
    hint = "Every rule of a run sees what was so before it: put 'stop' into the rule above, or ask what it asks"
    return _at(below, text, hint, condition)


def _changes(rule: Rule) -> Iterator[tuple[str, frozenset[str]]]:
    found: dict[str, frozenset[str]] = {}
    for action in rule.actions:
        for field, values in _change(action):
            found[field] = found.get(field, frozenset()) | values
    yield from found.items()


def _change(action: Action) -> Iterator[tuple[str, frozenset[str]]]:
    match action.argument:
        case Tags(tags=tags) if action.name in _CHANGED:
            yield _CHANGED[action.name], frozenset(tags)
        case SetPriority(priority=priority):
            yield _CHANGED["priority"], frozenset({priority})
        case SetAttributes(attributes=values):
            yield from ((f"contact.custom.{key}", frozenset({str(value)})) for key, value in values.items())
        case _ if action.name in _STATUS:
            yield _CHANGED[action.name], frozenset({_STATUS[action.name]})


def _at(rule: Rule, text: str, hint: str, condition: Condition | None = None) -> Problem:
    place = (condition.place if condition else None) or rule.place
    return Problem(place.file, place.line, place.column, text, hint)
