"""Drafts that rules ask for: written by a worker, told to agents, never sent."""

from __future__ import annotations

from casella.inbox.assistant.feedback import record_consent
from casella.inbox.assistant.rule_drafts import list_drafts, request_draft, write_due_draft
from casella.inbox.reading.members import find_member
from casella.store.tables import assistant_drafts, conversations, feed, messages, outbox
from tests.house import House


def consented(house: House) -> None:
    with house.rooms.store.write() as db:
        mara = find_member(db, house.agent("mara").id)
        assert mara is not None
        record_consent(db, mara, "1", accepted=True, at=house.clock.now())


def asked(house: House, instruction: str = "", cause: str = "cause-1") -> bool:
    if not house.rows(conversations):
        house.receive(house.says("Hello, is anybody there?"))
    with house.rooms.store.write() as db:
        return request_draft(
            db,
            conversation_id=str(house.one(conversations)["id"]),
            cause_id=cause,
            rule="Draft it",
            action=0,
            instruction=instruction,
            at=house.clock.now(),
        )


def test_a_draft_is_written_told_and_never_sent(house: House) -> None:
    consented(house)
    assert asked(house, "we are here until 18")
    assert write_due_draft(house.rooms) == 1
    assert write_due_draft(house.rooms) == 0
    row = house.one(assistant_drafts)
    assert row["state"] == "ready"
    assert row["proposals"][0]["text"] == "We are here until 18."
    assert row["offline"]
    assert house.one(feed, kind="assistant.draft")["conversation_id"] == row["conversation_id"]
    assert house.rows(outbox) == []
    assert len(house.rows(messages)) == 1


def test_without_an_instruction_it_suggests_an_answer(house: House) -> None:
    consented(house)
    asked(house)
    write_due_draft(house.rooms)
    with house.rooms.store.read() as db:
        [draft] = list_drafts(db, str(house.one(conversations)["id"]), 10)
    assert draft.state == "ready"
    assert draft.proposals[0]["canned"] == ["greeting"] or "Thank you" in str(draft.proposals[0]["text"])


def test_the_same_action_asks_once_for_a_cause(house: House) -> None:
    assert asked(house)
    assert not asked(house)
    assert asked(house, cause="cause-2")


def test_without_consent_the_draft_fails_and_says_why(house: House) -> None:
    asked(house)
    write_due_draft(house.rooms)
    row = house.one(assistant_drafts)
    assert (row["state"], row["error_code"]) == ("failed", "assistant_no_consent")


def test_a_worker_that_dies_with_a_draft_leaves_it_to_the_next(house: House) -> None:
    from datetime import timedelta

    from casella.store.queries import draft_queries

    consented(house)
    asked(house)
    with house.rooms.store.write() as db:
        assert draft_queries.claim(db, "dead", house.clock.now(), timedelta(minutes=5)) is not None
    assert write_due_draft(house.rooms) == 0
    house.clock.move(minutes=6)
    assert write_due_draft(house.rooms) == 1
    with house.rooms.store.write() as db:
        assert not draft_queries.finish(db, house.one(assistant_drafts)["id"], "dead", {"state": "failed"})
    assert house.one(assistant_drafts)["state"] == "ready"


def test_a_rule_asks_for_a_draft(house: House) -> None:
    rule = "{name: Draft it, when: message_received, if: always, then: [{draft: {instruction: we look into it}}]}"
    house.apply(rules=f"rules:\n  - {rule}\n")
    consented(house)
    house.receive(house.says("Where is my order?"))
    assert write_due_draft(house.rooms) == 1
    row = house.one(assistant_drafts)
    assert (row["rule"], row["state"], row["proposals"][0]["text"]) == ("Draft it", "ready", "We look into it.")
    assert house.rows(outbox) == []
