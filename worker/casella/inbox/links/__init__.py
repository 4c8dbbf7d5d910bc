"""What agents may open from a conversation: a call, a meeting, another program."""

from casella.inbox.links.offered import CALL, LinkView, offered

__all__ = ["CALL", "LinkView", "offered"]
