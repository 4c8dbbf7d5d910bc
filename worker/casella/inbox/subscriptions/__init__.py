"""Outgoing webhooks by subscription: admins say where letters go and of what, every letter is signed, sent until it has
arrived, and kept in a log for a week."""

from casella.inbox.house import Duty, by_itself
from casella.inbox.subscriptions.keeping import (
    KINDS,
    SubscriptionView,
    Wish,
    change,
    end,
    list_subscriptions,
    renew_secret,
    subscribe,
    switch_off,
)
from casella.inbox.subscriptions.log import LetterView, list_letters, require_letter, send_again
from casella.inbox.subscriptions.posting import LETTERS, post_due, prune, write_some

__all__ = [
    "DUTIES",
    "KINDS",
    "LETTERS",
    "LetterView",
    "SubscriptionView",
    "Wish",
    "change",
    "end",
    "list_letters",
    "list_subscriptions",
    "post_due",
    "prune",
    "renew_secret",
    "require_letter",
    "send_again",
    "subscribe",
    "switch_off",
    "write_some",
]

DUTIES = (Duty("subscriptions", 1.0, by_itself(write_some), threads=1),)
