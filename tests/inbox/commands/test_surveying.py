"""Surveys that agents send (S-53, W-14)."""

from __future__ import annotations

import threading

import pytest

from casella.errors import CasellaError
from casella.inbox.commands import surveying
from casella.store.tables import conversations, messages, surveys_sent
from tests.house import CANNED, DESK, House
from tests.inbox.personal.test_read_marks import member
from tests.inbox.rule_texts import rule

SURVEYS = "surveys:\n  csat: {question: how_was_it}\n  nps: {question: how_likely, lowest: 0, highest: 10}\n"
TEXTS = CANNED + (
    '  how_was_it: {text: {en: "How was it, {{ contact.first_name | default(\'you\') }}? 1 to 5", it: "Da 1 a 5?"}}\n'
    "  how_likely: {text: Would you come again? 0 to 10}\n"
)


@pytest.fixture
def home(house: House) -> House:
    house.apply(desk=DESK + SURVEYS, canned=TEXTS)
    house.receive(house.says("Hello"))
    return house


def ask(house: House, key: str | None = None, by: str = "ann") -> str:
    with house.rooms.store.write() as db:
        id = str(house.rows(conversations)[-1]["id"])
        return surveying.send(db, house.rooms, member(house, by), id, key, house.clock.now())


def listed(house: House) -> list[tuple[str, bool, int | None]]:
    with house.rooms.store.read() as db:
        id = str(house.rows(conversations)[-1]["id"])
        found = surveying.list_surveys(db, house.rooms, member(house, "ann"), id)
    return [(one.key, one.sent_at is not None, one.score) for one in found]


def test_it_is_asked_and_answered(home: House) -> None:
    sent = ask(home)
    message = home.one(messages, id=sent)
    assert (message["text"], message["sender_kind"], message["state"]) == ("How was it, you? 1 to 5", "agent", "queued")
    assert listed(home) == [("csat", True, None), ("nps", False, None)]
    home.receive(home.says("4"))
    assert listed(home)[0] == ("csat", True, 4)


def test_rules_hear_the_answer(home: House) -> None:
    happy = rule("tag: vip", name="Happy", when="survey_answered", condition="{survey.score: {gte: 4}}")
    home.apply(desk=DESK + SURVEYS, canned=TEXTS, rules=f"rules:\n{happy}")
    ask(home, "nps")
    home.receive(home.says("9"))
    assert home.one(surveys_sent)["score"] == 9


def test_each_is_asked_once_whoever_asks(home: House) -> None:
    ask(home, "csat")
    with pytest.raises(CasellaError) as refused:
        ask(home, "csat", by="bob")
    assert refused.value.reason == "survey_sent_before"
    ask(home, "nps", by="bob")
    assert [key for key, sent, _ in listed(home) if sent] == ["csat", "nps"]


def test_of_many_at_once_one_asks(home: House) -> None:
    outcomes: list[str] = []

    def try_it() -> None:
        try:
            outcomes.append(ask(home))
        except CasellaError as error:
            outcomes.append(error.reason)

    threads = [threading.Thread(target=try_it) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes)[1:] == ["survey_sent_before"] * 5
    assert len(home.rows(messages, direction="out")) == 1


@pytest.mark.parametrize(
    ("more", "key", "code"),
    [
        ("", "nonsense", "unknown_survey"),
        (", features: [assign]", "csat", "feature_not_in_plan"),
        (", surveys: false", "csat", "surveys_off"),
    ],
)
def test_what_cannot_be_asked_is_refused(home: House, more: str, key: str, code: str) -> None:
    inbox = "support: {name: Support, teams: [front, billing]"
    home.apply(desk=DESK.replace(inbox, inbox + more, 1) + SURVEYS, canned=TEXTS)
    with pytest.raises(CasellaError) as refused:
        ask(home, key)
    assert refused.value.reason == code
    assert home.rows(surveys_sent) == []


def test_a7_who_has_opted_out_is_not_asked(home: House) -> None:
    home.receive({"kind": "consent", "channel_address": "+15550001", "contact_address": "+390555000001",
                  "state": "opted_out", "source": "keyword", "evidence": "STOP"})  # fmt: skip
    with pytest.raises(CasellaError) as refused:
        ask(home)
    assert refused.value.reason == "contact_stopped"
    assert home.rows(surveys_sent) == []
