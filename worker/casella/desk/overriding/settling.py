"""What becomes of overrides when a folder is applied: they stay, unless the desk has changed its mind itself."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from casella.desk.load import read_again
from casella.desk.model import Desk
from casella.desk.overriding.kept import Override
from casella.desk.overriding.settings import CannotEdit, value_of, written_over
from casella.desk.parts.catalogue import Catalogue

How = Literal["kept", "in the desk", "given up"]


@dataclass(frozen=True, slots=True)
class Outcome:
    """`why`: of one that is given up."""

    override: Override
    how: How
    why: str = ""

    def __str__(self) -> str:
        made = f"by {self.override.name} on {_day(self.override.at)}"
        match self.how:
            case "kept":
                return f"kept      {self.override.key}: changed {made}, as long as the desk itself does not change it"
            case "in the desk":
                return f"settled   {self.override.key}: the desk now says what was changed {made}"
        return f"given up  {self.override.key}: changed {made}; {self.why}"


@dataclass(frozen=True, slots=True)
class Settled:
    """`desk`: with what is kept written over it."""

    desk: Desk
    outcomes: tuple[Outcome, ...] = ()

    @property
    def over(self) -> list[str]:
        """The keys of overrides that are no more."""
        return [one.override.key for one in self.outcomes if one.how != "kept"]


def settle(desk: Desk, overrides: Sequence[Override], catalogue: Catalogue, *, over_all: bool = False) -> Settled:
    """A desk as its folder has it, with the overrides that still hold; `over_all`: none does."""
    outcomes = {one.key: _judged(desk, one) for one in overrides}
    if over_all:
        gone = "an earlier desk is used again, whole"
        outcomes = {
            key: Outcome(one.override, "given up", gone) if one.how == "kept" else one for key, one in outcomes.items()
        }
    kept = [one for one in overrides if outcomes[one.key].how == "kept"]
    if not kept:
        return Settled(desk, tuple(outcomes.values()))
    together = _with(desk, kept, catalogue)
    if together is None:  # rare: one by one, to see which of them no longer fits
        together, held = desk, list[Override]()
        for one in kept:
            further = _with(desk, [*held, one], catalogue)
            if further is None:
                outcomes[one.key] = Outcome(one, "given up", "it does not fit the desk any more")
            else:
                together, held = further, [*held, one]
    return Settled(together, tuple(outcomes.values()))


def files_with(contents: Mapping[str, str], overrides: Iterable[Override]) -> Mapping[str, str]:
    """A desk's files with overrides written over them. Raises CannotEdit."""
    for one in overrides:
        contents = written_over(contents, one.key, one.value)
    return contents


def _judged(desk: Desk, override: Override) -> Outcome:
    now = value_of(desk, override.key)
    if now == override.value:
        return Outcome(override, "in the desk")
    if now != override.own:
        return Outcome(override, "given up", "the desk has another value since, and that counts")
    return Outcome(override, "kept")


def _with(desk: Desk, overrides: Sequence[Override], catalogue: Catalogue) -> Desk | None:
    try:
        return read_again(files_with(desk.files, overrides), desk.folder, catalogue)
    except CannotEdit:
        return None


def _day(moment: datetime) -> str:
    return f"{moment.day} {moment:%B %Y}"
