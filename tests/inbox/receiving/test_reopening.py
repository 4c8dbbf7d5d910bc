"""A closed conversation that is written to (A-16): what the inbox's `reopen` says."""

from __future__ import annotations

import pytest

from casella.inbox.commands import archiving, transferring
from casella.store.tables import activity, conversations, decisions
from tests.house import BERT, DESK, House
from tests.inbox.personal.test_read_marks import member
from tests.inbox.rule_texts import rule

INBOX = "support: {name: Support, teams: [front, billing]}"


def desk(reopen: str) -> str:
    return DESK.replace(INBOX, INBOX.replace("}", f", reopen: {reopen}}}"), 1)


def closed_by_ann(house: House, reopen: str) -> str:
    """One that Ann had, closed an hour after it began."""
    house.apply(desk=desk(reopen))
    house.receive(house.says("Hello"))
    id = str(house.one(conversations)["id"])
    house.available("ann")
    house.assign(id, "ann")
    house.clock.move(hours=1)
    house.close_conversation(id)
    return id


def statuses(house: House) -> list[str]:
    return [str(row["status"]) for row in sorted(house.rows(conversations), key=lambda row: str(row["id"]))]


def test_a16_without_a_word_another_one_begins(house: House) -> None:
    house.receive(house.says("Hello"))
    house.close_conversation(str(house.one(conversations)["id"]))
    house.receive(house.says("Thank you"))
    assert statuses(house) == ["closed", "open"]


@pytest.mark.parametrize(
    ("reopen", "days", "found"),
    [
        ("never", 0, ["closed", "open"]),
        ("always", 400, ["open"]),
        ("2d", 1, ["open"]),
        ("2d", 2, ["open"]),
        ("2d", 3, ["closed", "open"]),
    ],
)
def test_a16_it_goes_on_within_its_time(house: House, reopen: str, days: int, found: list[str]) -> None:
    id = closed_by_ann(house, reopen)
    house.clock.move(days=days)
    house.receive(house.says("One more thing"), house.says("And another"))
    assert statuses(house) == found
    first = house.one(conversations, id=id)
    assert first["message_count"] == (3 if found == ["open"] else 1)
    assert (first["closed_at"] is None) == (found == ["open"])


def test_a16_it_returns_to_its_agent_who_is_there(house: House) -> None:
    id = closed_by_ann(house, "always")
    house.receive(house.says("One more thing"))
    again = house.one(conversations, id=id)
    assert (again["assignee_id"], again["queued_at"]) == (house.agent("ann").id, None)


def test_a16_it_never_returns_to_somebody_who_is_away(house: House) -> None:
    id = closed_by_ann(house, "always")
    house.available()
    house.receive(house.says("One more thing"))
    again = house.one(conversations, id=id)
    assert (again["status"], again["assignee_id"]) == ("open", None)
    assert again["queued_at"] is not None


def test_a16_rules_hear_of_it_before_they_hear_of_the_message(house: House) -> None:
    id = closed_by_ann(house, "always")
    back = rule("tag: quiet", name="Back", when="conversation_reopened", condition="{previous.status: closed}")
    said = rule("tag: order", name="Said", condition="{conversation.tags: {has: quiet}}")
    house.apply(desk=desk("always"), rules=f"rules:\n{back}{said}")
    house.receive(house.says("One more thing"))
    heard = [row["event"] for row in house.rows(decisions, conversation_id=id)]
    assert heard == ["conversation_reopened", "message_received"]


def test_who_did_it_is_the_contact(house: House) -> None:
    id = closed_by_ann(house, "always")
    house.receive(house.says("One more thing"))
    deeds = [(row["what"], row["actor_kind"]) for row in house.rows(activity, conversation_id=id)]
    assert ("reopened", "contact") in deeds


def test_what_was_put_away_comes_back(house: House) -> None:
    id = closed_by_ann(house, "always")
    with house.rooms.store.write() as db:
        archiving.archive(db, house.rooms, id, by=house.agent("mara").id, at=house.clock.now())
    house.receive(house.says("One more thing"))
    assert house.one(conversations, id=id)["archived_at"] is None


def test_a_reaction_asks_for_nothing(house: House) -> None:
    id = closed_by_ann(house, "always")
    house.receive(house.says("👍", message_kind="reaction"))
    assert house.one(conversations, id=id)["status"] == "closed"


def test_the_inbox_it_was_moved_to_decides(house: House) -> None:
    two = desk("always").replace("inboxes:\n", "inboxes:\n  shop: {name: Shop, teams: [front]}\n", 1)
    house.apply(desk=two)
    house.receive(house.says("Hello"))
    id = str(house.one(conversations)["id"])
    with house.rooms.store.write() as db:
        transferring.to_inbox(db, house.rooms, member(house, "ann"), id, "shop", house.clock.now())
    house.close_conversation(id)
    house.receive(house.says("One more thing"))
    assert statuses(house) == ["closed", "open"]


def test_of_several_the_last_one_goes_on_and_other_peoples_stay_closed(house: House) -> None:
    house.apply(desk=desk("never"))
    for sender in (BERT, "+390555000001", "+390555000001"):
        house.receive(house.says("Hello", sender))
        for row in house.rows(conversations, status="open"):
            house.clock.move(minutes=5)
            house.close_conversation(str(row["id"]))
    house.apply(desk=desk("always"))
    house.receive(house.says("One more thing"))
    assert statuses(house) == ["closed", "closed", "open"]


def test_it_is_closed_and_written_to_in_one_breath(house: House) -> None:
    close = rule("close", name="Bye", condition="{text: {contains_word: bye}}")
    house.apply(desk=desk("always"), rules=f"rules:\n{close}")
    house.receive(house.says("Hello"), house.says("bye"), house.says("Wait"))
    assert [(row["status"], row["message_count"]) for row in house.rows(conversations)] == [("open", 3)]
