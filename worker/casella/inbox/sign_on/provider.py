"""The provider, asked over the network: who it says it is, its keys, a code for tokens, and who somebody is.

Everything goes by the guarded fetch: https (or a host that the operator lists), public addresses, no redirect, answers
bounded in bytes and seconds. What it said is kept for a while; that it did not answer, for a few seconds.
"""

from __future__ import annotations

import base64
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Generic, TypeVar
from urllib.parse import quote, urlencode, urlsplit

import httpx
import orjson
import structlog

from casella.inbox.files import FetchRefused, guarded_exchange
from casella.inbox.house import tls_context
from casella.inbox.sign_on.refusals import ProviderAway, ProviderMistaken, SignInStale
from casella.settings import Settings

_log = structlog.get_logger("casella.sign_on")
SECONDS = 8.0
_MOST = 512 * 1024
_KEPT = timedelta(minutes=30)
_AWAY = timedelta(seconds=5)
_FRESH = timedelta(seconds=20)
"""Unknown keys are looked for again no sooner than that."""
_DISCOVERY = "/.well-known/openid-configuration"
T = TypeVar("T")
Json = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Configuration:
    """What the provider says of itself. `names_itself`: its answers carry `iss` (RFC 9207)."""

    authorization: str
    token: str
    keys: str
    userinfo: str | None
    secret_in_body: bool
    names_itself: bool


@dataclass(frozen=True, slots=True)
class Tokens:
    id_token: str
    access_token: str | None


class _Kept(Generic[T]):
    """What was learned, for a while. One asks, the others wait for him; a failure is kept for some seconds, so that a
    provider who is away holds up nobody for long."""

    def __init__(self, learn: Callable[[], T]) -> None:
        self._learn, self._lock = learn, threading.Lock()
        self._found: T | None = None
        self._problem: ProviderAway | ProviderMistaken | None = None
        self._at: datetime | None = None

    def get(self, now: datetime, *, newer_than: timedelta = _KEPT) -> T:
        """Raises ProviderAway, ProviderMistaken."""
        with self._lock:
            lasts = _AWAY if self._problem else newer_than
            if self._at is None or not timedelta(0) <= now - self._at < lasts:
                self._ask(now)
            if isinstance(self._problem, ProviderMistaken):
                raise ProviderMistaken(self._problem.because)
            if self._problem is not None:
                raise ProviderAway
            assert self._found is not None
            return self._found

    def known(self) -> T:
        """As it was learned last."""
        assert self._found is not None
        return self._found

    def _ask(self, now: datetime) -> None:
        try:
            self._found, self._problem = self._learn(), None
        except (ProviderAway, ProviderMistaken) as error:
            self._problem = error.with_traceback(None)
        self._at = now


class Provider:
    """One per process. Sign-ins are rare: every exchange has a connection of its own."""

    def __init__(self, settings: Settings, seconds: float = SECONDS) -> None:
        self._settings, self._seconds = settings, seconds
        self._configuration = _Kept(self._discover)
        self._keys = _Kept(self._read_keys)

    def configuration(self, now: datetime) -> Configuration:
        """Raises ProviderAway, ProviderMistaken."""
        return self._configuration.get(now)

    def keys(self, now: datetime, *, again: bool = False) -> Sequence[Json]:
        """Its public keys, as it writes them; `again`: it may have new ones. Raises ProviderAway, ProviderMistaken."""
        self._configuration.get(now)
        return self._keys.get(now, newer_than=_FRESH if again else _KEPT)

    def redeem(self, found: Configuration, code: str, verifier: str, returning_to: str) -> Tokens:
        """Tokens for a code, which is used up by that. Raises SignInStale, ProviderAway, ProviderMistaken."""
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": returning_to,
            "code_verifier": verifier,
        }
        headers = {"content-type": "application/x-www-form-urlencoded", "accept": "application/json"}
        client_id, secret = self._settings.oidc_client_id, self._settings.oidc_client_secret.get_secret_value()
        if secret and not found.secret_in_body:
            pair = f"{quote(client_id, safe='')}:{quote(secret, safe='')}"  # RFC 6749, 2.3.1
            headers["authorization"] = f"Basic {base64.b64encode(pair.encode()).decode()}"
        else:
            form |= {"client_id": client_id, **({"client_secret": secret} if secret else {})}
        status, body = self._ask("POST", found.token, body=urlencode(form).encode(), headers=headers)
        answer = _object(body) if status in (200, 400, 401) else {}
        if status == 200:
            access = answer.get("access_token")
            return Tokens(_text(answer, "id_token"), access if isinstance(access, str) else None)
        if answer.get("error") == "invalid_grant":
            raise SignInStale
        raise _mistaken("refuses to redeem a code", status=status, error=str(answer.get("error"))[:60])

    def userinfo(self, found: Configuration, access_token: str) -> Json:
        """Raises ProviderAway, ProviderMistaken."""
        if found.userinfo is None:
            return {}
        headers = {"authorization": f"Bearer {access_token}", "accept": "application/json"}
        status, body = self._ask("GET", found.userinfo, headers=headers)
        if status != 200:
            raise _mistaken("does not say who signed in", status=status)
        return _object(body)

    def _discover(self) -> Configuration:
        issuer = self._settings.oidc_issuer
        status, body = self._ask("GET", issuer.rstrip("/") + _DISCOVERY)
        if status != 200:
            raise _mistaken("says nothing of itself", status=status)
        told = _object(body)
        if told.get("issuer") != issuer:
            raise _mistaken("names itself otherwise than CASELLA_OIDC_ISSUER", issuer=str(told.get("issuer"))[:200])
        methods = told.get("token_endpoint_auth_methods_supported")
        in_body = isinstance(methods, list) and "client_secret_basic" not in methods and "client_secret_post" in methods
        userinfo = told.get("userinfo_endpoint")
        return Configuration(
            self._place(_text(told, "authorization_endpoint")),
            self._place(_text(told, "token_endpoint")),
            self._place(_text(told, "jwks_uri")),
            self._place(userinfo) if isinstance(userinfo, str) else None,
            secret_in_body=in_body,
            names_itself=told.get("authorization_response_iss_parameter_supported") is True,
        )

    def _place(self, url: str) -> str:
        """An address to ask, or to send a browser to."""
        try:
            parts, same = httpx.URL(url), urlsplit(url)
        except (httpx.InvalidURL, ValueError):
            raise _mistaken("names no address", address=url[:200]) from None
        here = f"{parts.host}:{parts.port or 80}" in self._settings.hosts_within()
        if (
            not parts.host
            or parts.host != same.hostname
            or parts.userinfo
            or not (parts.scheme == "https" or (parts.scheme == "http" and here))
        ):
            raise _mistaken("names an address that is not https", address=url[:200])
        return url

    def _read_keys(self) -> Sequence[Json]:
        configuration = self._configuration.known()
        status, body = self._ask("GET", configuration.keys)
        keys = _object(body).get("keys") if status == 200 else None
        if not isinstance(keys, list):
            raise _mistaken("does not show its keys", status=status)
        return [key for key in keys[:50] if isinstance(key, dict)]

    def _ask(
        self, method: str, url: str, *, body: bytes | None = None, headers: Mapping[str, str] | None = None
    ) -> tuple[int, bytes]:
        within = self._settings.hosts_within()
        try:
            with httpx.Client(verify=tls_context(), follow_redirects=False, trust_env=False) as http:
                status, answer = guarded_exchange(
                    http, method, url, within, body=body, headers=headers, most=_MOST, seconds=self._seconds
                )
        except FetchRefused as error:
            raise _mistaken(error.text) from None
        except httpx.HTTPError as error:
            _log.warning("the sign-in provider does not answer", error=type(error).__name__)
            raise ProviderAway from None
        if status == 429 or status >= 500:
            _log.warning("the sign-in provider does not answer", status=status)
            raise ProviderAway
        return status, answer


def _object(body: bytes) -> Json:
    try:
        found = orjson.loads(body)
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise _mistaken("answers something that is no JSON")
    return found


def _text(told: Json, name: str) -> str:
    value = told.get(name)
    if not isinstance(value, str) or not value:
        raise _mistaken(f"leaves out {name}")
    return value


def _mistaken(what: str, **more: str | int) -> ProviderMistaken:
    """The reason is the operator's, in the log and in `casella doctor`; people are told to ask him."""
    _log.warning("the sign-in provider is not as it should be", what=what, **more)
    return ProviderMistaken(because=what)
