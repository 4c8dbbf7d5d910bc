"""Settings with which somebody, or everybody, stands outside: for `casella doctor`."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

from casella.inbox.house import Rooms
from casella.inbox.sign_on.sign_on import RETURN, SignOn
from casella.store.queries import agent_queries

_MEANWHILE = "Meanwhile `casella credentials KEY --link` prints a link that signs an agent in once, on this machine."


def lockouts(rooms: Rooms, sign_on: SignOn) -> Iterator[tuple[str, str]]:
    """What is wrong, and what to do about it."""
    settings = rooms.settings
    if bool(settings.oidc_issuer) != bool(settings.oidc_client_id):
        text = "CASELLA_OIDC_ISSUER and CASELLA_OIDC_CLIENT_ID are of use together only"
        yield text, "Set the other one as well; without it there is no sign-in by a provider."
    problem = sign_on.lasting_problem(rooms.clock.now()) if sign_on.enabled else ""
    if problem:
        yield problem, f"Correct CASELLA_OIDC_ISSUER, or look after the provider. {_MEANWHILE}"
    public = urlsplit(settings.public_url)
    if sign_on.enabled and public.scheme != "https" and public.hostname not in ("127.0.0.1", "localhost", "::1"):
        text = f"the provider is asked to send browsers to {settings.public_url}{RETURN}, which is not https"
        yield text, "Put a proxy with TLS in front, and set CASELLA_PUBLIC_URL; most providers refuse anything else."
    if not settings.password_sign_in:
        yield from _without_passwords(rooms, enabled=sign_on.enabled)


def _without_passwords(rooms: Rooms, *, enabled: bool) -> Iterator[tuple[str, str]]:
    with rooms.store.read() as db:
        people = agent_queries.agents_present(db)
    if not enabled:
        text = "nobody can sign in: passwords are switched off (CASELLA_PASSWORD_SIGN_IN), and there is no provider"
        yield text, f"Set CASELLA_OIDC_ISSUER and CASELLA_OIDC_CLIENT_ID, or allow passwords. {_MEANWHILE}"
    elif people and not any(one.email for one in people):
        text = "nobody can sign in: passwords are switched off, and no agent of the desk has an e-mail address"
        yield text, f"Give them those that the provider knows, in desk.yaml. {_MEANWHILE}"
    else:
        without = ", ".join(sorted(one.key for one in people if not one.email))
        if without:
            yield f"without an e-mail address nobody signs in here: {without[:500]}", "Give them one in desk.yaml."
