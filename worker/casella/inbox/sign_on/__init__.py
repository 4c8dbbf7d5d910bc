"""What a sign-in provider (OpenID Connect) says of who somebody is: asked by the authorization code with PKCE."""

from casella.inbox.sign_on.attempts import LASTS, Attempt, attempt_for, new_seed
from casella.inbox.sign_on.lockout import lockouts
from casella.inbox.sign_on.refusals import (
    EmailUnverified,
    NoSuchAgent,
    PasswordsOff,
    ProviderAway,
    ProviderMistaken,
    SignInRefused,
    SignInStale,
)
from casella.inbox.sign_on.sign_on import RETURN, Identity, SignOn
from casella.inbox.sign_on.spent import prune, spend

__all__ = [
    "LASTS",
    "RETURN",
    "Attempt",
    "EmailUnverified",
    "Identity",
    "NoSuchAgent",
    "PasswordsOff",
    "ProviderAway",
    "ProviderMistaken",
    "SignInRefused",
    "SignInStale",
    "SignOn",
    "attempt_for",
    "lockouts",
    "new_seed",
    "prune",
    "spend",
]
