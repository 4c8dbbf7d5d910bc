"""The cookies: a session's signed secret, and what makes a browser known. The signature lets forgeries be refused
without asking the database; the secret's row in the database lets a session be ended.

Under https their names begin with `__Host-`: a browser then takes them only from this very host, and nobody on a
neighbouring one can put his own in their place.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Sequence
from functools import lru_cache

from fastapi import Response
from itsdangerous import BadData, URLSafeSerializer
from starlette.requests import HTTPConnection

from casella.store.sealing import derive

NAME, KNOWN = "casella_session", "casella_known"
_LONGEST = 1000
_KNOWN_SECONDS = 180 * 86_400
_MOST_KNOWN = 8


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


class SessionCookie(_Signed):
    """A session's secret."""

    def __init__(self, keys: Sequence[str], *, secure: bool) -> None:
        super().__init__(keys, NAME, "session cookie", secure=secure)

    def set(self, response: Response, secret: str, seconds: int) -> None:
        self._put(response, self.sign(secret), seconds)

    def clear(self, response: Response) -> None:
        response.delete_cookie(self.name, path="/", httponly=True, samesite="lax", secure=self._secure)

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


def _digest(email: str) -> str:
    return hashlib.blake2b(email.strip().lower().encode(errors="replace"), digest_size=9).hexdigest()
