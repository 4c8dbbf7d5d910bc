"""What single actions of rules do in a running house, and what keeps a rule from acting."""

from __future__ import annotations

from datetime import date, timedelta

from casella.inbox.routing.rule_counts import rule_counts
from casella.store.tables import consents, contacts, conversations, messages, surveys_sent
from tests.house import CANNED, DESK, House
from tests.inbox.rule_texts import held, matched, rule, skipped, tags, the, use

_ATTRIBUTES = (
    DESK
    + """\
attributes:
  plan: {type: word, values: [free, gold]}
  seats: {type: number}
  until: {type: date}
surveys:
  csat: {question: how_was_it, open_for: 2d}
"""
)
_CANNED = CANNED + '  how_was_it: {phrase: how was it, text: "How was it, from 1 to 5?"}\n'


def notes(house: House) -> list[str]:
    return [row["text"] for row in house.rows(messages, direction="note")]


def sent(house: House, kind: str = "rule") -> list[str]:
    return [row["text"] for row in house.rows(messages, direction="out", sender_kind=kind)]


# --- what is known of a contact -------------------------------------------------------------------------------------


def test_a_value_from_before_the_attribute_was_a_date_is_none(house: House) -> None:
    before = _ATTRIBUTES.replace("until: {type: date}", "until: {type: word}")
    use(house, rule("set: {until: spring}"), desk=before, canned=_CANNED)
    house.receive(house.says())
    asks = "{any: [{contact.custom.until: {lt: 2030-01-01}}, {contact.custom.until: {is_set: false}}]}"
    use(house, rule("note: No date.", condition=asks), desk=_ATTRIBUTES, canned=_CANNED)
    house.receive(house.says("and now?"))
    assert notes(house) == ["No date."]


def test_set_notes_something_of_the_contact_that_later_rules_see(house: House) -> None:
    use(
        house,
        rule("set: {plan: gold, seats: 3, until: 2026-12-24}", name="note it", condition="{text: buy}"),
        rule("set: {seats: null}", name="forget it", condition="{text: forget}"),
        rule("tag: vip", name="see it", when="message_received",
             condition="{contact.custom.plan: gold, contact.custom.until: {lt: 2027-01-01}, text: hello}"),
        desk=_ATTRIBUTES, canned=_CANNED,
    )  # fmt: skip
    house.receive(house.says("buy"))
    assert house.one(contacts)["custom"] == {"plan": "gold", "seats": 3, "until": date(2026, 12, 24).isoformat()}
    house.receive(house.says("hello"))
    assert tags(house) == {"vip"}
    house.receive(house.says("forget"))
    assert house.one(contacts)["custom"].get("seats") is None


def test_opt_out_goes_into_the_ledger_and_holds_for_the_same_rule(house: House) -> None:
    use(
        house,
        rule("opt_out", "reply: {text: Goodbye}", "opt_out", name="leave", condition="{text: leave me alone}"),
        rule("note: gone", name="hear", when="contact_opted_out"),
    )
    house.receive(house.says("leave me alone"))
    [entry] = house.rows(consents)
    assert (entry["state"], entry["source"], entry["evidence"]) == ("opted_out", "rule", "leave")
    assert skipped(house) == [("reply", "contact_stopped"), ("opt_out", "already_opted_out")]
    assert (sent(house), notes(house)) == ([], ["gone"])


# --- surveys --------------------------------------------------------------------------------------------------------


def surveying(house: House) -> None:
    use(
        house,
        rule("survey", name="ask", when="conversation_closed"),
        rule("note: Unhappy.", name="low", when="survey_answered", condition="{survey.score: {lte: 2}}"),
        rule("note: Call back.", name="later", when="survey_answered", after="5m",
             condition="{survey.score: {lte: 2}}"),
        desk=_ATTRIBUTES, canned=_CANNED,
    )  # fmt: skip
    house.receive(house.says("hello"))
    house.close_conversation(the(house)["id"])
    house.deliver()


def test_a_survey_follows_the_closing_and_its_answer_wakes_rules(house: House) -> None:
    surveying(house)
    assert sent(house, "survey") == ["How was it, from 1 to 5?"]
    house.receive(house.says("7"))
    assert matched(house, "survey_answered") == []
    house.receive(house.says("2"))
    assert matched(house, "survey_answered") == ["low"]
    assert house.one(surveys_sent)["score"] == 2


def test_a_rule_that_waited_still_knows_the_score(house: House) -> None:
    surveying(house)
    house.receive(house.says("1"))
    assert house.later(minutes=6) >= 1
    assert notes(house) == ["Unhappy.", "Call back."]


def test_a_survey_is_sent_once_per_conversation(house: House) -> None:
    use(house, rule("survey"), desk=_ATTRIBUTES, canned=_CANNED)
    house.receive(house.says("one"))
    house.receive(house.says("two"))
    assert len(sent(house, "survey")) == 1
    assert skipped(house) == [("survey", "survey_sent_before")]


# --- what managers switch off ---------------------------------------------------------------------------------------


def test_an_inbox_without_replies_of_rules_has_none_and_says_why(house: House) -> None:
    use(house, rule("reply: {text: Hello}", "tag: vip"),
        desk=DESK.replace("name: Support,", "name: Support, auto_replies: false,"))  # fmt: skip
    house.receive(house.says())
    assert (sent(house), skipped(house), tags(house)) == ([], [("reply", "auto_replies_off")], {"vip"})


def test_an_inbox_without_surveys_asks_nobody(house: House) -> None:
    desk = _ATTRIBUTES.replace("name: Support,", "name: Support, surveys: false,")
    use(house, rule("survey"), desk=desk, canned=_CANNED)
    house.receive(house.says())
    assert (house.rows(surveys_sent), skipped(house)) == ([], [("survey", "surveys_off")])


# --- putting aside --------------------------------------------------------------------------------------------------


def test_snoozing_until_office_hours_that_are_open_is_no_use(house: House) -> None:
    use(house, rule("snooze: {until_open: support}"))  # a Monday at eleven in Rome
    house.receive(house.says())
    assert (the(house)["status"], skipped(house)) == ("open", [("snooze", "already_time")])


def test_snoozing_ends_when_office_hours_begin(house: House) -> None:
    use(house, rule("snooze: {until_open: support}"))
    house.clock.move(hours=10)
    house.receive(house.says())
    assert the(house)["status"] == "snoozed"
    house.later(hours=13)
    assert the(house)["status"] == "open"


# --- silence --------------------------------------------------------------------------------------------------------


def test_what_rules_write_does_not_end_a_silence(house: House) -> None:
    use(
        house,
        rule("note: quiet", "reply: {text: Still there?}", name="ask", when="{conversation_idle: 1h}"),
        rule("close", name="end", when="{conversation_idle: 3h}"),
    )
    house.receive(house.says())
    for _ in range(6):
        house.later(minutes=30)
        house.deliver()
    assert notes(house) == ["quiet"]
    assert the(house)["status"] == "closed"


def test_an_agents_answer_begins_a_new_silence(house: House) -> None:
    use(house, rule("note: quiet", when="{conversation_idle: 1h}"))
    house.receive(house.says())
    house.later(hours=2)
    house.reply()
    house.deliver()
    house.later(minutes=50)
    assert notes(house) == ["quiet"]
    house.later(minutes=10)
    assert notes(house) == ["quiet", "quiet"]


# --- what keeps a rule from acting ----------------------------------------------------------------------------------


def test_watching_is_counted_and_acts_on_nothing(house: House) -> None:
    use(house, rule("close", name="tried", mode="watch"), rule("tag: vip", name="acts"))
    house.receive(house.says("one"), house.says("two"))
    assert the(house)["status"] == "open"
    with house.rooms.store.read() as db:
        counts = rule_counts(db, house.clock.now() - timedelta(days=1))
    assert (dict(counts.fired), dict(counts.watched)) == ({"acts": 2}, {"tried": 2})


def test_a_rule_rests_in_each_conversation_by_itself(house: House) -> None:
    use(house, rule("note: n", cooldown="1h"))
    house.receive(house.says("one"), house.says("other", sender="+390555000009"))
    house.clock.move(minutes=59)
    house.receive(house.says("two"))
    assert len(notes(house)) == 2
    assert held(house, "message_received")[-1][:2] == ["R", "cooldown"]
    house.clock.move(minutes=1)
    house.receive(house.says("three"))
    assert len(notes(house)) == 3


def test_a_resting_rule_with_stop_still_ends_the_run(house: House) -> None:
    use(
        house,
        rule("note: first", "stop", name="A", cooldown="1h", condition="{text: {contains: o}}"),
        rule("note: second", name="B"),
    )
    house.receive(house.says("one"))
    house.receive(house.says("two"))
    assert notes(house) == ["first"]


def test_what_a_message_causes_knows_every_rule_that_fired(house: House) -> None:
    use(
        house,
        rule("note: b", name="B", when="[message_received, message_sent]"),
        rule("reply: {text: Hi}", name="A"),
    )
    house.receive(house.says())
    house.deliver()
    house.fire()
    assert notes(house) == ["b"]
    assert held(house, "message_sent") == [["B", "already_fired", ["A"]]]
    assert len(house.rows(conversations)) == 1
