"""The second factor: six digits of an authenticator app that change every half minute (TOTP, RFC 6238), and recovery
codes for whoever has lost it. The secret is kept sealed, of recovery codes only digests; every code opens once."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar
from urllib.parse import quote, urlencode

from sqlalchemy import Connection

from casella.errors import Conflict, Invalid, NotAuthenticated, NotFound
from casella.inbox.reading.members import Member
from casella.store.queries import second_factor_queries
from casella.store.sealing import Sealer

_SECONDS, _DIGITS, _SECRET_BYTES = 30, 6, 20
_EARLIER_AND_LATER = (0, -1, 1)
"""Steps: clocks of telephones differ, and people type slowly (RFC 6238, 5.2)."""
MOST_CODES = 10
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # none that looks like another


class CodeNeeded(NotAuthenticated):
    """Type the code of your authenticator app, or one of your recovery codes."""

    code: ClassVar[str] = "second_factor_needed"


class WrongCode(Invalid):
    """This code is wrong, was used before, or is too old; type the next one."""

    code: ClassVar[str] = "wrong_code"


class FactorActive(Conflict):
    """You have a second factor already; remove it first, or ask an admin."""

    code: ClassVar[str] = "second_factor_active"


class FactorMissing(NotFound):
    """There is no second factor that counts; set one up first."""

    code: ClassVar[str] = "no_second_factor"


@dataclass(frozen=True, slots=True)
class Begun:
    """What an authenticator app is told: the secret in base32, also as an otpauth address."""

    secret: str
    uri: str


@dataclass(frozen=True, slots=True)
class FactorView:
    active_since: datetime | None
    recovery_codes_left: int


def view(db: Connection, agent_id: str) -> FactorView:
    row = second_factor_queries.factor(db, agent_id)
    since = row.active_since if row is not None else None
    return FactorView(since, second_factor_queries.codes_left(db, agent_id) if since else 0)


def begin(db: Connection, sealer: Sealer, member: Member, issuer: str, at: datetime) -> Begun:
    """A new secret, which counts from when a code of it is confirmed. Raises FactorActive."""
    if second_factor_queries.is_active(db, member.id):
        raise FactorActive
    secret = base64.b32encode(secrets.token_bytes(_SECRET_BYTES)).decode()
    second_factor_queries.begin(db, member.id, sealer.seal(secret), at)
    label = quote(f"{issuer}:{member.email or member.key}")
    return Begun(secret, f"otpauth://totp/{label}?{urlencode({'secret': secret, 'issuer': issuer})}")


def confirm(db: Connection, sealer: Sealer, agent_id: str, code: str, at: datetime) -> Sequence[str]:
    """From now on it counts. Returns recovery codes, which are shown this once. Raises FactorActive, FactorMissing,
    WrongCode."""
    row = second_factor_queries.factor(db, agent_id)
    if row is None:
        raise FactorMissing("Begin to set up a second factor first.")
    if row.active_since is not None:
        raise FactorActive
    _take_digits(db, sealer, agent_id, str(row.secret_sealed), code, at)
    second_factor_queries.activate(db, agent_id, at)
    return _fresh_codes(db, agent_id)


def require_code(db: Connection, sealer: Sealer, agent_id: str, code: str | None, at: datetime) -> None:
    """Of whoever has a second factor, his code, which is used up by that. Raises CodeNeeded, WrongCode."""
    row = second_factor_queries.factor(db, agent_id)
    if row is None or row.active_since is None:
        return
    plain = "".join((code or "").split()).replace("-", "").lower()
    if not plain:
        raise CodeNeeded
    if len(plain) == _DIGITS and plain.isascii() and plain.isdigit():
        _take_digits(db, sealer, agent_id, str(row.secret_sealed), plain, at)
    elif not second_factor_queries.take_code(db, agent_id, _digest(agent_id, plain)):
        raise WrongCode


def renew_codes(db: Connection, sealer: Sealer, agent_id: str, code: str, at: datetime) -> Sequence[str]:
    """New recovery codes in place of the old ones. Raises FactorMissing, WrongCode."""
    _require_active(db, agent_id)
    require_code(db, sealer, agent_id, code, at)
    return _fresh_codes(db, agent_id)


def remove(db: Connection, sealer: Sealer, agent_id: str, code: str, at: datetime) -> None:
    """By the agent himself, with a code. Raises FactorMissing, WrongCode."""
    _require_active(db, agent_id)
    require_code(db, sealer, agent_id, code, at)
    second_factor_queries.remove(db, agent_id)


def reset(db: Connection, agent_id: str) -> None:
    """By an admin, of somebody who has lost it. Raises FactorMissing."""
    if not second_factor_queries.remove(db, agent_id):
        raise FactorMissing("This agent has no second factor.")


def code_at(secret: str, step: int) -> str:
    """The six digits of one half minute (RFC 4226, 5.3)."""
    digest = hmac.new(base64.b32decode(secret), struct.pack(">Q", step), hashlib.sha1).digest()
    place = digest[-1] & 15
    number = struct.unpack(">I", digest[place : place + 4])[0] & 0x7FFFFFFF
    return str(number % 10**_DIGITS).zfill(_DIGITS)


def step_of(at: datetime) -> int:
    return int(at.timestamp()) // _SECONDS


def _take_digits(db: Connection, sealer: Sealer, agent_id: str, sealed: str, code: str, at: datetime) -> None:
    secret, now = sealer.open(sealed), step_of(at)
    plain = "".join(code.split()).encode(errors="replace")
    fitting = [step for step in (now + by for by in _EARLIER_AND_LATER)
               if hmac.compare_digest(code_at(secret, step).encode(), plain)]  # fmt: skip
    if not fitting or not second_factor_queries.take_step(db, agent_id, max(fitting)):
        raise WrongCode


def _require_active(db: Connection, agent_id: str) -> None:
    if not second_factor_queries.is_active(db, agent_id):
        raise FactorMissing


def _fresh_codes(db: Connection, agent_id: str) -> Sequence[str]:
    codes = ["".join(secrets.choice(_LETTERS) for _ in range(10)) for _ in range(MOST_CODES)]
    second_factor_queries.replace_codes(db, agent_id, [_digest(agent_id, code) for code in codes])
    return [f"{code[:5]}-{code[5:]}" for code in codes]


def _digest(agent_id: str, code: str) -> str:
    """Of fifty random bits: nobody guesses them, and nobody reads them in the database."""
    told = f"{agent_id}\0{code}".encode(errors="replace")
    return hashlib.blake2b(told, digest_size=32, person=b"casella-recover").hexdigest()
