"""What is said of an update that is no message, so that a person finds it (channels.md §6.2)."""

from __future__ import annotations

SENTENCES = {
    "pass_thread_control": "The conversation was passed from one app to another.",
    "take_thread_control": "An app has taken the conversation over.",
    "request_thread_control": "An app has asked for the conversation.",
    "app_roles": "An app's role in the page's conversations has changed.",
    "policy_enforcement": "Meta has warned or restricted the page for its policies.",
    "account_linking": "The contact has linked his account, or unlinked it.",
    "optin": "The contact has agreed to be written to, or has taken it back.",
    "order": "The contact has sent a cart.",
    "messaging_feedback": "The contact has answered a form.",
}
TELLING = frozenset(
    {
        *("order", "messaging_feedback", "optin", "account_linking", "policy_enforcement"),
        *("pass_thread_control", "take_thread_control", "request_thread_control"),
    }
)
"""Kinds in which somebody says something, the contact, another app or Meta: the words stand beside the sentence."""
