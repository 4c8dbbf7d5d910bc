"""The session cookie: a signed secret. The signature lets forgeries be refused without asking the database; the
secret's row in the database lets a session be ended."""

from __future__ import annotations

import re
from collections.abc import Sequence

from fastapi import Response
from itsdangerous import BadData, URLSafeSerializer
from starlette.requests import HTTPConnection

from casella.store.sealing import derive

NAME = "casella_session"
_LONGEST = 500
_OURS = re.compile(rb"(?:^|;)[ \t]*" + NAME.encode() + rb"=([A-Za-z0-9._~-]{1,%d})[ \t]*(?:;|$)" % _LONGEST)


def read(request: HTTPConnection) -> str | None:
    """Our own cookie alone, the first of its name. The standard parser unquotes every value of the header, in quadratic
    time in interpreters before 3.11.10 and 3.12.6 (CVE-2024-7592); ours is written without quotes."""
    for name, value in request.scope["headers"]:
        if name == b"cookie" and (found := _OURS.search(value)):
            return str(found[1].decode("ascii"))
    return None


class SessionCookie:
    """`keys`: the first one signs, every one is accepted (rotation). `secure`: only ever sent over https."""

    def __init__(self, keys: Sequence[str], *, secure: bool) -> None:
        signing = [derive(key, "session cookie") for key in reversed(keys)]  # itsdangerous signs with the last
        self._serializer = URLSafeSerializer(signing, salt="casella.session")
        self._secure = secure

    def set(self, response: Response, secret: str, seconds: int) -> None:
        value = self.sign(secret)
        response.set_cookie(NAME, value, max_age=seconds, path="/", httponly=True, samesite="lax", secure=self._secure)

    def sign(self, secret: str) -> str:
        """The cookie's value."""
        value = self._serializer.dumps(secret)
        assert isinstance(value, str)
        return value

    def clear(self, response: Response) -> None:
        response.delete_cookie(NAME, path="/", httponly=True, samesite="lax", secure=self._secure)

    def open(self, value: str) -> str | None:
        """The secret, or None for a cookie that was not signed here."""
        if len(value) > _LONGEST:
            return None
        try:
            secret = self._serializer.loads(value)
        except BadData:
            return None
        return secret if isinstance(secret, str) else None
