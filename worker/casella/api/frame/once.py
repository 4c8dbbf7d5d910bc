"""Writes that happen once (law 2): the same Idempotency-Key gives the same answer, however often and however
simultaneously it is sent. The key, the deed and the answer are committed together; a deed that fails leaves no key
behind, so that it may be tried again. An answer is given again only to who may still see what it tells of."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, ClassVar

import orjson
from fastapi import Depends, Header, Request, Response
from pydantic import BaseModel
from sqlalchemy import Connection

from casella.api.frame.context import House
from casella.api.frame.security import Caller
from casella.errors import CasellaError, IdempotencyMismatch
from casella.inbox.house import Rooms
from casella.inbox.reading import Member
from casella.store.queries import idempotency_queries

LONGEST_KEY = 200
Deed = Callable[[Connection, datetime], BaseModel | None]
"""Does the work within the given transaction; what it returns is the answer's body, None: there is none (204)."""
Sight = Callable[[Connection], object]
"""Raises NotFound unless the caller sees what he writes about: asked before a deed, and before its answer is given
again, for he may have lost sight of it meanwhile (law 8)."""

_KEY = Header(
    alias="Idempotency-Key",
    description="Chosen by you, new for each new deed. Sent again, it gives the first answer again.",
    json_schema_extra={"minLength": 1, "maxLength": LONGEST_KEY, "pattern": "^[!-~]+$"},
    examples=["5f3c9a52-9a54-4a3c-8f0e-3f1f6f2f3c11"],
)


class KeyInvalid(CasellaError):
    """An Idempotency-Key is 1 to 200 printable ASCII characters."""

    code: ClassVar[str] = "idempotency_key_invalid"
    status: ClassVar[int] = 400


@dataclass(frozen=True, slots=True)
class Once:
    """One write of one caller."""

    rooms: Rooms
    member: Member
    key: str | None
    fingerprint: str

    def do(
        self,
        status: int,
        deed: Deed,
        sight: Sight | None,
        *,
        sight_again: Callable[[Connection, str], object] | None = None,
        is_secret: bool = False,
    ) -> Response:
        """Run the deed and commit, or give the answer that was stored (sealed, if it holds a secret). `sight` None: it
        is about nothing but the caller himself. `sight_again`: where only the stored answer says what it is about.
        Raises IdempotencyMismatch when the key was used for another request, and whatever sight and deed raise."""
        at = self.rooms.clock.now()
        with self.rooms.store.write() as db:
            is_first = self.key is None or self._begin(db, self.key, at)
            if sight is not None:
                sight(db)
            if self.key is not None and not is_first:
                return self._again(db, self.key, sight_again, is_secret)
            body = deed(db, at)
            status, text = (status, body.model_dump_json()) if body is not None else (204, "")
            if self.key is not None:
                kept = self.rooms.sealer.seal(text) if is_secret else text
                idempotency_queries.finish(db, self.member.id, self.key, status, kept)
        return _answer(status, text)

    def _begin(self, db: Connection, key: str, at: datetime) -> bool:
        return idempotency_queries.begin(db, self.member.id, key, self.fingerprint, at)

    def _again(
        self, db: Connection, key: str, sight: Callable[[Connection, str], object] | None, is_secret: bool
    ) -> Response:
        row = idempotency_queries.stored(db, self.member.id, key)
        if row.fingerprint != self.fingerprint:
            raise IdempotencyMismatch
        if sight is not None:
            sight(db, row.response)
        answer = _answer(row.status, self.rooms.sealer.open(row.response) if is_secret else row.response)
        answer.headers["Idempotent-Replayed"] = "true"
        return answer


def _answer(status: int, text: str) -> Response:
    return Response(text, status, media_type="application/json" if text else None)


async def _with_key(request: Request, rooms: House, member: Caller, key: Annotated[str, _KEY]) -> Once:
    if not _is_key(key):
        raise KeyInvalid
    return Once(rooms, member, key, await _fingerprint(request))


async def _perhaps(request: Request, rooms: House, member: Caller, key: Annotated[str | None, _KEY] = None) -> Once:
    if key is None:
        return Once(rooms, member, None, "")
    return await _with_key(request, rooms, member, key)


def _is_key(key: str) -> bool:
    return 1 <= len(key) <= LONGEST_KEY and all("!" <= character <= "~" for character in key)


async def _fingerprint(request: Request) -> str:
    """Of the method, the path and the body's content: a client may well order its JSON differently the second time.
    A multipart body has been consumed by now and is told apart by its endpoint."""
    is_form = request.headers.get("content-type", "").startswith("multipart/")
    body = b"" if is_form else await request.body()
    with suppress(orjson.JSONDecodeError):  # refused by the endpoint anyway, or empty
        body = orjson.dumps(orjson.loads(body), option=orjson.OPT_SORT_KEYS)
    return hashlib.blake2b(f"{request.method} {request.url.path}\n".encode() + body, digest_size=32).hexdigest()


OptionalOnce = Annotated[Once, Depends(_perhaps)]
RequiredOnce = Annotated[Once, Depends(_with_key)]
