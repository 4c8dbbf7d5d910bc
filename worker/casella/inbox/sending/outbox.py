"""Queueing messages to be sent. Nothing is sent here: a row in the outbox, in the caller's transaction, and a bell
after its commit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Row, select, update

from casella.errors import Invalid
from casella.ids import new_id
from casella.inbox.assignment import answers
from casella.inbox.house import Rooms
from casella.inbox.sending.content import row_kind, to_details
from casella.inbox.sending.permission import File, Way, judge, judge_content, recipient
from casella.inbox.state import Workspace, arm_idle, outgoing_row, recall
from casella.inbox.surveys import SURVEY_LINK, with_link
from casella.plugin import Content, ReactionContent, TemplateContent, clean_text
from casella.store.tables import attachments, messages


@dataclass(frozen=True, slots=True)
class Draft:
    """What somebody wants to send. `attachment_ids`: uploaded before. `reply_to`: the id of the quoted message.
    `content`: what it carries besides. `survey_id`: the sending whose link goes along."""

    text: str
    attachment_ids: Sequence[str] = ()
    reply_to: str | None = None
    sender_kind: str = "agent"
    sender_id: str | None = None
    content: Content | None = None
    survey_id: str | None = None

    @property
    def way(self) -> Way:
        by_person = self.sender_kind == "agent"
        return Way(by_person, isinstance(self.content, TemplateContent), self.sender_id if by_person else None)


def queue_reply(db: Connection, rooms: Rooms, conversation_id: str, draft: Draft, at: datetime) -> str:
    """Store the message as `queued` and put it into the outbox. Returns its id. Raises SendRefused, NotAllowed,
    NotFound, Invalid. After the commit, ring `deliveries` and `feed`."""
    channel, to = recipient(db, rooms, conversation_id)
    judge(rooms, channel, to, at, draft.way).require()
    assert channel is not None, "the gate refuses a channel that is gone"
    files = _files(db, draft)
    text, content = clean_text(draft.text), draft.content
    linked = {SURVEY_LINK: draft.survey_id} if draft.survey_id is not None else {}
    judge_content(rooms, channel, with_link(rooms, text, linked), _sizes(files), content).require()
    row = outgoing_row(
        new_id(), channel.id, clean_text(content.words(text)) if content else text, at, sender_kind=draft.sender_kind,
        sender_id=draft.sender_id, state="queued", reply_to=_quoted(db, conversation_id, draft),
        kind=row_kind(content) if content else files[0].kind if files else "text",
    )  # fmt: skip
    row["details"] = {**linked, **(to_details(content) if content else {})} or None
    row["has_attachments"] = bool(files)
    work = Workspace(rooms, db, at)
    conversation = recall(rooms, work, [conversation_id], former=True)[conversation_id]
    conversation.set(waiting_since=None)
    work.queue_message(conversation, row)
    work.write()
    for position, file in enumerate(files):
        db.execute(
            update(attachments).where(attachments.c.id == file.id).values(message_id=row["id"], position=position)
        )
    if conversation.is_shared:
        arm_idle(db, rooms.desk.current, conversation_id, at)
    if draft.sender_kind == "agent" and draft.sender_id:
        answers(db, draft.sender_id, at)
    return str(row["id"])


def files_of(db: Connection, draft: Draft) -> list[File]:
    """What the draft attaches, as far as limits go. Raises Invalid."""
    return _sizes(_files(db, draft))


def _sizes(rows: Sequence[Row[tuple[object, ...]]]) -> list[File]:
    return [File(row.kind, row.mime, row.size or 0) for row in rows]


def _files(db: Connection, draft: Draft) -> Sequence[Row[tuple[object, ...]]]:
    wanted = list(dict.fromkeys(draft.attachment_ids))
    if not wanted:
        return []
    query = select(attachments).where(
        attachments.c.id.in_(wanted),
        attachments.c.message_id.is_(None),
        attachments.c.state == "stored",
        attachments.c.uploaded_by == draft.sender_id,
    )
    found = {row.id: row for row in db.execute(query)}
    if missing := [id for id in wanted if id not in found]:
        raise Invalid(
            "An attachment is not there, not yours, or was sent already; upload it again.",
            code="unknown_attachment",
            attachment=missing[0],
        )
    return [found[id] for id in wanted]


def _quoted(db: Connection, conversation_id: str, draft: Draft) -> str | None:
    if draft.reply_to is None:
        if isinstance(draft.content, ReactionContent):
            raise Invalid("A reaction needs the message it is for.", code="reaction_without_message")
        return None
    query = select(messages.c.external_id).where(
        messages.c.id == draft.reply_to, messages.c.conversation_id == conversation_id
    )
    row = db.execute(query).one_or_none()
    if row is None:
        raise Invalid("The quoted message is not in this conversation.", code="unknown_quoted_message")
    if row.external_id is None and isinstance(draft.content, ReactionContent):
        raise Invalid("The provider does not know that message yet.", code="unknown_quoted_message")
    return draft.reply_to
