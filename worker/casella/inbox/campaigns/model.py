"""What a campaign is, as managers write and read it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from casella.errors import Conflict, Invalid
from casella.inbox.house import ChannelEntry, Rooms
from casella.store.rows import TableRow
from casella_rules.language.attributes import AttributeValue

Purpose = Literal["marketing", "service"]
State = Literal["draft", "gathering", "scheduled", "sending", "paused", "done", "canceled"]
MOST_PEOPLE = 20_000
"""Of one campaign."""


class NotDraft(Conflict):
    """This campaign has been scheduled; only a draft can be changed."""

    code = "not_draft"


class BadCampaign(Invalid):
    """This campaign cannot be sent as it is."""

    code = "bad_campaign"


@dataclass(frozen=True, slots=True)
class Filter:
    """Which contacts are meant. Of several tags, languages or countries any counts, and all conditions hold together;
    `attributes`: all of them. `everyone`: there need be no other condition."""

    everyone: bool = False
    tags: Sequence[str] = ()
    without_tags: Sequence[str] = ()
    languages: Sequence[str] = ()
    countries: Sequence[str] = ()
    attributes: Mapping[str, AttributeValue] = field(default_factory=dict)

    @classmethod
    def of(cls, kept: Mapping[str, object]) -> Filter:
        return cls(**kept)  # type: ignore[arg-type]  # as `kept` wrote it

    def kept(self) -> dict[str, object]:
        return {
            "everyone": self.everyone, "tags": list(self.tags), "without_tags": list(self.without_tags),
            "languages": list(self.languages), "countries": list(self.countries), "attributes": dict(self.attributes),
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Words:
    """What is said: a text with variables, a canned message by its key, or a template of the provider's with what
    stands for its variables (the content's own JSON, each value a text with variables)."""

    text: str | None = None
    canned: str | None = None
    template: Mapping[str, object] | None = None

    @classmethod
    def of(cls, kept: Mapping[str, object]) -> Words:
        return cls(**kept)  # type: ignore[arg-type]  # as `kept` wrote it

    def kept(self) -> dict[str, object]:
        template = dict(self.template) if self.template is not None else None
        return {"text": self.text, "canned": self.canned, "template": template}


@dataclass(frozen=True, slots=True)
class Wish:
    """A campaign as it is wished. `contacts`: who is meant besides those of the filter. `quiet`: from when until when
    nobody is written to, by his own clock; None: at any hour."""

    name: str
    channel: str
    words: Words
    filter: Filter | None = None
    contacts: Sequence[str] = ()
    purpose: Purpose = "marketing"
    reason: str | None = None
    quiet: tuple[str, str] | None = ("20:00", "08:00")
    per_minute: int = 300


@dataclass(frozen=True, slots=True)
class Progress:
    """How many people: `listed` by hand and not looked at yet, `planned` and not written to yet, `left_out`, `queued`
    (written to, whatever became of it), `canceled` before it was their turn."""

    listed: int = 0
    planned: int = 0
    left_out: int = 0
    queued: int = 0
    canceled: int = 0


@dataclass(frozen=True, slots=True)
class CampaignView:
    """`waits_until`: it sends, and at the moment everybody who is left has quiet hours. `pause_code`, `pause_text`: why
    it stands still."""

    id: str
    name: str
    inbox_id: str
    channel_id: str
    state: State
    words: Words
    filter: Filter | None
    purpose: str
    reason: str | None
    quiet: tuple[str, str] | None
    per_minute: int
    starts_at: datetime | None
    waits_until: datetime | None
    pause_code: str | None
    pause_text: str | None
    progress: Progress
    created_by: str
    created_at: datetime
    scheduled_by: str | None
    scheduled_at: datetime | None
    ended_at: datetime | None


def view_of(row: TableRow, counts: Mapping[str, int], now: datetime) -> CampaignView:
    state = _shown(row, now)
    late = row.due_at if state == "sending" and row.due_at and (row.due_at - now).total_seconds() > 60 else None
    return CampaignView(
        row.id, row.name, row.inbox_id, row.channel_id, state, Words.of(row.words),
        Filter.of(row.filter) if row.filter is not None else None, row.purpose, row.reason,
        (row.quiet_from, row.quiet_until) if row.quiet_from else None, row.per_minute, row.starts_at, late,
        row.pause_code, row.pause_text, Progress(**counts), row.created_by, row.created_at, row.scheduled_by,
        row.scheduled_at, row.ended_at,
    )  # fmt: skip


def _shown(row: TableRow, now: datetime) -> State:
    if row.state != "active":
        state: State = row.state
        return state
    if row.gathered_at is None:
        return "gathering"
    return "scheduled" if row.starts_at is not None and row.starts_at > now else "sending"


def channel_of(rooms: Rooms, row: TableRow) -> ChannelEntry | None:
    """None where the desk has it no more, or it is somebody's own now."""
    entry = rooms.directory.current.channels.get(row.channel_id)
    return entry if entry is not None and entry.inbox.owner_id is None else None
