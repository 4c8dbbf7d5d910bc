"""What the language means, written as plainly as possible and asked rule by rule: the measure of the fast engine.

Property tests hold the engine against `holds`; `explain` uses it, because explaining has time.
"""

from __future__ import annotations

from datetime import date, datetime

from casella_rules.engine.chain import MAX_CHAIN, Past
from casella_rules.engine.patterns import as_run, compile_pattern
from casella_rules.language.facts import Facts, FactValue, previous_field
from casella_rules.language.model import All, Always, Any, Condition, Not, Rule, Test
from casella_rules.language.text import collapsed, compatible, exact, fold, has_word, unaccented
from casella_rules.language.vocabulary import ValueType


def matching(rules: tuple[Rule, ...], facts: Facts) -> list[Rule]:
    """The rules that match, in order, up to and including the first that stops."""
    found = []
    for rule in rules:
        if rule.enabled and facts.trigger in rule.when and holds(rule.scoped_test, facts):
            found.append(rule)
            if rule.stops:
                break
    return found


def settled(rules: tuple[Rule, ...], facts: Facts, past: Past) -> list[tuple[str, str]]:
    """What becomes of each rule that matches: it is held, waits, only watches, or acts."""
    found = []
    for rule in matching(rules, facts):
        fired_before = rule.name in past.chain.fired or rule.name in past.chain.path
        since = past.seconds_since.get(rule.name)
        if fired_before or len(past.chain.path) >= MAX_CHAIN or (since is not None and since < rule.cooldown):
            found.append((rule.name, "held"))
        elif rule.after:
            found.append((rule.name, "delayed"))
        else:
            found.append((rule.name, "watched" if rule.watch else "matched"))
    return found


def holds(test: Test, facts: Facts) -> bool:
    """Whether a test holds for these facts."""
    match test:
        case Always():
            return True
        case All(parts):
            return all(holds(part, facts) for part in parts)
        case Any(parts):
            return any(holds(part, facts) for part in parts)
        case Not(part):
            return not holds(part, facts)
        case Condition():
            return _asked(test, facts)


def _asked(condition: Condition, facts: Facts) -> bool:
    value = facts.get(condition.field)
    if condition.operator == "is_set":
        return (value not in (None, frozenset())) == condition.operand[0]
    if condition.operator in ("changed", "changed_from", "changed_to"):
        return _changed(condition, facts)
    if value is None:
        return False
    match condition.value:
        case ValueType.TEXT:
            return isinstance(value, str) and _text(condition, value)
        case ValueType.WORD:
            return _word(condition, value)
        case ValueType.SET:
            return isinstance(value, frozenset) and _set(condition, value)
        case ValueType.FLAG:
            return isinstance(value, bool) and (value == condition.operand[0]) == (condition.operator == "is")
        case ValueType.DATE:
            return isinstance(value, date) and _ordered(condition, _day(value))
        case ValueType.NUMBER | ValueType.DURATION:
            return isinstance(value, int | float) and not isinstance(value, bool) and _ordered(condition, value)


def _text(condition: Condition, value: str) -> bool:
    if condition.operator == "matches":
        text = exact(value) if condition.exact else compatible(value)
        written = [str(pattern) for pattern in condition.operand]
        patterns = [as_run(pattern, exact=condition.exact) for pattern in written]
        return any(compile_pattern(pattern).search(text) for pattern in patterns)
    form = unaccented if condition.unaccented else exact if condition.exact else fold
    text, wanted = form(value), [form(str(item)) for item in condition.operand]
    match condition.operator:
        case "is" | "any_of":
            return text.strip() in [item.strip() for item in wanted]
        case "is_not" | "none_of":
            return text.strip() not in [item.strip() for item in wanted]
        case "contains":
            return any(item in text for item in wanted)
        case "contains_word":
            return any(has_word(text, collapsed(item)) for item in wanted)
        case "starts_with":
            return any(text.strip().startswith(item) for item in wanted)
        case "ends_with":
            return any(text.strip().endswith(item) for item in wanted)
    raise AssertionError(condition.operator)


def _names(value: FactValue) -> set[str]:
    if isinstance(value, str):
        return {fold(value)}
    return {fold(name) for name in value} if isinstance(value, frozenset) else set()


def _wanted(condition: Condition) -> set[str]:
    return {fold(str(item)) for item in condition.operand}


def _word(condition: Condition, value: FactValue) -> bool:
    names = _names(value)
    if not names:
        return False
    among = bool(names & _wanted(condition))
    return among if condition.operator in ("is", "any_of") else not among


def _set(condition: Condition, value: frozenset[str]) -> bool:
    names, wanted = _names(value), _wanted(condition)
    match condition.operator:
        case "has" | "has_any":
            return bool(names & wanted)
        case "has_all":
            return wanted <= names
        case "has_none":
            return not names & wanted
    raise AssertionError(condition.operator)


def _ordered(condition: Condition, value: float | date) -> bool:
    # Operand and value are of one type: the operand was read for this field, the value was checked just now.
    operand = list(condition.operand)
    match condition.operator:
        case "is" | "any_of":
            return value in operand
        case "is_not" | "none_of":
            return value not in operand
        case "between":
            return operand[0] <= value <= operand[1]  # type: ignore[operator]  # of one type, see above
        case "gt" | "older_than":
            return value > operand[0]  # type: ignore[operator]  # of one type, see above
        case "gte":
            return value >= operand[0]  # type: ignore[operator]  # of one type, see above
        case "lt" | "newer_than":
            return value < operand[0]  # type: ignore[operator]  # of one type, see above
        case "lte":
            return value <= operand[0]  # type: ignore[operator]  # of one type, see above
    raise AssertionError(condition.operator)


def _day(value: date) -> date:
    return value.date() if isinstance(value, datetime) else value


def _changed(condition: Condition, facts: Facts) -> bool:
    before = previous_field(condition.field)
    now = _names(facts.get(condition.field))
    differs = before in facts and _names(facts[before]) != now
    match condition.operator:
        case "changed":
            return differs == condition.operand[0]
        case "changed_from":
            return differs and bool(_names(facts[before]) & _wanted(condition))
        case _:
            return differs and bool(now & _wanted(condition))
