"""Whether one test always holds when another does. Only what is certain: False means "not known"."""

from __future__ import annotations

from casella_rules.checks.wording import must_hold
from casella_rules.language.model import All, Always, Any, Condition, Test
from casella_rules.language.text import collapsed, fold
from casella_rules.language.vocabulary import ValueType

_ONE_OF = ("is", "any_of", "has", "has_any")


def implies(narrow: Test, wide: Test) -> bool:
    """True when whatever passes `narrow` passes `wide` as well."""
    if narrow == wide or isinstance(wide, Always):
        return True
    if isinstance(wide, All):
        return all(implies(narrow, part) for part in wide.parts)
    if isinstance(narrow, Any):
        return all(implies(part, wide) for part in narrow.parts)
    if isinstance(wide, Any) and any(implies(narrow, part) for part in wide.parts):
        return True
    if isinstance(narrow, All):
        return any(implies(part, wide) for part in narrow.parts)
    return isinstance(narrow, Condition) and isinstance(wide, Condition) and _narrower(narrow, wide)


def _narrower(narrow: Condition, wide: Condition) -> bool:
    other_form = narrow.exact or wide.exact or narrow.unaccented or wide.unaccented
    if narrow.field != wide.field or other_form or not narrow.operand:
        return False
    if wide.operator == "is_set":
        asked = narrow.operator not in ("is_set", "has_none", "changed", "changed_from", "changed_to")
        return asked and wide.operand == (True,)
    match narrow.value:
        case ValueType.TEXT:
            return _text(narrow, wide)
        case ValueType.WORD | ValueType.SET:
            return _names(narrow, wide)
        case ValueType.NUMBER | ValueType.DURATION:
            return _within(_interval(narrow), _interval(wide))
        case _:
            return False


def _values(condition: Condition) -> list[str]:
    """The words as they are compared. White space counts where a part of a text is meant."""
    whole = condition.value is not ValueType.TEXT or condition.operator == "contains_word"
    return [collapsed(fold(str(value))) if whole else fold(str(value)) for value in condition.operand]


def _text(narrow: Condition, wide: Condition) -> bool:
    """Each of the narrow words carries one of the wide ones in it."""
    sought = _values(wide)
    if wide.operator in ("is_not", "none_of"):
        narrow_words = {word.strip() for word in _values(narrow)}
        return narrow.operator in ("is", "any_of") and narrow_words.isdisjoint(word.strip() for word in sought)
    operator = "is" if narrow.operator == "any_of" else narrow.operator
    other = "is" if wide.operator == "any_of" else wide.operator
    return all(any(must_hold(operator, word, other, one) for one in sought) for word in _values(narrow))


def _names(narrow: Condition, wide: Condition) -> bool:
    narrow_names, wide_names = set(_values(narrow)), set(_values(wide))
    if wide.operator in _ONE_OF:
        if narrow.operator in _ONE_OF:
            return narrow_names <= wide_names
        return narrow.operator == "has_all" and bool(narrow_names & wide_names)
    if wide.operator == "has_all":
        return (narrow.operator == "has_all" and wide_names <= narrow_names) or (
            narrow.operator == "has" and wide_names == narrow_names
        )
    if wide.operator in ("is_not", "none_of", "has_none"):
        return narrow.operator in ("is_not", "none_of", "has_none") and wide_names <= narrow_names
    return False


_Interval = tuple[float, bool, float, bool]  # low, whether low itself is in, high, whether high itself is in


def _interval(condition: Condition) -> _Interval | None:
    numbers = [float(value) for value in condition.operand if isinstance(value, int | float)]
    everything = float("inf")
    match condition.operator, numbers:
        case (("gt" | "older_than"), [low]):
            return low, False, everything, False
        case "gte", [low]:
            return low, True, everything, False
        case (("lt" | "newer_than"), [high]):
            return -everything, False, high, False
        case "lte", [high]:
            return -everything, False, high, True
        case "between", [low, high]:
            return low, True, high, True
        case "is", [number]:
            return number, True, number, True
    return None


def _within(narrow: _Interval | None, wide: _Interval | None) -> bool:
    if narrow is None or wide is None:
        return False
    low_fits = narrow[0] > wide[0] or (narrow[0] == wide[0] and (wide[1] or not narrow[1]))
    return low_fits and (narrow[2] < wide[2] or (narrow[2] == wide[2] and (wide[3] or not narrow[3])))
