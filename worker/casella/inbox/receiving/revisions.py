"""What is changed or taken back after it was written: the message, the list's preview of it, its files, its words in
the search, and wherever else they went. It may come in the very batch that brings the message, or before it; what comes
twice or late changes nothing."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import delete, insert, select, update

from casella.inbox.house import ChannelEntry
from casella.inbox.receipts import MessageState, ReceiptBook
from casella.inbox.receiving.kept_revisions import KeptRevisions, MessageKey, Revision, doer
from casella.inbox.receiving.taking_back import forget_words
from casella.inbox.state import Values, Workspace
from casella.plugin import (
    Event,
    MessageDeleted,
    MessageEchoed,
    MessageEdited,
    MessageReceived,
    ReactionChanged,
    clean_text,
)
from casella.store.tables import attachments, messages, search_pending

_LONGEST_EMOJI = 64
_WITH_REVISIONS = MessageReceived | MessageEchoed | MessageEdited | MessageDeleted | ReactionChanged
_LEFT = ("group", "participant", "participant_name", "standby")
"""What a message that was taken back still says: who wrote it, and where."""


class RevisionBook:
    """The changes of one batch. `forgotten`: keys of files to delete after the commit."""

    def __init__(self, work: Workspace, receipts: ReceiptBook) -> None:
        self._work = work
        self._receipts = receipts
        self._kept = KeptRevisions(work.db)
        self._fresh: dict[MessageKey, Values] = {}
        self.forgotten: list[str] = []

    def load(self, events: Sequence[tuple[ChannelEntry, Event]]) -> None:
        keys = {(channel.id, event.external_id) for channel, event in events if isinstance(event, _WITH_REVISIONS)}
        self._kept.load(keys)

    def early(self, channel: ChannelEntry, external_id: str, row: Values) -> None:
        """A message that this batch brings, before anybody sees it: what came early is applied."""
        key = (channel.id, external_id)
        self._fresh[key] = row
        for kept in self._kept.waiting(key):
            if kept.event is not None and _is_about(kept.event, str(row["direction"])):
                _revise(row, kept.event)
                self._without_files(row)
                if isinstance(kept.event, MessageDeleted):
                    forget_words(self._work.db, row, "")
                self._kept.applied(kept)

    def apply(self, channel: ChannelEntry, event: Revision) -> None:
        """One change: to the message if it is known, otherwise kept for it."""
        key = (channel.id, event.external_id)
        kept = self._kept.accept(key, event)
        if isinstance(event, MessageEdited) and self._kept.is_deleted(key):
            self._forget_edit(channel, event)
        if kept is None:
            return
        row, state = self._fresh.get(key), self._receipts.known(channel, event.external_id)
        if row is not None and _is_about(event, str(row["direction"])):
            self._revise_fresh(row, event)
        elif state is not None and _is_about(event, state.direction):
            self._revise_stored(channel, state, event)
        elif row is not None or state is not None:
            pass  # somebody's change of what another has written
        else:
            return
        self._kept.applied(kept)

    def write(self) -> None:
        self._kept.write(self._work.now)

    def _revise_fresh(self, row: Values, event: Revision) -> None:
        before = str(row["text"])
        if _revise(row, event):
            self._work.renew_preview(str(row["conversation_id"]), before, str(row["text"]))
        self._without_files(row)
        if isinstance(event, MessageDeleted):
            forget_words(self._work.db, row, before)

    def _without_files(self, row: Values) -> None:
        if not row["has_attachments"]:
            self._work.attachments = [one for one in self._work.attachments if one["message_id"] != row["id"]]

    def _revise_stored(self, channel: ChannelEntry, state: MessageState, event: Revision) -> None:
        db, ours = self._work.db, messages.c.id == state.id
        row = dict(db.execute(select(messages).where(ours)).one()._mapping)
        if not _revise(row, event):
            self._forget_edit(channel, event)
            return
        changed = {name: row[name] for name in ("text", "kind", "details", "has_attachments")}
        db.execute(update(messages).where(ours).values(changed))
        if row["text"] != state.text:
            db.execute(insert(search_pending), {"message_id": state.id})
            self._work.renew_preview(state.conversation_id, state.text, str(row["text"]))
        if isinstance(event, MessageDeleted):
            self._forget_files(state.id)
            forget_words(db, row, state.text)
        state.text = str(row["text"])
        self._receipts.tell(state)

    def _forget_edit(self, channel: ChannelEntry, event: Revision) -> None:
        """It comes after its message was taken back: the journal has its words."""
        forget_words(self._work.db, {"id": "", "channel_id": channel.id, "external_id": event.external_id}, "")

    def _forget_files(self, message_id: str) -> None:
        gone = self._work.db.execute(
            delete(attachments).where(attachments.c.message_id == message_id).returning(attachments.c.storage_key)
        )
        self.forgotten += [row.storage_key for row in gone if row.storage_key]
        self._work.attachments = [row for row in self._work.attachments if row["message_id"] != message_id]


def _is_about(event: Revision, direction: str) -> bool:
    """Whether whoever did it has written the message. Anybody may react to anything."""
    return isinstance(event, ReactionChanged) or direction == ("out" if event.by_business else "in")


def _revise(row: Values, event: Revision) -> bool:
    """Change a message's row. False where nothing is left to change: it was taken back. What is known of a message is
    added to, never overwritten."""
    details = dict(known) if isinstance(known := row["details"], dict) else {}
    if details.get("deleted") == "yes":
        return False
    match event:
        case MessageEdited():
            row.update(text=clean_text(event.text), details=details | {"edited": "yes"})
        case MessageDeleted():
            left = {name: details[name] for name in _LEFT if name in details}
            row.update(text="", details=left | {"deleted": "yes"}, kind="unsupported", has_attachments=False)
        case ReactionChanged():
            row.update(details=_reacted(details, doer(event), clean_text(event.emoji)[:_LONGEST_EMOJI]))
    return True


def _reacted(details: dict[str, object], who: str, emoji: str) -> dict[str, object] | None:
    """One reaction of each contact; the business's own, given elsewhere, under no address."""
    before = details.pop("reactions", {})
    reactions = {**(before if isinstance(before, dict) else {}), who: emoji}
    if left := {one: what for one, what in reactions.items() if what}:
        details["reactions"] = left
    return details or None
