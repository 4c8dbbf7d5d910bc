"""Filling the house before the clock starts: contacts who wrote, and replies that wait."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select

from bench.rig import webhooks
from casella import app as house
from casella.inbox.receiving.lanes import drain_lane
from casella.inbox.receiving.translation import Translator
from casella.inbox.sending.outbox import Draft, queue_reply
from casella.plugin import Webhook
from casella.settings import Settings
from casella.store import journal
from casella.store.tables import conversations

_AT_ONCE = 200


def journal_rows(built: house.App, requests: Sequence[bytes]) -> list[journal.JournalRow]:
    """What the intake would store of these requests. Their signature must be right."""
    entry = built.rooms.directory.current.connection("twilio")
    assert entry is not None, "the desk of the benchmarks has it"
    translator = Translator(built.rooms)
    found: list[journal.JournalRow] = []
    for request in requests:
        head, _, body = request.partition(b"\r\n\r\n")
        lines = [line.partition(b": ") for line in head.split(b"\r\n")[1:]]
        headers = {name.decode().lower(): value.decode() for name, _, value in lines}
        url = built.rooms.settings.public_url + webhooks.PATH
        found += translator.accept(entry, Webhook("POST", url, "", headers, body, built.rooms.clock.now())).rows
    return found


def add_contacts(settings: Settings, count: int) -> list[str]:
    """Each of `count` contacts writes once. Returns their conversations."""
    built = house.build(settings, serves=False, works=False)
    rows = journal_rows(built, list(webhooks.each_once(count, settings.public_url)))
    with built.rooms.store.write() as db:
        journal.append(db, rows)
    for lane in range(settings.lanes):
        drain_lane(built.rooms, lane)
    with built.rooms.store.read() as db:
        found = list(db.execute(select(conversations.c.id).order_by(conversations.c.id)).scalars())
    built.close()
    assert len(found) == count, "every contact has a conversation"
    return found


def queue_replies(settings: Settings, conversation_ids: Sequence[str], each: int) -> None:
    """`each` replies to every conversation, numbered, the first of all conversations first."""
    built = house.build(settings, serves=False, works=False)
    for number in range(each):
        for start in range(0, len(conversation_ids), _AT_ONCE):
            with built.rooms.store.write() as db:
                for id in conversation_ids[start : start + _AT_ONCE]:
                    draft = Draft(f"#{number:03d} Thank you for your message.")
                    queue_reply(db, built.rooms, id, draft, built.rooms.clock.now())
    built.close()
