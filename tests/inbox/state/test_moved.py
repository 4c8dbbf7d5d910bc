"""A conversation that a rule has moved: everything told of it afterwards is told in its new inbox, and nowhere else."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from casella.errors import NotFound
from casella.inbox.commands import opt_outs, starting
from casella.inbox.reading import Filters, Member, find_member, lists, presence
from casella.inbox.sending import Draft
from casella.store.tables import conversations, messages
from tests.house import ANNA, BERT, DESK, MAIN, House

SHOP = DESK.replace(
    "  support: {name: Support, teams", "  shop: {name: Shop, teams: [sales]}\n  support: {name: Support, teams", 1
).replace("teams:\n", "teams:\n  sales: {name: Sales}\n", 1)
TWO = SHOP.replace(
    "agents:\n",
    "agents:\n  sam: {name: Sam, email: sam@desk.example, teams: [sales]}\n"
    "  olga: {name: Olga, email: olga@desk.example, teams: [sales, front]}\n",
    1,
)
RULES = """
rules:
  - name: Orders are the shop's
    when: message_received
    if: {text: {contains_word: order}}
    then:
      - move: shop
"""
Act = Callable[[House, str], None]


def reply(house: House, conversation: str) -> None:
    house.reply("It is on its way", conversation, by="sam")


def sent_and_delivered(house: House, conversation: str) -> None:
    house.reply("It is on its way", conversation, by="sam")
    house.deliver()


def resolve_note(house: House, conversation: str) -> None:
    with house.rooms.store.write() as db:
        opt_outs.opt_out(
            db, house.rooms, conversation, reason="He asked", resolve="On its way to the depot",
            by=house.agent("sam").id, at=house.clock.now(),
        )  # fmt: skip


def agent_types(house: House, conversation: str) -> None:
    with house.rooms.store.write() as db:
        presence.agent_types(db, house.rooms, conversation, by=house.agent("sam").id, at=house.clock.now())


def contact_types(house: House, _: str) -> None:
    house.receive(
        {"kind": "typing", "channel_address": MAIN, "contact_address": ANNA, "since": house.clock.now().isoformat()}
    )


def contact_writes(house: House, _: str) -> None:
    house.receive(house.says("Where is it?"))


def closed(house: House, conversation: str) -> None:
    house.close_conversation(conversation, by="sam")


ACTS: list[Act] = [reply, sent_and_delivered, resolve_note, agent_types, contact_types, contact_writes, closed]


@pytest.mark.parametrize("act", ACTS)
def test_the_new_inbox_hears_of_it_and_the_old_one_no_more(house: House, act: Act) -> None:
    house.apply(desk=TWO, rules=RULES)
    house.receive(house.says("My order"))
    conversation = str(house.one(conversations)["id"])
    before = {key: house.newest() for key in ("ann", "sam", "olga")}

    act(house, conversation)

    told = {key: house.told(key, cursor) for key, cursor in before.items()}
    assert [event for event in told["ann"] if event["conversation_id"] == conversation] == []
    assert [event["kind"] for event in told["sam"] if event["conversation_id"] == conversation]
    assert told["olga"] == told["sam"]


def member(house: House, key: str) -> Member:
    with house.rooms.store.read() as db:
        found = find_member(db, house.agent(key).id)
    assert found is not None
    return found


def through_main(house: House, key: str) -> list[str]:
    with house.rooms.store.read() as db:
        page = lists.list_conversations(db, member(house, key), Filters(channel=("main",)), None, 10)
    return [view.id for view in page.items]


def test_the_channel_leads_to_what_has_been_moved(house: House) -> None:
    house.apply(desk=TWO, rules=RULES)
    house.receive(house.says("My order"))
    house.receive(house.says("Hello", BERT))
    moved, stayed = (str(row["id"]) for row in house.rows(conversations))
    assert through_main(house, "sam") == [moved]
    assert through_main(house, "ann") == [stayed]
    assert sorted(through_main(house, "olga")) == sorted([moved, stayed])


def test_a_channel_none_of_whose_conversations_is_his_is_not_there(house: House) -> None:
    house.apply(desk=TWO, rules=RULES)
    house.receive(house.says("Hello", BERT))
    with pytest.raises(NotFound):
        through_main(house, "sam")


def test_nobody_writes_into_a_conversation_that_he_no_longer_sees(house: House) -> None:
    house.apply(desk=TWO, rules=RULES)
    house.receive(house.says("My order"))
    draft = Draft("Hello", sender_id=house.agent("ann").id)
    with pytest.raises(starting.OpenElsewhere), house.rooms.store.write() as db:
        starting.start(db, house.rooms, member(house, "ann"), "main", ANNA, None, draft, house.clock.now())
    assert house.rows(messages, direction="out") == []


def test_who_loses_sight_of_it_is_told_that_it_is_gone(house: House) -> None:
    house.apply(desk=TWO, rules=RULES)
    house.receive(house.says("Hello"))
    conversation, cursor = str(house.one(conversations)["id"]), house.newest()
    house.receive(house.says("My order"))
    told = {key: house.told(key, cursor) for key in ("ann", "sam", "olga")}
    [event] = told["ann"]
    assert (event["kind"], event["payload"]) == ("conversation.gone", {"conversation": {"id": conversation}})
    assert "conversation.gone" not in [event["kind"] for event in told["sam"] + told["olga"]]
    assert told["sam"][-1]["payload"]["conversation"]["inbox"]["key"] == "shop"
    assert told["olga"] == told["sam"]
