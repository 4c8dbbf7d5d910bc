"""Campaigns: one message to many contacts, planned by a manager of an inbox, sent through the same gate and outbox as
every other message and behind every answer.

    drafting -> previewing -> scheduling: what people do by hand
    feeding: gather whom it is for, write to them in time; `people` judges both times, `queueing` fills the outbox
    reporting: what became of it
"""

from casella.inbox.campaigns.drafting import change, create, find, list_campaigns, remove, require
from casella.inbox.campaigns.feeding import feed_some
from casella.inbox.campaigns.model import MOST_PEOPLE, CampaignView, Filter, Progress, Purpose, State, Wish, Words
from casella.inbox.campaigns.previewing import CampaignPreview, CampaignTrial, PreviewLine, dry_run, preview
from casella.inbox.campaigns.reporting import CampaignReport, Fate, fates, report, table
from casella.inbox.campaigns.scheduling import cancel, check_template, pause, resume, schedule, stop_all
from casella.inbox.house import Duty, by_itself

__all__ = [
    "DUTIES",
    "MOST_PEOPLE",
    "CampaignPreview",
    "CampaignReport",
    "CampaignTrial",
    "CampaignView",
    "Fate",
    "Filter",
    "PreviewLine",
    "Progress",
    "Purpose",
    "State",
    "Wish",
    "Words",
    "cancel",
    "change",
    "check_template",
    "create",
    "dry_run",
    "fates",
    "feed_some",
    "find",
    "list_campaigns",
    "pause",
    "preview",
    "remove",
    "report",
    "require",
    "resume",
    "schedule",
    "stop_all",
    "table",
]

DUTIES = (Duty("campaigns", 1.0, by_itself(feed_some), threads=1),)
