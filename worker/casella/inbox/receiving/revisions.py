"""What a contact changes or takes back after writing it: the message, the list's preview of it, its files, its words
in the search. It may come in the very batch that brings the message."""

from __future__ import annotations

from sqlalchemy import delete, insert, select, update

from casella.inbox.house import ChannelEntry
from casella.inbox.receipts import ReceiptBook
from casella.inbox.state import Values, Workspace
from casella.plugin import MessageDeleted, MessageEdited, ReactionChanged, clean_text
from casella.store.tables import attachments, messages, search_pending

_LONGEST_EMOJI = 64


class RevisionBook:
    """The edits and deletions of one batch. `forgotten`: keys of files to delete after the commit."""

    def __init__(self, work: Workspace, receipts: ReceiptBook) -> None:
        self._work = work
        self._receipts = receipts
        self._fresh: dict[tuple[str, str], Values] = {}
        self.forgotten: list[str] = []

    def add(self, channel: ChannelEntry, external_id: str, row: Values) -> None:
        """A message that this batch brings."""
        self._fresh[(channel.id, external_id)] = row

    def edit(self, channel: ChannelEntry, event: MessageEdited) -> None:
        self._rewrite(channel, event.external_id, {"text": clean_text(event.text), "details": {"edited": "yes"}})

    def delete(self, channel: ChannelEntry, event: MessageDeleted) -> None:
        """The contact took it back: the text is blanked and its files forgotten (provider policy)."""
        blank: Values = {"text": "", "details": {"deleted": "yes"}, "kind": "unsupported", "has_attachments": False}
        message_id = self._rewrite(channel, event.external_id, blank)
        if message_id is None:
            return
        ours = attachments.c.message_id == message_id
        gone = self._work.db.execute(delete(attachments).where(ours).returning(attachments.c.storage_key))
        self.forgotten += [row.storage_key for row in gone if row.storage_key]
        self._work.attachments = [row for row in self._work.attachments if row["message_id"] != message_id]

    def react(self, channel: ChannelEntry, event: ReactionChanged) -> None:
        """The contact's reaction is kept with the message it is for, one of each contact. For a message that is not
        known there is nothing to show it at."""
        emoji = clean_text(event.emoji)[:_LONGEST_EMOJI]
        if (row := self._fresh.get((channel.id, event.external_id))) is not None:
            row["details"] = _reacted(row["details"], event.contact_address, emoji)
            return
        if (state := self._receipts.known(channel, event.external_id)) is None:
            return
        ours = messages.c.id == state.id
        details = self._work.db.execute(select(messages.c.details).where(ours)).scalar_one()
        changed = _reacted(details, event.contact_address, emoji)
        self._work.db.execute(update(messages).where(ours).values(details=changed))
        self._receipts.tell(channel, state)

    def _rewrite(self, channel: ChannelEntry, external_id: str, values: Values) -> str | None:
        """Returns the message's id, None if it is not known."""
        text = str(values["text"])
        if (row := self._fresh.get((channel.id, external_id))) is not None:
            self._work.renew_preview(str(row["conversation_id"]), str(row["text"]), text)
            row.update(values)
            return str(row["id"])
        if (state := self._receipts.known(channel, external_id)) is None:
            return None
        self._work.db.execute(update(messages).where(messages.c.id == state.id).values(values))
        self._work.db.execute(insert(search_pending), {"message_id": state.id})
        self._work.renew_preview(state.conversation_id, state.text, text)
        state.text = text
        self._receipts.tell(channel, state)
        return state.id


def _reacted(details: object, contact: str, emoji: str) -> dict[str, object] | None:
    known = dict(details) if isinstance(details, dict) else {}
    before = known.pop("reactions", {})
    reactions = {**(before if isinstance(before, dict) else {}), contact: emoji}
    if left := {who: what for who, what in reactions.items() if what}:
        known["reactions"] = left
    return known or None
