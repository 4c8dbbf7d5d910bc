"""Asking the Message Assistant about a conversation, and what became of its proposals."""

from casella.inbox.assistant import asking, availability, feedback, rule_drafts
from casella.inbox.assistant.asking import Delta, Prepared, propose
from casella.inbox.assistant.feedback import forget_old
from casella.inbox.assistant.rule_drafts import write_due_draft
from casella.inbox.assistant.task import Asker, Wish
from casella.inbox.house import Duty, by_itself

__all__ = [
    "DUTIES",
    "Asker",
    "Delta",
    "Prepared",
    "Wish",
    "asking",
    "availability",
    "feedback",
    "forget_old",
    "propose",
    "rule_drafts",
    "write_due_draft",
]

DUTIES = (
    Duty("drafts", 1.0, by_itself(write_due_draft), threads=1),  # a model may take its time
)
