"""`POST session`: who a visitor is, and what his widget shows; `POST session/end`: his browser forgets it."""

from __future__ import annotations

import secrets
from typing import Annotated

from pydantic import BaseModel, Field

from casella.plugin import RouteAnswer, RouteRefused
from casella_webchat import tokens
from casella_webchat.door import Visit, bearer, counting, json_answer, read_body
from casella_webchat.letters import LONGEST_TEXT, MOST_FILES
from casella_webchat.settings import WidgetOptions

LANGUAGES = ("en", "it")


class Identity(BaseModel):
    """A customer who is signed in at the website; `hmac` is its server's word for it."""

    user_id: Annotated[str, Field(min_length=1, max_length=200)]
    hmac: Annotated[str, Field(min_length=1, max_length=128)]


class SessionRequest(BaseModel):
    """`resume`: from an earlier session."""

    resume: Annotated[str, Field(max_length=tokens.LONGEST)] | None = None
    identity: Identity | None = None
    language: Annotated[str, Field(max_length=35)] = "en"


def begin(visit: Visit) -> RouteAnswer:
    """A new session, or the earlier one going on. A wrong identity is refused, never taken for somebody anonymous; a
    resume token that does not count begins somebody new."""
    visit.house.allow("sessions", visit.request.client, 60, 60)
    visit.house.allow("sessions of all", "", 6000, 60)
    asked = read_body(visit, SessionRequest)
    resumed = _resumed(visit, asked.resume)
    visitor = _identified(visit, asked.identity) if asked.identity else resumed.visitor if resumed else None
    is_new = visitor is None
    if visitor is None:
        visit.house.allow("visitors", visit.request.client, 20, 60)
        visitor = f"v:{secrets.token_urlsafe(18)}"
    session = resumed.session if resumed and resumed.visitor == visitor else tokens.new_session()
    opened = {"visitor": _public(visitor), "is_new": is_new, **_tokens(visit, visitor, session)}
    return json_answer(200, {**opened, "widget": _widget(visit, asked.language)})


class SessionEnd(BaseModel):
    """`resume`: of the session that ends, if the browser has kept one."""

    resume: Annotated[str, Field(max_length=tokens.LONGEST)] | None = None


def end(visit: Visit) -> RouteAnswer:
    """This browser's tokens count no more, at once and everywhere. What counts no more already changes nothing, and
    the answer tells nobody which it was."""
    visit.house.allow("sessions", visit.request.client, 60, 60)
    ended = read_body(visit, SessionEnd)
    for claims in (counting(visit, "resume", ended.resume or ""), counting(visit, "access", bearer(visit.request))):
        if claims is not None:
            until = visit.request.received_at + max(tokens.LASTS.values())
            visit.house.revoke(claims.visitor, claims.session, until)
    return RouteAnswer(204)


def _identified(visit: Visit, identity: Identity) -> str:
    visit.house.allow("identities", visit.request.client, 30, 60)
    if not tokens.identified(visit.settings, identity.user_id, identity.hmac):
        raise RouteRefused(403, "identity_refused", "The website's signature for this customer is wrong.")
    return f"u:{identity.user_id}"


def _resumed(visit: Visit, resume: str | None) -> tokens.Claims | None:
    claims = counting(visit, "resume", resume) if resume else None
    if claims is None or claims.visitor.startswith("u:"):
        return None  # a customer is vouched for anew in each session: signing out at the website ends his here
    return claims


def _tokens(visit: Visit, visitor: str, session: str) -> dict[str, object]:
    now, given = visit.request.received_at, (visit.settings, visit.widget)
    access = tokens.make(*given, "access", visitor=visitor, session=session, origin=visit.origin, now=now)
    resume = tokens.make(*given, "resume", visitor=visitor, session=session, origin=visit.origin, now=now)
    seconds = int(tokens.LASTS["access"].total_seconds())
    return {"token": access, "expires_in": seconds, "resume": None if visitor.startswith("u:") else resume}


def _public(visitor: str) -> str:
    """What tells the browser whose conversation it shows, without saying his address."""
    return "customer" if visitor.startswith("u:") else "visitor"


def _widget(visit: Visit, language: str) -> dict[str, object]:
    options = WidgetOptions(visit.house.channel.options)
    spoken = language.partition("-")[0].lower()
    opening = visit.house.opening(options.hours) if options.hours else None
    return {
        "texts": {name: options.text(name, spoken) for name in WidgetOptions.texts if options.text(name, spoken)},
        "pre_chat": options.pre_chat,
        "opening": opening.model_dump(mode="json") if opening else None,
        "attachments": {
            "count": MOST_FILES if visit.settings.attachments else 0,
            "bytes": visit.settings.attachment_megabytes * 1_000_000,
        },
        "longest_text": LONGEST_TEXT,
    }
