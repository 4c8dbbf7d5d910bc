"""What one agent is told about his own: a row each, which waits until he has seen it; the feed carries it, too."""

from casella.inbox.notices.agent_notices import KEPT, NoticeView, list_notices, mark_seen, prune, unseen
from casella.inbox.notices.writing import Notice, write_notices

__all__ = ["KEPT", "Notice", "NoticeView", "list_notices", "mark_seen", "prune", "unseen", "write_notices"]
