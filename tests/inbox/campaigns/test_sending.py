"""A campaign on its way: everybody once, whatever is stopped; behind answers; and asked again when it is his turn."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text, update

from casella.errors import CasellaError
from casella.inbox import campaigns
from casella.inbox.campaigns import Filter, feeding
from casella.inbox.commands import resending
from casella.inbox.sending.claims import claim_due
from casella.inbox.sending.leases import release
from casella.plugin import ChannelMisconfigured, ChannelUnreachable, SendRejected
from casella.store.tables import campaigns as campaign_table
from casella.store.tables import channels, contacts, conversations, messages, outbox
from tests.budget import tries
from tests.house import DESK, MAIN, House
from tests.inbox.campaigns.rig import (
    NIGHTLESS,
    act,
    made,
    number,
    people,
    previewed,
    reported,
    run,
    says_of_marketing,
    scheduled,
    shown,
    states,
    step,
    stops,
)


def reached(house: House) -> list[str]:
    return sorted(arrived.message.to for arrived in house.acme.provider.arrived)


def test_everybody_gets_it_once_and_it_ends(house: House) -> None:
    people(house, 12)
    stops(house, 3)
    view = made(house, **NIGHTLESS)
    planned = previewed(house, view.id).planned
    act(house, "schedule", view.id, None)
    run(house, 10)
    assert reached(house) == [number(index) for index in range(12) if index != 3]
    assert len(reached(house)) == planned
    found = shown(house, view.id)
    assert (found.state, found.progress.queued, found.progress.left_out) == ("done", 11, 1)
    assert reported(house, view.id).sent == 11


def test_one_bad_number_stops_nobody(house: House) -> None:
    """peers.md #145."""
    people(house, 6)
    house.acme.provider.answers[number(2)] = [SendRejected("There is no such number.")]
    id = scheduled(house, **NIGHTLESS)
    run(house, 10)
    assert len(set(reached(house)) - {number(2)}) == 5
    found = reported(house, id)
    assert (found.state, found.sent, dict(found.failed)) == ("done", 5, {"send_rejected": 1})


def test_it_stands_still_when_every_message_fails(house: House) -> None:
    """Each for its own sake, as a provider says of a text that it filters: no channel is paused by that."""
    people(house, 60)
    for index in range(60):
        house.acme.provider.answers[number(index)] = [SendRejected("It was filtered.")]
    id = scheduled(house, **NIGHTLESS)
    before = house.newest()
    run(house, 30)
    found = shown(house, id)
    assert (found.state, found.pause_code) == ("paused", "all_fail")
    assert 20 <= found.progress.queued < 60, "most of them are not written to"
    assert [event for event in house.told("mara", before) if event["kind"] == "campaign.updated"][-1]["payload"][
        "pause_code"
    ] == "all_fail"
    for index in range(60):
        house.acme.provider.answers.pop(number(index), None)
    act(house, "resume", id)
    run(house, 60)
    assert shown(house, id).state == "done", "what failed before it was resumed no longer counts"


def test_one_that_arrives_among_many_that_fail_lets_it_go_on(lite: House) -> None:
    people(lite, 45)
    for index in range(45):
        if index % 15 != 14:
            lite.acme.provider.answers[number(index)] = [SendRejected("There is no such number.")]
    id = scheduled(lite, **NIGHTLESS)
    run(lite, 40)
    assert shown(lite, id).state == "done"


def test_a_message_that_cannot_be_made_leaves_out_its_contact_alone(lite: House) -> None:
    people(lite, 5)
    lite.receive(lite.says("Hi", number(2)))
    with lite.rooms.store.write() as db:  # as nothing of ours writes it
        db.execute(text("UPDATE conversations SET message_count = 'many'"))
    id = scheduled(lite, **NIGHTLESS)
    run(lite, 10)
    assert reached(lite) == [number(index) for index in range(5) if index != 2]
    found = reported(lite, id)
    assert (found.state, found.left_out) == ("done", {"failed": 1})


def test_an_error_of_the_account_pauses_it_and_says_so(house: House) -> None:
    people(house, 20)
    house.acme.provider.answers[number(1)] = [ChannelMisconfigured("The account is empty.")]
    id = scheduled(house, **NIGHTLESS)
    before = house.newest()
    run(house, 5)
    found = shown(house, id)
    assert (found.state, found.pause_text) == ("paused", "The account is empty.")
    told = [event for event in house.told("mara", before) if event["kind"] == "campaign.updated"]
    assert told[-1]["payload"]["state"] == "paused"
    assert not [event for event in house.told("ann", before) if event["kind"] == "campaign.updated"]
    with pytest.raises(CasellaError) as refused:
        act(house, "resume", id)
    assert refused.value.reason == "channel_paused"
    with house.rooms.store.write() as db:
        mended = {"paused_code": None, "paused_text": None}
        db.execute(update(channels).where(channels.c.id == house.channel(MAIN).id).values(mended))
    act(house, "resume", id)
    run(house, 40)
    assert (shown(house, id).state, sorted(set(reached(house)))) == ("done", [number(one) for one in range(20)])
    assert reported(house, id).sent == 20


def test_answers_go_first_and_threads_are_kept_for_them(house: House) -> None:
    people(house, 12)
    house.receive(house.says("Hi"))
    id = scheduled(house, filter=Filter(tags=["vip"]), contacts=house_ids(house), **NIGHTLESS, per_minute=6000)
    step(house)
    assert states(house, id)["queued"] > 10
    house.reply("At once", house.one(conversations, status="open")["id"])
    with house.rooms.store.write() as db:
        claims, _ = claim_due(house.rooms, db, 6, house.clock.now(), kept_free=2)
    assert len(claims) == 4
    assert "At once" in {claim.message.text for claim in claims}


def house_ids(house: House) -> list[str]:
    return [str(row["id"]) for row in house.rows(contacts) if row["name"] and row["name"].startswith("Ada")]


def test_an_answer_passes_a_campaigns_message_in_its_own_conversation(house: House) -> None:
    [id] = people(house, 1)
    scheduled(house, **NIGHTLESS)
    step(house)
    with house.rooms.store.write() as db:  # nothing of it leaves for now
        db.execute(update(outbox).values(until=house.clock.now()))
    conversation = house.one(conversations, contact_id=id)["id"]
    house.receive(house.says("Yes?", number(0)))
    house.reply("At once", conversation)
    house.deliver()
    assert house.acme.provider.texts() == ["At once"]


def test_who_opts_out_meanwhile_is_not_written_to(house: House) -> None:
    """Between planning and his turn, and between the outbox and the provider."""
    people(house, 4)
    says_of_marketing(house, "opted_in", 0, 1, 2, 3)
    id = scheduled(house, quiet=("03:00", "03:15"))
    campaigns.feed_some(house.rooms)
    stops(house, 0)
    says_of_marketing(house, "opted_out", 1)
    step(house)
    stops(house, 2)
    says_of_marketing(house, "opted_out", 3)
    run(house, 5)
    assert reached(house) == []
    found = reported(house, id)
    assert found.left_out == {"contact_stopped": 1, "no_marketing_consent": 1}
    assert found.failed == {"contact_stopped": 1, "no_marketing_consent": 1}


def test_paused_nothing_leaves_and_resumed_everybody_is_reached_once(house: House) -> None:
    people(house, 12)
    id = scheduled(house, **NIGHTLESS)
    run(house, 1)
    step(house)
    act(house, "pause", id)
    there = len(reached(house))
    run(house, 5)
    assert (len(reached(house)), shown(house, id).pause_code) == (there, "by_hand")
    act(house, "resume", id)
    run(house, 20)
    assert reached(house) == [number(index) for index in range(12)]


def test_canceled_whoever_waits_is_never_written_to(house: House) -> None:
    people(house, 12)
    id = scheduled(house, **NIGHTLESS)
    run(house, 1)
    step(house)
    act(house, "cancel", id)
    there = len(reached(house))
    run(house, 5)
    assert (len(reached(house)), house.rows(outbox)) == (there, [])
    found = reported(house, id)
    assert (found.state, found.written, found.canceled) == ("canceled", there, 12 - there)
    assert {row["state"] for row in house.rows(messages, direction="out")} <= {"sent", "canceled"}
    with pytest.raises(CasellaError) as refused:
        act(house, "resume", id)
    assert refused.value.reason == "campaign_not_paused"


def test_some_that_are_tried_again_and_again_hold_up_nobody(house: House) -> None:
    """More of them than the outbox may hold of a campaign."""
    people(house, 40)
    for index in range(15):
        house.acme.provider.answers[number(index)] = [ChannelUnreachable("Not now.") for _ in range(100)]
    scheduled(house, **NIGHTLESS)
    run(house, 12)
    assert {number(index) for index in range(15, 40)} <= set(reached(house))


def test_who_may_not_write_to_customers_begins_no_campaign(lite: House) -> None:
    lite.apply(desk=DESK.replace("role: manager,", "role: manager, may_reply: false,"))
    people(lite, 1)
    view = made(lite, **NIGHTLESS)
    with pytest.raises(CasellaError) as refused:
        act(lite, "schedule", view.id, None)
    assert refused.value.reason == "may_not_reply"


def test_a_plugin_that_is_away_is_asked_again_later(lite: House) -> None:
    people(lite, 2)
    id = scheduled(lite, **NIGHTLESS)
    lite.host.breakers.failed("acme", "refusal", "raised", "1")
    for turn in range(3):
        lite.host.breakers.failed("acme", "refusal", "raised", f"{turn}")
    step(lite)
    assert states(lite, id) == {}
    lite.host.breakers.worked("acme", "refusal")
    lite.clock.move(seconds=20)
    run(lite, 5)
    assert len(reached(lite)) == 2


def test_it_keeps_to_its_pace(lite: House) -> None:
    people(lite, 30)
    scheduled(lite, **NIGHTLESS, per_minute=120)
    run(lite, 5)
    assert 8 <= len(reached(lite)) <= 12


def test_it_begins_at_its_time(lite: House) -> None:
    people(lite, 2)
    view = made(lite, **NIGHTLESS)
    at = lite.clock.now() + timedelta(hours=1)
    act(lite, "schedule", view.id, at)
    step(lite)
    assert (shown(lite, view.id).state, states(lite, view.id)) == ("scheduled", {"planned": 2})
    run(lite, 5)
    assert reached(lite) == []
    lite.clock.move(hours=1)
    run(lite, 5)
    assert len(reached(lite)) == 2


def test_where_the_channel_stands_still_it_waits_for_a_manager(lite: House) -> None:
    people(lite, 2)
    stopped = {"paused_code": "channel_misconfigured", "paused_text": "No money."}
    with lite.rooms.store.write() as db:
        db.execute(update(channels).values(stopped))
    id = scheduled(lite, **NIGHTLESS)
    step(lite)
    assert (shown(lite, id).state, shown(lite, id).pause_text) == ("paused", "No money.")


def test_what_is_no_longer_in_the_plan_stands_still(lite: House) -> None:
    people(lite, 2)
    id = scheduled(lite, **NIGHTLESS)
    lite.apply(desk=DESK.replace("teams: [front, billing]}", "teams: [front, billing], features: [assign]}"))
    step(lite)
    assert (shown(lite, id).state, shown(lite, id).pause_code) == ("paused", "feature_not_in_plan")


def test_a_failed_one_is_not_sent_again_by_an_agent(lite: House) -> None:
    """Who has agreed to what is the campaign's to ask."""
    people(lite, 1)
    lite.acme.provider.answers[number(0)] = [SendRejected("No.")]
    scheduled(lite, **NIGHTLESS)
    run(lite, 3)
    failed = lite.one(messages)["id"]
    with lite.rooms.store.write() as db:
        db.execute(update(messages).values(error_retryable=True))
    with lite.rooms.store.write() as db, pytest.raises(CasellaError) as refused:
        resending.retry(db, lite.rooms, failed, by=lite.agent("ann").id, at=lite.clock.now())
    assert refused.value.reason == "not_retryable"


Deed = st.sampled_from(["step", "deliver", "second", "pause", "resume", "lost", "stop"])


@settings(
    max_examples=tries(24), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture],
    derandomize=False,
)  # fmt: skip
@given(deeds=st.lists(Deed, max_size=25))
def test_whatever_happens_each_is_written_to_once_or_left_out(
    migrated_sqlite_url: str, tmp_path_factory: pytest.TempPathFactory, deeds: list[str]
) -> None:
    """Paused and resumed at any moment, claims lost to a process that died before it had sent, somebody opting out."""
    with House(migrated_sqlite_url, tmp_path_factory.mktemp("law")) as house:
        index = len(house.rows(campaign_table)) * 10
        ids = people(house, 8, first=index)
        view = made(house, filter=None, contacts=ids, **NIGHTLESS)
        planned = previewed(house, view.id).planned
        act(house, "schedule", view.id, None)
        stopped = 0
        for deed in deeds:
            _do(house, view.id, deed)
            if deed == "stop" and not stopped:
                stops(house, index + 5)
                stopped = 1
        if shown(house, view.id).state == "paused":
            act(house, "resume", view.id)
        run(house, 20)
        mine = [one for one in reached(house) if one in {number(index + each) for each in range(8)}]
        found = reported(house, view.id)
        assert len(mine) == len(set(mine)), "somebody got it twice"
        assert planned == 8
        assert (found.state, found.waiting) == ("done", 0)
        assert found.sent + sum(found.failed.values()) + sum(found.left_out.values()) == planned
        assert found.sent == len(mine) >= planned - stopped


def _do(house: House, id: str, deed: str) -> None:
    match deed:
        case "step":
            campaigns.feed_some(house.rooms)
        case "deliver":
            house.deliver(2)
        case "second":
            house.clock.move(seconds=1)
        case "lost":  # claimed by a process that died before it had sent anything, and let go by the sweep
            with house.rooms.store.write() as db:
                claims, _ = claim_due(house.rooms, db, 1, house.clock.now())
                release(db, claims)
        case "pause" | "resume":
            wanted = "paused" if deed == "resume" else "active"
            if house.one(campaign_table, id=id)["state"] == wanted:
                act(house, deed, id)


def test_two_feeders_at_once_do_not_take_the_same(house: House) -> None:
    """Both find it due; one of them has it."""
    people(house, 3)
    scheduled(house, **NIGHTLESS)
    step(house)
    now = house.clock.now()
    with house.rooms.store.write() as db:
        db.execute(update(campaign_table).values(due_at=now))
    assert feeding.feed_some(house.rooms)
    assert not feeding.feed_some(house.rooms)
    run(house, 5)
    assert reached(house) == [number(index) for index in range(3)]
