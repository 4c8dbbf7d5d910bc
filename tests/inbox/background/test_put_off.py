"""Time meets office hours: a waiting or a silence that is over while the `if` about hours or weekdays says no is asked
about again when that says yes; what is put aside is left alone (numbers: docs/complaints.md)."""

from __future__ import annotations

from casella.store.tables import messages
from tests.house import House
from tests.inbox.rule_texts import matched, rule, the, use

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
