"""The rules hear of what happens; what they decide is done here and can be explained afterwards."""

from casella.inbox.routing.actions.plugin_requests import StoredRequest
from casella.inbox.routing.actions.surveys import asked
from casella.inbox.routing.actions.webhook_calls import CALLS, call_due
from casella.inbox.routing.agent_events import agent_can_take_work
from casella.inbox.routing.explaining import Explainer, RunView, lines
from casella.inbox.routing.facts.customer_words import words_of
from casella.inbox.routing.facts.gathering import ALWAYS_FAMILIES, ALWAYS_GATHERED
from casella.inbox.routing.plugin_effects import wishes_of
from casella.inbox.routing.router import Router, keep_rule_set
from casella.inbox.routing.rule_counts import rule_counts
from casella.inbox.routing.rule_events import NOTHING, Happening

__all__ = [
    "ALWAYS_FAMILIES",
    "ALWAYS_GATHERED",
    "CALLS",
    "NOTHING",
    "Explainer",
    "Happening",
    "Router",
    "RunView",
    "StoredRequest",
    "agent_can_take_work",
    "asked",
    "call_due",
    "keep_rule_set",
    "lines",
    "rule_counts",
    "wishes_of",
    "words_of",
]
