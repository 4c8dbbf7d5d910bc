"""What to write for an operator or a field that says no: `not_contains`, `is_not_set`, `isnt`, `not_text`. There is a
negated operator for some questions; for every other there is `not:` around the whole question."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from casella_rules.yaml.polarity import positive_of, words_of
from casella_rules.yaml.problems import nearest
from casella_rules.yaml.source import Node, Scalar, Sequence
from casella_rules.yaml.written import as_written

#: The operators that deny each other, where the field has them.
_DENIED: Mapping[str, tuple[str, ...]] = {
    "is": ("is_not",), "any_of": ("none_of",), "has": ("has_none",), "has_any": ("has_none",), "is_not": ("is",),
    "none_of": ("any_of",), "has_none": ("has_any",), "gt": ("lte",), "gte": ("lt",), "lt": ("gte",), "lte": ("gt",),
}  # fmt: skip
_SET = frozenset({"set", "present", "there", "exist", "exists", "existing", "defined", "known", "given", "value",
                  "filled", "is_set", "available"})  # fmt: skip
_EMPTY = frozenset({"empty", "blank", "null", "nil", "missing", "absent", "unset", "undefined", "unknown", "nothing",
                    "none", "isnull", "isempty"})  # fmt: skip


def denied_operator(field: str, word: str, value: Node, fitting: Collection[str], meant: Collection[str]) -> str:
    """What to write instead of an operator that says no, for this field and this value; empty for one that does not.
    `meant`: what the word without its negation stands for, the likeliest first."""
    asked = _presence(word, value)
    if asked is not None and set(fitting) == {"is", "is_not", "is_set"} and not field.startswith("contact.custom."):
        return f"Write {{is: {str(asked).lower()}}}"
    if asked is not None:
        return f"Write {{is_set: {str(asked).lower()}}}" if "is_set" in fitting else ""
    positive = positive_of(word)
    if positive is None:
        return ""
    known = [name for name in (positive, *meant) if name in fitting]
    operator = known[0] if known else nearest(positive, fitting)
    if not operator:
        return f"For what must not hold write 'not: {{{field}: {{…}}}}'"
    behind = as_written(value)
    if several := every_one(field, positive, operator, value, fitting):
        return f"Write 'not: {{{several}}}'"
    denied = next((other for other in _DENIED.get(operator, ()) if other in fitting), "")
    if denied and not (denied == "is_not" and not isinstance(value, Scalar)):
        return f"Write {{{denied}: {behind}}}"
    return f"Write 'not: {{{field}: {{{operator}: {behind}}}}}'"


def every_one(field: str, word: str, operator: str, value: Node, fitting: Collection[str]) -> str:
    """`all: [{text: {contains: a}}, …]` for `contains_all`, where the operator by itself asks for any of its values."""
    if _EVERY.isdisjoint(words_of(word)) or operator == "has_all" or "has_all" in fitting:
        return ""
    if not isinstance(value, Sequence) or len(value.items) == 1:
        return ""
    return f"all: [{', '.join(f'{{{field}: {{{operator}: {as_written(one)}}}}}' for one in value.items)}]"


_EVERY = frozenset({"all", "every", "both", "each"})


def _presence(word: str, value: Node) -> bool | None:
    """Whether a value must be there, for a word that asks about that; None for any other."""
    words = words_of(word)
    rest = positive_of(word)
    core = set(words_of(rest)) if rest else set(words)
    core -= {"is", "has", "a", "any"} if len(core) > 1 else set()
    if not core or not core <= _SET | _EMPTY:
        return None
    there = (rest is None) is bool(core <= _SET)
    said = value.text.lower() if isinstance(value, Scalar) else ""
    return there if said not in ("false", "no", "off") else not there


def denied_field(name: str, value: Node, fields: Collection[str], family: Collection[str]) -> str:
    """What to write instead of a field that says no: `not_text`, `!channel`. `fields` and `family`: what the name
    without its negation may stand for, exactly or with others."""
    positive = positive_of(name)
    if positive is None:
        return ""
    bare = name.lstrip("!~¬ ").removeprefix("not_").removeprefix("not ").removeprefix("no_").removeprefix("not.")
    known = [one for one in (bare, positive) if one in fields] or list(family)
    if not known:
        owner, _, last = name.partition(".")
        bare = positive_of(last) or ""
        known = [one for one in (f"{owner}.{bare}", f"{owner}.is_{bare}") if one in fields]
    return f"Write 'not: {{{known[0]}: {as_written(value)}}}'" if known else "For what must not hold write 'not: {…}'"
