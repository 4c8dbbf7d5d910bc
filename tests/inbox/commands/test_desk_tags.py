"""Tags put on by hand are held to the desk's list, however they are written (field case 30)."""

from __future__ import annotations

import pytest
from sqlalchemy import insert, select

from casella.errors import Invalid
from casella.inbox.commands import tagging
from casella.inbox.contacts import noting
from casella.store.queries import conversation_queries
from casella.store.tables import contact_tags as contact_tag_rows
from casella.store.tables import contacts, conversation_tags, conversations
from tests.house import DESK, House

AFTER_HOURS = DESK.replace("tags: [vip, refund, order, quiet]", "tags: [vip, refund, after-hours]")


@pytest.fixture
def conversation(house: House) -> str:
    house.apply(desk=AFTER_HOURS)
    house.receive(house.says())
    return str(house.one(conversations)["id"])


def tag(house: House, conversation: str, written: str) -> list[str]:
    with house.rooms.store.write() as db:
        by = house.agent("ann").id
        tagging.add_tag(db, house.rooms, conversation, written, by=by, at=house.clock.now())
    return sorted(str(row["tag"]) for row in house.rows(conversation_tags))


@pytest.mark.parametrize("written", ["vip", "VIP", " Vip ", "ＶＩＰ", "v\u202eip\u202c", "vip\u2029"])
def test_field_30_one_tag_however_it_is_written(house: House, conversation: str, written: str) -> None:
    assert tag(house, conversation, "vip") == ["vip"]
    assert tag(house, conversation, written) == ["vip"]


@pytest.mark.parametrize("written", ["after hours", "After_Hours", "after-hours", "after  hours"])
def test_field_30_spaces_and_hyphens_are_one(house: House, conversation: str, written: str) -> None:
    assert tag(house, conversation, written) == ["after-hours"]


def test_field_30_a_tag_that_the_desk_does_not_have_is_refused_with_the_nearest(
    house: House, conversation: str
) -> None:
    with pytest.raises(Invalid) as refused:
        tag(house, conversation, "refunds")
    assert (refused.value.reason, refused.value.extra) == ("unknown_tag", {"nearest": "refund"})
    with house.rooms.store.write() as db, pytest.raises(Invalid, match="a manager adds it"):
        noting.add_tag(db, house.rooms, str(house.one(contacts)["id"]), "does-not-exist")


def test_field_30_what_was_tagged_before_is_found_and_taken_off(house: House, conversation: str) -> None:
    contact = str(house.one(contacts)["id"])
    with house.rooms.store.write() as db:
        db.execute(insert(conversation_tags).values(conversation_id=conversation, tag="Vip"))
        db.execute(insert(contact_tag_rows).values(contact_id=contact, tag="Vip"))
    with house.rooms.store.read() as db:
        found = db.execute(select(conversations.c.id).where(conversation_queries.tagged(["vip"]))).scalars().all()
    assert found == [conversation]
    with house.rooms.store.write() as db:
        by = house.agent("ann").id
        tagging.remove_tag(db, house.rooms, conversation, "vip", by=by, at=house.clock.now())
        noting.remove_tag(db, contact, "VIP")
    assert house.rows(conversation_tags) == []
    assert house.rows(contact_tag_rows) == []
