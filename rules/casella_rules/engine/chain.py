"""What a rule causes may wake rules again. The chain says how it came to this, so that it comes to an end.

One chain begins with whatever came from outside: a message, a click, a moment. A rule never fires twice in one chain,
and no more than eight rules cause each other. Pure values: the caller keeps the chain with what it causes (an event
that follows at once, or a timer that is due next week) and passes it in again.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType

#: So many rules may cause each other, one after the other.
MAX_CHAIN = 8


class HeldBecause(StrEnum):
    """Why a rule that matched did not act. The value is stored."""

    ALREADY_FIRED = "already_fired"
    CHAIN_TOO_LONG = "chain_too_long"
    COOLDOWN = "cooldown"
    NO_LONGER_THERE = "no_longer_there"


@dataclass(frozen=True, slots=True)
class Chain:
    """`id`: what began it, the caller's own. `path`: the rules that led here, the first one first. `fired`: every rule
    that has fired in this chain, also beside the path."""

    id: str = ""
    path: tuple[str, ...] = ()
    fired: frozenset[str] = frozenset()

    def refusal(self, rule: str) -> HeldBecause | None:
        """Why this rule may not fire here; None when it may."""
        if rule in self.fired or rule in self.path:
            return HeldBecause.ALREADY_FIRED
        return HeldBecause.CHAIN_TOO_LONG if len(self.path) >= MAX_CHAIN else None

    def having_fired(self, rules: Iterable[str]) -> Chain:
        """The chain once these rules have fired (`Decision.matched`)."""
        return Chain(self.id, self.path, self.fired.union(rules))

    def caused_by(self, rule: str) -> Chain:
        """The chain of what a rule of this run causes."""
        return Chain(self.id, (*self.path, rule), self.fired | {rule})

    def as_json(self) -> str:
        """Compact JSON."""
        beside = sorted(self.fired.difference(self.path))
        return json.dumps([self.id, list(self.path), beside], ensure_ascii=False, separators=(",", ":"))

    @classmethod
    def from_json(cls, text: str) -> Chain:
        """The chain as it was stored."""
        id, path, beside = json.loads(text)
        return cls(id, tuple(path), frozenset((*path, *beside)))


@dataclass(frozen=True, slots=True)
class Past:
    """What happened before: the chain this event belongs to, and for each rule how many seconds ago it last acted on
    this conversation (only asked for rules with a cooldown; a rule that is not there never did)."""

    chain: Chain = Chain()
    seconds_since: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))

    def refusal(self, rule: str, cooldown: int) -> HeldBecause | None:
        """Why this rule may not act now; None when it may."""
        held = self.chain.refusal(rule)
        if held or not cooldown:
            return held
        since = self.seconds_since.get(rule)
        return HeldBecause.COOLDOWN if since is not None and since < cooldown else None


NO_PAST = Past()
