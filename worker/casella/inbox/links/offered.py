"""The links of one conversation (S-63, S-84, S-85, S-97): the built-in call, those of the desk, those of plugins.

A link is a label and an address. Nothing happens here when it is opened: who calls, meets or shares a screen does so in
the program that the address belongs to.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import quote

from sqlalchemy import Connection

from casella.desk import filled_link
from casella.errors import PluginFailed
from casella.inbox.house import ChannelEntry, Rooms, able
from casella.inbox.reading import Member, read_conversation
from casella.inbox.views import ConversationView
from casella.plugin import LinkQuestion
from casella.texts import Locale, sentence

CALL = "Call"
_PHONE = re.compile(r"\+[1-9][0-9]{5,14}")


@dataclass(frozen=True, slots=True)
class LinkView:
    """`key`: `call`, the desk's own key, or a plugin's `acme.cobrowse`. `kind`: call, meeting, co_browse or other."""

    key: str
    kind: str
    label: str
    url: str


def offered(db: Connection, rooms: Rooms, member: Member, conversation_id: str, locale: Locale) -> list[LinkView]:
    """In the order people see: the call, the desk's, the plugins'. Raises NotFound."""
    view = read_conversation(db, member, conversation_id)
    channel = rooms.directory.current.channels.get(view.channel.id)
    if channel is None:
        return []
    question = _question(rooms, member, view, channel, locale)
    return [*_call(question, locale), *_of_desk(rooms, question, view), *_of_plugins(rooms, question)]


def _question(
    rooms: Rooms, member: Member, view: ConversationView, channel: ChannelEntry, locale: Locale
) -> LinkQuestion:
    agent = rooms.directory.current.agents[member.id]
    try:
        kind = str(able(rooms, channel).address_kind)
    except PluginFailed:  # set aside: what is not its own can be opened all the same
        kind = "other"
    return LinkQuestion(
        conversation_id=view.id,
        channel_type=channel.channel_type,
        channel_address=channel.address,
        contact_address=view.contact.address,
        address_kind=kind,
        contact_name=view.contact.name,
        agent_key=agent.key,
        agent_name=agent.name,
        language=locale,
    )


def _call(question: LinkQuestion, locale: Locale) -> Iterator[LinkView]:
    if question.address_kind == "phone" and _PHONE.fullmatch(question.contact_address):
        yield LinkView("call", "call", sentence(CALL, locale), f"tel:{quote(question.contact_address, safe='+')}")


def _of_desk(rooms: Rooms, question: LinkQuestion, view: ConversationView) -> Iterator[LinkView]:
    values = {
        "agent.key": question.agent_key,
        "agent.name": question.agent_name,
        "contact.address": question.contact_address,
        "contact.name": question.contact_name,
        "conversation.id": question.conversation_id,
        "inbox.key": view.inbox.key,
    }
    desk = rooms.desk.current.desk
    for key, link in desk.parts.links.items() if desk else ():
        here = not link.inboxes or view.inbox.key in link.inboxes
        if here and (url := filled_link(link.url, values)) is not None:
            yield LinkView(key, link.kind, link.label_for(question.language), url)


def _of_plugins(rooms: Rooms, question: LinkQuestion) -> Iterator[LinkView]:
    for link, url in rooms.host.links.offered(question):
        label = link.label.get(question.language) or link.label["en"]
        yield LinkView(link.name, link.kind, label, url)
