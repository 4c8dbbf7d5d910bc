"""Time meets office hours: a waiting or a silence that is over while the `if` about hours or weekdays says no is asked
about again when that says yes; what is put aside is left alone (numbers: docs/complaints.md)."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from casella.inbox.background.silence_before import arm_quiet
from casella.inbox.routing.explaining import Explainer, lines
from casella.store.tables import decisions, messages
from tests.house import House
from tests.inbox.rule_texts import decided, matched, rule, the, use

OPEN = "{hours: {support: open}}"
WAITED = "{conversation_waiting: 1h}"
FRIDAY_EVENING = {"days": 4, "hours": 6.5}  # from Monday at 11.00 in Rome to Friday at 17.30
TO_MONDAY = {"days": 2, "hours": 15.5}  # to Monday at 9.00


def notes(house: House) -> list[str]:
    return [row["text"] for row in house.rows(messages, direction="note")]


def test_field_01_an_hour_that_is_over_after_hours_is_told_when_the_office_opens(house: House) -> None:
    use(house, rule("note: waited", when=WAITED, condition=OPEN))
    house.later(**FRIDAY_EVENING)
    house.receive(house.says())
    house.later(hours=2)
    assert notes(house) == []
    house.later(days=2, hours=13, minutes=29)
    assert notes(house) == []
    house.later(minutes=1)
    assert notes(house) == ["waited"]
    house.later(days=7)
    assert notes(house) == ["waited"], "once for each waiting"
    assert matched(house, "conversation_waiting") == ["R"]


def test_field_01_within_hours_it_is_told_at_once(house: House) -> None:
    use(house, rule("note: waited", when=WAITED, condition=OPEN))
    house.receive(house.says())
    house.later(hours=1)
    assert notes(house) == ["waited"]
    house.later(days=3)
    assert notes(house) == ["waited"]


def test_field_01_who_was_answered_meanwhile_does_not_wait(house: House) -> None:
    use(house, rule("note: waited", when=WAITED, condition=OPEN))
    house.later(**FRIDAY_EVENING)
    house.receive(house.says())
    house.later(hours=2)
    house.reply()
    house.later(**TO_MONDAY)
    house.later(hours=1)
    assert notes(house) == []


def test_field_01_what_was_closed_meanwhile_is_left_alone(house: House) -> None:
    use(house, rule("note: waited", when=WAITED, condition=OPEN))
    house.later(**FRIDAY_EVENING)
    house.receive(house.says())
    house.later(hours=2)
    house.close_conversation(the(house)["id"])
    house.later(**TO_MONDAY)
    assert notes(house) == []


def test_field_01_weekdays_and_hours_of_the_day_too(house: House) -> None:
    use(
        house,
        rule("note: monday", name="monday", when=WAITED, condition="{time.weekday: monday}"),
        rule("note: ten", name="ten", when=WAITED, condition="{time.hour: 10, hours: {support: open}}"),
        rule("note: night", name="night", when=WAITED, condition="{time.hour: {gte: 22}}"),
    )
    house.later(**FRIDAY_EVENING)
    house.receive(house.says())
    house.later(hours=1)
    assert notes(house) == []
    house.later(hours=3, minutes=30)
    assert notes(house) == ["night"]
    house.later(days=2, hours=2)
    assert notes(house) == ["night", "monday"]
    house.later(hours=10)
    assert notes(house) == ["night", "monday", "ten"]


LATER = {
    "hours": OPEN,
    "no closed hours": "{not: {hours: {support: closed}}}",
    "a weekday": "{time.weekday: [monday, tuesday]}",
    "no weekday": "{time.weekday: {none_of: [friday, saturday, sunday]}}",
    "an hour of the day": "{time.hour: {between: [7, 9]}}",
    "one of two": "{any: [{hours: {support: open}}, {time.hour: 4}]}",
    "two of two": "{time.weekday: monday, time.hour: {lt: 10}}",
    "a date": "{time.date: {gte: 2026-11-30}}",
}


@pytest.mark.parametrize("when", [WAITED, "{conversation_idle: 1h}"])
def test_field_01_whatever_of_time_says_no_just_then(house: House, when: str) -> None:
    """Of every kind of question about time, of a waiting and of a silence: no on Friday evening, yes on Monday."""
    use(house, *(rule(f"note: {name}", name=name, when=when, condition=asked) for name, asked in LATER.items()))
    house.later(**FRIDAY_EVENING)
    house.receive(house.says())
    house.later(hours=1, minutes=1)
    assert notes(house) == []
    house.later(days=2, hours=14, minutes=30)
    assert sorted(notes(house)) == sorted(LATER)
    house.later(days=9)
    assert sorted(notes(house)) == sorted(LATER), "once for each"


def test_field_01_what_something_else_excludes_is_not_asked_again(house: House) -> None:
    use(house, rule("note: vip", when=WAITED, condition="{hours: {support: open}, contact.tags: {has: vip}}"))
    house.later(**FRIDAY_EVENING)
    house.receive(house.says())
    house.later(days=7)
    assert notes(house) == []


def test_field_01_silence_too(house: House) -> None:
    use(house, rule("note: quiet", when="{conversation_idle: 1h}", condition=OPEN))
    house.later(**FRIDAY_EVENING)
    house.receive(house.says())
    house.later(hours=2)
    assert notes(house) == []
    house.later(**TO_MONDAY)
    assert notes(house) == ["quiet"]


def test_field_02_silence_leaves_alone_what_is_put_aside(house: House) -> None:
    use(
        house,
        rule("snooze: 14d", name="aside", condition="{text: {contains: later}}"),
        rule("close", name="silent", when="{conversation_idle: 7d}"),
    )
    house.receive(house.says("call me later"))
    house.later(days=8)
    assert the(house)["status"] == "snoozed"


def test_field_02_unless_the_rule_asks_for_it(house: House) -> None:
    use(
        house,
        rule("snooze: 14d", name="aside", condition="{text: {contains: later}}"),
        rule(
            "close", name="silent", when="{conversation_idle: 7d}", condition="{conversation.status: [open, snoozed]}"
        ),
    )
    house.receive(house.says("call me later"))
    house.later(days=8)
    assert the(house)["status"] == "closed"


# Durations in open time: Ann's office is open from 9 to 18 on weekdays.


def test_field_01_two_hours_of_office_hours_end_on_monday_at_half_past_ten(house: House) -> None:
    use(house, rule("note: waited", when="{conversation_waiting: 2h of support}"))
    house.later(**FRIDAY_EVENING)
    house.receive(house.says())  # at 17.30: half an hour is left
    house.later(days=2, hours=16, minutes=59)
    assert notes(house) == []
    house.later(minutes=1)
    assert notes(house) == ["waited"], "Monday, 10.30"
    house.later(days=7)
    assert notes(house) == ["waited"], "once for each waiting"
    assert [one["row"]["event"] for one in decided(house, "conversation_waiting")] == ["conversation_waiting"]


def test_field_01_open_time_and_plain_time_side_by_side(house: House) -> None:
    use(
        house,
        rule("note: plain", name="plain", when="{conversation_waiting: 2h}"),
        rule("note: open", name="open", when="{conversation_waiting: 2h of office hours}"),
        rule("note: longer", name="longer", when="{conversation_waiting: 3h of support}"),
    )
    house.later(**FRIDAY_EVENING)
    house.receive(house.says())
    house.later(hours=2)
    assert notes(house) == ["plain"]
    house.later(days=2, hours=15)
    assert notes(house) == ["plain", "open"]
    house.later(hours=1)
    assert notes(house) == ["plain", "open", "longer"]


def test_field_01_who_was_answered_does_not_wait_in_open_time_either(house: House) -> None:
    use(house, rule("note: waited", when="{conversation_waiting: 2h of support}"))
    house.later(**FRIDAY_EVENING)
    house.receive(house.says())
    house.later(hours=1)
    house.reply()
    house.later(days=7)
    assert notes(house) == []
    house.receive(house.says("again"))
    house.later(days=4)
    assert notes(house) == ["waited"]


def test_field_01_silence_in_open_time_follows_the_last_message(house: House) -> None:
    use(house, rule("note: quiet", when="{conversation_idle: 2h of support}"))
    house.later(**FRIDAY_EVENING)
    house.receive(house.says())
    house.later(days=2, hours=16)
    house.receive(house.says("Monday, half past nine"))
    house.later(hours=1, minutes=59)
    assert notes(house) == []
    house.later(minutes=1)
    assert notes(house) == ["quiet"]
    house.later(days=3)
    assert notes(house) == ["quiet"]
    house.receive(house.says("once more"))
    house.later(days=3)
    assert notes(house) == ["quiet", "quiet"]


def test_field_01_a_desk_with_open_time_finds_who_waited_before_it(house: House) -> None:
    house.later(**FRIDAY_EVENING)
    house.receive(house.says())
    house.later(hours=1)
    use(house, rule("note: waited", when="{conversation_waiting: 2h of support}"),
        rule("note: quiet", name="Q", when="{conversation_idle: 2h of support}"))  # fmt: skip
    arm_quiet(house.rooms)
    house.later(days=2, hours=15, minutes=59)
    assert notes(house) == []
    house.later(minutes=1)
    assert sorted(notes(house)) == ["quiet", "waited"]
    use(house, rule("note: waited", when="{conversation_waiting: 2h of support}", name="another"))
    arm_quiet(house.rooms)
    house.later(days=1)
    assert sorted(notes(house)) == ["quiet", "waited"], "a desk that is applied again does not tell it twice"


def test_field_01_open_time_is_explained_under_its_own_name(house: House) -> None:
    use(house, rule("note: waited", when="{conversation_waiting: 2h of support}"))
    house.receive(house.says())
    house.later(hours=2)
    with house.rooms.store.read() as db:
        [row] = db.execute(select(decisions).where(decisions.c.event == "conversation_waiting"))
        told = list(lines(Explainer(house.rooms).run(db, row), house.clock.now()))
    assert told[0].endswith("conversation_waiting 2h of support")
    assert any("R: matched" in line for line in told)


def test_field_01_a_rule_may_wait_in_open_time(house: House) -> None:
    """Friday, half past five: half an hour is left, and the rest is Monday's."""
    use(house, rule("note: waited", after="2h of support"))
    house.later(**FRIDAY_EVENING)
    house.receive(house.says())
    house.later(days=2, hours=16, minutes=59)
    assert notes(house) == []
    house.later(minutes=1)
    assert notes(house) == ["waited"], "Monday, 10.30"
    house.later(days=7)
    assert notes(house) == ["waited"]
