"""Notes between agents: seen by colleagues only, and whoever is named hears of it once."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from casella.errors import Invalid
from casella.inbox.commands import noting
from casella.inbox.notices import NoticeView, list_notices, mark_seen, unseen
from casella.inbox.reading import visible
from casella.store.tables import conversations, feed, messages, outbox
from tests.house import DESK, House
from tests.inbox.personal.test_read_marks import listed, member, mine, read


def note(house: House, text: str, *mentions: str, by: str = "ann") -> str:
    conversation, ids = str(house.one(conversations)["id"]), [house.agent(key).id for key in mentions]
    with house.rooms.store.write() as db:
        return noting.write_note(
            db, house.rooms, conversation, text, ids, by=house.agent(by).id, at=house.clock.now()
        )  # fmt: skip


def notices(house: House, key: str) -> Sequence[NoticeView]:
    with house.rooms.store.read() as db:
        return list_notices(db, house.agent(key).id, visible(member(house, key)), None, 100)


def test_who_is_named_gets_one_notice_and_takes_part(house: House) -> None:
    house.receive(house.says("Hello"))
    conversation = str(house.one(conversations)["id"])
    for key in ("ann", "bob", "cleo"):
        read(house, key, conversation)
    written = note(house, "Bob, can you look at this?", "bob", "bob", "ann")
    [told] = notices(house, "bob")
    assert (told.what, told.conversation_id, told.message_id) == ("mentioned", conversation, written)
    assert told.more["by"] == {"agent_id": house.agent("ann").id, "agent_name": "Ann"}
    assert notices(house, "ann") == notices(house, "cleo") == []
    assert len(house.rows(feed, kind="notice")) == 1

    assert mine(house, "bob", conversation).mentioned
    assert listed(house, "bob", unread=True) == listed(house, "bob", assignee=("with_me",)) == [conversation]
    assert not mine(house, "cleo", conversation).mentioned
    assert listed(house, "cleo", unread=True) == [], "a note counts only for whom it names"
    read(house, "bob", conversation)
    assert listed(house, "bob", unread=True) == []
    assert house.rows(outbox) == [], "the contact never sees it"
    assert house.one(messages, id=written)["details"] == {"mentions": [house.agent(key).id for key in ("bob", "ann")]}


def test_who_does_not_see_it_cannot_be_named(house: House) -> None:
    desk = DESK.replace("inboxes:\n", "inboxes:\n  other: {name: Other}\n", 1)
    house.apply(
        desk=desk.replace("agents:\n", "agents:\n  eve: {name: Eve, email: e@d.example, inboxes: [other]}\n", 1)
    )
    house.receive(house.says("Hello"))
    with pytest.raises(Invalid) as refused:
        note(house, "Eve?", "eve")
    assert refused.value.reason == "not_a_member"
    assert house.rows(messages, direction="note") == []


def test_a_notice_waits_until_it_is_seen(house: House) -> None:
    house.receive(house.says("Hello"))
    conversation = str(house.one(conversations)["id"])
    house.assign(conversation, "ann", by="mara")
    house.assign(conversation, "bob", by="mara", expected="ann")
    note(house, "Ann?", "ann", by="bob")
    assert [one.what for one in notices(house, "ann")] == ["mentioned", "reassigned"]
    first, second = notices(house, "ann")
    with house.rooms.store.write() as db:
        ann, sees = house.agent("ann").id, visible(member(house, "ann"))
        assert unseen(db, ann, sees) == 2
        assert mark_seen(db, ann, [first.id], house.clock.now())
        assert not mark_seen(db, ann, [first.id], house.clock.now())
        assert not mark_seen(db, house.agent("bob").id, [second.id], house.clock.now()), "each his own"
        assert [one.id for one in list_notices(db, ann, sees, None, 9, unseen=True)] == [second.id]
        assert mark_seen(db, ann, None, house.clock.now())
        assert unseen(db, ann, sees) == 0
