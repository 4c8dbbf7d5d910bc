"""From a webhook to an applied event; fetched media, profiles, and what webhooks did not bring."""

from casella.inbox.house import Duty, asking, by_itself
from casella.inbox.receiving import kept_revisions, missed_messages, profiles, traces
from casella.inbox.receiving.attachments import media, thumbnails
from casella.inbox.receiving.early_revisions import match_early_revisions
from casella.inbox.receiving.events import EventApplier
from casella.inbox.receiving.incomplete_messages import show_incomplete
from casella.inbox.receiving.intake import UNAVAILABLE, Intake, Ticket
from casella.inbox.receiving.lanes import drain_lane, retry_parked, ring_lanes
from casella.inbox.receiving.replay import Replayer, replay_kept

__all__ = [
    "DUTIES",
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

DUTIES = (
    Duty("lanes", 1.0, by_itself(ring_lanes)),
    Duty("media", 2.0, asking(media.fetch_due), threads=4, bell="media"),
    Duty("thumbnails", 2.0, by_itself(thumbnails.shrink_due), threads=1),
    Duty("missed", 10.0, asking(missed_messages.ask_missed), threads=1),
    Duty("profiles", 1.0, asking(profiles.ask_due), threads=1),
    Duty("parts", 5.0, by_itself(show_incomplete)),
    Duty("early revisions", 2.0, by_itself(match_early_revisions)),
    # A plugin that was broken may hang again.
    Duty("kept webhooks", 0.5, lambda rooms, _: Replayer(rooms).step, threads=1),
    Duty("parked events", 15.0, by_itself(retry_parked)),
)
