"""Conversations that were quiet already when a desk was applied: its times count for them, too, each once."""

from __future__ import annotations

import pytest

from casella.inbox.background.silence_before import QuietWatch, arm_quiet
from casella.inbox.commands.starting import start
from casella.inbox.reading.members import find_member
from casella.inbox.sending.outbox import Draft
from casella.store.tables import messages, timers
from tests.house import House
from tests.inbox.rule_texts import matched, rule, the, use

WAITED = rule("note: ten", name="ten", when="{conversation_waiting: 10m}")
WAITED_LONG = rule("note: hour", name="hour", when="{conversation_waiting: 1h}")
DAY = rule("note: day", name="day", when="{conversation_idle: 1d}")
WEEK = rule("note: week", name="week", when="{conversation_idle: 7d}")


def notes(house: House) -> list[str]:
    return [row["text"] for row in house.rows(messages, direction="note")]


def test_a_customer_who_waits_already_is_told_of(house: House) -> None:
    house.receive(house.says(), house.says(sender="+390555000002"))
    house.clock.move(minutes=30)
    use(house, WAITED, WAITED_LONG)
    assert QuietWatch(house.rooms).look() == 2
    house.fire()
    assert notes(house) == ["ten", "ten"]
    house.later(minutes=31)
    assert sorted(notes(house)) == ["hour", "hour", "ten", "ten"]


def test_once_for_each_desk_and_after_a_restart_and_nothing_twice(house: House) -> None:
    house.receive(house.says())
    use(house, WAITED, DAY)
    watch = QuietWatch(house.rooms)
    assert (watch.look(), watch.look()) == (1, 0)
    house.later(minutes=11)
    house.later(days=1)
    house.later(days=1)
    assert notes(house) == ["ten", "day"]
    for _ in range(2):
        assert QuietWatch(house.rooms).look() == 1  # another process, or this one started again
        house.later(days=2)
    use(house, WAITED, DAY, rule("tag: vip", name="another"))
    arm_quiet(house.rooms)
    house.later(days=9)
    assert notes(house) == ["ten", "day"]
    assert len(house.rows(timers, kind="idle")) == 1


def test_a_new_shorter_time_and_a_new_longer_one_count_for_the_same_silence(house: House) -> None:
    use(house, WEEK)
    house.receive(house.says())
    arm_quiet(house.rooms)
    house.later(days=2)
    use(house, DAY, WEEK)
    arm_quiet(house.rooms)
    house.fire()
    assert notes(house) == ["day"]
    use(house, DAY, WEEK, rule("note: fortnight", name="fortnight", when="{conversation_idle: 14d}"))
    arm_quiet(house.rooms)
    house.later(days=6)
    assert notes(house) == ["day", "week"]
    arm_quiet(house.rooms)
    house.later(days=7)
    arm_quiet(house.rooms)
    house.later(days=30)
    assert notes(house) == ["day", "week", "fortnight"]


def test_a_silence_that_has_begun_anew_is_counted_anew(house: House) -> None:
    use(house, DAY)
    house.receive(house.says())
    house.later(days=2)
    house.clock.move(hours=1)
    house.reply()
    house.deliver()
    arm_quiet(house.rooms)
    house.later(hours=23)
    assert notes(house) == ["day"]
    house.later(hours=2)
    assert notes(house) == ["day", "day"]


@pytest.mark.parametrize("change", ["closed", "no such rule"])
def test_what_nobody_asks_about_is_left_alone(house: House, change: str) -> None:
    house.receive(house.says())
    if change == "closed":
        house.close_conversation(the(house)["id"])
        use(house, WAITED, DAY)
    assert arm_quiet(house.rooms) == 0
    assert house.rows(timers) == []
    assert matched(house, "conversation_idle") == []


def test_more_conversations_than_are_looked_at_at_once(house: House) -> None:
    house.receive(*(house.says(sender=f"+3905551{number:05}") for number in range(230)))
    house.clock.move(minutes=11)
    use(house, WAITED)
    assert arm_quiet(house.rooms) == 230
    assert len(house.rows(timers, kind="waiting", state="waiting")) == 230


def test_a_conversation_that_the_house_began_is_quiet_too(house: House) -> None:
    use(house, DAY)
    with house.rooms.store.write() as db:
        member = find_member(db, house.agent("ann").id)
        assert member is not None
        start(db, house.rooms, member, "main", "+390555000042", None, Draft("Your order has come.",
              sender_id=member.id), house.clock.now())  # fmt: skip
    echo = {"kind": "message_echoed", "channel_address": "+15550001", "contact_address": "+390555000043",
            "external_id": "e1", "text": "From the telephone"}  # fmt: skip
    house.receive(echo)
    house.later(days=1, minutes=1)
    assert notes(house) == ["day", "day"]


def test_what_a_rule_writes_about_a_silence_does_not_end_it(house: House) -> None:
    use(house, rule("reply: {text: Are you still there?}", name="asks", when="{conversation_idle: 1d}"),
        rule("close", name="closes", when="{conversation_idle: 7d}"))  # fmt: skip
    house.receive(house.says())
    house.later(days=1, minutes=1)
    house.deliver()
    assert house.acme.provider.texts() == ["Are you still there?"]
    arm_quiet(house.rooms)
    house.later(days=5)
    assert the(house)["status"] == "open"
    house.later(days=1)
    assert the(house)["status"] == "closed"
    house.deliver()
    assert house.acme.provider.texts() == ["Are you still there?"]
