"""What can be done to many conversations at once: each command as the body names it, and what it calls."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field
from sqlalchemy import Connection

from casella.api.frame.fields import Id, Line, Tag
from casella.inbox.commands import (
    Priority,
    archiving,
    assigning,
    closing,
    prioritizing,
    snoozing,
    tagging,
    transferring,
)
from casella.inbox.house import Rooms
from casella.inbox.personal import read_marks
from casella.inbox.reading import Member, read_conversation


class _Command(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Turn(_Command):
    """Close, reopen, archive, or take out of the archive."""

    do: Literal["close", "reopen", "archive", "unarchive"]

    def carry_out(self, db: Connection, rooms: Rooms, member: Member, conversation_id: str, at: datetime) -> None:
        command = {
            "close": closing.close,
            "reopen": closing.reopen,
            "archive": archiving.archive,
            "unarchive": archiving.unarchive,
        }[self.do]
        command(db, rooms, conversation_id, by=member.id, at=at)


class TagAll(_Command):
    """Add a tag of the desk, or remove one."""

    do: Literal["tag", "untag"]
    tag: Tag

    def carry_out(self, db: Connection, rooms: Rooms, member: Member, conversation_id: str, at: datetime) -> None:
        command = tagging.add_tag if self.do == "tag" else tagging.remove_tag
        command(db, rooms, conversation_id, self.tag, by=member.id, at=at)


class PrioritizeAll(_Command):
    do: Literal["prioritize"]
    priority: Priority

    def carry_out(self, db: Connection, rooms: Rooms, member: Member, conversation_id: str, at: datetime) -> None:
        prioritizing.set_priority(db, rooms, conversation_id, self.priority, by=member.id, at=at)


class AssignAll(_Command):
    """Give each, whoever has it: what you see of many is no promise to each of them."""

    do: Literal["assign"]
    assignee: Literal["me"] | Id | None = Field(description="An agent's id, `me`, or null for nobody.")

    def carry_out(self, db: Connection, rooms: Rooms, member: Member, conversation_id: str, at: datetime) -> None:
        holder = read_conversation(db, member, conversation_id).assignee
        to = member.id if self.assignee == "me" else self.assignee
        assigning.assign(
            db, rooms, conversation_id, to=to, expected=holder.id if holder else None, by=member.id, at=at
        )  # fmt: skip


class SnoozeAll(_Command):
    do: Literal["snooze"]
    until: AwareDatetime

    def carry_out(self, db: Connection, rooms: Rooms, member: Member, conversation_id: str, at: datetime) -> None:
        snoozing.snooze(db, rooms, conversation_id, self.until, by=member.id, at=at)


class HandOverAll(_Command):
    """To a team's queue."""

    do: Literal["team"]
    team: Line = Field(description="Id or key of a team.")

    def carry_out(self, db: Connection, rooms: Rooms, member: Member, conversation_id: str, at: datetime) -> None:
        transferring.to_team(db, rooms, member, conversation_id, self.team, at)


class MoveAll(_Command):
    """To another of your inboxes."""

    do: Literal["inbox"]
    inbox: Line = Field(description="Id or key of one of your inboxes.")

    def carry_out(self, db: Connection, rooms: Rooms, member: Member, conversation_id: str, at: datetime) -> None:
        transferring.to_inbox(db, rooms, member, conversation_id, self.inbox, at)


class ReadAll(_Command):
    """Read all that has come in so far."""

    do: Literal["read"]

    def carry_out(self, db: Connection, rooms: Rooms, member: Member, conversation_id: str, at: datetime) -> str | None:
        """The provider's id of the message up to which the contact is to be told."""
        return read_marks.read(db, rooms, member, conversation_id, None, at).newest


class UnreadAll(_Command):
    """Unread from the contact's newest message on."""

    do: Literal["unread"]

    def carry_out(self, db: Connection, rooms: Rooms, member: Member, conversation_id: str, at: datetime) -> None:
        read_marks.unread(db, rooms, member, conversation_id, None, at)


Command = Annotated[
    Turn | TagAll | PrioritizeAll | AssignAll | SnoozeAll | HandOverAll | MoveAll | ReadAll | UnreadAll,
    Field(discriminator="do"),
]
