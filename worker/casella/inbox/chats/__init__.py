"""What colleagues write to each other, in direct chats and in those of their teams: never seen by anybody else,
whatever his role, and unknown to rules, assistant, search and exports (law 8)."""

from casella.inbox.chats.reading import ChatMessageView, ChatPage, ChatView, Kind, list_chats, messages_of, read_chat
from casella.inbox.chats.writing import open_direct, open_team, read_up_to, say

__all__ = [
    "ChatMessageView",
    "ChatPage",
    "ChatView",
    "Kind",
    "list_chats",
    "messages_of",
    "open_direct",
    "open_team",
    "read_chat",
    "read_up_to",
    "say",
]
