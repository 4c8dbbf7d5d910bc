"""Timers: delays that ask again, customers who wait, snoozes, schedules, overflow, agents who do not answer. Each
happens at its time, once, whatever dies in between."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import update

from casella.doctor import examine
from casella.inbox.assignment.starvation import raise_alarms
from casella.inbox.background.queues import serve_queues
from casella.inbox.background.schedules import arm_schedules
from casella.inbox.background.timers_due import fire_due, prune
from casella.store.tables import agents, contacts, conversations, effects, feed, messages, teams, timers
from tests.house import DESK, House
from tests.inbox.rule_texts import decided, held, matched, rule, skipped, tags, the, use


def states(house: House, kind: str) -> list[str]:
    return [row["state"] for row in house.rows(timers) if row["kind"].startswith(kind)]


def notes(house: House) -> list[str]:
    return [row["text"] for row in house.rows(messages, direction="note")]


def assignee(house: House) -> str | None:
    found = the(house)["assignee_id"]
    return str(house.one(agents, id=found)["key"]) if found else None


def team(house: House) -> str | None:
    found = the(house)["team_id"]
    return str(house.one(teams, id=found)["key"]) if found else None


# --- rules with a delay ---------------------------------------------------------------------------------------------


def test_a_delayed_rule_acts_at_its_time_and_once(house: House) -> None:
    use(house, rule("note: Nobody answered.", after="10m"))
    house.receive(house.says())
    assert house.later(minutes=9) == 0
    assert notes(house) == []
    assert house.later(minutes=1) == 1
    assert house.later(days=1) == 0
    assert notes(house) == ["Nobody answered."]
    assert decided(house, "message_received")[-1]["due"] == "R"


def test_its_if_is_asked_again(house: House) -> None:
    use(house, rule("note: Still nobody.", after="10m", condition="{conversation.assignee: {is_set: false}}"))
    house.receive(house.says())
    house.assign(the(house)["id"], "ann")
    assert house.later(minutes=11) == 1
    assert notes(house) == []


def test_unless_cancels_it_and_only_in_this_conversation(house: House) -> None:
    use(house, rule("note: Nobody answered.", after="10m", unless="[message_sent, conversation_closed]"))
    house.receive(house.says(), house.says(sender="+390555000002"), house.says(sender="+390555000003"))
    first, second, _ = house.rows(conversations)
    house.reply(conversation_id=first["id"])
    house.deliver()
    house.close_conversation(second["id"])
    house.fire()
    house.later(minutes=11)
    assert notes(house) == ["Nobody answered."]
    assert sorted(states(house, "rule")) == ["canceled", "canceled", "fired"]


def test_each_message_is_a_cause_of_its_own(house: House) -> None:
    use(house, rule("note: Later.", after="10m"))
    house.receive(house.says("one"))
    house.clock.move(minutes=5)
    house.receive(house.says("two"))
    house.later(minutes=6)
    assert len(notes(house)) == 1
    house.later(minutes=6)
    assert len(notes(house)) == 2


def test_a_rule_that_is_gone_by_then_does_nothing(house: House) -> None:
    use(house, rule("note: Later.", after="10m"))
    house.receive(house.says())
    use(house)
    house.later(minutes=11)
    assert notes(house) == []
    assert held(house, "message_received") == [["R", "no_longer_there", []]]


def test_the_words_are_those_of_the_message_that_began_it(house: House) -> None:
    use(house, rule("note: Refund.", after="10m", condition="{text: {contains_word: refund}}"))
    house.receive(house.says("a refund please"))
    house.receive(house.says("hello?"))
    house.later(minutes=11)
    assert notes(house) == ["Refund."]


def test_two_processes_fire_each_timer_once(house: House, tmp_path: Path) -> None:
    use(house, rule("note: Later.", after="10m"))
    house.receive(*(house.says(sender=f"+39055{number:04}") for number in range(12)))
    house.clock.move(minutes=11)
    with House(house.settings.database_url, tmp_path / "other", desk=None, clock=house.clock) as other:
        threads = [threading.Thread(target=fire_due, args=(each.rooms,)) for each in (house, other, house, other)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
    house.fire()
    assert len(notes(house)) == 12
    assert len(house.rows(effects)) == 12


def test_a_timer_that_fails_is_tried_again_then_parked_and_keeps_nobody_waiting(house: House) -> None:
    use(house, rule("note: Later.", after="10m"))
    house.receive(house.says(), house.says(sender="+390555000002"))
    first = house.rows(timers)[0]
    with house.rooms.store.write() as db:
        db.execute(timers.update().where(timers.c.id == first["id"]).values(payload={"trigger": 7}))
    house.later(minutes=11)
    assert len(notes(house)) == 1
    house.later(minutes=2)
    house.later(minutes=2)
    row = house.one(timers, id=first["id"])
    assert (row["state"], row["attempts"]) == ("failed", 3)
    assert row["error"]
    [found] = [one for one in examine(house.rooms) if one.subject == "failed timers"]
    assert (found.ok, found.text.startswith("1, the first of kind 'rule:R'")) == (False, True)
    with house.rooms.store.write() as db:
        prune(db, house.clock.now() - timedelta(days=30))
    assert len(house.rows(timers)) == 2
    with house.rooms.store.write() as db:
        prune(db, house.clock.now() + timedelta(days=1))
    assert house.rows(timers) == []
    assert [one.text for one in examine(house.rooms) if one.subject == "failed timers"] == ["0"]


# --- waiting and silence --------------------------------------------------------------------------------------------


def test_a_waiting_customer_is_told_of_at_each_time_a_rule_names(house: House) -> None:
    use(
        house,
        rule("note: ten", name="ten", when="{conversation_waiting: 10m}"),
        rule("note: thirty", name="thirty", when="{conversation_waiting: 30m}"),
    )
    house.receive(house.says())
    house.clock.move(minutes=5)
    house.receive(house.says("hello?"))
    house.later(minutes=5)
    assert notes(house) == ["ten"]
    house.later(minutes=30)
    assert notes(house) == ["ten", "thirty"]
    house.later(days=2)
    assert notes(house) == ["ten", "thirty"]


def test_an_answer_ends_the_waiting_and_the_next_message_begins_another(house: House) -> None:
    use(house, rule("note: ten", when="{conversation_waiting: 10m}"))
    house.receive(house.says())
    house.reply()
    house.later(minutes=11)
    assert notes(house) == []
    house.receive(house.says("and now?"))
    house.later(minutes=11)
    assert notes(house) == ["ten"]


def test_silence_is_counted_from_the_last_message_of_either_side(house: House) -> None:
    use(house, rule("close", when="{conversation_idle: 3d}"))
    house.receive(house.says())
    house.later(days=2)
    house.reply()
    house.later(days=2)
    assert the(house)["status"] == "open"
    house.later(days=1, minutes=1)
    assert the(house)["status"] == "closed"
    assert matched(house, "conversation_idle") == ["R"]


def test_a_silence_that_ends_and_begins_again_is_told_again(house: House) -> None:
    use(house, rule("note: quiet", when="{conversation_idle: 1h}"))
    house.receive(house.says())
    house.later(hours=2)
    house.receive(house.says("still there?"))
    house.later(hours=2)
    assert notes(house) == ["quiet", "quiet"]


# --- snoozing -------------------------------------------------------------------------------------------------------


def test_a_snoozed_conversation_comes_back_at_its_time(house: House) -> None:
    use(house, rule("snooze: 2h", name="away"), rule("tag: vip", name="back", when="conversation_reopened"))
    house.receive(house.says())
    assert the(house)["status"] == "snoozed"
    house.later(hours=1)
    assert the(house)["status"] == "snoozed"
    house.later(hours=1)
    assert (the(house)["status"], tags(house)) == ("open", {"vip"})
    assert decided(house, "conversation_reopened")[0]["facts"]["previous.status"] == "snoozed"


def test_a_message_wakes_it_before(house: House) -> None:
    use(house, rule("snooze: 2h", name="away", condition="{text: later}"))
    house.receive(house.says("later"))
    house.receive(house.says("now!"))
    assert the(house)["status"] == "open"
    house.later(hours=3)
    assert states(house, "snooze") == ["canceled"]


def test_what_a_snooze_brings_back_belongs_to_the_rule_that_snoozed(house: House) -> None:
    asks = rule("note: Are you there?", "snooze: 1m", name="again", when="conversation_reopened", cooldown="1s")
    use(house, rule("snooze: 1m", name="away"), asks)
    house.receive(house.says())
    for _ in range(6):
        house.later(minutes=1, seconds=1)
    assert notes(house) == ["Are you there?"]
    assert held(house, "conversation_reopened") == [["again", "already_fired", ["away", "again"]]]


def test_two_snoozes_until_one_moment_end_in_the_chain_of_the_later_one(house: House) -> None:
    awake = "{any: [{hours: {support: open}}, {conversation.messages: 1}]}"
    use(
        house,
        rule("note: awake", name="tells", when="[conversation_opened, conversation_reopened]", condition=awake),
        rule("snooze: {until_open: support}", name="away"),
    )
    house.clock.move(days=5)  # Saturday
    house.receive(house.says("one"))
    house.receive(house.says("two"))
    assert notes(house) == ["awake"]
    house.later(days=2)
    assert notes(house) == ["awake", "awake"], "in the chain of the second message it has not fired yet"


def test_until_the_office_opens(house: House) -> None:
    use(house, rule("snooze: {until_open: support}"))
    house.clock.move(days=5)  # Saturday
    house.receive(house.says())
    assert the(house)["snoozed_until"] == datetime(2026, 11, 30, 8, 0, tzinfo=UTC)


def test_a_reply_waits_for_office_hours_and_agents_do_not_wait_for_it(house: House) -> None:
    use(house, rule("reply: {text: We are back., when_open: support}"))
    house.clock.move(days=5)
    house.receive(house.says())
    house.reply("I am here anyway.")
    house.deliver()
    assert house.acme.provider.texts("+390555000001") == ["I am here anyway."]
    house.later(days=2)
    house.deliver()
    assert house.acme.provider.texts("+390555000001") == ["I am here anyway.", "We are back."]


# --- schedules ------------------------------------------------------------------------------------------------------


def test_a_schedule_asks_every_open_conversation_once_per_slot(house: House, tmp_path: Path) -> None:
    use(house, rule("note: Morning.", when='{schedule: "0 9 * * mon-fri"}'))
    house.receive(*(house.says(sender=f"+39055{number:04}") for number in range(70)))
    house.close_conversation(house.rows(conversations)[0]["id"])
    assert arm_schedules(house.rooms) == 1
    assert arm_schedules(house.rooms) == 0
    house.clock.move(days=1)  # 11 o'clock in Rome: the slot came while nobody looked
    with House(house.settings.database_url, tmp_path / "other", desk=None, clock=house.clock) as other:
        threads = [threading.Thread(target=fire_due, args=(each.rooms,)) for each in (house, other)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
    house.fire()
    assert len(notes(house)) == 69
    assert arm_schedules(house.rooms) == 1
    assert house.fire() == 0


def test_a_conversation_that_cannot_be_asked_holds_up_no_other(house: House) -> None:
    asks = "{contact.custom.plan: {is_set: false}}"
    desk = DESK + "attributes: {plan: {type: word}}\n"
    use(house, rule("note: Morning.", when='{schedule: "0 9 * * *"}', condition=asks), desk=desk)
    house.receive(*(house.says(sender=f"+39055{number:04}") for number in range(7)))
    with house.rooms.store.write() as db:
        db.execute(update(contacts).where(contacts.c.id == house.rows(contacts)[3]["id"]).values(custom=[1]))
    arm_schedules(house.rooms)
    house.later(days=1)
    assert len(notes(house)) == 6
    assert states(house, "schedule") == ["failed"]
    [told] = [one for one in examine(house.rooms) if one.subject == "failed timers"]
    assert "conversation" in told.text
    arm_schedules(house.rooms)
    house.later(days=1)
    assert len(notes(house)) == 12


# --- queues ---------------------------------------------------------------------------------------------------------


def test_nobody_in_time_means_the_other_team(house: House) -> None:
    use(house, rule("assign: {team: billing, else: {team: front, after: 5m}}"), available=("ann",))
    house.receive(house.says())
    assert (assignee(house), team(house)) == (None, "billing")
    house.later(minutes=4)
    assert assignee(house) is None
    house.later(minutes=1)
    assert (assignee(house), team(house)) == ("ann", "front")
    assert decided(house, "queue_overflow")[0]["assignments"][0]["agent_id"] == house.agent("ann").id


def test_the_place_in_the_queue_goes_along(house: House) -> None:
    use(house, rule("assign: {team: billing, else: {team: front, after: 5m}}"), available=())
    house.receive(house.says())
    queued_at = the(house)["queued_at"]
    house.later(minutes=6)
    assert (team(house), the(house)["queued_at"]) == ("front", queued_at)


def test_who_was_served_before_does_not_overflow(house: House) -> None:
    use(house, rule("assign: {team: billing, else: {team: front, after: 5m}}"), available=())
    house.receive(house.says())
    house.available("cleo", "ann")
    serve_queues(house.rooms)
    house.later(minutes=6)
    assert (assignee(house), states(house, "overflow")) == ("cleo", ["canceled"])


ELSE = "assign: {team: billing, else: {team: front, after: 5m}}"
PLAIN_AND_IN_TIME = (
    rule("assign: {team: billing}", name="plain", condition="{text: one}"),
    rule(ELSE, name="in time", condition="{text: two}"),
)


def test_a_time_that_is_asked_for_later_counts_from_when_it_joined_the_queue(house: House) -> None:
    use(house, *PLAIN_AND_IN_TIME, available=())
    house.receive(house.says("one"))
    house.clock.move(minutes=3)
    house.receive(house.says("two"))
    house.later(minutes=1)
    house.receive(house.says("two"))  # asking again puts nothing off
    assert team(house) == "billing"
    house.later(minutes=1)
    assert team(house) == "front"


def test_who_has_waited_longer_than_that_goes_on_at_once(house: House) -> None:
    use(house, *PLAIN_AND_IN_TIME, available=())
    house.receive(house.says("one"))
    house.clock.move(minutes=9)
    house.receive(house.says("two"))
    house.fire()
    assert team(house) == "front"


def test_what_is_asked_for_last_counts(house: House) -> None:
    soon = "assign: {team: billing, else: {team: front, after: 2m}}"
    first, last = rule(ELSE, name="a", condition="{text: one}"), rule(soon, name="b", condition="{text: two}")
    use(house, first, last, available=())
    house.receive(house.says("one"))
    house.receive(house.says("two"))
    house.later(minutes=2)
    assert (team(house), states(house, "overflow")) == ("front", ["fired"])


def test_who_is_given_back_has_its_time_again(house: House) -> None:
    use(house, rule(ELSE), available=())
    house.receive(house.says())
    house.clock.move(minutes=4)
    house.available("cleo")
    serve_queues(house.rooms)
    house.assign(the(house)["id"], None, expected="cleo", by="cleo")
    house.available()
    house.later(minutes=4)
    assert team(house) == "billing"
    house.later(minutes=1)
    assert team(house) == "front"


def test_whom_a_rule_takes_back_has_its_time_again(house: House) -> None:
    use(house, rule(ELSE, condition="{text: one}"), rule("unassign", name="U", condition="{text: two}"),
        available=("cleo",))  # fmt: skip
    house.receive(house.says("one"))
    house.available()
    house.receive(house.says("two"))
    house.later(minutes=5)
    assert team(house) == "front"


def test_what_is_opened_again_has_its_time_again(house: House) -> None:
    use(house, rule(ELSE, when="conversation_opened"), available=())
    house.receive(house.says())
    house.close_conversation(the(house)["id"])
    house.later(minutes=5)
    house.reopen(the(house)["id"])
    house.later(minutes=4)
    assert team(house) == "billing"
    house.later(minutes=1)
    assert team(house) == "front"


def test_the_time_goes_on_while_it_is_put_aside(house: House) -> None:
    use(house, rule(ELSE, "snooze: 20m"), available=())
    house.receive(house.says())
    house.later(minutes=10)
    assert (the(house)["status"], team(house)) == ("snoozed", "billing")
    house.later(minutes=10)
    assert (the(house)["status"], team(house)) == ("open", "front")


def test_39_not_answered_in_time_goes_back_to_the_queue_and_to_somebody_else(house: House) -> None:
    desk = DESK.replace("strategy: round_robin}", "strategy: round_robin, reassign_after: 10m}")
    use(house, rule("assign: {team: front}"), desk=desk)
    house.receive(house.says())
    first = assignee(house)
    house.later(minutes=11)
    assert assignee(house) is None
    assert notes(house) == [f"{first.title() if first else ''} did not answer within 10m; back to the queue."]
    [notice] = [row for row in house.rows(feed, kind="notice") if "returned" in row["payload"]]
    assert notice["agent_id"] == house.agent(str(first)).id
    assert serve_queues(house.rooms) == 1
    assert assignee(house) not in (None, first)


def test_an_answer_keeps_it(house: House) -> None:
    desk = DESK.replace("strategy: round_robin}", "strategy: round_robin, reassign_after: 10m}")
    use(house, rule("assign: {team: front}"), desk=desk, available=("ann",))
    house.receive(house.says())
    house.reply()
    house.later(minutes=11)
    assert assignee(house) == "ann"
    house.receive(house.says("thanks, one more thing"))
    house.later(hours=1)
    assert assignee(house) == "ann"


def test_managers_are_told_once_of_whoever_waits_too_long(house: House) -> None:
    desk = DESK.replace("strategy: least_busy}", "strategy: least_busy, alarm_after: 15m}")
    use(house, rule("assign: {team: billing}"), desk=desk, available=())
    house.receive(house.says())
    assert raise_alarms(house.rooms) == 0
    house.clock.move(minutes=16)
    house.receive(house.says(sender="+390555000002"))
    assert raise_alarms(house.rooms) == 1
    assert raise_alarms(house.rooms) == 0
    [notice] = house.rows(feed, kind="notice")
    assert notice["agent_id"] == house.agent("mara").id
    assert '"queue_starving"' in notice["payload"]
    house.clock.move(minutes=16)
    assert raise_alarms(house.rooms) == 1


def test_an_urgent_conversation_is_served_first_and_then_the_oldest(house: House) -> None:
    use(
        house,
        rule("priority: urgent", name="U", condition="{text: fire}"),
        rule("assign: {team: billing}", name="A"),
        available=(),
    )
    for number, text in enumerate(["one", "two", "fire"]):
        house.receive(house.says(text, sender=f"+39055{number:04}"))
        house.clock.move(seconds=1)
    house.available("cleo", capacity=2)
    serve_queues(house.rooms)
    given = [row["assignee_id"] is not None for row in house.rows(conversations)]
    assert given == [True, False, True]
    assert skipped(house) == []
