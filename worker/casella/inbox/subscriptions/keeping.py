"""Subscriptions as admins keep them: where letters go, of what, and whether they go at the moment."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from sqlalchemy import Connection, delete

from casella.errors import Conflict, Invalid, NotFound
from casella.ids import new_id
from casella.inbox.house import Rooms
from casella.inbox.posting import WELL
from casella.inbox.reading import Member
from casella.inbox.subscriptions.sealing import new_secret
from casella.store import feed
from casella.store.feed import FeedEvent, JsonValue
from casella.store.queries.oversight import subscription_queries
from casella.store.rows import TableRow
from casella.store.tables import subscription_letters, subscriptions

MOST = 50
KINDS = (
    "message.created", "message.updated", "conversation.updated", "contact.updated", "contact.consent", "agent.updated",
    "channel.paused",
)  # fmt: skip
"""What can be subscribed to: what happens in shared inboxes and concerns nobody alone."""


class BadAddress(Invalid):
    """Letters go to an https address, without a name or password in it."""

    code = "bad_address"


@dataclass(frozen=True, slots=True)
class SubscriptionView:
    """`kinds`, `inboxes`: none is all of them. `failing_since`: since when no letter has arrived."""

    id: str
    url: str
    description: str
    kinds: Sequence[str]
    inboxes: Sequence[str]
    state: str
    off_reason: str | None
    failures: int
    failing_since: datetime | None
    paused_until: datetime | None
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Wish:
    """None: as it was."""

    url: str | None = None
    description: str | None = None
    kinds: Sequence[str] | None = None
    inboxes: Sequence[str] | None = None
    is_on: bool | None = None


def list_subscriptions(db: Connection) -> list[SubscriptionView]:
    return [_view(row) for row in subscription_queries.every(db)]


def subscribe(db: Connection, rooms: Rooms, admin: Member, wish: Wish, at: datetime) -> tuple[SubscriptionView, str]:
    """With the secret, which is shown this once. Letters begin with what happens from now on. Raises Invalid,
    NotFound for an inbox, and Conflict beyond MOST."""
    if len(subscription_queries.every(db)) >= MOST:
        raise Conflict("There are 50 subscriptions; end one first.", code="too_many_subscriptions")
    values = _values(db, rooms, wish)
    if "url" not in values:
        raise BadAddress
    id, secret = new_id(), new_secret()
    first: dict[str, object] = {"kinds": [], "inboxes": [], "description": "", "state": "active"}
    subscription_queries.add(
        db, id=id, secret_sealed=rooms.sealer.seal(secret), cursor=str(feed.newest(db)), created_by=admin.id,
        created_at=at, **(first | values),
    )  # fmt: skip
    return _told(db, id, at), secret


def change(db: Connection, rooms: Rooms, id: str, wish: Wish, at: datetime) -> SubscriptionView:
    """One that is switched on again goes on where it was. Raises NotFound, Invalid."""
    row = held(db, id)
    values = _values(db, rooms, wish)
    if values.get("state") == "active":
        values |= {"off_reason": None, **WELL}
    elif values.get("state") == "off" and row.state == "active":
        values |= {"off_reason": "switched off by hand"}
    if values:
        subscription_queries.change(db, id, **values)
    return _told(db, id, at)


def renew_secret(db: Connection, rooms: Rooms, id: str, at: datetime) -> tuple[SubscriptionView, str]:
    """The old one counts no more. Raises NotFound."""
    held(db, id)
    secret = new_secret()
    subscription_queries.change(db, id, secret_sealed=rooms.sealer.seal(secret))
    return _told(db, id, at), secret


def end(db: Connection, id: str, at: datetime) -> None:
    """With its letters. Raises NotFound."""
    held(db, id)
    _tell(db, id, "ended", at)
    db.execute(delete(subscription_letters).where(subscription_letters.c.subscription_id == id))
    db.execute(delete(subscriptions).where(subscriptions.c.id == id))


def held(db: Connection, id: str) -> TableRow:
    """Raises NotFound."""
    row = subscription_queries.one(db, id, held=True)
    if row is None:
        raise NotFound("There is no such subscription.")
    return row


def switch_off(db: Connection, id: str, reason: str, at: datetime) -> None:
    """By the house: whoever looks after the inboxes is told as well, and on his devices."""
    subscription_queries.change(db, id, state="off", off_reason=reason)
    told: dict[str, JsonValue] = {"subscription_id": id, "state": "off", "reason": reason}
    people = (*subscription_queries.those_who_are(db, "manager"), *subscription_queries.those_who_are(db, "admin"))
    feed.append(db, [FeedEvent("subscription.updated", None, told, one) for one in people], at)


def _values(db: Connection, rooms: Rooms, wish: Wish) -> dict[str, object]:
    values: dict[str, object] = {}
    if wish.url is not None:
        values["url"] = _checked(rooms, wish.url)
    if wish.description is not None:
        values["description"] = wish.description
    if wish.kinds is not None:
        values["kinds"] = sorted(set(wish.kinds))
    if wish.inboxes is not None:
        if not set(wish.inboxes) <= set(subscription_queries.shared_inboxes(db)):
            raise NotFound("There is no such inbox, or it is not yours to see.")
        values["inboxes"] = sorted(set(wish.inboxes))
    if wish.is_on is not None:
        values["state"] = "active" if wish.is_on else "off"
    return values


def _checked(rooms: Rooms, url: str) -> str:
    """Whether the address may be reached is asked when a letter leaves, each time anew."""
    try:
        parts = urlsplit(url)
        port = parts.port or (443 if parts.scheme == "https" else 80)
    except ValueError:
        raise BadAddress from None
    within = f"{parts.hostname}:{port}" in rooms.settings.hosts_within()
    if parts.scheme != "https" and not (parts.scheme == "http" and within):
        raise BadAddress
    if not parts.hostname or parts.username or parts.password or any(one <= " " or one == "\x7f" for one in url):
        raise BadAddress
    return url


def _told(db: Connection, id: str, at: datetime) -> SubscriptionView:
    view = _view(held(db, id))
    _tell(db, id, view.state, at)
    return view


def _tell(db: Connection, id: str, state: str, at: datetime) -> None:
    payload: dict[str, JsonValue] = {"subscription_id": id, "state": state}
    admins = subscription_queries.those_who_are(db, "admin")
    feed.append(db, [FeedEvent("subscription.updated", None, payload, admin) for admin in admins], at)


def _view(row: TableRow) -> SubscriptionView:
    return SubscriptionView(
        row.id, row.url, row.description, row.kinds, row.inboxes, row.state, row.off_reason, row.failures,
        row.failing_since, row.paused_until, row.created_at,
    )  # fmt: skip
