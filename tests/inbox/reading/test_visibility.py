"""Law 8: everyone sees only what is theirs. Whatever the membership, no query and no event shows more."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from casella.inbox.reading.filters import Filters
from casella.inbox.reading.lists import list_conversations
from casella.inbox.reading.members import Member, find_member
from casella.inbox.reading.visibility import sees_event, visible
from casella.store import Store
from casella.store.tables import conversations
from tests.builders import make_agent, make_conversation, make_inbox


@dataclass(frozen=True)
class Event:
    """A row as `feed.after` gives it."""

    kind: str
    inbox_id: str | None
    conversation_id: str | None
    agent_id: str | None
    is_in_now: str | None


IDS = st.sampled_from(["a", "b", "c"])


def member(id: str = "me", role: str = "agent", inboxes: frozenset[str] = frozenset()) -> Member:
    return Member(id, id, id, None, role, "en", available=True, do_not_disturb=False, inbox_ids=inboxes)


@given(
    mine=st.frozensets(IDS),
    inbox=st.none() | IDS,
    agent=st.none() | st.sampled_from(["me", "other"]),
    conversation=st.none() | st.just("it"),
    now=st.none() | IDS,
    kind=st.sampled_from(["message.created", "conversation.gone"]),
)
def test_an_event_is_seen_by_who_was_meant_and_still_sees_its_conversation(
    mine: frozenset[str], inbox: str | None, agent: str | None, conversation: str | None, now: str | None, kind: str
) -> None:
    event = Event(kind, inbox, conversation, agent, now)
    meant = (inbox is None or inbox in mine) and agent in (None, "me")
    sees = conversation is None or now in mine
    still = not sees if kind == "conversation.gone" else sees
    assert sees_event(member(inboxes=mine), event) == (meant and still)  # type: ignore[arg-type]  # a row's attributes


@pytest.fixture
def store(migrated_url: str) -> Iterator[Store]:
    store = Store(migrated_url)
    yield store
    store.close()


@pytest.mark.parametrize("role", ["agent", "manager", "admin"])
def test_no_role_sees_the_other_worlds(store: Store, role: str) -> None:
    with store.write() as db:
        inbox = make_inbox(db)
        agent = make_agent(db, role=role, inboxes=[inbox])
        shared = make_conversation(db, inbox_id=inbox)
        for world in ("private", "direct", "team"):
            make_conversation(db, inbox_id=inbox, world=world)
        found = find_member(db, agent)
        assert found is not None
        assert db.execute(select(conversations.c.id).where(visible(found))).scalars().all() == [shared]
        page = list_conversations(db, found, Filters(status="all"), None, 10)
    assert [item.id for item in page.items] == [shared]
    store.close()


def test_a_manager_sees_his_inboxes_an_admin_every_one(store: Store) -> None:
    with store.write() as db:
        mine, other = make_inbox(db), make_inbox(db)
        manager = find_member(db, make_agent(db, role="manager", inboxes=[mine]))
        admin = find_member(db, make_agent(db, role="admin"))
        stranger = find_member(db, make_agent(db))
        ours, theirs = make_conversation(db, inbox_id=mine), make_conversation(db, inbox_id=other)
        assert manager is not None
        assert admin is not None
        assert stranger is not None

        def seen(who: Member) -> set[str]:
            return set(db.execute(select(conversations.c.id).where(visible(who))).scalars())

        assert (seen(manager), seen(admin), seen(stranger)) == ({ours}, {ours, theirs}, set())
    store.close()
