"""Who contacts are, as their provider tells: asked once for somebody new, and rarely again, beside the lanes.

No message waits for it, and no rule hears of it. A name somebody of the house has given is never replaced; one that the
provider told before is. What fails is asked again later, a few times; then it is left until the next renewal.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import httpx
import structlog
from sqlalchemy import Connection, Exists, Row, exists, or_, select, update

from casella.errors import CasellaError, DiskFull, PluginFailed
from casella.inbox.files import FetchRefused, FileTooBig, StoredFile, fetch
from casella.inbox.house import ChannelEntry, Rooms, able
from casella.inbox.sending import backoff
from casella.inbox.state import Values
from casella.inbox.views import tell
from casella.origins import language_tag
from casella.plugin import Channel, MediaRef, MediaRequest, MediaUnavailable, Profile, SendError, clean_text
from casella.store.feed import ConversationEvent, JsonValue
from casella.store.tables import contact_addresses, contact_profiles, contacts, conversations

_NOT_FETCHED = (
    *(MediaUnavailable, FileTooBig, DiskFull, FetchRefused, PluginFailed),
    *(httpx.HTTPError, OSError, ValueError),
)
_log = structlog.get_logger("casella.profiles")
RENEWED = timedelta(days=30)
MOST_ATTEMPTS = 6
MOST_PICTURE_BYTES = 2 * 1024 * 1024
_LEASE = timedelta(minutes=2)
_UNTIL_MENDED = timedelta(minutes=5)
_AT_ONCE = 4
ProfileRow = Row[tuple[object, ...]]


@dataclass(frozen=True, slots=True)
class _Told:
    """What the provider said, with the picture as it was stored."""

    name: str | None
    picture: StoredFile | None
    language: str | None = None


def wanted_row(address_id: str, channel_id: str, at: datetime) -> Values:
    """The provider is to be asked about this address."""
    return {"address_id": address_id, "channel_id": channel_id, "due_at": at}


def ask_due(rooms: Rooms, http: httpx.Client, limit: int = _AT_ONCE) -> int:
    """Ask about whoever is due. Returns how many were looked at; 0: nobody is."""
    claimed = _claim(rooms, limit)
    for row in claimed:
        _ask_one(rooms, http, row)
    return len(claimed)


def _claim(rooms: Rooms, limit: int) -> Sequence[ProfileRow]:
    now = rooms.clock.now()
    due = contact_profiles.c.due_at <= now
    with rooms.store.read() as db:
        if db.execute(select(contact_profiles.c.address_id).where(due).limit(1)).first() is None:
            return ()
    query = (
        select(contact_profiles, contact_addresses.c.address, _has_written_since().label("is_active"))
        .join(contact_addresses, contact_addresses.c.id == contact_profiles.c.address_id)
        .where(due)
        .order_by(contact_profiles.c.due_at)
        .limit(limit)
        .with_for_update(skip_locked=True, of=contact_profiles)
    )
    with rooms.store.write() as db:
        rows = db.execute(query).all()
        mine = contact_profiles.c.address_id.in_([row.address_id for row in rows])
        attempts = contact_profiles.c.attempts + 1
        db.execute(update(contact_profiles).where(mine).values(due_at=now + _LEASE, attempts=attempts))
    return rows


def _has_written_since() -> Exists:
    """Whether there is news of the contact since he was last asked about: nobody else is renewed."""
    return exists().where(
        conversations.c.address_id == contact_profiles.c.address_id,
        or_(contact_profiles.c.asked_at.is_(None), conversations.c.last_inbound_at > contact_profiles.c.asked_at),
    )


def _ask_one(rooms: Rooms, http: httpx.Client, row: ProfileRow) -> None:
    now = rooms.clock.now()
    entry = rooms.directory.current.channels.get(row.channel_id)
    if entry is None or entry.channel is None or not row.is_active:
        _set(rooms, row, {"due_at": now + RENEWED, "attempts": 0})
        return
    try:
        told = _ask(rooms, http, entry, entry.channel, row.address)
    except SendError as error:
        _log.info("profile not told", channel=entry.key, reason=error.code)
        again = error.retryable and row.attempts + 1 < MOST_ATTEMPTS
        wait = timedelta(seconds=max(60.0, error.retry_after or 0.0, 60 * backoff(row.attempts + 1)))
        _set(rooms, row, {"due_at": now + (wait if again else RENEWED)} | ({} if again else {"attempts": 0}))
    except CasellaError as error:  # the fault is in this house: it uses up no attempt
        _log.info("profile not asked for", channel=entry.key, reason=error.code)
        _set(rooms, row, {"due_at": now + _UNTIL_MENDED, "attempts": row.attempts})
    else:
        _keep(rooms, row, told, now)


def _ask(rooms: Rooms, http: httpx.Client, entry: ChannelEntry, channel: Channel, address: str) -> _Told | None:
    plugin = rooms.host.plugin(entry.channel_type)
    if not able(rooms, entry).profiles:
        return None
    profile = rooms.host.call(plugin, "profile", lambda: plugin.profile(channel, address, http), Profile)
    name = clean_text(profile.name).strip() if profile.name else ""
    picture = _picture(rooms, http, entry, channel, profile.picture) if profile.picture else None
    return _Told(name or None, picture, language_tag(profile.language))


def _picture(
    rooms: Rooms, http: httpx.Client, entry: ChannelEntry, channel: Channel, ref: MediaRef
) -> StoredFile | None:
    """The picture, under the guards of every download; a name without one is worth having too."""
    plugin = rooms.host.plugin(entry.channel_type)
    try:
        request = rooms.host.call(plugin, "locate_media", lambda: plugin.locate_media(channel, ref, http), MediaRequest)
        with fetch(http, request, rooms.settings.hosts_within()) as response:
            if response.status_code != 200:
                return None
            stored = rooms.media.put(response.iter_bytes(65_536), most=MOST_PICTURE_BYTES, claimed=ref.mime)
    except (
        MediaUnavailable,
        FileTooBig,
        DiskFull,
        FetchRefused,
        PluginFailed,
        httpx.HTTPError,
        OSError,
        ValueError,
    ) as error:
        _log.info("picture not fetched", channel=entry.key, reason=type(error).__name__)
        return None
    if stored.kind == "image":
        return stored
    rooms.media.delete(stored.key)
    return None


def _keep(rooms: Rooms, row: ProfileRow, told: _Told | None, now: datetime) -> None:
    values: Values = {"asked_at": now, "due_at": now + RENEWED, "attempts": 0}
    if told is not None:
        values["name"] = told.name or row.name
    if told is not None and told.picture is not None:
        values |= {"picture_key": told.picture.key, "picture_mime": told.picture.mime}
    with rooms.store.write() as db:
        db.execute(update(contact_profiles).where(contact_profiles.c.address_id == row.address_id).values(values))
        renamed = told is not None and told.name is not None and _name(db, row, told.name)
        if told is not None and told.language is not None:
            _speaks(db, row, told.language)
        if news := renamed or "picture_key" in values:
            _tell(rooms, db, row.address_id, now)
    if row.picture_key and "picture_key" in values:
        rooms.media.delete(row.picture_key)
    if news:
        rooms.bell.feed()


def _name(db: Connection, row: ProfileRow, name: str) -> bool:
    """The contact's name, unless somebody else has given him one."""
    his = select(contact_addresses.c.contact_id).where(contact_addresses.c.id == row.address_id).scalar_subquery()
    free = or_(contacts.c.name.is_(None), contacts.c.name == row.name) if row.name else contacts.c.name.is_(None)
    statement = update(contacts).where(contacts.c.id == his, contacts.c.linked.is_(False), free)
    return db.execute(statement.where(contacts.c.name.is_distinct_from(name)).values(name=name)).rowcount == 1


def _speaks(db: Connection, row: ProfileRow, language: str) -> None:
    """Unless a message or somebody else has told it: devices know better than profiles."""
    his = select(contact_addresses.c.contact_id).where(contact_addresses.c.id == row.address_id).scalar_subquery()
    unknown = contacts.c.locale.is_(None)
    db.execute(
        update(contacts).where(contacts.c.id == his, contacts.c.linked.is_(False), unknown).values(locale=language)
    )


def _tell(rooms: Rooms, db: Connection, address_id: str, now: datetime) -> None:
    """Whoever looks at his open conversation sees it renewed."""
    query = select(conversations.c.id).where(
        conversations.c.address_id == address_id, conversations.c.status != "closed"
    )
    by: dict[str, JsonValue] = {"by": {"provider": "profile"}}
    tell(rooms, db, [ConversationEvent("conversation.updated", id, by) for id in db.execute(query).scalars()], now)


def _set(rooms: Rooms, row: ProfileRow, values: Values) -> None:
    with rooms.store.write() as db:
        db.execute(update(contact_profiles).where(contact_profiles.c.address_id == row.address_id).values(values))
