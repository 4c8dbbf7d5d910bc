"""What is one agent's own and concerns nobody else: how far he has read, what he has begun to write, his views, and how
he likes his work to look and to be told of it."""

from casella.inbox.personal import drafts, read_marks, saved_views, settings
from casella.inbox.personal.settings import PersonalSettings, Zone, in_peace

__all__ = ["PersonalSettings", "Zone", "drafts", "in_peace", "read_marks", "saved_views", "settings"]
