"""Assigning by hand (A-1, A-2), closing and reopening: one winner, true counts, one notice."""

from __future__ import annotations

import threading

import orjson
import pytest

from casella.errors import AssignmentLost, Conflict, FeatureOff, Invalid, NotAllowed, NotFound
from casella.inbox.commands import assigning
from casella.store.tables import agents, conversations, feed
from tests.house import BERT, DESK, House

OFF = DESK.replace("teams: [front, billing]}", "teams: [front, billing], assignment_mode: false}")


@pytest.fixture
def conversation(house: House) -> str:
    house.receive(house.says())
    return str(house.one(conversations)["id"])


def holder(house: House, conversation_id: str) -> str | None:
    found = house.one(conversations, id=conversation_id)["assignee_id"]
    return str(house.one(agents, id=found)["key"]) if found else None


def counts(house: House) -> dict[str, int]:
    return {row["key"]: row["open_conversations"] for row in house.rows(agents) if row["open_conversations"]}


def wrong_counts(house: House) -> int:
    with house.rooms.store.write() as db:
        return assigning.recount(db)


def notices(house: House) -> list[tuple[str, str]]:
    """Who was told that his conversation went, and by whom."""
    return [
        (house.one(agents, id=row["agent_id"])["key"], orjson.loads(row["payload"])["by"]["agent_name"])
        for row in house.rows(feed, kind="notice")
    ]


def test_a1_claiming_somebodys_conversation_tells_him_once_and_nobody_else(house: House, conversation: str) -> None:
    house.assign(conversation, "ann", by="ann")
    assert (holder(house, conversation), counts(house), notices(house)) == ("ann", {"ann": 1}, [])

    house.assign(conversation, "bob", expected="ann", by="bob")

    assert (holder(house, conversation), counts(house)) == ("bob", {"bob": 1})
    assert notices(house) == [("ann", "Bob")]
    told = [orjson.loads(row["payload"]) for row in house.rows(feed, kind="conversation.updated")]
    assert told[-1]["was"] == {"assignee_id": house.agent("ann").id}
    assert told[-1]["by"]["agent_name"] == "Bob"
    assert told[-1]["conversation"]["version"] == house.one(conversations)["version"]


def test_a2_a_member_takes_only_for_himself_and_a_manager_gives_to_anyone(house: House, conversation: str) -> None:
    with pytest.raises(NotAllowed) as caught:
        house.assign(conversation, "bob", by="ann")
    assert (caught.value.status, caught.value.reason) == (403, "assign_self_only")

    house.assign(conversation, "bob", by="mara")
    with pytest.raises(NotAllowed):
        house.assign(conversation, None, expected="bob", by="ann")
    house.assign(conversation, None, expected="bob", by="bob")
    assert (holder(house, conversation), counts(house)) == (None, {})


def test_a2_while_assignment_mode_is_off_nobody_assigns_and_everybody_keeps_what_he_has(
    house: House, conversation: str
) -> None:
    house.assign(conversation, "ann", by="ann")
    house.apply(desk=OFF)
    for by in ("ann", "mara"):
        with pytest.raises(FeatureOff) as caught:
            house.assign(conversation, by, expected="ann", by=by)
        assert "off" in caught.value.text
    assert holder(house, conversation) == "ann"


def test_52_two_who_claim_at_once_one_wins_and_the_other_is_told_who(house: House) -> None:
    for round_ in range(6):
        house.receive(house.says(sender=f"+39055{round_:04}"))
        conversation_id = house.rows(conversations)[-1]["id"]
        barrier = threading.Barrier(2)
        won: list[str] = []
        lost: list[AssignmentLost] = []

        def claim(
            key: str,
            barrier: threading.Barrier = barrier,
            conversation_id: str = conversation_id,
            won: list[str] = won,
            lost: list[AssignmentLost] = lost,
        ) -> None:
            barrier.wait()
            try:
                house.assign(conversation_id, key, by=key)
                won.append(key)
            except AssignmentLost as error:
                lost.append(error)

        threads = [threading.Thread(target=claim, args=(key,)) for key in ("ann", "bob")]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        assert len(won) == len(lost) == 1
        assert holder(house, conversation_id) == won[0]
        winner = house.agent(won[0])
        assert lost[0].extra == {"assignee_id": winner.id, "assignee_name": winner.name}
        assert winner.name in lost[0].text
    assert wrong_counts(house) == 0


@pytest.mark.parametrize("times", [1, 2])
def test_giving_to_him_who_has_it_changes_nothing(house: House, conversation: str, times: int) -> None:
    house.assign(conversation, "ann")
    before = house.rows(feed)
    for _ in range(times):
        house.assign(conversation, "ann", expected="ann")
    assert (house.rows(feed), counts(house)) == (before, {"ann": 1})


def test_what_makes_no_sense_is_refused(house: House, conversation: str) -> None:
    house.apply(desk=DESK.replace("  mara:", "  olga: {name: Olga, email: olga@desk.example}\n  mara:"))
    with pytest.raises(Invalid) as caught:
        house.assign(conversation, "olga")
    assert caught.value.reason == "not_a_member"
    with pytest.raises(NotFound):
        house.assign("0" * 26, "ann")
    house.close_conversation(conversation)
    with pytest.raises(Invalid) as caught:
        house.assign(conversation, "ann")
    assert caught.value.reason == "conversation_closed"


def test_closing_frees_the_agent_and_keeps_on_record_who_had_it(house: House, conversation: str) -> None:
    house.assign(conversation, "ann")
    house.close_conversation(conversation)
    house.close_conversation(conversation)

    row = house.one(conversations)
    assert (row["status"], row["closed_at"], row["waiting_since"]) == ("closed", house.clock.now(), None)
    assert (holder(house, conversation), counts(house), wrong_counts(house)) == ("ann", {}, 0)


@pytest.mark.parametrize("there", [True, False])
def test_reopened_it_goes_back_to_its_agent_only_if_he_is_available(
    house: House, conversation: str, there: bool
) -> None:
    house.assign(conversation, "ann")
    house.close_conversation(conversation)
    house.available(*(["ann"] if there else []))
    house.reopen(conversation)
    house.reopen(conversation)

    assert house.one(conversations)["status"] == "open"
    assert (holder(house, conversation), counts(house)) == (("ann", {"ann": 1}) if there else (None, {}))
    assert wrong_counts(house) == 0


def test_reopening_beside_another_open_one_is_refused_and_changes_nothing(house: House, conversation: str) -> None:
    house.assign(conversation, "ann")
    house.available("ann")
    house.close_conversation(conversation)
    house.receive(house.says("again"))

    with pytest.raises(Conflict) as caught:
        house.reopen(conversation)
    assert caught.value.reason == "already_open"
    assert house.one(conversations, id=conversation)["status"] == "closed"
    assert (counts(house), wrong_counts(house)) == ({}, 0)


def test_there_must_be_such_a_conversation(house: House) -> None:
    with pytest.raises(NotFound):
        house.close_conversation("0" * 26)
    with pytest.raises(NotFound):
        house.reopen("0" * 26)


def test_recounting_mends_what_went_wrong(house: House, conversation: str) -> None:
    house.assign(conversation, "ann")
    house.receive(house.says(sender=BERT))
    with house.rooms.store.write() as db:
        db.execute(agents.update().values(open_conversations=7))

    assert wrong_counts(house) == 4
    assert counts(house) == {"ann": 1}
