"""Surveys: asked once, answered by a number, also after the conversation was closed with the question; then thanks."""

from __future__ import annotations

from casella.store.tables import conversations, messages, surveys_sent
from tests.house import CANNED, DESK, House
from tests.inbox.rule_texts import decided, matched, rule, tags, the, use

SURVEYS = DESK + "surveys:\n  csat: {question: how_was_it, thanks: thank_you, highest: 5}\n"
TEXTS = CANNED + "  how_was_it: {text: How was it?}\n  thank_you: {text: Thank you!}\n"
ASKS = rule("survey: csat", "close", name="Asks", condition="{text: {contains_word: bye}}")
HEARS = rule("note: Scored.", name="Hears", when="survey_answered", condition="{survey.score: {gte: 4}}")


def asked(house: House, *more: str) -> None:
    use(house, ASKS, HEARS, *more, desk=SURVEYS, canned=TEXTS)
    house.receive(house.says("bye"))
    house.deliver()


def sent(house: House) -> list[str]:
    return house.acme.provider.texts()


def test_an_answer_after_closing_opens_nothing_and_is_thanked_for(house: House) -> None:
    asked(house, rule("tag: vip", name="Everything"))
    assert the(house)["status"] == "closed"
    house.receive(house.says(" 5! "))
    house.deliver()
    only = house.one(conversations)
    assert (only["status"], only["waiting_since"], tags(house)) == ("closed", None, {"vip"})
    assert [row["text"] for row in house.rows(messages, direction="in")] == ["bye", " 5! "]
    assert sent(house) == ["How was it?", "Thank you!"]
    assert house.one(surveys_sent)["score"] == 5
    assert matched(house, "survey_answered") == ["Hears"]
    assert decided(house, "survey_answered")[0]["facts"]["survey.score"] == 5
    assert len(decided(house, "message_received")) == 1  # the number itself is nothing to look after
    house.receive(house.says("4"))
    assert len(house.rows(conversations)) == 2  # answered already: this is a message like any other
    assert sent(house) == ["How was it?", "Thank you!"]


def test_an_answer_in_the_batch_of_another_persons_message_finds_its_place(house: House) -> None:
    asked(house)
    house.receive(house.says("hello", sender="+390555000002"), house.says("3"))
    assert [row["status"] for row in house.rows(conversations)] == ["closed", "open"]
    assert house.one(surveys_sent)["score"] == 3


def test_two_answers_at_once_the_first_one_counts_and_both_are_kept(house: House) -> None:
    asked(house)
    house.receive(house.says("2"), house.says("4"))
    assert house.one(surveys_sent)["score"] == 2
    assert len(house.rows(messages, direction="in")) == 3
    assert [row["status"] for row in house.rows(conversations)] == ["closed", "open"]


def test_while_the_conversation_is_open_the_answer_stands_in_it(house: House) -> None:
    use(house, rule("survey: csat", name="Asks", condition="{text: {contains_word: bye}}"), HEARS, desk=SURVEYS,
        canned=TEXTS)  # fmt: skip
    house.receive(house.says("bye"))
    house.receive(house.says("4"))
    house.deliver()
    assert house.one(conversations)["status"] == "open"
    assert sent(house) == ["How was it?", "Thank you!"]
    assert matched(house, "survey_answered") == ["Hears"]


def test_words_begin_a_conversation_as_ever(house: House) -> None:
    asked(house)
    house.receive(house.says("5 stars, but my order is still missing"))
    assert [row["status"] for row in house.rows(conversations)] == ["closed", "open"]
    assert sent(house) == ["How was it?"]


def test_whoever_opted_out_is_not_thanked(house: House) -> None:
    asked(house)
    stop = {"kind": "consent", "channel_address": "+15550001", "contact_address": "+390555000001",
            "state": "opted_out", "source": "keyword", "evidence": "STOP", "external_id": "s1"}  # fmt: skip
    house.receive(stop)
    house.receive(house.says("1"))
    house.deliver()
    assert (sent(house), house.one(surveys_sent)["score"]) == (["How was it?"], 1)
