"""Scopes of contacts' addresses: one namespace for all, one per channel where addresses are scoped to it; apart from
these, those of each agent's private numbers, whose contacts are met nowhere else (S-13)."""

from __future__ import annotations

_PRIVATE = "~"  # begins no id
_ID = 26


def scope_of(owner_id: str | None, of_channel: str = "") -> str:
    """Of what is addressed on an agent's private numbers, or (None) on the organisation's own."""
    return f"{_PRIVATE}{owner_id}{of_channel}" if owner_id else of_channel


def owner_of(scope: str) -> str | None:
    """The agent on whose private numbers addresses have this scope."""
    return scope[1 : 1 + _ID] if scope.startswith(_PRIVATE) else None


def shared_scope(scope: str) -> str:
    """The same without its owner."""
    return scope[1 + _ID :] if scope.startswith(_PRIVATE) else scope
