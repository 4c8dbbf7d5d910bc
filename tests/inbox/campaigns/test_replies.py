"""S-19: answers to a campaign are ordinary conversations of the channel, which say what is being answered."""

from __future__ import annotations

from sqlalchemy import true

from casella.inbox import campaigns, erasure, reports
from casella.inbox.contacts import merging
from casella.inbox.reading import Filters, count_conversations, lists
from casella.inbox.reports.figures import Figures
from casella.plugin import SendRejected
from casella.store.queries.oversight import dead_letter_queries
from casella.store.tables import activity, conversations, messages
from tests.house import House
from tests.inbox.campaigns.rig import NIGHTLESS, member, number, people, reported, run, scheduled, step, stops
from tests.inbox.rule_texts import rule, skipped


def test_a_campaign_floods_no_list(house: House) -> None:
    """In the contact's history, not among what agents have to do, and nobody is asked to take it."""
    house.available("ann")
    [contact, *_] = people(house, 3)
    scheduled(house, **NIGHTLESS)
    run(house, 5)
    assert {row["status"] for row in house.rows(conversations)} == {"closed"}
    assert all(row["archived_at"] and row["assignee_id"] is None for row in house.rows(conversations))
    with house.rooms.store.read() as db:
        history = lists.list_conversations(
            db, member(house, "ann"), Filters(status="all", contact=[contact]), None, 50
        )  # fmt: skip
        counted = count_conversations(db, member(house, "ann"), Filters(status="open"))
        put_away = count_conversations(db, member(house, "ann"), Filters(status="closed", archived=False))
    assert [one.last_message_text for one in history.items] == ["Hello Ada, the sale begins."]
    assert (counted.all.total, put_away.all.total) == (0, 0)
    assert house.rows(activity) == []


def test_the_answer_begins_an_ordinary_conversation_that_names_the_campaign(house: House) -> None:
    """Rules hear of a new conversation, and what it answers."""
    house.apply(rules="rules:\n" + rule(
        "tag: vip", name="Welcome", when="conversation_opened", condition="{conversation.campaign: Spring}"
    ))  # fmt: skip
    people(house, 2)
    id = scheduled(house, **NIGHTLESS)
    run(house, 5)
    house.clock.move(hours=1)
    house.receive(house.says("Tell me more", number(1)))
    begun = house.one(conversations, status="open")
    assert (begun["opened_at"], begun["started_by"], begun["inbound_count"]) == (house.clock.now(), "campaign", 1)
    assert begun["campaign"] == {"id": id, "name": "Spring"}
    assert begun["waiting_since"] == house.clock.now()
    with house.rooms.store.read() as db:
        view = lists.read_conversation(db, member(house, "ann"), begun["id"])
        page = lists.list_messages(db, member(house, "ann"), begun["id"], limit=10)
    assert view.campaign is not None
    assert (view.campaign.name, list(view.tags)) == ("Spring", ["vip"])
    first = next(one for one in page.items if one.direction == "out")
    assert (first.sender.kind, first.sender.id, first.sender.name) == ("campaign", id, "Spring")
    assert not [row for row in house.rows(activity) if row["what"] == "reopened"]
    found = reported(house, id)
    assert (found.replied, found.opted_out) == (1, 0)
    house.receive(house.says("Hello?", number(1)))
    assert len(house.rows(conversations)) == 2


def test_in_an_open_conversation_it_stands_with_the_rest(house: House) -> None:
    house.available("ann")
    people(house, 1)
    house.receive(house.says("Hi", number(0)))
    open_one = house.one(conversations)
    house.assign(open_one["id"], "ann")
    id = scheduled(house, **NIGHTLESS)
    run(house, 3)
    now = house.one(conversations)
    assert (now["status"], now["assignee_id"]) == ("open", house.agent("ann").id)
    assert now["campaign"] == {"id": id, "name": "Spring"}
    assert now["waiting_since"] == open_one["waiting_since"], "a campaign answers nobody"


def test_rules_know_its_messages_and_answer_none_of_their_own(house: House) -> None:
    house.apply(rules="rules:\n" + rule(
        "note: It has left", name="Heard", when="message_sent", condition="{sent_by: campaign}"
    ) + rule("reply: {text: You are welcome}", name="Echo", when="message_sent",
             condition="{sent_by: campaign}"))  # fmt: skip
    people(house, 1)
    scheduled(house, **NIGHTLESS)
    for _ in range(8):
        run(house, 1)
        house.fire()
    assert [row["text"] for row in house.rows(messages, direction="note")] == ["It has left"]
    assert [row["sender_kind"] for row in house.rows(messages, direction="out")] == ["campaign"]
    assert ("reply", "conversation_closed") in skipped(house)


def test_who_opts_out_after_it_is_counted(house: House) -> None:
    people(house, 3)
    id = scheduled(house, **NIGHTLESS)
    run(house, 3)
    house.clock.move(minutes=5)
    stops(house, 1)
    assert reported(house, id).opted_out == 1


def test_a_later_conversation_is_not_taken_for_the_campaigns(house: House) -> None:
    """Answered and closed, what he writes then is a new one, without its name."""
    people(house, 1)
    scheduled(house, **NIGHTLESS)
    run(house, 3)
    house.receive(house.says("Yes", number(0)))
    house.close_conversation(house.one(conversations)["id"])
    house.clock.move(minutes=5)
    house.receive(house.says("Something else", number(0)))
    later = house.one(conversations, status="open")
    assert (later["started_by"], later["campaign"]) == ("contact", None)


def test_reports_count_it_as_opened_when_it_is_answered(house: House) -> None:
    people(house, 3)
    scheduled(house, **NIGHTLESS)
    run(house, 3)
    assert figures(house).opened == 0
    house.receive(house.says("Yes", number(0)))
    now = figures(house)
    assert (now.opened, now.reopened, now.closed, now.messages_in, now.messages_automatic) == (1, 0, 0, 1, 3)


def figures(house: House) -> Figures:
    today = house.clock.now().date()
    period = reports.period_of(house.rooms.desk.current, today, today, None, None)
    with house.rooms.store.read() as db:
        return reports.report(db, house.rooms, member(house), period, reports.About(), None).total


def test_what_it_could_not_send_is_its_reports_and_nobodys_dead_letter(house: House) -> None:
    people(house, 1)
    house.acme.provider.answers[number(0)] = [SendRejected("No such number.")]
    id = scheduled(house, **NIGHTLESS)
    run(house, 3)
    with house.rooms.store.read() as db:
        assert list(dead_letter_queries.messages_failed(db, true(), None, 10)) == []
    assert reported(house, id).failed == {"send_rejected": 1}


def test_who_is_merged_meanwhile_gets_it_once(house: House) -> None:
    kept, gone = people(house, 2)
    id = scheduled(house, **NIGHTLESS, per_minute=1)
    step(house)
    with house.rooms.store.write() as db:
        merging.merge(db, house.rooms, member(house), kept, gone, house.clock.now())
    run(house, 130)
    assert [arrived.message.to for arrived in house.acme.provider.arrived] == [number(0)]
    assert {row["contact_id"] for row in house.rows(conversations)} == {kept}
    assert (reported(house, id).sent, reported(house, id).left_out) == (1, {"duplicate": 1})


def test_whoever_is_erased_meanwhile_is_not_written_to(house: House) -> None:
    contact, _ = people(house, 2)
    id = scheduled(house, **NIGHTLESS, per_minute=1)
    campaigns.feed_some(house.rooms)
    with house.rooms.store.write() as db:
        erasure.erase(db, house.rooms, member(house), contact, house.clock.now())
    run(house, 70)
    assert [arrived.message.to for arrived in house.acme.provider.arrived] == [number(1)]
    found = reported(house, id)
    assert (found.state, found.meant) == ("done", 1)
