"""Rules hear that a priority was changed, from what to what, and by which rules; and queues go by it."""

from __future__ import annotations

import pytest

from casella.errors import NotFound
from casella.inbox.assignment.queue import how_many_before
from casella.inbox.background.queues import serve_queues
from casella.inbox.commands.prioritizing import Priority, set_priority
from casella.inbox.routing.explaining import Explainer, lines
from casella.store.queries import message_queries
from casella.store.tables import agents, conversations, decisions, messages
from tests.house import ANNA, BERT, House
from tests.inbox.rule_texts import decided, matched, rule, tags, the, use

ESCALATED = rule("note: Escalated.", name="escalated", when="conversation_prioritized",
                 condition="{conversation.priority: {changed_to: urgent}}")  # fmt: skip


def set_by_hand(house: House, priority: Priority, conversation_id: str | None = None) -> None:
    wanted, by = conversation_id or the(house)["id"], house.agent("mara").id
    with house.rooms.store.write() as db:
        set_priority(db, house.rooms, wanted, priority, by=by, at=house.clock.now())


def test_a_rule_that_changes_the_priority_wakes_others_with_its_chain(house: House) -> None:
    use(house, rule("priority: urgent", name="first"), ESCALATED)
    house.receive(house.says())
    [heard] = decided(house, "conversation_prioritized")
    assert (heard["facts"]["previous.priority"], heard["facts"]["conversation.priority"]) == ("normal", "urgent")
    assert (heard["chain"], heard["decision"]["matched"]) == (["first"], ["escalated"])
    assert [row["text"] for row in house.rows(messages, direction="note")] == ["Escalated."]


def test_the_priority_it_has_already_is_no_change(house: House) -> None:
    use(house, rule("priority: normal", name="first"), rule("tag: vip", when="conversation_prioritized"))
    house.receive(house.says())
    version = the(house)["version"]
    house.receive(house.says())
    assert tags(house) == set()
    assert [row["event"] for row in house.rows(decisions)] == ["message_received"] * 2
    assert the(house)["version"] == version + 1


def test_changed_from_and_to_look_at_this_very_change(house: House) -> None:
    use(
        house,
        rule("priority: high", name="up", condition="{text: {contains: now}}"),
        rule("priority: low", name="down", condition="{text: {contains: later}}"),
        rule("tag: quiet", name="calmed", when="conversation_prioritized",
             condition="{conversation.priority: {changed_from: [high, urgent]}}"),
        rule("tag: vip", name="raised", when="conversation_prioritized",
             condition="{conversation.priority: {changed_to: [high, urgent]}}"),
    )  # fmt: skip
    house.receive(house.says("now"))
    assert tags(house) == {"vip"}
    house.receive(house.says("later"))
    assert matched(house, "conversation_prioritized") == ["raised", "calmed"]


def test_what_a_person_sets_is_heard_in_the_same_transaction(house: House) -> None:
    use(house, rule("assign: {agent: ann}", "priority: high", name="taken", when="conversation_prioritized",
                    condition="{conversation.priority: {changed_to: urgent}}"))  # fmt: skip
    house.receive(house.says())
    set_by_hand(house, "urgent")
    assert (the(house)["priority"], the(house)["assignee_id"]) == ("high", house.agent("ann").id)
    assert house.one(agents, key="ann")["open_conversations"] == 1
    by_hand, by_rule = decided(house, "conversation_prioritized")
    assert (by_hand["facts"]["previous.priority"], by_hand.get("chain")) == ("normal", None)
    assert (by_rule["facts"]["previous.priority"], by_rule["chain"]) == ("urgent", ["taken"])


def test_what_nobody_listens_to_leaves_no_record(house: House) -> None:
    house.receive(house.says())
    set_by_hand(house, "urgent")
    assert house.rows(decisions) == []
    with pytest.raises(NotFound):
        set_by_hand(house, "urgent", "01KB2Z8Q4M7T1V3X5Y7Z9A1C3E")


def test_only_shared_conversations_meet_the_rules(house: House) -> None:
    use(house, ESCALATED)
    house.receive(house.says())
    with house.rooms.store.write() as db:
        db.execute(conversations.update().values(world="direct"))
    set_by_hand(house, "urgent")
    assert (the(house)["priority"], house.rows(decisions)) == ("urgent", [])


def test_who_waits_has_his_new_place_in_the_queue_at_once(house: House) -> None:
    use(house, rule("assign: {team: billing}"), available=())
    for sender in (ANNA, BERT):
        house.receive(house.says(sender=sender))
        house.clock.move(seconds=1)
    anna, bert = house.rows(conversations)
    set_by_hand(house, "high", bert["id"])
    with house.rooms.store.read() as db:
        waiting = {row.id: how_many_before(db, row) for row in db.execute(conversations.select())}
    assert waiting == {bert["id"]: 0, anna["id"]: 1}
    set_by_hand(house, "urgent", anna["id"])
    house.available("cleo", capacity=1)
    assert serve_queues(house.rooms) == 1
    assert house.one(conversations, id=anna["id"])["assignee_id"] == house.agent("cleo").id


def test_why_is_told_with_what_it_was(house: House) -> None:
    use(house, ESCALATED)
    house.receive(house.says())
    set_by_hand(house, "low")
    with house.rooms.store.read() as db:
        [row] = message_queries.decisions_of(db, the(house)["id"], None, 50)
        run = Explainer(house.rooms).run(db, row)
    assert (run.trigger, run.rules[0].outcome) == ("conversation_prioritized", "not_matched")
    assert "conversation.priority changed_to 'urgent': no, it is 'low', and was 'normal'" in "\n".join(
        lines(run, house.clock.now())
    )
