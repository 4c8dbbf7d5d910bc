"""A desk that was read without a mistake. Immutable; a changed folder makes a new one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from casella.desk.canned.messages import CannedMessage
from casella.desk.parts.desk_file import DeskFile
from casella.desk.test_file.parts import DeskTest
from casella_rules import OfficeHours, RuleSet, Strategy
from casella_rules.language.text import collapsed, fold


@dataclass(frozen=True)
class Desk:
    """`parts` is desk.yaml; keys everywhere are the desk's own. `digest` changes with every change of any file, the
    rule set's `hash` only when rules change in meaning. `files`: the contents, for keeping the last good desk.
    `tests`: those written beside the rules; they are not applied. `strategies`: how each of the language's chooses."""

    folder: Path
    digest: str
    files: Mapping[str, str]
    parts: DeskFile
    hours: Mapping[str, OfficeHours]
    rules: RuleSet
    canned: Mapping[str, CannedMessage]
    tests: tuple[DeskTest, ...] = ()
    strategies: Mapping[str, Strategy] = field(default_factory=dict)

    @property
    def locale(self) -> str:
        """The first locale, to which everything falls back."""
        return self.parts.locales[0]

    def members(self, inbox: str) -> tuple[str, ...]:
        """Keys of the agents who may see an inbox."""
        return self.parts.members(inbox)

    def timezone_of(self, inbox: str) -> str:
        """The time zone in which an inbox lives."""
        return self.parts.inboxes[inbox].timezone or self.parts.timezone

    def locale_of(self, inbox: str) -> str:
        """The locale in which an inbox writes when nothing is known of the contact."""
        return self.parts.inboxes[inbox].locale or self.locale

    def canned_for(self, inbox: str) -> tuple[CannedMessage, ...]:
        """The canned messages of an inbox, in the order of the desk."""
        return tuple(m for m in self.canned.values() if not m.inboxes or inbox in m.inboxes)

    def by_phrase(self, phrase: str, inbox: str) -> CannedMessage | None:
        """The canned message that a key phrase stands for in an inbox, whatever its case."""
        wanted = fold(collapsed(phrase))
        matches = (m for m in self.canned_for(inbox) if m.phrase and fold(m.phrase) == wanted)
        return next(matches, None)
