"""Rows of `messages` and `outbox` for what is ours."""

from __future__ import annotations

from datetime import datetime

from casella.inbox.state.entities import Values


def outgoing_row(
    id: str,
    channel_id: str,
    text: str,
    at: datetime,
    *,
    sender_kind: str,
    sender_id: str | None,
    state: str,
    direction: str = "out",
    kind: str = "text",
    reply_to: str | None = None,
) -> Values:
    """A row of `messages` for something of ours; conversation and sequence are added by who knows them."""
    return {
        "id": id, "channel_id": channel_id, "direction": direction, "kind": kind, "text": text,
        "sender_kind": sender_kind, "sender_id": sender_id, "external_id": None, "reply_to": reply_to,
        "reply_to_external": None, "details": None, "provider_time": None, "received_at": at, "shown_at": at,
        "state": state, "error_code": None, "error_text": None, "error_retryable": None, "has_attachments": False,
    }  # fmt: skip


def outbox_row(message: Values, conversation_id: str, at: datetime) -> Values:
    return {
        "message_id": message["id"],
        "conversation_id": conversation_id,
        "channel_id": message["channel_id"],
        "state": "queued",
        "due_at": at,
        "attempts": 0,
        "queued_at": at,
    }
