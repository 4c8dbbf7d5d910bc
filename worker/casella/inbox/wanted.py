"""What an `assign` asked for: kept with the conversation, so that whoever gets it later, from the queue or when an
agent has let it go, is chosen by the rule that brought it there and not by the team's own manner.

It belongs to the team it was said of: another team, another inbox or a person's own choice forget it.
"""

from __future__ import annotations

from dataclasses import dataclass

import orjson

from casella_rules.arguments import Assign


@dataclass(frozen=True, slots=True)
class Wanted:
    """`strategy` None: the team's own. `otherwise`: the key of the team that may take it, too, when nobody of its own
    can (an `else` without a time; one with a time is a timer). `rule`: who asked."""

    rule: str = ""
    skills: tuple[str, ...] = ()
    strategy: str | None = None
    otherwise: str | None = None

    @classmethod
    def of(cls, argument: Assign, rule: str) -> Wanted:
        """What a rule's action asks for, besides the team."""
        other = argument.otherwise
        now = other.team if other is not None and not other.after else None
        return cls(rule, tuple(sorted(set(argument.skills))), argument.strategy, now)

    @classmethod
    def from_text(cls, text: object) -> Wanted:
        """As it was stored; of nothing, nothing special."""
        if not isinstance(text, str):
            return NOTHING_SPECIAL
        stored = orjson.loads(text)
        return cls(
            stored.get("rule", ""), tuple(stored.get("skills", ())), stored.get("strategy"), stored.get("otherwise")
        )

    def as_text(self) -> str | None:
        """Equal wishes are equal texts, so that the database can tell kinds of waiting apart. None: nothing special."""
        told = {"rule": self.rule, "skills": self.skills, "strategy": self.strategy, "otherwise": self.otherwise}
        return orjson.dumps({key: value for key, value in told.items() if value}).decode() if self.is_special else None

    @property
    def is_special(self) -> bool:
        """Whether it says more than the team."""
        return bool(self.skills or self.strategy or self.otherwise)


NOTHING_SPECIAL = Wanted()
