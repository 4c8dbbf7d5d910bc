"""Who has let a conversation go because he had not answered in time.

It does not go back to such a one while others are at work, nor before he has answered somebody or has been away: else
it would go round for ever between the queue and an agent who does not look (`sightings`).
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Released:
    """`agents`: everybody who has let it go since it was last answered. `seen`: those of them who have answered
    somebody, or have been away, since it went back to the queue."""

    agents: frozenset[str] = frozenset()
    seen: frozenset[str] = frozenset()

    @classmethod
    def from_text(cls, text: object) -> Released:
        """As it was stored; of nothing, nobody."""
        words = text.split() if isinstance(text, str) else []
        return cls(frozenset(one.rstrip("+") for one in words), frozenset(one[:-1] for one in words if one[-1] == "+"))

    def as_text(self) -> str | None:
        """Equal ones are equal texts, so that the database can tell kinds of waiting apart. None: nobody."""
        return " ".join(one + "+" * (one in self.seen) for one in sorted(self.agents)) or None

    def and_by(self, agent_id: str) -> Released:
        """One more has let it go, or the same one again."""
        return Released(self.agents | {agent_id}, self.seen - {agent_id})


NOBODY = Released()
