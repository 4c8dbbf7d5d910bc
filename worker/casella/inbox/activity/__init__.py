"""Who has done what, and when: one append-only record, written with the change and by the same transaction. The
timeline of a conversation, "reassigned by", the audit log and the reports read it."""

from casella.inbox.activity.agent_statuses import StatusView, list_statuses, note_status
from casella.inbox.activity.deeds import SYSTEM, Actor, Deed, What, deeds_of
from casella.inbox.activity.recording import record, record_of_house
from casella.inbox.activity.timeline import ActivityView, list_activity

__all__ = [
    "SYSTEM",
    "ActivityView",
    "Actor",
    "Deed",
    "StatusView",
    "What",
    "deeds_of",
    "list_activity",
    "list_statuses",
    "note_status",
    "record",
    "record_of_house",
]
