"""Complaints 49 and 50 (docs/complaints.md): whoever answers first becomes the assignee where a rule of the desk says
so, and others may answer all the same."""

from __future__ import annotations

from collections.abc import Callable

import orjson
import pytest
from sqlalchemy import update

from casella.inbox.background.queues import serve_queues
from casella.inbox.background.timers_due import fire_due
from casella.inbox.routing.explaining import Explainer, lines
from casella.store.queries import message_queries
from casella.store.tables import agents, conversations, decisions, feed, messages
from tests.house import DESK, House
from tests.inbox.rule_texts import decided, rule, skipped, use
from tests.inbox.test_peers_assignment import TO_FRONT, desk, holder, is_queued, switch, write
from tests.together import together

FIRST = rule("assign: {to: sender}", name="Who answers has it", when="message_sent", condition="{sent_by: agent}")
NOBODY_THERE = desk(team=", reassign_after: 10m")


def answer(house: House, id: str, by: str) -> None:
    """An agent answers, the answer leaves, and the rules hear of it."""
    house.reply(conversation_id=id, by=by)
    house.deliver()
    house.fire()


def test_49_whoever_answers_first_becomes_the_assignee(house: House) -> None:
    use(house, TO_FRONT, FIRST, available=())
    id = write(house)
    assert (holder(house, id), is_queued(house, id)) == (None, True)
    answer(house, id, "bob")
    assert (holder(house, id), is_queued(house, id)) == ("bob", False)
    assert house.one(agents, key="bob")["open_conversations"] == 1
    answer(house, id, "ann")
    assert holder(house, id) == "bob"
    assert skipped(house) == [("assign", "has_assignee")]
    assert [row["sender_kind"] for row in house.rows(messages)] == ["contact", "agent", "agent"]


def test_50_others_may_answer_and_it_stays_with_its_agent(house: House) -> None:
    """Also where no rule says who has it: an answer alone moves nothing."""
    use(house, TO_FRONT, available=("ann",))
    id = write(house)
    for by in ("bob", "mara", "ann"):
        answer(house, id, by)
    assert holder(house, id) == "ann"
    assert [row["state"] for row in house.rows(messages, sender_kind="agent")] == ["sent"] * 3


def test_49_the_queue_does_not_give_it_to_somebody_else_then(house: House) -> None:
    use(house, TO_FRONT, FIRST, available=())
    id = write(house)
    answer(house, id, "bob")
    switch(house, "ann", on=True)
    assert serve_queues(house.rooms) == 0
    house.close_conversation(id)
    assert house.one(agents, key="bob")["open_conversations"] == 0


def test_49_the_feed_the_decision_and_the_explanation_say_who_and_why(house: House) -> None:
    use(house, TO_FRONT, FIRST, available=())
    id = write(house)
    answer(house, id, "bob")
    told = [orjson.loads(row["payload"]) for row in house.rows(feed, kind="conversation.updated")]
    assert told[-1]["conversation"]["assignee"]["id"] == house.agent("bob").id
    assert told[-1]["by"] == {"rules": ["Who answers has it"]}
    (asked,) = decided(house, "message_sent")[0]["assignments"]
    assert (asked["agent_id"], asked["passed_over"]) == (house.agent("bob").id, [])
    with house.rooms.store.read() as db:
        run = message_queries.decisions_of(db, id, None, 50)[0]
        text = "\n".join(lines(Explainer(house.rooms).run(db, run), house.clock.now()))
    assert "Who answers has it" in text
    assert "Bob" in text


@pytest.mark.parametrize(
    ("there", "columns"),
    [
        ("with as much as he may have", {"available": True, "capacity": 1, "open_conversations": 1}),
        ("with the queue switched off", {"available": False}),
        ("left in peace", {"available": True, "do_not_disturb": True}),
    ],
)
def test_49_who_has_answered_is_not_asked_whether_he_takes_work(
    house: House, there: str, columns: dict[str, object]
) -> None:
    use(house, TO_FRONT, FIRST, available=())
    id = write(house)
    with house.rooms.store.write() as db:
        db.execute(update(agents).where(agents.c.key == "bob").values(**columns))
    answer(house, id, "bob")
    assert holder(house, id) == "bob", there
    assert house.one(agents, key="bob")["open_conversations"] == (2 if "capacity" in columns else 1)


def test_49_rules_give_nothing_more_to_him_who_has_taken_too_much(house: House) -> None:
    use(house, TO_FRONT, FIRST, available=("bob",), desk=DESK)
    house.available("bob", capacity=1)
    ids = [write(house) for _ in range(2)]
    assert [holder(house, id) for id in ids] == ["bob", None]
    answer(house, ids[1], "bob")
    house.close_conversation(ids[0])
    serve_queues(house.rooms)
    assert holder(house, write(house)) is None
    assert house.one(agents, key="bob")["open_conversations"] == 1


def moves_out(house: House) -> None:
    house.apply(
        rules="rules:\n" + TO_FRONT + FIRST,
        desk=DESK.replace("email: bob@desk.example, teams: [front]", "email: bob@desk.example, teams: []"),
    )


def falls_silent(house: House) -> None:
    house.apply(
        rules="rules:\n" + TO_FRONT + FIRST,
        desk=DESK.replace("email: bob@desk.example,", "email: bob@desk.example, may_reply: false,"),
    )


def leaves(house: House) -> None:
    with house.rooms.store.write() as db:
        db.execute(update(agents).where(agents.c.key == "bob").values(removed_at=house.clock.now()))


@pytest.mark.parametrize("goes", [moves_out, falls_silent, leaves])
def test_49_nobody_gets_what_he_may_not_have_any_more(house: House, goes: Callable[[House], None]) -> None:
    use(house, TO_FRONT, FIRST, available=())
    id = write(house)
    house.reply(conversation_id=id, by="bob")
    house.deliver()
    goes(house)
    house.fire()
    assert (holder(house, id), is_queued(house, id)) == (None, True)
    assert skipped(house) == [("assign", "sender_not_allowed")]


def test_49_what_rules_write_is_nobodys_answer(house: House) -> None:
    greets = rule("reply: {text: Welcome}", name="Greets", when="conversation_opened")
    any_sender = rule("assign: {to: sender}", name="Any", when="message_sent")
    use(house, greets, any_sender, available=("ann", "bob"))
    id = write(house)
    house.deliver()
    house.fire()
    (heard,) = decided(house, "message_sent")
    assert heard["decision"]["skipped"] == [["Any", 0, "assign", "no_agent_wrote"]]
    assert holder(house, id) is None


def test_49_what_the_queue_gave_to_another_meanwhile_stays_his(house: House) -> None:
    use(house, TO_FRONT, FIRST, available=())
    id = write(house)
    house.reply(conversation_id=id, by="bob")
    house.deliver()
    switch(house, "ann", on=True)
    assert serve_queues(house.rooms) == 1
    house.fire()
    assert holder(house, id) == "ann"


def test_49_who_has_given_it_back_since_does_not_get_it_again(house: House) -> None:
    use(house, TO_FRONT, FIRST, available=("ann",))
    id = write(house)
    house.reply("I hand you over to a colleague", conversation_id=id, by="ann")
    house.clock.move(seconds=1)
    house.assign(id, None, expected="ann", by="ann")
    switch(house, "ann", on=False)
    house.deliver()
    house.fire()
    assert (holder(house, id), is_queued(house, id)) == (None, True)
    assert skipped(house) == [("assign", "queued_since")]


def test_49_what_is_taken_by_hand_and_let_go_again_makes_no_room(house: House) -> None:
    """All in one transaction: by hand, let go by the next rule, given to the same agent by another rule."""
    back = rule("unassign", name="Back", when="conversation_assigned", condition="{conversation.team: {is_set: false}}")
    again = rule("assign: {agent: bob}", name="Again", when="conversation_unassigned", cooldown="1h")
    use(house, FIRST, back, again, available=("bob",))
    house.available("bob", capacity=0)
    id = write(house)
    answer(house, id, "bob")
    assert (holder(house, id), house.one(agents, key="bob")["open_conversations"]) == (None, 0)
    house.available("bob", capacity=1)
    answer(house, write(house), "bob")
    assert house.one(agents, key="bob")["open_conversations"] == 1


def test_49_of_two_who_answer_at_once_one_has_it_and_both_are_heard(house: House) -> None:
    use(house, TO_FRONT, FIRST, available=())
    ids = [write(house) for _ in range(4)]
    for id in ids:
        for by in ("ann", "bob"):
            house.reply(conversation_id=id, by=by)
    house.deliver()
    together(*(lambda: fire_due(house.rooms) for _ in range(3)))
    house.fire()
    held = [holder(house, id) for id in ids]
    assert set(held) <= {"ann", "bob"}
    for key in ("ann", "bob"):
        assert house.one(agents, key=key)["open_conversations"] == held.count(key)
    assert len(house.rows(messages, sender_kind="agent")) == 8


def test_49_who_let_it_go_and_answers_after_all_has_it_again(house: House) -> None:
    use(house, TO_FRONT, FIRST, available=("bob",), desk=NOBODY_THERE)
    id = write(house)
    house.clock.move(minutes=11)
    switch(house, "bob", on=False)
    house.fire()
    assert (holder(house, id), house.one(conversations, id=id)["returned_by"] is None) == (None, False)
    answer(house, id, "bob")
    assert (holder(house, id), house.one(conversations, id=id)["returned_by"]) == ("bob", None)


def test_49_a_rule_that_waited_knows_who_had_written(house: House) -> None:
    later = rule("assign: {to: sender}", name="Later", when="message_sent", condition="{sent_by: agent}", after="5m")
    use(house, later, available=())
    id = write(house)
    answer(house, id, "bob")
    assert holder(house, id) is None
    house.clock.move(minutes=6)
    house.fire()
    assert holder(house, id) == "bob"


def test_49_an_else_is_for_one_agent_too(house: House) -> None:
    """`else` of an `assign` to one agent: the team gets it at once when that agent takes no work."""
    one = rule("assign: {agent: ann, else: {team: front}}", name="Ann, or the others")
    use(house, one, available=("bob",))
    id = write(house)
    assert holder(house, id) == "bob"
    (asked, team) = orjson.loads(house.rows(decisions)[0]["outcome"])["assignments"]
    assert asked["passed_over"] == [[house.agent("ann").id, "queue_off"]]
    assert team["agent_id"] == house.agent("bob").id
