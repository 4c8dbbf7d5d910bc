"""What a visitor proves himself with. Signed; stored only when revoked; bound to one widget and one origin; never in a
URL.

    access    for every request, a quarter of an hour, kept in the page's memory
    resume    for the next session, thirty days, kept in the browser's storage; renewed whenever it is used
    upload    names a file that this visitor has uploaded, a day

Every browser's tokens belong to one session, which lives on in renewed ones and ends when it is revoked.
Form: base64url(JSON) "." base64url(HMAC-SHA256), with a key of its own for each purpose and widget.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import secrets
from datetime import UTC, datetime, timedelta
from typing import Literal

import orjson
from pydantic import BaseModel, ConfigDict, ValidationError

from casella_webchat.settings import WebchatSettings

Purpose = Literal["access", "resume", "upload"]
LASTS: dict[Purpose, timedelta] = {
    "access": timedelta(minutes=15),
    "resume": timedelta(days=30),
    "upload": timedelta(days=1),
}
LONGEST = 2048
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Claims(BaseModel):
    """What a token says. `visitor`: his address. `session`: of this browser. `origin`: the page's. `issued`: in
    microseconds since 1970. `about`: an upload's id, kind and so on."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    visitor: str
    session: str
    origin: str
    issued: int
    expires: int
    about: dict[str, str | int] = {}

    @property
    def issued_at(self) -> datetime:
        return _EPOCH + timedelta(microseconds=self.issued)


def new_session() -> str:
    """The name of a browser's session. It stands in tokens only, and proves nothing."""
    return secrets.token_urlsafe(12)


def make(
    settings: WebchatSettings,
    widget: str,
    purpose: Purpose,
    *,
    visitor: str,
    session: str,
    origin: str,
    now: datetime,
    about: dict[str, str | int] | None = None,
) -> str:
    """A token for this purpose at this widget."""
    expires = int((now + LASTS[purpose]).timestamp())
    issued = (now - _EPOCH) // timedelta(microseconds=1)
    claims = Claims(visitor=visitor, session=session, origin=origin, issued=issued, expires=expires, about=about or {})
    body = orjson.dumps(claims.model_dump())
    return f"{_encoded(body)}.{_encoded(_signature(settings, widget, purpose, body))}"


def read(
    settings: WebchatSettings, widget: str, purpose: Purpose, token: str, *, origin: str, now: datetime
) -> Claims | None:
    """What the token says; None if it is forged, of another purpose, widget or origin, or has run out."""
    body, _, signature = token.partition(".")
    try:
        said, given = _decoded(body), _decoded(signature)
    except ValueError:
        return None
    if len(token) > LONGEST or not hmac.compare_digest(given, _signature(settings, widget, purpose, said)):
        return None
    try:
        claims = Claims.model_validate_json(said)
    except ValidationError:
        return None
    return claims if claims.origin == origin and now.timestamp() < claims.expires else None


def identified(settings: WebchatSettings, user_id: str, given: str) -> bool:
    """Whether the website's server vouches for this id: hex HMAC-SHA256(identity_secret, user_id)."""
    if settings.identity_secret is None:
        return False
    key = settings.identity_secret.get_secret_value().encode()
    expected = hmac.new(key, user_id.encode(), hashlib.sha256).hexdigest()
    return hmac.compare_digest(expected.encode(), given.encode("utf-8", "replace"))


def key_for(settings: WebchatSettings, purpose: str) -> bytes:
    """A key for one purpose; keys of different purposes tell nothing about each other."""
    return hmac.new(settings.secret.get_secret_value().encode(), purpose.encode(), hashlib.sha256).digest()


def _signature(settings: WebchatSettings, widget: str, purpose: Purpose, body: bytes) -> bytes:
    return hmac.new(key_for(settings, f"{purpose}|{widget}"), body, hashlib.sha256).digest()


def _encoded(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def _decoded(written: str) -> bytes:
    """Raises ValueError for anything but the one way of writing it."""
    try:
        content = base64.b64decode(written + "=" * (-len(written) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError) as error:
        raise ValueError("not base64") from error
    if _encoded(content) != written:
        raise ValueError("not the one way of writing it")
    return content
