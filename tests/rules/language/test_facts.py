"""Facts never change, are stored compactly, and show no customer's words."""

from datetime import UTC, date, datetime

import pytest

from casella_rules import Facts, previous_field
from casella_rules.language.durations import MAX_SECONDS, seconds_of, written
from tests.rules.reading import matches


def test_empty_texts_are_no_value() -> None:
    facts = Facts("message_received", {"text": "", "contact.name": None, "inbox": "support"})
    assert facts["text"] is None
    assert facts["inbox"] == "support"
    assert facts["event"] == "message_received"


def test_facts_survive_being_stored() -> None:
    facts = Facts(
        "message_received",
        {
            "text": "Ciao è €",
            "contact.tags": frozenset({"b", "a"}),
            "time.date": date(2026, 12, 24),
            "at": datetime(2026, 12, 24, 9, tzinfo=UTC),
            "time.hour": 9,
            "age": 1.5,
            "has_attachment": False,
            "contact.name": None,
            "previous.assignee": None,
        },
    )
    stored = facts.as_json()
    again = Facts.from_json(stored)
    assert {**again, "contact.name": None} == dict(facts)
    assert "contact.name" not in stored
    assert '"previous.assignee":null' in stored
    assert '"Ciao è €"' in stored


def test_facts_show_no_words() -> None:
    assert "secret" not in repr(Facts("message_received", {"text": "secret"}))


def test_half_a_character_is_replaced() -> None:
    facts = Facts("message_received", {"text": "a\ud800b"})
    assert facts["text"] == "a?b"
    assert Facts.from_json(facts.as_json())["text"] == "a?b"


def test_where_the_past_is_kept() -> None:
    assert previous_field("conversation.status") == "previous.status"


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("45s", 45), ("10m", 600), ("1h30m", 5400), ("2d", 172_800), ("1w2d", 777_600), ("0s", 0), ("520w", 314_496_000)],
)
def test_durations(text: str, seconds: int) -> None:
    assert seconds_of(text) == seconds
    assert seconds_of(written(seconds)) == seconds


@pytest.mark.parametrize("text", ["", "5", "m", "1.5h", "30m1h", "5m5m", "-5m", "5 m", "1y", "9999999s", "999w", "٣m"])
def test_what_is_no_duration(text: str) -> None:
    assert seconds_of(text) is None


def test_ten_years_are_the_most() -> None:
    assert seconds_of("3660d") == MAX_SECONDS
    assert seconds_of("3661d") is None


@pytest.mark.parametrize("tag", ["it-IT", "it_IT", "it", "it-CH"])
@pytest.mark.parametrize("field", ["contact.language", "language"])
def test_field_33_a_language_with_its_country_is_that_language(field: str, tag: str) -> None:
    facts = {field.replace(".", "__"): tag}
    assert matches(f"{{{field}: it}}", **facts)
    assert matches(f"{{{field}: [fr, it]}}", **facts)
    assert not matches(f"{{{field}: {{is_not: it}}}}", **facts)
    assert matches(f"{{{field}: it-CH}}", **facts) is (tag == "it-CH")
    assert matches(f"{{{field}: it_CH}}", **facts) is (tag == "it-CH")
    assert matches(f"{{{field}: {{is_not: it-CH}}}}", **facts) is (tag != "it-CH")
