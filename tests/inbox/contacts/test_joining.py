"""Linking a conversation to a contact, and merging two (S-66, S-102, A-8)."""

from __future__ import annotations

import threading

import pytest

from casella.errors import CasellaError, Conflict
from casella.inbox.contacts import Details, linking, merging, noting
from casella.inbox.reading import Filters
from casella.inbox.reading import contacts as reading
from casella.store.tables import activity, contact_merges, contacts, conversations, messages
from tests.house import ANNA, BERT, House
from tests.inbox.contacts.test_editing import create, edit, shown
from tests.inbox.contacts.test_finding import names
from tests.inbox.personal.test_read_marks import member
from tests.inbox.reading.test_filters import listed


def link(house: House, conversation: str, contact: str, by: str = "ann") -> None:
    with house.rooms.store.write() as db:
        linking.link(db, house.rooms, member(house, by), conversation, contact, house.clock.now())


def merge(house: House, kept: str, gone: str, by: str = "ann") -> str:
    with house.rooms.store.write() as db:
        return merging.merge(db, house.rooms, member(house, by), kept, gone, house.clock.now())


def undo(house: House, kept: str, merge_id: str, by: str = "ann") -> None:
    with house.rooms.store.write() as db:
        merging.undo(db, house.rooms, member(house, by), kept, merge_id, house.clock.now())


def two_conversations(house: House) -> list[str]:
    """Of the same number: one that is over, and one that is open."""
    house.receive(house.says("First"))
    house.close_conversation(str(house.one(conversations)["id"]))
    house.receive(house.says("Second"))
    return [str(row["id"]) for row in sorted(house.rows(conversations), key=lambda row: str(row["id"]))]


def test_a8_all_that_was_written_is_in_the_contacts_history_under_his_name(house: House) -> None:
    _, opened = two_conversations(house)
    shell, before = str(house.one(contacts)["id"]), house.newest()
    ada = create(house, Details("Ada"))
    link(house, opened, ada)
    assert {row["contact_id"] for row in house.rows(conversations)} == {ada}
    assert {row["sender_id"] for row in house.rows(messages)} == {ada}
    assert len(listed(house, "bob", Filters(status="all", contact=[ada]))) == 2
    assert [one.address for one in shown(house, ada).addresses] == [ANNA]
    with house.rooms.store.read() as db:
        assert reading.some_contacts(db, house.rooms, member(house, "ann"), [shell]) == []
    told = house.told("bob", before)
    rows = [one["payload"]["conversation"] for one in told if one["kind"] == "conversation.updated"]
    assert {(row["id"], row["contact"]["display_name"], row["contact"]["linked"]) for row in rows} >= {
        (row["id"], "Ada", True) for row in house.rows(conversations)
    }
    gone = [one["payload"]["contact"] for one in told if one["kind"] == "contact.updated"]
    assert (shell, ada) in {(one["id"], one["gone_to"]) for one in gone}
    house.receive(house.says("Third"))
    assert house.rows(messages)[-1]["sender_id"] == ada


def test_who_linked_it_stands_in_the_record(house: House) -> None:
    _, opened = two_conversations(house)
    shell = str(house.one(contacts)["id"])
    link(house, opened, create(house, Details("Ada")))
    [deed] = house.rows(activity, conversation_id=opened, what="contact_changed")
    assert (deed["actor_kind"], deed["actor_id"], deed["before"]) == ("agent", house.agent("ann").id, shell)


def test_what_was_noted_of_a_number_is_noted_of_the_contact(house: House) -> None:
    _, opened = two_conversations(house)
    shell = str(house.one(contacts)["id"])
    with house.rooms.store.write() as db:
        noting.add_tag(db, house.rooms, shell, "vip")
        noting.set_favourite(db, member(house, "bob"), shell, favourite=True)
    ada = create(house, Details("Ada", tags=["order"]))
    link(house, opened, ada)
    assert shown(house, ada, "bob").tags == ["order", "vip"]
    assert (shown(house, ada, "bob").favourite, shown(house, ada, "ann").favourite) == (True, False)


def test_it_is_linked_to_somebody_else_and_whoever_has_a_name_stays(house: House) -> None:
    """S-102."""
    _, opened = two_conversations(house)
    ada, bea = create(house, Details("Ada")), create(house, Details("Bea"))
    link(house, opened, ada)
    link(house, opened, bea)
    assert {row["contact_id"] for row in house.rows(conversations)} == {bea}
    assert (shown(house, ada).addresses, shown(house, ada).name) == ([], "Ada")
    assert names(house, "0001") == ["Bea"]


def test_a_message_that_comes_while_it_is_linked_is_the_contacts(house: House) -> None:
    """The lane has read whose the number is before it was linked, and writes afterwards."""
    _, opened = two_conversations(house)
    ada = create(house, Details("Ada"))
    for round in range(5):
        threads = [
            threading.Thread(target=house.receive, args=(house.says(f"Round {round}"),)),
            threading.Thread(target=link, args=(house, opened, ada)),
        ]
        if round % 2:
            house.close_conversation(str(house.rows(conversations, status="open")[0]["id"]))
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        owners = {str(row["contact_id"]) for row in house.rows(conversations)}
        senders = {str(row["sender_id"]) for row in house.rows(messages)}
        assert owners == senders == {ada}
        ada = create(house, Details(f"Ada {round}"))
        link(house, opened, ada)


def test_two_are_one_and_two_again(house: House) -> None:
    house.receive(house.says("Hello", ANNA, contact_name="Anna A"), house.says("Hello", BERT, contact_name="Bert B"))
    anna, bert = (str(row["id"]) for row in sorted(house.rows(contacts), key=lambda row: str(row["name"])))
    with house.rooms.store.write() as db:
        noting.add_tag(db, house.rooms, anna, "order")
        noting.add_tag(db, house.rooms, bert, "order")
        noting.add_tag(db, house.rooms, bert, "vip")
    merged = merge(house, anna, bert)
    assert {row["contact_id"] for row in house.rows(conversations)} == {anna}
    assert {row["sender_id"] for row in house.rows(messages)} == {anna}
    assert shown(house, anna).tags == ["order", "vip"]
    assert names(house, "bert") == []
    assert names(house, "0002") == ["Anna A"]
    house.receive(house.says("Once more", BERT))
    undo(house, anna, merged)
    assert names(house, "bert") == names(house, "0002") == ["Bert B"]
    by_number = {str(row["last_message_text"]): row["contact_id"] for row in house.rows(conversations)}
    assert by_number == {"Hello": anna, "Once more": bert}
    assert (shown(house, anna).tags, shown(house, bert).tags) == (["order"], ["order", "vip"])
    with pytest.raises(Conflict):
        undo(house, anna, merged)


def test_where_both_say_something_the_kept_one_is_right_and_undoing_keeps_what_was_said_since(house: House) -> None:
    kept, gone = create(house, Details(None, numbers=["+15551230001"])), create(house, Details("Ada", "it"))
    merged = merge(house, kept, gone)
    assert (shown(house, kept).name, shown(house, kept).locale, shown(house, kept).linked) == ("Ada", "it", True)
    edit(house, kept, Details(locale="de", changed=["locale"]))
    undo(house, kept, merged)
    assert (shown(house, kept).name, shown(house, kept).locale) == (None, "de")
    assert (shown(house, gone).name, shown(house, gone).locale) == ("Ada", "it")


@pytest.mark.parametrize("late", ["days", "again"])
def test_a_merge_is_final_after_a_month_or_the_next_merge(house: House, late: str) -> None:
    one, two, three = (create(house, Details(name)) for name in ("One", "Two", "Three"))
    merged = merge(house, one, two)
    if late == "days":
        house.clock.move(days=31)
    else:
        merge(house, three, one)
        one = three
    with pytest.raises(CasellaError) as refused:
        undo(house, str(house.one(contact_merges, id=merged)["kept_id"]), merged)
    assert refused.value.reason == "merge_final"
    with house.rooms.store.read() as db:
        views = merging.list_merges(db, str(house.one(contact_merges, id=merged)["kept_id"]), house.clock.now())
    assert [view.may_undo for view in views] == [False]


def test_who_has_opted_out_under_an_address_has_done_so_still(house: House) -> None:
    house.receive(house.says("Hello", ANNA), house.says("Hello", BERT))
    house.receive({"kind": "consent", "channel_address": "+15550001", "contact_address": BERT, "state": "opted_out",
                   "source": "keyword", "evidence": "STOP"})  # fmt: skip
    anna, bert = (str(row["id"]) for row in house.rows(contacts))
    merge(house, anna, bert)
    assert {(one.address, one.opted_out) for one in shown(house, anna).addresses} == {(ANNA, False), (BERT, True)}


def test_nobody_is_merged_with_himself(house: House) -> None:
    one = create(house, Details("One"))
    with pytest.raises(CasellaError) as refused:
        merge(house, one, one)
    assert refused.value.reason == "same_contact"
