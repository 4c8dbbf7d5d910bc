"""Rules asked again about what has happened: `casella replay` over stored decisions."""

from casella.inbox.history.changes import Change
from casella.inbox.history.replay import replay_history
from casella.inbox.history.report import Example, Group, Report, Summary

__all__ = ["Change", "Example", "Group", "Report", "Summary", "replay_history"]
