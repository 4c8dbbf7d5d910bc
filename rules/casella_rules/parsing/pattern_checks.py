"""Whether a pattern that a manager wrote may run: RE2 accepts it, and all of a desk's together stay quick.

RE2 is linear in the text whatever the pattern, but the factor is the pattern's size: `\\pL{1,300}` becomes 360,000
instructions, and each character may touch all of them. Measured on one core, with 4,096 characters made to hurt: at
these limits all patterns load within two seconds and a decision takes at most two; without them these were 30 and 45.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field

from casella_rules.engine.patterns import PATTERN_MEMORY, PatternError, as_run, compiled

#: A pattern longer than this is not something a manager wrote.
MAX_PATTERN = 1_000
#: Memory one pattern may take when it is checked: some 10,000 instructions. `order #?[0-9]{6}` has 18.
CHECKED_MEMORY = 256 * 1024
#: Instructions of all different patterns of a desk; five thousand ordinary ones have 150,000.
MAX_TOTAL = 500_000
#: The first so many instructions of a pattern come free: what is that small shares its states with others.
FREE = 60
#: Instructions beyond those, of all patterns together. These are what a hostile text can keep busy at each character.
MAX_HEAVY = 30_000

# Letters of any script are a thousand instructions, of which one character touches no more than a few.
_SCRIPTS = re.compile(r"\\[pP](?:\{[^}]*\}|.)")


class PatternTooLarge(PatternError):
    """This pattern is larger than what can be searched quickly."""


class TooManyPatterns(PatternError):
    """With this one, the patterns of a desk are more than can be searched quickly."""


@dataclass
class _Budget:
    total: int = MAX_TOTAL
    heavy: int = MAX_HEAVY
    seen: set[str] = field(default_factory=set)

    def spend(self, pattern: str, size: int, weight: int) -> None:
        self.seen.add(pattern)
        self.total -= size
        self.heavy -= max(0, weight - FREE)

    @property
    def is_over(self) -> bool:
        return self.total < 0 or self.heavy < 0


_BUDGET: ContextVar[_Budget | None] = ContextVar("pattern_budget", default=None)


@contextmanager
def limited_patterns() -> Iterator[None]:
    """Within this, patterns are held to what can be searched quickly, each and all together. A desk that is in use
    already is read without it."""
    token = _BUDGET.set(_Budget())
    try:
        yield
    finally:
        _BUDGET.reset(token)


def check_pattern(written: str) -> None:
    """Raises PatternError, if a pattern cannot run in either case."""
    if len(written) > MAX_PATTERN:
        raise PatternError(f"it is longer than {MAX_PATTERN:,} characters")
    budget = _BUDGET.get()
    if budget is None:
        _size(written, PATTERN_MEMORY)
    elif budget.is_over:
        raise TooManyPatterns
    elif written not in budget.seen:
        budget.spend(written, *_sizes(written))
        if budget.is_over:
            raise TooManyPatterns


def _sizes(written: str) -> tuple[int, int]:
    """The instructions of a pattern, and those that a text can keep busy."""
    size = _size(written, CHECKED_MEMORY)
    narrow = _SCRIPTS.sub("a", written) if size > FREE else written
    if narrow == written:
        return size, size
    try:
        return size, _size(narrow, CHECKED_MEMORY)
    except PatternError:
        return size, size


def _size(written: str, memory: int) -> int:
    """The instructions of a pattern for either case: whatever passes so passes for one case, too."""
    try:
        return compiled(as_run(written, exact=False), memory).programsize
    except PatternError as error:
        if "too large" in str(error):
            raise PatternTooLarge from None
        compiled(written, memory)  # says what is wrong with what was written
        raise
