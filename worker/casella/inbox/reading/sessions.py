"""Signing in: bearer tokens for programs, sessions for browsers. Only digests are stored, so the database opens
nothing; the lookup by digest compares in constant time as far as the secret is concerned."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal, cast

from sqlalchemy import Connection

from casella.errors import Conflict, NotFound
from casella.ids import new_id
from casella.inbox.reading.members import Member, find_member
from casella.inbox.reading.passwords import Passwords
from casella.store import Store, feed
from casella.store.feed import FeedEvent
from casella.store.queries import agent_queries

Kind = Literal["bearer", "session", "link"]
PREFIX = "csl_"
MOST_TOKENS = 50
LONGEST = timedelta(days=7)
_STEP = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class NewToken:
    """`text` is shown once and never again."""

    id: str
    text: str
    label: str
    created_at: datetime
    expires_at: datetime | None


@dataclass(frozen=True, slots=True)
class TokenView:
    id: str
    label: str
    created_at: datetime
    expires_at: datetime | None


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Who is calling, and by which token. `expires_at`: when it ends if it is not used; None: not by itself.
    `factor_proven`: the sign-in provider has seen a second factor."""

    member: Member
    token_id: str
    kind: str
    expires_at: datetime | None = None
    created_at: datetime | None = None
    factor_proven: bool = False


@dataclass(frozen=True, slots=True)
class CredentialView:
    """A session or a token of somebody's, as admins see it."""

    id: str
    kind: Kind
    label: str
    created_at: datetime
    expires_at: datetime | None


def create_token(
    db: Connection,
    agent_id: str,
    label: str,
    at: datetime,
    expires: datetime | None = None,
    *,
    kind: Kind = "bearer",
    factor_proven: bool = False,
) -> NewToken:
    """A new token of an agent. Raises Conflict (too_many_tokens) beyond MOST_TOKENS bearer tokens."""
    if kind == "bearer" and len(agent_queries.live_tokens_of(db, agent_id, kind, at)) >= MOST_TOKENS:
        raise Conflict("You have too many tokens; revoke one you no longer need.", code="too_many_tokens")
    token = NewToken(new_id(), PREFIX + secrets.token_urlsafe(32), label, at, expires)
    agent_queries.add_token(
        db,
        id=token.id,
        agent_id=agent_id,
        kind=kind,
        digest=_digest(token.text),
        label=label,
        created_at=at,
        expires_at=expires,
        factor_proven=factor_proven,
    )
    return token


def sign_in_with(db: Connection, text: str, kind: Kind, at: datetime) -> SignedIn | None:
    """Whoever holds this token; None when it is unknown, of another kind, revoked, expired, or its agent is gone."""
    row = agent_queries.live_token(db, _digest(text), at)
    member = find_member(db, row.agent_id) if row is not None and row.kind == kind else None
    if row is None or member is None:
        return None
    return SignedIn(member, row.id, row.kind, row.expires_at, row.created_at, row.factor_proven)


def prolonged(found: SignedIn, lasting: timedelta, at: datetime) -> datetime | None:
    """The new end of a session that is in use: so long from now, and never longer than LONGEST in all. None where the
    old one will do; it is moved a few times an hour at most."""
    if found.kind != "session" or found.expires_at is None or found.created_at is None:
        return None
    until = min(at + lasting, found.created_at + LONGEST)
    return until if until - found.expires_at > min(_STEP, lasting / 10) else None


def take_link(db: Connection, text: str, at: datetime) -> str | None:
    """Whom a link signs in; it is used up by that. None when it is unknown, used or too old."""
    found = sign_in_with(db, text, "link", at)
    if found is None or not agent_queries.revoke_token(db, found.member.id, found.token_id, at):
        return None
    return found.member.id


def check_password(store: Store, passwords: Passwords, email: str, password: str) -> str | None:
    """The agent's id if the password is right. Equally slow in every case, and no connection is held meanwhile."""
    with store.read() as db:
        row = agent_queries.agent_by_email(db, email)
    if not passwords.verify(row.password_hash if row else None, password) or row is None:
        return None
    if passwords.is_outdated(row.password_hash):
        stronger = passwords.hash_again(password)
        with store.write() as db:
            agent_queries.set_password_hash(db, row.id, stronger)
    return str(row.id)


def agent_with_email(db: Connection, email: str) -> str | None:
    """Whom a provider vouches for. Letter case does not count; signs of other alphabets that turn into one of ours by
    being made small (the kelvin sign) do, so that nobody gets in by an address that only looks like another's."""
    row = agent_queries.agent_by_email(db, email) if email.isascii() else None
    return str(row.id) if row is not None else None


def tokens_of(db: Connection, agent_id: str, at: datetime) -> Sequence[TokenView]:
    """The live bearer tokens of an agent, without their texts."""
    rows = agent_queries.live_tokens_of(db, agent_id, "bearer", at)
    return [TokenView(row.id, row.label, row.created_at, row.expires_at) for row in rows]


def revoke_token(db: Connection, agent_id: str, token_id: str, at: datetime) -> None:
    """From the commit on, nobody is anybody by this token; the feed tells the streams that were opened with it. Raises
    NotFound when the agent has no such token. After the commit, ring `feed`."""
    if not agent_queries.revoke_token(db, agent_id, token_id, at):
        raise NotFound
    feed.append(db, [FeedEvent("token.revoked", None, {"token_id": token_id}, agent_id)], at)


def credentials_of(db: Connection, agent_id: str, at: datetime) -> Sequence[CredentialView]:
    """Whatever an agent is signed in with, without secrets. Raises NotFound for an agent who is not there."""
    if find_member(db, agent_id) is None:
        raise NotFound("There is no such agent.")
    rows = agent_queries.all_live_tokens_of(db, agent_id, at)
    return [CredentialView(row.id, cast(Kind, row.kind), row.label, row.created_at, row.expires_at) for row in rows]


def end_all(db: Connection, agent_id: str, at: datetime) -> int:
    """Sign an agent out everywhere, his programs too. After the commit, ring `feed`."""
    ended = agent_queries.revoke_all(db, agent_id, at)
    feed.append(db, [FeedEvent("token.revoked", None, {"token_id": one}, agent_id) for one in ended], at)
    return len(ended)


def end_session(db: Connection, text: str, at: datetime) -> None:
    """End the session with this secret, if it is a live one."""
    row = agent_queries.live_token(db, _digest(text), at)
    if row is not None and row.kind == "session":
        revoke_token(db, row.agent_id, row.id, at)


def _digest(text: str) -> str:
    return hashlib.blake2b(text.encode(errors="replace"), digest_size=32, person=b"casella-token").hexdigest()


def still_signed_in(db: Connection, found: SignedIn, at: datetime) -> SignedIn | None:
    """The same caller as of now; None when his token was revoked or has expired meanwhile, or he is gone."""
    if not agent_queries.is_live_token(db, found.token_id, at):
        return None
    member = find_member(db, found.member.id)
    return replace(found, member=member) if member else None
