"""Rules from YAML in a line, for tests."""

from __future__ import annotations

from casella_rules import (
    Decision,
    Facts,
    FactValue,
    Names,
    Rule,
    RuleSet,
    builtin_vocabulary,
    compile_rules,
    read_rules,
)

VOCABULARY = builtin_vocabulary()


def rules(text: str, names: Names | None = None) -> tuple[Rule, ...]:
    """The rules of this YAML, which must be sound."""
    read, problems = read_rules([("rules.yaml", text.encode())], VOCABULARY, names)
    assert not problems, [str(problem) for problem in problems]
    return read


def ruleset(text: str) -> RuleSet:
    """The same, compiled."""
    return compile_rules(rules(text), VOCABULARY)


def run(text: str, event: str = "message_received", /, **values: FactValue) -> Decision:
    """What rules decide; `contact__tags` stands for `contact.tags`."""
    named = {name.replace("__", "."): value for name, value in values.items()}
    return ruleset(text).decide(Facts(event, named))


def matches(condition: str, **values: FactValue) -> bool:
    """Whether one `if` holds."""
    text = f"rules:\n  - {{name: A, when: message_received, if: {condition}, then: [stop]}}\n"
    return run(text, **values).matched == ("A",)
