"""What an agent has begun to write: kept here, so that it follows him from desk to phone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import Connection

from casella.errors import Conflict, Invalid
from casella.inbox.house import Rooms
from casella.inbox.reading import Member, answerable
from casella.inbox.views import tell
from casella.store.feed import ConversationEvent, JsonValue
from casella.store.queries import personal_queries
from casella.store.rows import TableRow

Kind = Literal["reply", "note"]


@dataclass(frozen=True, slots=True)
class Draft:
    """`version` rises with every change."""

    conversation_id: str
    kind: str
    text: str
    attachment_ids: Sequence[str]
    version: int
    updated_at: datetime


class DraftChanged(Conflict):
    """You have written on at another place; look at what stands there before you replace it."""

    code = "draft_changed"


def list_drafts(db: Connection, member: Member) -> list[Draft]:
    """All of the member's, of conversations that he sees, the newest first."""
    return [_draft(row) for row in personal_queries.own_drafts(db, member.id, answerable(member))]


def keep(
    db: Connection, rooms: Rooms, member: Member, conversation_id: str, kind: Kind, text: str,
    attachment_ids: Sequence[str], expected: int | None, at: datetime,
) -> Draft | None:  # fmt: skip
    """As the draft stands from now on; empty text without files: there is none any more (None). `expected`: the version
    that was changed; raises DraftChanged if it is another by now, with `version`. None: whatever stands there."""
    known = personal_queries.own_draft(db, member.id, conversation_id, kind)
    version = known.version if known else 0
    if expected is not None and expected != version:
        raise DraftChanged(version=version)
    if attachment_ids and personal_queries.own_uploads(db, member.id, attachment_ids) != len(set(attachment_ids)):
        text = "An attachment is not there, not yours, or was sent already; upload it again."
        raise Invalid(text, code="unknown_attachment")
    if not text and not attachment_ids:
        if known:
            personal_queries.drop_draft(db, member.id, conversation_id, kind)
            _tell(db, rooms, member, conversation_id, kind, None, at)
        return None
    draft = Draft(conversation_id, kind, text, list(attachment_ids), version + 1, at)
    personal_queries.keep_draft(
        db, member.id, conversation_id, kind, text=text, attachment_ids=draft.attachment_ids, version=draft.version,
        updated_at=at,
    )  # fmt: skip
    _tell(db, rooms, member, conversation_id, kind, draft.version, at)
    return draft


def _tell(
    db: Connection, rooms: Rooms, member: Member, conversation_id: str, kind: str, version: int | None, at: datetime
) -> None:
    """His other screens look again; without the words, which a feed keeps for long."""
    payload: dict[str, JsonValue] = {"draft": kind, "version": version}
    tell(rooms, db, [ConversationEvent("draft.updated", conversation_id, payload, member.id)], at)


def _draft(row: TableRow) -> Draft:
    return Draft(row.conversation_id, row.kind, row.text, row.attachment_ids, row.version, row.updated_at)
