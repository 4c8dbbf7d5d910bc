"""What is one agent's own and concerns nobody else: how far he has read, what he has begun to write, his views."""

from casella.inbox.personal import drafts, read_marks, saved_views

__all__ = ["drafts", "read_marks", "saved_views"]
