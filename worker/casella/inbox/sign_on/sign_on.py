"""Signing in by the provider: where a browser is sent, and who has come back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import urlencode

import httpx
import structlog

from casella.inbox.sign_on import id_tokens
from casella.inbox.sign_on.attempts import Attempt
from casella.inbox.sign_on.provider import SECONDS, Configuration, Json, Provider, Tokens
from casella.inbox.sign_on.refusals import EmailUnverified, ProviderMistaken, SignInRefused, SignInStale
from casella.settings import Settings

_log = structlog.get_logger("casella.sign_on")
RETURN = "/sign-in/return"
"""Where the provider sends a browser back to; what has to be registered there, below the public address."""
_ACCESS = ("access_denied", "login_required", "interaction_required", "consent_required", "account_selection_required")


@dataclass(frozen=True, slots=True)
class Identity:
    """Whom the provider vouches for. `ways`: how it found out (RFC 8176)."""

    email: str
    ways: frozenset[str] = field(default_factory=frozenset)


class SignOn:
    """One per process. `enabled` false: there is no provider, and nothing else may be asked."""

    def __init__(self, settings: Settings, seconds: float = SECONDS) -> None:
        self._settings = settings
        self.enabled = settings.single_sign_on
        self._provider = Provider(settings, seconds) if self.enabled else None
        self._returning_to = settings.public_url + RETURN

    @property
    def name(self) -> str:
        """What people call the provider."""
        return self._settings.oidc_name or httpx.URL(self._settings.oidc_issuer).host

    def address(self, attempt: Attempt, now: datetime, *, another: bool = False) -> str:
        """Where to send a browser; `another`: the account it had there was of no use. Raises ProviderAway,
        ProviderMistaken."""
        found = self._asked().configuration(now)
        asked = {
            "response_type": "code",
            "client_id": self._settings.oidc_client_id,
            "redirect_uri": self._returning_to,
            "scope": self._settings.oidc_scopes,
            "state": attempt.state,
            "nonce": attempt.nonce,
            "code_challenge": attempt.challenge,
            "code_challenge_method": "S256",
            **({"prompt": "login"} if another else {}),
        }
        return f"{found.authorization}{'&' if '?' in found.authorization else '?'}{urlencode(asked)}"

    def identify(self, attempt: Attempt, returned: Mapping[str, str], now: datetime) -> Identity:
        """Who came back with this answer. Raises SignInRefused, SignInStale, EmailUnverified, ProviderAway,
        ProviderMistaken."""
        provider = self._asked()
        found = provider.configuration(now)
        self._require_issuer(found, returned.get("iss"))
        if "error" in returned:
            if returned["error"] not in _ACCESS:
                _log.warning("the sign-in provider refuses", error=returned["error"][:60])
            raise SignInRefused
        code = returned.get("code", "")
        if not code:
            raise SignInStale
        tokens = provider.redeem(found, code, attempt.verifier, self._returning_to)
        expected = id_tokens.Expected(
            self._settings.oidc_issuer, self._settings.oidc_client_id, attempt.nonce, tokens.access_token, now
        )
        try:
            claims = id_tokens.read(tokens.id_token, lambda again: provider.keys(now, again=again), expected)
        except id_tokens.Untrue as error:
            _log.warning("an ID token is refused", because=str(error))
            raise ProviderMistaken from None
        return _identity(claims, self._told_beside(found, tokens, claims))

    def lasting_problem(self, now: datetime) -> str:
        """What is wrong with the provider as of now, for the operator; empty where it answers as it should."""
        try:
            self._asked().keys(now)
        except ProviderMistaken as error:
            return f"the provider {error.because or 'is not as it should be'}"
        except Exception as error:  # noqa: BLE001 - whatever it is, it is what doctor has to tell
            return f"the provider does not answer ({type(error).__name__})"
        return ""

    def _asked(self) -> Provider:
        if self._provider is None:
            raise ProviderMistaken(because="is not set (CASELLA_OIDC_ISSUER, CASELLA_OIDC_CLIENT_ID)")
        return self._provider

    def _require_issuer(self, found: Configuration, told: str | None) -> None:
        """Which provider has answered (RFC 9207): a code of another one must not be given to this one."""
        if told is None and not found.names_itself:
            return
        if told != self._settings.oidc_issuer:
            _log.warning("an answer of another provider is refused")
            raise SignInStale

    def _told_beside(self, found: Configuration, tokens: Tokens, claims: Json) -> Json:
        """What it says at its own door of the same person, where the token leaves out the e-mail address."""
        if "email" in claims or tokens.access_token is None:
            return {}
        told = self._asked().userinfo(found, tokens.access_token)
        if told.get("sub") != claims["sub"]:
            _log.warning("the sign-in provider speaks of two people")
            raise ProviderMistaken
        return told


def _identity(claims: Json, beside: Json) -> Identity:
    """`email_verified` is a word instead of a truth with some large providers (Cognito, Apple)."""
    source = claims if "email" in claims else beside
    email, verified = source.get("email"), source.get("email_verified")
    if not isinstance(email, str) or not email or not (verified is True or verified == "true"):
        raise EmailUnverified
    ways = claims.get("amr")
    listed = ways if isinstance(ways, list) else []
    return Identity(email, frozenset(one for one in listed if isinstance(one, str)))
