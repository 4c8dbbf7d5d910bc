"""What WhatsApp tells besides messages: calls, marketing preferences, new user ids, histories.

Whatever is acknowledged is seen: as a message where the contact did something that wants an answer (a missed call),
otherwise as one sentence in his conversation.
"""

from __future__ import annotations

from casella.plugin import ConsentChanged, Event, MessageReceived, Unsupported
from casella_whatsapp.identity import CONTACT, RECEIPT, RECIPIENT, SENDER, address_of, ids_of, named_ids
from casella_whatsapp.incoming.changes import moves
from casella_whatsapp.incoming.people import Arrived, People, told_by, written
from casella_whatsapp.reading import Document, items, lines, mapping, moment, number, word

_NAME = 300
_ANSWERED = frozenset({"COMPLETED"})


def called(ours: str, call: Document, people: People) -> list[Event]:
    """One element of `calls`. A call of a contact that has ended is a message: it opens the reply window, and wants an
    answer if nobody took it. Its beginning is only told."""
    by_business = word(call.get("direction")) == "BUSINESS_INITIATED"
    ids = ids_of(call, RECIPIENT if by_business else SENDER)
    contact = people.who(*ids)
    theirs = told_by(ids, contact)
    arrived = Arrived(ours, theirs, theirs, word(call.get("id")), moment(call.get("timestamp")), contact, call, False)
    ended = word(call.get("event")) == "terminate"
    if by_business or not ended or not theirs or not arrived.external_id:
        who = "The business has called" if by_business else "The contact is calling"
        return arrived.kept(f"{who} on WhatsApp{': the call has ended' if by_business and ended else ''}.")
    return [_call(arrived, call)]


def _call(arrived: Arrived, call: Document) -> Event:
    status, seconds = word(call.get("status")).upper(), number(call.get("duration")) or 0
    answered = status in _ANSWERED or (not status and seconds > 0)
    facts = {"call": "answered" if answered else "missed", "seconds": f"{seconds:.0f}" if answered else ""}
    words = f"WhatsApp call of {_minutes(seconds)}" if answered else "Missed WhatsApp call"
    reasons = lines(call.get("errors"))
    return MessageReceived(
        channel_address=arrived.ours,
        contact_address=arrived.theirs,
        provider_time=arrived.at,
        external_id=arrived.external_id,
        message_kind="call",
        text="\n".join((words, *reasons)),
        contact_name=arrived.name[:_NAME] or None,
        metadata={name: value for name, value in facts.items() if value},
        aliases=arrived.aliases,
    )


def _minutes(seconds: float) -> str:
    return f"{int(seconds) // 60}:{int(seconds) % 60:02d} minutes"


def call_status(ours: str, status: Document) -> list[Event]:
    """How a call that the business has made goes on."""
    theirs = address_of(*ids_of(status, RECEIPT))
    what = f"A call on WhatsApp: {word(status.get('status'))[:40].lower() or 'news'}."
    return [Unsupported(channel_address=ours, contact_address=theirs, what=what, raw=written(status))]


def prefers(ours: str, preference: Document, people: People) -> list[Event]:
    """WhatsApp's own switch for marketing messages."""
    ids = ids_of(preference, CONTACT)
    contact = people.who(*ids)
    theirs = told_by(ids, contact)
    value, category = word(preference.get("value")).lower(), word(preference.get("category"))
    detail = word(preference.get("detail"))
    if not theirs or category != "marketing_messages" or value not in ("stop", "resume"):
        what = detail or f"A preference of a contact on WhatsApp: {category[:60]} {value[:60]}."
        return [Unsupported(channel_address=ours, contact_address=theirs, what=what, raw=written(preference))]
    return [
        ConsentChanged(
            channel_address=ours,
            contact_address=theirs,
            provider_time=moment(preference.get("timestamp")),
            state="opted_out" if value == "stop" else "opted_in",
            source="provider",
            evidence=(detail or f"{category}: {value}")[:200],
            topic="marketing",
        )
    ]


def renamed(ours: str, notice: Document, people: People) -> list[Event]:
    """A new user id, told in a field of its own."""
    former, present = named_ids({"user_id": notice.get("user_id"), "parent_user_id": notice.get("parent_user_id")})
    contact = people.who(word(notice.get("wa_id")))
    shown = {**notice, "from": word(notice.get("wa_id"))}
    theirs = address_of(word(notice.get("wa_id")), next(iter(former), ""))
    arrived = Arrived(ours, theirs, theirs, "", moment(notice.get("timestamp")), contact, shown, False)
    return moves(arrived, former, present) or arrived.kept(word(notice.get("detail")) or "A notice about a user id.")


def error_sentence(value: Document) -> str:
    """What WhatsApp complains of outside any message."""
    words = lines(value.get("errors"))
    return f"WhatsApp reports an error: {'; '.join(words)[:500]}" if words else "An error of WhatsApp."


def other(ours: str, field: str, value: Document) -> Event:
    """Any other field. Where it names one contact, it is told to whoever looks at his conversation."""
    contacts = [mapping(contact) for contact in items(value.get("contacts"))]
    only = contacts[0] if len(contacts) == 1 else {}
    theirs = address_of(*ids_of(only, CONTACT))
    what = f"An update of the kind {field[:60]}."
    if field == "history":
        threads = [
            mapping(thread) for part in items(value.get("history")) for thread in items(mapping(part).get("threads"))
        ]
        count = sum(len(items(thread.get("messages"))) for thread in threads)
        what = f"A history of {count} earlier messages of {len(threads)} conversations, which is not brought in."
    return Unsupported(channel_address=ours, contact_address=theirs, what=what, raw=written(value))
