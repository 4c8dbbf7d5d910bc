"""Unread is per agent (A-14), and "with me" is whoever took part (S-32)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from casella.errors import Invalid
from casella.inbox.personal import read_marks
from casella.inbox.reading import Filters, Member, Mine, find_member, lists, own
from casella.store.tables import conversations, messages
from tests.house import DESK, House


def member(house: House, key: str) -> Member:
    with house.rooms.store.read() as db:
        found = find_member(db, house.agent(key).id)
    assert found is not None
    return found


def mine(house: House, key: str, conversation_id: str) -> Mine:
    with house.rooms.store.read() as db:
        return own.mine(db, member(house, key), [conversation_id])[conversation_id]


def read(house: House, key: str, conversation_id: str, up_to: str | None = None) -> read_marks.Read:
    with house.rooms.store.write() as db:
        return read_marks.read(db, house.rooms, member(house, key), conversation_id, up_to, house.clock.now())


def unread(house: House, key: str, conversation_id: str, since: str | None = None) -> None:
    with house.rooms.store.write() as db:
        read_marks.unread(db, house.rooms, member(house, key), conversation_id, since, house.clock.now())


def listed(house: House, key: str, **filters: object) -> list[str]:
    with house.rooms.store.read() as db:
        page = lists.list_conversations(db, member(house, key), Filters(**filters), None, 100)  # type: ignore[arg-type]  # by name
    return [item.id for item in page.items]


def says(house: House, *texts: str) -> str:
    """Messages of one contact, a second apart. Returns the conversation's id."""
    for text in texts:
        house.clock.move(seconds=1)
        house.receive(house.says(text))
    return str(house.one(conversations)["id"])


def inbound(house: House) -> list[str]:
    return [str(row["id"]) for row in house.rows(messages, direction="in")]


def test_ann_opening_it_does_not_clear_bobs_unread(house: House) -> None:
    conversation = says(house, "one", "two")
    assert mine(house, "ann", conversation).unread == mine(house, "bob", conversation).unread == 2
    assert listed(house, "ann", unread=True) == listed(house, "bob", unread=True) == [conversation]

    read(house, "ann", conversation)
    assert mine(house, "ann", conversation) == Mine(0, mentioned=False, with_me=False)
    assert mine(house, "bob", conversation).unread == 2
    assert (listed(house, "ann", unread=True), listed(house, "bob", unread=True)) == ([], [conversation])

    says(house, "three")
    assert mine(house, "ann", conversation).unread == 1
    assert listed(house, "ann", unread=True) == [conversation]


def test_what_came_in_unseen_stays_unread(house: House) -> None:
    conversation = says(house, "one", "two", "three")
    first, second, _ = inbound(house)
    read(house, "ann", conversation, second)
    assert mine(house, "ann", conversation).unread == 1
    assert not read(house, "ann", conversation, first).moved, "a mark never moves back by reading"
    assert mine(house, "ann", conversation).unread == 1


def test_a_message_that_was_long_on_its_way_is_unread_although_it_stands_further_up(house: House) -> None:
    conversation = says(house, "now")
    read(house, "ann", conversation)
    late = house.says("from yesterday", external_id="late", provider_time=house.clock.now() - timedelta(days=1))
    house.receive(late)
    assert mine(house, "ann", conversation).unread == 1


def test_who_answers_has_read_up_to_his_answer(house: House) -> None:
    conversation = says(house, "one", "two")
    house.reply("Here", conversation, by="ann")
    assert mine(house, "ann", conversation) == Mine(0, mentioned=False, with_me=True)
    assert mine(house, "bob", conversation) == Mine(2, mentioned=False, with_me=False)
    says(house, "three")
    assert mine(house, "ann", conversation).unread == 1


def test_unread_again_from_a_message_on(house: House) -> None:
    conversation = says(house, "one", "two", "three")
    read(house, "ann", conversation)
    unread(house, "ann", conversation)
    assert mine(house, "ann", conversation).unread == 1
    unread(house, "ann", conversation, inbound(house)[0])
    assert mine(house, "ann", conversation).unread == 3
    assert mine(house, "bob", conversation).unread == 3, "nobody else's mark moves"

    house.reply("Here", conversation, by="bob")
    answer = str(house.one(messages, direction="out")["id"])
    with pytest.raises(Invalid) as refused:
        unread(house, "ann", conversation, answer)
    assert refused.value.reason == "not_the_contacts"
    with pytest.raises(Invalid) as refused:
        read(house, "ann", conversation, "0" * 26)
    assert refused.value.reason == "unknown_message"


def test_a_new_member_starts_read(house: House) -> None:
    conversation = says(house, "before", "he came")
    house.clock.move(seconds=1)
    house.apply(
        desk=DESK.replace("agents:\n", "agents:\n  nora: {name: Nora, email: nora@desk.example, teams: [front]}\n", 1)
    )
    assert mine(house, "nora", conversation).unread == 0
    assert listed(house, "nora", unread=True) == []
    assert mine(house, "ann", conversation).unread == 2, "who was a member keeps his mark"

    says(house, "after")
    assert mine(house, "nora", conversation).unread == 1
    assert listed(house, "nora", unread=True) == [conversation]


def test_with_me_is_whoever_wrote_or_had_it(house: House) -> None:
    conversation = says(house, "one")
    assert listed(house, "ann", assignee=("with_me",)) == []
    house.assign(conversation, "ann", by="mara")
    house.assign(conversation, "bob", by="mara", expected="ann")
    assert listed(house, "ann", assignee=("with_me",)) == [conversation], "she had it"
    assert listed(house, "bob", assignee=("with_me",)) == [conversation]
    assert listed(house, "mara", assignee=("with_me",)) == [], "who only gave it to others took no part"
    house.reply("Here", conversation, by="cleo")
    assert listed(house, "cleo", assignee=("with_me",)) == [conversation]
    with house.rooms.store.read() as db:
        assert {one.key for one in own.participants(db, conversation)} == {"ann", "bob", "cleo"}


def test_the_contact_is_told_once_and_up_to_what_was_read(house: House) -> None:
    conversation = says(house, "one", "two")
    known = [row["external_id"] for row in house.rows(messages, direction="in")]
    assert read(house, "ann", conversation, inbound(house)[0]).newest == known[0]
    assert read(house, "bob", conversation, inbound(house)[0]).newest is None
    assert read(house, "bob", conversation).newest == known[1]
