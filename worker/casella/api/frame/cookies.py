"""The cookies: a session's signed secret, what makes a browser known, and how far a sign-in by the provider is. The
signature lets forgeries be refused without asking the database; the secret's row in the database lets a session be
ended.

Under https their names begin with `__Host-`: a browser then takes them only from this very host, and nobody on a
neighbouring one can put his own in their place.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from fastapi import Response
from itsdangerous import BadData, URLSafeSerializer
from pydantic import TypeAdapter, ValidationError
from starlette.requests import HTTPConnection

from casella.store.sealing import derive

NAME, KNOWN, PENDING = "casella_session", "casella_known", "casella_sign_in"
_LONGEST = 1000
_KNOWN_SECONDS = 180 * 86_400
_MOST_KNOWN = 8
_PENDING_SECONDS = 15 * 60


def read(request: HTTPConnection, name: str) -> str | None:
    """One of our own cookies alone, the first of its name. The standard parser unquotes every value of the header, in
    quadratic time in interpreters before 3.11.10 and 3.12.6 (CVE-2024-7592); ours are written without quotes."""
    ours = _pattern(name)
    for header, value in request.scope["headers"]:
        if header == b"cookie" and (found := ours.search(value)):
            return str(found[1].decode("ascii"))
    return None


@lru_cache(maxsize=8)
def _pattern(name: str) -> re.Pattern[bytes]:
    value = rb"=([A-Za-z0-9._~-]{1,%d})[ \t]*(?:;|$)" % _LONGEST
    return re.compile(rb"(?:^|;)[ \t]*" + re.escape(name.encode()) + value)


class _Signed:
    """`keys`: the first one signs, every one is accepted (rotation). `secure`: only ever sent over https."""

    def __init__(self, keys: Sequence[str], name: str, purpose: str, *, secure: bool) -> None:
        signing = [derive(key, purpose) for key in reversed(keys)]  # itsdangerous signs with the last
        self._serializer = URLSafeSerializer(signing, salt=f"casella.{name.removeprefix('casella_')}")
        self._secure = secure
        self.name = f"__Host-{name}" if secure else name

    def sign(self, value: object) -> str:
        """The cookie's value."""
        written = self._serializer.dumps(value)
        assert isinstance(written, str)
        return written

    def _loaded(self, value: str) -> object:
        if len(value) > _LONGEST:
            return None
        try:
            return self._serializer.loads(value)
        except BadData:
            return None

    def _put(self, response: Response, value: str, seconds: int) -> None:
        response.set_cookie(
            self.name, value, max_age=seconds, path="/", httponly=True, samesite="lax", secure=self._secure
        )

    def clear(self, response: Response) -> None:
        response.delete_cookie(self.name, path="/", httponly=True, samesite="lax", secure=self._secure)


class SessionCookie(_Signed):
    """A session's secret."""

    def __init__(self, keys: Sequence[str], *, secure: bool) -> None:
        super().__init__(keys, NAME, "session cookie", secure=secure)

    def set(self, response: Response, secret: str, seconds: int) -> None:
        self._put(response, self.sign(secret), seconds)

    def open(self, value: str) -> str | None:
        """The secret, or None for a cookie that was not signed here."""
        secret = self._loaded(value)
        return secret if isinstance(secret, str) else None


class KnownBrowser(_Signed):
    """Which agents have signed in from this browser before, as digests, and a name of its own. It opens nothing."""

    def __init__(self, keys: Sequence[str], *, secure: bool) -> None:
        super().__init__(keys, KNOWN, "known browser", secure=secure)

    def of(self, value: str | None, email: str) -> str | None:
        """The browser's name, if this agent has signed in from it; None for any other."""
        browser, known = self._read(value)
        return browser if browser and _digest(email) in known else None

    def remember(self, response: Response, value: str | None, email: str) -> None:
        """From now on it is known for this agent, too."""
        browser, known = self._read(value)
        others = [one for one in known if one != _digest(email)]
        told = [browser or secrets.token_urlsafe(12), *others[-_MOST_KNOWN + 1 :], _digest(email)]
        self._put(response, self.sign(told), _KNOWN_SECONDS)

    def _read(self, value: str | None) -> tuple[str, list[str]]:
        found = self._loaded(value) if value else None
        if not isinstance(found, list) or not found or not all(isinstance(one, str) for one in found):
            return "", []
        return found[0], found[1:]


@dataclass(frozen=True, slots=True)
class Pending:
    """A sign-in by the provider as far as this browser has come. `begun`: seeds and when, one for each tab; `half`: an
    agent whose code is asked for yet, the seed and when; `problem`: the code of why the last one failed, and whether
    that was `told`; it says until the next one that another account has to be chosen."""

    begun: tuple[tuple[str, int], ...] = ()
    half: tuple[str, str, int] | None = None
    problem: str = ""
    told: bool = False


class PendingCookie(_Signed):
    """Short-lived, and worth nothing to whoever reads it: what proves anything is made of the secret key."""

    def __init__(self, keys: Sequence[str], *, secure: bool) -> None:
        super().__init__(keys, PENDING, "pending sign-in", secure=secure)

    def read(self, request: HTTPConnection) -> Pending:
        found = self._loaded(read(request, self.name) or "")
        try:
            return _PENDING.validate_python(found)
        except ValidationError:
            return Pending()

    def set(self, response: Response, pending: Pending) -> None:
        told = _PENDING.dump_python(pending, mode="json")
        self._put(response, self.sign(told), _PENDING_SECONDS)


_PENDING: TypeAdapter[Pending] = TypeAdapter(Pending)


def _digest(email: str) -> str:
    return hashlib.blake2b(email.strip().lower().encode(errors="replace"), digest_size=9).hexdigest()
