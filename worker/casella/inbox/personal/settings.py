"""What an agent chooses for himself: how his work looks, sounds and reaches him, and when he is left in peace (S-87).

Kept is what he has changed, so that a better default of ours reaches whoever has chosen nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Annotated, Literal, cast
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field
from sqlalchemy import Connection

from casella.inbox.house import Rooms
from casella.inbox.reading import Member
from casella.store import feed
from casella.store.feed import FeedEvent, JsonValue
from casella.store.queries import personal_queries

DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
Day = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
Moment = Annotated[str, Field(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$", examples=["20:00"])]


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ValueError, OSError, LookupError):  # what ZoneInfo raises for bad paths differs by version
        raise ValueError("must be a time zone's name, such as Europe/Rome") from None
    return name


def _one_line(text: str) -> str:
    if any(character < " " or character == "\x7f" for character in text):
        raise ValueError("must not contain control characters")
    return text


Zone = Annotated[str, Field(max_length=64, examples=["Europe/Rome"]), AfterValidator(_zone)]
_Line = AfterValidator(_one_line)


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid")


class QuietHours(_Part):
    """On these days from `begins` to `ends`, which may be on the next day; the same moment twice is a whole day."""

    days: Annotated[Sequence[Day], Field(min_length=1, max_length=7)]
    begins: Moment
    ends: Moment


class Peace(_Part):
    """When nothing rings and nothing is pushed to you, besides your switch `do_not_disturb`."""

    hours: Annotated[Sequence[QuietHours], Field(max_length=14)] = ()
    timezone: Zone | None = Field(None, description="Whose hours these are; null: the organisation's.")
    until: AwareDatetime | None = Field(None, description="Also until then.")


class Sounds(_Part):
    """What makes a sound on the page."""

    messages: bool = Field(True, description="A contact has written in a conversation of yours.")
    new_conversations: bool = Field(False, description="A conversation waits for somebody.")
    notices: bool = True
    chats: bool = Field(True, description="A colleague has written to you.")
    volume: Annotated[int, Field(ge=0, le=100)] = 70


class Notifications(_Part):
    """What is told to your devices while no page of yours is open."""

    enabled: bool = True
    messages: bool = Field(True, description="A contact has written in a conversation of yours.")
    new_conversations: bool = Field(False, description="A conversation waits for somebody.")
    notices: bool = Field(True, description="What concerns you: `GET /me/notices`.")
    chats: bool = Field(True, description="A colleague has written to you.")
    preview: bool = Field(
        False, description="With names and words, which a device may show while it is locked; without it, neither."
    )


class PersonalSettings(_Part):
    """Everything that an agent may choose."""

    language: Literal["en", "it"] | None = Field(None, description="Null: as the organisation has set for you.")
    theme: Literal["system", "light", "dark"] = "system"
    density: Literal["comfortable", "compact"] = "comfortable"
    shortcuts: bool = Field(True, description="Single keys do things outside text fields.")
    enter_sends: bool = Field(True, description="Else Ctrl or Command with Enter sends.")
    status_message: Annotated[str, Field(max_length=140), _Line] = Field("", description="Colleagues see it.")
    extension: Annotated[str, Field(max_length=32), _Line] = Field("", description="Where colleagues call you.")
    sounds: Sounds = Sounds()
    notifications: Notifications = Notifications()
    peace: Peace = Peace()


SEEN_BY_COLLEAGUES = ("status_message", "extension")


@dataclass(frozen=True, slots=True)
class OwnSettings:
    """`version` rises with every change. `quiet`: whether the agent is left in peace at this moment."""

    settings: PersonalSettings
    version: int
    quiet: bool


def read(db: Connection, rooms: Rooms, member: Member) -> OwnSettings:
    return _shown(db, rooms, member, held=False)


def change(db: Connection, rooms: Rooms, member: Member, wanted: PersonalSettings, at: datetime) -> OwnSettings:
    """What is set in `wanted` is as it says there from now on, everything else as it was. His other screens are told,
    colleagues of what they see of it."""
    personal_queries.begin_settings(db, member.id, at)
    before = _shown(db, rooms, member, held=True)
    chosen = _merged(before.settings.model_dump(mode="json"), wanted.model_dump(mode="json", exclude_unset=True))
    settings = PersonalSettings.model_validate(chosen)
    if settings == before.settings:
        return before
    kept = settings.model_dump(mode="json", exclude_defaults=True)
    personal_queries.keep_settings(db, member.id, settings=kept, version=before.version + 1, updated_at=at)
    after = OwnSettings(settings, before.version + 1, _quiet(settings, member, rooms, at))
    payload: dict[str, JsonValue] = {
        "settings": settings.model_dump(mode="json"), "version": after.version, "quiet": after.quiet
    }  # fmt: skip
    events = [FeedEvent("settings.updated", None, payload, member.id)]
    if any(getattr(settings, name) != getattr(before.settings, name) for name in SEEN_BY_COLLEAGUES):
        seen: dict[str, JsonValue] = {name: getattr(settings, name) for name in SEEN_BY_COLLEAGUES}
        state: dict[str, JsonValue] = {"available": member.available, "do_not_disturb": member.do_not_disturb}
        events.append(FeedEvent("agent.updated", None, {"agent_id": member.id, **state, **seen}))
    feed.append(db, events, at)
    return after


def in_peace(settings: PersonalSettings, at: datetime, zone: str) -> bool:
    """Whether his own hours, in `zone` unless he has named another, or his `until` say so."""
    peace = settings.peace
    if peace.until is not None and at < peace.until:
        return True
    here = at.astimezone(ZoneInfo(peace.timezone or zone))
    return any(_within(hours, here) for hours in peace.hours)


def _within(hours: QuietHours, here: datetime) -> bool:
    begins, ends, now = time.fromisoformat(hours.begins), time.fromisoformat(hours.ends), here.time()
    today, yesterday = DAYS[here.weekday()], DAYS[(here - timedelta(days=1)).weekday()]
    if begins < ends:
        return today in hours.days and begins <= now < ends
    return (today in hours.days and now >= begins) or (yesterday in hours.days and now < ends)


def _shown(db: Connection, rooms: Rooms, member: Member, *, held: bool) -> OwnSettings:
    row = personal_queries.own_settings(db, member.id, held=held)
    settings = PersonalSettings.model_validate(row.settings if row else {})
    return OwnSettings(settings, row.version if row else 0, _quiet(settings, member, rooms, rooms.clock.now()))


def _quiet(settings: PersonalSettings, member: Member, rooms: Rooms, at: datetime) -> bool:
    return member.do_not_disturb or in_peace(settings, at, rooms.desk.current.timezone)


def _merged(known: Mapping[str, object], wanted: Mapping[str, object]) -> dict[str, object]:
    """Parts are changed by their parts, lists and values as a whole."""
    merged = dict(known)
    for name, value in wanted.items():
        before = merged.get(name)
        if isinstance(before, dict) and isinstance(value, dict):
            merged[name] = _merged(cast("Mapping[str, object]", before), cast("Mapping[str, object]", value))
        else:
            merged[name] = value
    return merged
