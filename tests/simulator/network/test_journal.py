"""The journal counts what was accepted twice, and says what it no longer holds."""

from datetime import UTC, datetime

from casella_simulator.network.journal import Accepted, Journal


def accepted(journal: Journal, fingerprint: str = "a", to: str = "+1") -> Accepted:
    number = journal.next_accepted()
    entry = Accepted(
        number=number,
        provider="twilio",
        account="AC",
        sid=f"SM{number}",
        sender="+2",
        to=to,
        body="hello",
        media=(),
        callback=None,
        at=datetime(2026, 11, 22, tzinfo=UTC),
        outcome="answered",
        fingerprint=fingerprint,
        state="queued",
    )
    journal.accept(entry)
    return entry


def test_the_same_request_accepted_twice_is_repeated() -> None:
    journal = Journal(limit=10)
    first, other, again = accepted(journal, "a"), accepted(journal, "b"), accepted(journal, "a")
    assert journal.repeated() == [first, again]
    assert (journal.identical(first), journal.identical(other)) == (2, 1)
    assert journal.accepted_page(None, 0, 10)["repeated"] == 1


def test_beyond_its_limit_the_oldest_go_and_are_counted() -> None:
    journal = Journal(limit=3)
    for number in range(5):
        accepted(journal, str(number))
    assert [entry.sid for entry in journal.accepted()] == ["SM3", "SM4", "SM5"]
    page = journal.accepted_page(None, 0, 10)
    assert (page["total"], page["dropped"]) == (5, 2)


def test_a_repeat_is_known_even_when_the_first_is_gone() -> None:
    journal = Journal(limit=1)
    accepted(journal, "a")
    again = accepted(journal, "a")
    assert journal.repeated() == [again]


def test_pages_go_on_after_a_number_and_can_be_of_one_recipient() -> None:
    journal = Journal(limit=10)
    for number in range(6):
        accepted(journal, str(number), to=f"+{number % 2}")
    page = journal.accepted_page("+0", 1, 1)
    assert [entry["number"] for entry in page["messages"]] == [3]  # type: ignore[attr-defined]  # a JSON object


def test_cleared_it_starts_again() -> None:
    journal = Journal(limit=10)
    accepted(journal)
    journal.clear()
    assert journal.accepted_page(None, 0, 10) == {"total": 0, "dropped": 0, "repeated": 0, "messages": []}
