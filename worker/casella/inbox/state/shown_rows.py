"""What is in memory, as the queries of `views` would read it once it is written: the lanes need not read back what they
have just written."""

from __future__ import annotations

from types import SimpleNamespace

from casella.inbox.house import Directory
from casella.inbox.state.entities import ConversationState, Values


def conversation_row(directory: Directory, state: ConversationState) -> SimpleNamespace | None:
    """None where the directory does not know all that is shown of it."""
    agent, team = directory.agents.get(state.assignee_id or ""), directory.teams.get(state.team_id or "")
    if (agent is None) != (state.assignee_id is None) or (team is None) != (state.team_id is None):
        return None
    channel, inbox, contact = state.channel, state.inbox, state.address.contact
    kind, _, address = state.address.key
    return SimpleNamespace(
        **state.row,
        inbox_key=inbox.key, inbox_name=inbox.name, channel_key=channel.key, channel_name=channel.name,
        channel_address=channel.address, channel_type=channel.channel_type, contact_name=contact.name,
        contact_linked=contact.linked, contact_address=address, contact_kind=kind,
        assignee_key=agent and agent.key, assignee_name=agent and agent.name, team_key=team and team.key,
        team_name=team and team.name,
    )  # fmt: skip


def message_row(directory: Directory, state: ConversationState, row: Values) -> SimpleNamespace | None:
    """None where more is shown of it than its row: files, or what it quotes by the provider's id."""
    sender = directory.agents.get(str(row["sender_id"])) if row["sender_kind"] == "agent" else None
    if row["has_attachments"] or row["reply_to_external"] or (row["sender_kind"] == "agent" and sender is None):
        return None
    contact = state.address.contact
    by_contact = row["sender_kind"] == "contact" and row["sender_id"] == contact.id
    if row["sender_kind"] == "contact" and not by_contact:
        return None
    return SimpleNamespace(**row, agent_name=sender and sender.name, contact_name=contact.name if by_contact else None)
