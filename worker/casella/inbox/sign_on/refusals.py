"""Why somebody is not signed in by the provider. The first line is what he reads."""

from __future__ import annotations

from typing import ClassVar

from casella.errors import CasellaError, NotAllowed, NotAuthenticated


class PasswordsOff(NotAllowed):
    """Nobody signs in with a password here: take the button that leads to your sign-in provider."""

    code = "password_sign_in_off"


class ProviderAway(CasellaError):
    """The sign-in provider does not answer right now; try again in a moment."""

    code: ClassVar[str] = "sign_in_provider_away"
    status: ClassVar[int] = 503


class ProviderMistaken(CasellaError):
    """What the sign-in provider answered cannot be trusted; tell whoever runs this server."""

    code: ClassVar[str] = "sign_in_provider_mistaken"
    status: ClassVar[int] = 502

    def __init__(self, because: str = "") -> None:
        """`because`: for the operator."""
        self.because = because
        super().__init__()


class SignInStale(NotAuthenticated):
    """This sign-in was not begun in this browser, was used already, or was begun too long ago; begin again."""

    code = "sign_in_stale"


class SignInRefused(NotAuthenticated):
    """The sign-in provider did not let you in; begin again, or ask whoever looks after your account there."""

    code = "sign_in_refused"


class EmailUnverified(NotAuthenticated):
    """The sign-in provider does not vouch for your e-mail address; confirm it there, or take another account."""

    code = "email_unverified"


class NoSuchAgent(NotAuthenticated):
    """Nobody of this desk has the e-mail address of the account you took; take another one, or ask a manager."""

    code = "no_such_agent"
