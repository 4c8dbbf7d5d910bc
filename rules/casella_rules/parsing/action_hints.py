"""What to write instead of an event or an action that is not written so."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from casella_rules.language.vocabulary import ActionSpec, Names
from casella_rules.yaml.habits import glued
from casella_rules.yaml.problems import listing, nearest, quoted
from casella_rules.yaml.slips import in_quotes
from casella_rules.yaml.source import Node, Scalar
from casella_rules.yaml.written import as_written

#: Events and actions are few enough to be read, and nobody guesses them.
_ALL = 40
_EVENTS: Mapping[str, str] = {
    "new_message": "message_received", "message": "message_received", "message_in": "message_received",
    "incoming_message": "message_received", "message_created": "message_received", "received": "message_received",
    "outgoing_message": "message_sent", "message_out": "message_sent", "reply_sent": "message_sent",
    "new_conversation": "conversation_opened", "conversation_created": "conversation_opened",
    "conversation_started": "conversation_opened", "cron": "schedule", "conversation_resolved": "conversation_closed",
    "opt_out": "contact_opted_out", "opt_in": "contact_opted_in", "time": "schedule",
}  # fmt: skip
#: What other systems, and people, call an action. Where several may be meant, none is.
_ACTIONS: Mapping[str, str] = {
    **dict.fromkeys(("resolve", "solve", "complete", "finish", "end", "archive", "mark_resolved"), "close"),
    **dict.fromkeys(("unresolve", "open", "unarchive"), "reopen"),
    **dict.fromkeys(("add_tag", "label", "add_label", "set_tag"), "tag"),
    **dict.fromkeys(("remove_tag", "delete_tag", "unlabel", "remove_label", "clear_tag"), "untag"),
    **dict.fromkeys(("send", "send_message", "answer", "respond", "autoreply", "auto_reply", "message"), "reply"),
    **dict.fromkeys(("comment", "add_note", "internal_note"), "note"),
    **dict.fromkeys(("alert", "tell", "inform"), "notify"),
    **dict.fromkeys(("set_priority", "prioritize", "urgency"), "priority"),
    **dict.fromkeys(("set_attribute", "attribute", "update"), "set"),
    **dict.fromkeys(("assign_to", "route", "route_to"), "assign"),
    **dict.fromkeys(("unsubscribe", "optout"), "opt_out"),
    **dict.fromkeys(("http", "post", "call_webhook"), "webhook"),
}
#: What a bare value behind an action may name, by the key it then needs.
_NAMED: Mapping[str, tuple[tuple[str, str], ...]] = {
    "assign": (("team", "team"), ("agent", "agent")),
    "reply": (("canned", "canned"),),
}
_WORDS = {"reply": "reply: {{text: {}}}", "notify": "notify: {{managers: true, text: {}}}"}


def event_hint(word: str, events: Collection[str]) -> str:
    """The event that was meant, or those there are."""
    several = [part.strip() for part in word.split(",")] if "," in word else []
    if several and all(part in events for part in several):
        return f"Write a list: [{', '.join(several)}]"
    meant = _EVENTS.get(word.lower(), f"conversation_{word}")
    near = meant if meant in events else nearest(word, events)
    return f"Did you mean '{near}'?" if near else listing("Events", events, _ALL)


def glued_hint(word: str, known: Collection[str]) -> str:
    """`tag:refund`: without a space behind it a colon is a letter like others. Empty for anything else."""
    name, colon, value = word.partition(":")
    if colon and name in known:
        return f"Write {quoted(f'{name}: {value}')}, with a space behind the colon"
    name, value = glued(word)
    return f"Write {quoted(f'- {name}: {value}' if value else f'- {name}')}" if name in known and name != word else ""


def action_hint(word: str, known: Collection[str]) -> str:
    """The action that a word of other systems stands for; empty for anything else."""
    meant = _ACTIONS.get(word.lower().replace("-", "_").replace(" ", "_"), "")
    return f"Did you mean '{meant}'?" if meant in known else ""


def contact_tag_hint(word: str, value: Node | None) -> str:
    """`contact_tag: vip`: the tag of the person."""
    action = _CONTACT_TAGS.get(word.lower().replace(" ", "_"), "")
    return f"Write '{action}: {{contact: {as_written(value)}}}'" if action and value is not None else ""


_CONTACT_TAGS = {
    **dict.fromkeys(("contact_tag", "tag_contact", "customer_tag", "tag_customer"), "tag"),
    **dict.fromkeys(("contact_untag", "untag_contact", "untag_customer"), "untag"),
}


def action_listing(actions: Collection[str]) -> str:
    """The actions there are."""
    return listing("Actions", actions, _ALL)


def value_hint(spec: ActionSpec, value: Node, names: Names) -> str:
    """The whole action, for a bare value behind one that wants to know what it is."""
    if isinstance(value, Scalar) and value.text.lower() in ("false", "no", "off", "never", "none"):
        return f"Leave {quoted(spec.name)} out: what is not written is not done"
    if not spec.argument.model_fields:
        return f"Write '- {spec.name}' alone"
    example = f"Write for example '{spec.example}'"
    if not isinstance(value, Scalar):
        return example
    if spec.name == "assign" and value.text == "sender":
        return "Write 'assign: {to: sender}'"
    for key, kind in _NAMED.get(spec.name, ()):
        if value.text in names.known.get(kind, ()):
            return f"Write '{spec.name}: {{{key}: {value.text}}}'"
    if spec.name == "notify" and (whom := _whom(value.text, names)):
        return f"Write for example 'notify: {{{whom}, text: Please look at this}}'"
    if spec.name in _WORDS and " " in value.text:
        return f"Write '{_WORDS[spec.name].format(_double(value.text))}'"
    for key, kind in _NAMED.get(spec.name, ()):
        if near := nearest(value.text, names.known.get(kind, ())):
            return f"Write '{spec.name}: {{{key}: {near}}}'"
    return f"Write '{_WORDS[spec.name].format(_double(value.text))}'" if spec.name in _WORDS else example


def _whom(word: str, names: Names) -> str:
    """Who is to be told, where the value names somebody and is no text."""
    if word.lower() in ("managers", "manager", "everybody", "all"):
        return "managers: true"
    for key, kind in (("agents", "agent"), ("teams", "team")):
        if word in names.known.get(kind, ()):
            return f"{key}: [{word}]"
    return ""


def direct_hint(spec: ActionSpec, value: Node) -> str:
    """`tag: refund`, for somebody who wrote `tag: {name: refund}`."""
    return f"Write '{spec.name}: {value.text}'" if isinstance(value, Scalar) else f"Write for example '{spec.example}'"


def _double(text: str) -> str:
    """In quotes that do not end the quotes of the message."""
    return f'"{text}"' if '"' not in text and "\\" not in text and len(text) <= _LONG else in_quotes("…")


_LONG = 80
