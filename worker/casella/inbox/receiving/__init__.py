"""From a webhook to an applied event; fetched media, profiles, and what webhooks did not bring."""

from casella.inbox.receiving import kept_revisions, missed_messages, profiles, traces
from casella.inbox.receiving.attachments import media, thumbnails
from casella.inbox.receiving.early_revisions import match_early_revisions
from casella.inbox.receiving.events import EventApplier
from casella.inbox.receiving.incomplete_messages import show_incomplete
from casella.inbox.receiving.intake import UNAVAILABLE, Intake, Ticket
from casella.inbox.receiving.lanes import drain_lane
from casella.inbox.receiving.replay import Replayer, replay_kept

__all__ = [
    "UNAVAILABLE",
    "EventApplier",
    "Intake",
    "Replayer",
    "Ticket",
    "drain_lane",
    "kept_revisions",
    "match_early_revisions",
    "media",
    "missed_messages",
    "profiles",
    "replay_kept",
    "show_incomplete",
    "thumbnails",
    "traces",
]
