"""What must be true for a rule to be worth asking: the keys under which the index files it.

A gate is a condition that names its values. Whatever is not filed under a value the facts have cannot match, and is
never asked. Each rule gets the rarest gate it offers.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from casella_rules.engine.compiled_tests import Form, fold_name, form_of, pattern_of
from casella_rules.engine.patterns import literal
from casella_rules.language.model import All, Any, Condition, Test
from casella_rules.language.text import collapsed
from casella_rules.language.vocabulary import ValueType


@dataclass(frozen=True, slots=True)
class Gate:
    """The values of one field, one of which must be there. `form` is set for texts; the keys then are patterns.
    `settles`: passing the gate already answers the condition it was made from."""

    field: str
    value: ValueType
    keys: tuple[str, ...]
    form: Form | None
    settles: bool


_WORD_GATES = {ValueType.WORD: ("is", "any_of"), ValueType.SET: ("has", "has_any")}

# White space as `str.split` sees it; RE2's \s is ASCII only.
_SPACES = r"[\s\x0b\x1c-\x1f\x{85}\x{a0}\x{1680}\x{2000}-\x{200a}\x{2028}\x{2029}\x{202f}\x{205f}\x{3000}]+"


def gate_of(condition: Condition) -> Gate | None:
    """The gate a single condition offers, if it names values that must be there."""
    if condition.value is ValueType.TEXT:
        return _text_gate(condition)
    if condition.operator in _WORD_GATES.get(condition.value, ()):
        keys = tuple(sorted({fold_name(str(value)) for value in condition.operand}))
        return Gate(condition.field, condition.value, keys, None, settles=True)
    return None


def _text_gate(condition: Condition) -> Gate | None:
    form = form_of(condition)
    operand = [str(value) for value in condition.operand]
    match condition.operator:
        case "contains":
            patterns = [literal(form(value)) for value in operand]
        case "contains_word":
            patterns = [_SPACES.join(literal(word) for word in collapsed(form(value)).split(" ")) for value in operand]
        case "starts_with" | "ends_with":
            patterns = [literal(form(value)) for value in operand]
        case "is" | "any_of":
            patterns = [literal(form(value).strip()) for value in operand]
        case "matches":
            patterns = [pattern_of(condition, value) for value in operand]
        case _:
            return None
    return Gate(
        condition.field, condition.value, tuple(patterns), form, settles=condition.operator in ("contains", "matches")
    )


@dataclass
class Census:
    """How many values each field is asked for, to guess how rarely a gate is passed."""

    values: Counter[str] = field(default_factory=Counter)

    @classmethod
    def of(cls, tests: Iterable[Test]) -> Census:
        """Count the different values all these tests name."""
        seen: set[tuple[str, str]] = set()
        for test in tests:
            for gate in _offered(test):
                seen.update((gate.field, key) for key in gate.keys)
        return cls(Counter(name for name, _ in seen))

    def chance(self, gate: Gate) -> float:
        """A guess at how often the gate is passed: the more values a field has, the rarer each one is."""
        likely = len(gate.keys) / (self.values[gate.field] + 1)
        return likely / 2 if gate.form else likely  # a text mostly says something else altogether


def _offered(test: Test) -> Iterable[Gate]:
    match test:
        case Condition():
            gate = gate_of(test)
            return (gate,) if gate else ()
        case All(parts) | Any(parts):
            return [gate for part in parts for gate in _offered(part)]
        case _:
            return ()


@dataclass(frozen=True, slots=True)
class Filing:
    """Where a rule is filed, and what of its test is still to be asked once it was found there."""

    gates: tuple[Gate, ...]
    chance: float
    rest: Test | None


def file_test(test: Test, census: Census) -> Filing | None:
    """The rarest way to file a test, or None when it must be asked every time."""
    match test:
        case Condition():
            gate = gate_of(test)
            return Filing((gate,), census.chance(gate), None if gate.settles else test) if gate else None
        case All(parts):
            return _file_all(parts, census)
        case Any(parts):
            filings = [file_test(part, census) for part in parts]
            known = [filing for filing in filings if filing]
            if len(known) < len(filings):
                return None
            gates = tuple(gate for filing in known for gate in filing.gates)
            return Filing(gates, sum(filing.chance for filing in known), test)
        case _:
            return None


def _file_all(parts: tuple[Test, ...], census: Census) -> Filing | None:
    filings = [(filing, position) for position, part in enumerate(parts) if (filing := file_test(part, census))]
    if not filings:
        return None
    best, position = min(filings, key=lambda entry: entry[0].chance)
    others = (*parts[:position], *((best.rest,) if best.rest else ()), *parts[position + 1 :])
    return Filing(best.gates, best.chance, All(others) if others else None)
