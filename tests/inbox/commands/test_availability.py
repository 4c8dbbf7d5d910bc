"""Whoever is signed in."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import select, update

from casella.errors import NotAllowed
from casella.inbox.commands.availability import set_available
from casella.inbox.reading.members import find_member, require_manager
from casella.store import Store
from casella.store.tables import agents, feed
from tests.builders import NOW, make_agent, make_inbox
from tests.house import House


@pytest.fixture
def store(migrated_url: str) -> Iterator[Store]:
    store = Store(migrated_url)
    yield store
    store.close()


def test_a_removed_agent_is_nobody(store: Store) -> None:
    with store.write() as db:
        agent = make_agent(db)
        assert find_member(db, agent) is not None
        db.execute(update(agents).values(removed_at=NOW))
        assert find_member(db, agent) is None
        assert find_member(db, "nobody") is None
    store.close()


def test_roles_decide_who_manages(store: Store) -> None:
    with store.write() as db:
        inbox = make_inbox(db)
        for role, manages in (("agent", False), ("manager", True), ("admin", True)):
            member = find_member(db, make_agent(db, role=role, inboxes=[inbox]))
            assert member is not None
            assert (member.is_manager, member.inbox_ids) == (manages, frozenset({inbox}))
            if manages:
                require_manager(member)
            else:
                with pytest.raises(NotAllowed):
                    require_manager(member)
    store.close()


def test_the_switch_is_told_once_when_it_changes(house: House) -> None:
    with house.rooms.store.write() as db:
        member = find_member(db, house.agent("ann").id)
        assert member is not None
        for available in (False, True, True, False):
            set_available(db, house.rooms, member, NOW, available=available)
            found = find_member(db, member.id)
            assert found is not None
            assert found.available is available
        told = select(feed.c.kind).where(feed.c.kind != "desk.updated")
        assert db.execute(told).scalars().all() == ["agent.updated", "agent.updated"]


def test_who_does_not_want_to_be_disturbed_stays_so_until_he_says_otherwise(house: House) -> None:
    with house.rooms.store.write() as db:
        for quiet, expected in ((True, True), (None, True), (False, False)):
            member = find_member(db, house.agent("ann").id)
            assert member is not None
            set_available(db, house.rooms, member, NOW, available=True, do_not_disturb=quiet)
            found = find_member(db, member.id)
            assert found is not None
            assert found.do_not_disturb is expected
