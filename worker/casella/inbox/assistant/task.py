"""From a conversation to a task: which messages, which sources, which language, which limits. Nothing else is used, and
nothing the agent has deselected comes this far."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from casella.desk import first_name
from casella.errors import Invalid, PluginFailed
from casella.inbox.house import ChannelEntry, Rooms, Setup
from casella.inbox.sending import measure
from casella.inbox.views import ConversationView, conversation_views
from casella.plugin.events import MAX_TEXT
from casella.store.queries import assistant_queries, message_queries
from casella.store.rows import PlainRow
from casella_assistant import (
    HOWS,
    MOST_PROPOSALS,
    NON_LATIN,
    Author,
    How,
    Kind,
    Limits,
    Measured,
    Source,
    Task,
    Tone,
    Turn,
    primary,
    region_of,
)

_MOST_SOURCES = 8
_SURE = 0.6
"""How certain a guess of the language must be; below it the inbox's own language is safer."""
_ASKED = 3
"""The customer's last messages, by which sources are searched."""
Measure = Callable[[str], Measured]
_UNSENT = frozenset({"failed", "canceled"})


@dataclass(frozen=True, slots=True)
class Wish:
    """What an agent (or a rule) asks of the assistant. `exclude`: ids of messages that must not be used."""

    kind: Kind
    exclude: frozenset[str] = frozenset()
    include_notes: bool = False
    count: int = MOST_PROPOSALS
    language: str | None = None
    tone: str | None = None
    intent: str = ""
    draft: str = ""
    how: How | None = None


@dataclass(frozen=True, slots=True)
class Asker:
    """Who asks; a rule has no agent."""

    agent_id: str | None = None
    agent_name: str = ""
    rule: str | None = None


def check_wish(wish: Wish, setup: Setup) -> Tone | None:
    """The tone that is asked for. Raises Invalid for a wish that cannot be fulfilled."""
    if wish.kind == "generate" and not wish.intent.strip():
        raise Invalid("Say what the message is to say.", code="empty_intent")
    if wish.kind == "rewrite" and not wish.draft.strip():
        raise Invalid("There is no draft to rewrite.", code="empty_draft")
    if wish.kind == "rewrite" and (wish.how not in HOWS or (wish.how == "tone" and wish.tone is None)):
        raise Invalid("Say how to rewrite it: tone, shorter, longer, grammar or translate.", code="unknown_rewrite")
    if wish.kind == "rewrite" and wish.how == "translate" and not wish.language:
        raise Invalid("Say into which language to translate.", code="no_language")
    if wish.tone is None:
        return None
    if wish.tone not in setup.tones:
        raise Invalid("There is no such tone.", code="unknown_tone", known=", ".join(setup.tones))
    return setup.tones[wish.tone]


_SHORTEST_NAME = 3


def build_task(db: Connection, rooms: Rooms, setup: Setup, conversation_id: str, wish: Wish, asker: Asker) -> Task:
    """Raises Invalid for messages that are not in the conversation, or when nothing is left to go on."""
    tone = check_wish(wish, setup)
    [view] = conversation_views(db, [conversation_id])
    turns = () if wish.kind == "rewrite" else _turns(db, setup, view, wish)
    language = _language(db, rooms, view, turns, wish)
    asked = [turn.text for turn in turns if turn.author == "customer"][-_ASKED:]
    query = wish.intent if wish.kind == "generate" and wish.intent else " ".join(asked)
    desk = rooms.desk.current.desk
    return Task(
        kind=wish.kind,
        turns=turns,
        sources=_sources(db, rooms, view, language, query, asker) if wish.kind not in ("rewrite", "summary") else (),
        language=language,
        tone=tone,
        intent=wish.intent.strip(),
        draft=wish.draft.strip(),
        how=wish.how,
        count=min(wish.count, MOST_PROPOSALS) if wish.kind == "suggest" else 1,
        tags=tuple(desk.parts.tags) if desk else (),
        limits=_limits(rooms, setup, view, language),
        inbox=view.inbox.name,
        agent=asker.agent_name,
        contact=view.contact.name or "",
        region=region_of(view.contact.address) or region_of(view.channel.address),
        sensitive=people_of(db, view),
    )


def people_of(db: Connection, view: ConversationView) -> tuple[tuple[str, str], ...]:
    """The contact's address and name, and the names of others who write."""
    return (("ADDRESS", view.contact.address), *_names(db, view))


def _names(db: Connection, view: ConversationView) -> tuple[tuple[str, str], ...]:
    """The contact's name and those of others who write in the conversation, whole and in parts, the longest first."""
    people = {view.contact.name or "", *message_queries.participants_of(db, view.id)}
    parts = {part.strip(".,;()") for name in people for part in (name, *name.split())}
    known = sorted((part for part in parts if len(part) >= _SHORTEST_NAME), key=lambda part: (-len(part), part))
    return tuple(("NAME", part) for part in known)


def _turns(db: Connection, setup: Setup, view: ConversationView, wish: Wish) -> tuple[Turn, ...]:
    """The newest messages with words in them, without what was deselected."""
    unknown = wish.exclude - set(message_queries.ids_in(db, view.id, wish.exclude)) if wish.exclude else set()
    if unknown:
        named = ", ".join(sorted(unknown)[:5])
        raise Invalid("A message to leave out is not in this conversation.", code="unknown_message", messages=named)
    rows = message_queries.before(db, view.id, None, setup.part.history + len(wish.exclude))
    usable = [row for row in rows if _is_usable(row, wish)][-setup.part.history :]
    if wish.kind == "suggest" and not any(row.direction == "in" for row in usable):
        raise Invalid("There is no message of the customer to answer.", code="no_messages")
    return tuple(Turn(row.id, _author(row), row.text[:MAX_TEXT], row.shown_at) for row in usable)


def _is_usable(row: PlainRow, wish: Wish) -> bool:
    if row.id in wish.exclude or not str(row.text).strip() or row.state in _UNSENT:
        return False
    return wish.include_notes or row.direction != "note"


def _author(row: PlainRow) -> Author:
    return "customer" if row.direction == "in" else "note" if row.direction == "note" else "agent"


def _language(db: Connection, rooms: Rooms, view: ConversationView, turns: Sequence[Turn], wish: Wish) -> str:
    """What was asked for; else the contact's own; else what the customer writes in; else the inbox's."""
    if wish.language:
        return wish.language
    known = assistant_queries.contact_locale(db, view.id)
    if known:
        return known
    said = " ".join(turn.text for turn in turns if turn.author == "customer")[-1_000:]
    guess = rooms.assistant.assistant.languages.guess(said) if said else None
    if guess and guess.certainty >= _SURE:
        return guess.language
    inbox = rooms.directory.current.inboxes.get(view.inbox.id)
    return inbox.locale if inbox else "en"


def _sources(
    db: Connection, rooms: Rooms, view: ConversationView, language: str, query: str, asker: Asker
) -> tuple[Source, ...]:
    desk = rooms.desk.current.desk
    values = {
        "contact.name": view.contact.name,
        "contact.first_name": first_name(view.contact.name),
        "contact.phone": view.contact.address if region_of(view.contact.address) else None,
        "agent.name": asker.agent_name or None,
        "agent.first_name": first_name(asker.agent_name),
        "conversation.id": view.id,
        "inbox.name": view.inbox.name,
    }
    library = rooms.assistant.library
    found = library.canned(desk, view.inbox.key, language, query, values, _MOST_SOURCES) if desk else []
    found += library.answers(db, desk, view.inbox.id, query, _MOST_SOURCES)
    return tuple(sorted(found, key=lambda source: -source.score)[:_MOST_SOURCES])


def _limits(rooms: Rooms, setup: Setup, view: ConversationView, language: str) -> Limits:
    """What the channel takes, as its plugin counts."""
    channel = rooms.directory.current.channels.get(view.channel.id)
    own = setup.part.inboxes.get(view.inbox.key)
    wanted = own.parts if own and own.parts else setup.part.parts
    if channel is None or channel.channel is None or rooms.host.is_quarantined(channel.channel_type):
        return Limits()
    letter = "я" if primary(language) in NON_LATIN else "a"

    def count(text: str) -> Measured:
        return _measured(rooms, channel, text) or Measured(len(text), MAX_TEXT)

    known = rooms.assistant.lengths
    key = (rooms.directory.current.version, channel.id, letter, wanted)
    if key not in known:
        known[key] = _longest(count, letter, wanted)
    characters, in_parts = known[key]
    return Limits(characters, wanted if in_parts else None, count)


def _longest(count: Measure, letter: str, parts: int) -> tuple[int, bool]:
    """How many letters of the language's script go into so many parts, and whether the channel counts parts at all."""
    low, high = 1, count(letter).limit
    if count(letter * high).parts <= 1:
        return high, False
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if count(letter * middle).parts <= parts else (low, middle - 1)
    return low, True


def _measured(rooms: Rooms, channel: ChannelEntry, text: str) -> Measured | None:
    try:
        found = measure(rooms, channel, text)
    except PluginFailed:
        return None
    return Measured(found.units, found.limit, found.parts) if found else None
