"""One field's texts against all patterns of a rule set, in one pass where that is possible.

Words are compared in folded text, patterns run with `(?i)` on text in its own case. Where folding only swaps letters
for their other case, both are asked of the folded text at once. Where it does more (`ß` becomes `ss`), the same
automaton runs twice, and each answer counts only for its own kind. Patterns that switch case back on, and everything
under `case: exact`, have automata of their own.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from casella_rules.engine.compiled_tests import Form, View
from casella_rules.engine.gates import Gate
from casella_rules.engine.patterns import PatternSet
from casella_rules.language.text import compatible, fold, folds_simply

# `(?-i:` or `(?i-s)` may switch case back on; `\C` counts bytes, which folding may change.
_CASED = re.compile(r"\(\?[a-zA-Z]*-|\\C")


class TextIndex:
    """Which rules are worth asking for the text of one field."""

    def __init__(self, field: str, entries: Sequence[tuple[int, Gate]]) -> None:
        self._field = field
        shared: dict[str, list[int]] = {}
        other: dict[Form, dict[str, list[int]]] = {}
        # A pattern and a word may be written alike and mean different things; `(?i)` in front tells them apart.
        folded: set[str] = set()
        for position, gate in entries:
            for key in gate.keys:
                together = gate.form is fold or (gate.form is compatible and not _CASED.search(key))
                owners = shared if together else other.setdefault(gate.form or fold, {})
                owners.setdefault(key, []).append(position)
                if gate.form is fold:
                    folded.add(key)
        self._shared = _Owned(shared) if shared else None
        self._is_word = [key in folded for key in shared]
        self._mixed = len(folded) < len(shared)
        self._other = [(form, _Owned(owners)) for form, owners in other.items()]

    def candidates(self, view: View) -> Sequence[int]:
        """Positions of rules, in no order, perhaps repeated."""
        text = view.text(self._field, fold)
        if text is None:
            return ()
        found: list[int] = []
        if self._shared:
            for hit in self._hits(self._shared.patterns, text, str(view.values[self._field])):
                found += self._shared.owners[hit]
        for form, owned in self._other:
            for hit in owned.patterns.matches(view.text(self._field, form) or ""):
                found += owned.owners[hit]
        return found

    def _hits(self, patterns: PatternSet, folded: str, written: str) -> list[int]:
        hits = patterns.matches(folded)
        if not self._mixed or folds_simply(written):
            return hits
        words = [hit for hit in hits if self._is_word[hit]]
        return words + [hit for hit in patterns.matches(compatible(written)) if not self._is_word[hit]]


class _Owned:
    """Patterns, and the rules that asked for each."""

    def __init__(self, owners: dict[str, list[int]]) -> None:
        self.patterns = PatternSet(list(owners))
        self.owners = list(owners.values())
