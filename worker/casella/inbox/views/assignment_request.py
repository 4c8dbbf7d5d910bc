"""What an `assign` asked for: kept with the conversation, so that whoever gets it later, from the queue or when an
agent has let it go, is chosen by the rule that brought it there and not by the team's own manner.

It belongs to the team it was said of: another team, another inbox or a person's own choice forget it.
"""

from __future__ import annotations

from dataclasses import dataclass

import orjson

from casella_rules.language.arguments import Assign


@dataclass(frozen=True, slots=True)
class AssignmentRequest:
    """`strategy` None: the team's own. `otherwise`: the key of the team of `else`, which gets it when nobody of its own
    has come for `after` seconds; 0: it may take it, too, from the beginning. `rule`: who asked."""

    rule: str = ""
    skills: tuple[str, ...] = ()
    strategy: str | None = None
    otherwise: str | None = None
    after: int = 0

    @classmethod
    def of(cls, argument: Assign, rule: str) -> AssignmentRequest:
        """What a rule's action asks for, besides the team."""
        other, skills = argument.otherwise, tuple(sorted(set(argument.skills)))
        if other is None:
            return cls(rule, skills, argument.strategy)
        return cls(rule, skills, argument.strategy, other.team, other.after or 0)

    @classmethod
    def from_text(cls, text: object) -> AssignmentRequest:
        """As it was stored; of nothing, nothing special."""
        if not isinstance(text, str):
            return NOTHING_SPECIAL
        stored = orjson.loads(text)
        return cls(
            stored.get("rule", ""), tuple(stored.get("skills", ())), stored.get("strategy"), stored.get("otherwise"),
            stored.get("after", 0),
        )  # fmt: skip

    def as_text(self) -> str | None:
        """Equal wishes are equal texts, so that the database can tell kinds of waiting apart. None: nothing special."""
        told = {"rule": self.rule, "skills": self.skills, "strategy": self.strategy, "otherwise": self.otherwise,
                "after": self.after}  # fmt: skip
        return orjson.dumps({key: value for key, value in told.items() if value}).decode() if self.is_special else None

    @property
    def also(self) -> str | None:
        """The key of another team that may take it now."""
        return None if self.after else self.otherwise

    @property
    def is_special(self) -> bool:
        """Whether it says more than the team."""
        return bool(self.skills or self.strategy or self.otherwise)


NOTHING_SPECIAL = AssignmentRequest()
