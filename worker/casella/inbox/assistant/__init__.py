"""Asking the Message Assistant about a conversation, and what became of its proposals."""

from casella.inbox.assistant import asking, availability, feedback, rule_drafts
from casella.inbox.assistant.asking import Delta, Prepared, propose
from casella.inbox.assistant.feedback import forget_old
from casella.inbox.assistant.rule_drafts import write_due_draft
from casella.inbox.assistant.task import Asker, Wish

__all__ = [
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
