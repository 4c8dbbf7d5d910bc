"""What a message would be, before it is sent: allowed or not, how long, in how many parts, at what cost."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from types import NoneType

from sqlalchemy import Connection

from casella.errors import PluginFailed
from casella.inbox.house import ChannelEntry, Rooms
from casella.inbox.sending.outbox import Draft, files_of
from casella.inbox.sending.permission import Permission, judge, judge_content, measure, recipient
from casella.plugin import Cost, TextMeasure, clean_text


@dataclass(frozen=True, slots=True)
class Preview:
    """`measure` and `cost`: None where nobody knows."""

    permission: Permission
    measure: TextMeasure | None
    cost: Cost | None


def preview(db: Connection, rooms: Rooms, conversation_id: str, draft: Draft, at: datetime) -> Preview:
    """The gate's answer for this very draft, and what it takes. Nothing is stored. Raises NotFound, Invalid."""
    channel, to = recipient(db, rooms, conversation_id)
    files, text = files_of(db, draft), clean_text(draft.text)
    permission = judge(rooms, channel, to, at, draft.way)
    if channel is None:
        return Preview(permission, None, None)
    try:
        if permission.allowed and (text.strip() or files or draft.content is not None):
            content = judge_content(rooms, channel, text, files, draft.content)
            permission = permission if content.allowed else content
        return Preview(permission, measure(rooms, channel, text), _cost(rooms, channel, to.address, text, len(files)))
    except PluginFailed:
        return Preview(judge(rooms, channel, to, at, draft.way), None, None)


def _cost(rooms: Rooms, channel: ChannelEntry, to: str, text: str, files: int) -> Cost | None:
    plugin, link = rooms.host.plugin(channel.channel_type), channel.channel
    if link is None or not (text.strip() or files):
        return None
    return rooms.host.call(plugin, "cost", lambda: plugin.cost(link, to, text, files), (Cost, NoneType))
