"""What the list shows of a conversation's newest message, and what search finds: notes as well, whoever wrote them."""

from __future__ import annotations

from datetime import timedelta

import pytest

from casella.inbox.commands import opt_outs
from casella.inbox.reading import find_member, index_pending, search_messages
from casella.store.tables import conversations
from tests.house import House

NOTED = """
rules:
  - name: Noted
    when: message_received
    if: always
    then:
      - note: Remember the harbour
"""


def test_a_message_that_was_long_on_its_way_moves_nothing_back(house: House) -> None:
    now = house.clock.now()
    house.receive(house.says("Now", provider_time=now.isoformat()))
    house.receive(house.says("An hour ago", provider_time=(now - timedelta(hours=1)).isoformat()))
    row = house.one(conversations)
    assert (row["last_message_text"], row["last_message_at"], row["message_count"]) == ("Now", now, 2)


def rule_notes(house: House) -> None:
    house.apply(rules=NOTED)
    house.receive(house.says("Hello"))


def agent_notes(house: House) -> None:
    house.receive(house.says("Hello"))
    with house.rooms.store.write() as db:
        opt_outs.opt_out(
            db, house.rooms, str(house.one(conversations)["id"]), reason="He asked", resolve="Remember the harbour",
            by=house.agent("ann").id, at=house.clock.now(),
        )  # fmt: skip


@pytest.mark.parametrize("notes", [rule_notes, agent_notes])
def test_a_note_is_the_preview_and_is_found(house: House, notes: object) -> None:
    assert callable(notes)
    notes(house)
    assert house.one(conversations)["last_message_text"] == "Remember the harbour"
    with house.rooms.store.write() as db:
        index_pending(db, 100)
        member = find_member(db, house.agent("ann").id)
        assert member is not None
        found = search_messages(db, member, "harbour", None, 10).items
    assert [hit.message.direction for hit in found] == ["note"]
