"""What a visitor reads: his transcript, and what happens in it from now on. Always his own, by his token alone."""

from __future__ import annotations

from casella.plugin import ContactStream, RouteAnswer, RouteRefused
from casella_webchat.door import Visit

_PAGE = 30


def transcript(visit: Visit) -> RouteAnswer:
    """The newest messages, or those before a place."""
    visit.house.allow("transcripts", visit.visitor, 120, 60)
    before = visit.request.query.get("before") or None
    if before is not None and len(before) > 200:
        raise RouteRefused(422, "bad_cursor", "This is not a place in a transcript; begin without one.")
    found = visit.house.transcript(visit.visitor, before=before, limit=_PAGE)
    return RouteAnswer(200, found.model_dump_json().encode())


def events(visit: Visit) -> ContactStream:
    """Server-sent events, behind `Last-Event-ID` or `?after=`, until the token runs out."""
    visit.house.allow("streams", visit.visitor, 60, 60)
    visit.house.allow("streams of one address", visit.request.client, 600, 60)
    after = visit.request.headers.get("last-event-id") or visit.request.query.get("after") or None
    return ContactStream(
        visit.visitor,
        after[:60] if after else None,
        visit.expires,
        credential=visit.session,
        issued_at=visit.issued_at,
    )
