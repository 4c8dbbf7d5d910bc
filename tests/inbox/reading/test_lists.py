"""Lists by key: the same order whole and in pages, whatever is in them; and few queries, whatever their length."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Connection, delete, event

from casella.inbox.reading.filters import Filters
from casella.inbox.reading.lists import list_conversations, list_messages
from casella.inbox.reading.members import Member, find_member
from casella.store import Store
from casella.store.migrate import upgrade
from casella.store.queries.conversation_queries import Place, Sort
from casella.store.tables import attachments, conversation_tags, conversations, messages
from tests.builders import (
    NOW,
    make_agent,
    make_attachment,
    make_channel,
    make_contact,
    make_conversation,
    make_inbox,
    make_message,
)

SORTS: list[Sort] = ["recent_conversations", "oldest_conversations", "recent_messages", "oldest_messages"]
ROW = st.tuples(st.integers(0, 2), st.none() | st.integers(0, 3), st.integers(0, 3))
"""(which inbox, minutes of the newest message, minutes of the last turn); few values, so that ties abound."""


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    store = Store(f"sqlite:///{tmp_path_factory.mktemp('reading') / 'casella.db'}")
    upgrade(store)
    yield store
    store.close()


@pytest.fixture(scope="module")
def desk(store: Store) -> tuple[Member, list[str], list[str]]:
    """A member of two inboxes of three, the channels of all, and contacts enough."""
    with store.write() as db:
        inboxes = [make_inbox(db) for _ in range(3)]
        member = find_member(db, make_agent(db, inboxes=inboxes[:2]))
        channels = [make_channel(db, inbox_id=inbox) for inbox in inboxes]
        contacts = [make_contact(db) for _ in range(12)]
    assert member is not None
    return member, channels, contacts


def wipe(db: Connection) -> None:
    for table in (attachments, messages, conversation_tags, conversations):
        db.execute(delete(table))


def walk(db: Connection, member: Member, filters: Filters, limit: int) -> list[str]:
    found: list[str] = []
    behind: Place | None = None
    while True:
        page = list_conversations(db, member, filters, behind, limit)
        assert len(page.items) <= limit
        found += [item.id for item in page.items]
        behind = page.behind
        if behind is None:
            return found


@given(rows=st.lists(ROW, max_size=12), sort=st.sampled_from(SORTS), limit=st.integers(1, 5))
def test_pages_put_together_are_the_whole_in_order(
    store: Store,
    desk: tuple[Member, list[str], list[str]],
    rows: list[tuple[int, int | None, int]],
    sort: Sort,
    limit: int,
) -> None:
    member, channels, contacts = desk
    expected: list[tuple[datetime | None, str]] = []
    with store.write() as db:
        wipe(db)
        for number, (inbox, message, turn) in enumerate(rows):
            last = None if message is None else NOW + timedelta(minutes=message)
            turned = NOW + timedelta(minutes=turn)
            made = make_conversation(
                db, channel_id=channels[inbox], contact_id=contacts[number], last_message_at=last, turned_at=turned
            )
            if inbox < 2:
                expected.append((turned if sort.endswith("conversations") else last, made))
        found = walk(db, member, Filters(sort=sort), limit)
        whole = walk(db, member, Filters(sort=sort), 100)
    backwards = sort.startswith("recent")
    empty = sorted((id for key, id in expected if key is None), reverse=backwards)
    keyed = sorted(((key, id) for key, id in expected if key is not None), reverse=backwards)
    assert found == whole == [*empty, *(id for _, id in keyed)]


@contextmanager
def counted(store: Store) -> Iterator[list[str]]:
    statements: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        statements.append(statement)

    event.listen(store.engine, "before_cursor_execute", note)
    yield statements
    event.remove(store.engine, "before_cursor_execute", note)


def test_a_longer_list_asks_no_more_questions(store: Store, desk: tuple[Member, list[str], list[str]]) -> None:
    member, channels, contacts = desk
    with store.write() as db:
        wipe(db)
        made = [
            make_conversation(db, channel_id=channels[0], contact_id=contact, assignee_id=member.id, tags=["a", "b"])
            for contact in contacts
        ]
    numbers = []
    for limit in (1, 11):  # with the one more that tells whether there is a next page
        with counted(store) as statements, store.read() as db:
            list_conversations(db, member, Filters(), None, limit)
        numbers.append(len(statements))
    assert numbers[0] == numbers[1]
    with store.write() as db:
        for number in range(10):
            message = make_message(db, made[0], sender_id=member.id, sender_kind="agent", external_id=f"x{number}")
            make_attachment(db, message)
            make_message(db, made[0], reply_to_external=f"x{number}")
    numbers = []
    for limit in (2, 20):
        with counted(store) as statements, store.read() as db:
            page = list_messages(db, member, made[0], limit)
        assert len(page.items) == limit
        numbers.append(len(statements))
    assert numbers[0] == numbers[1]


def test_the_list_of_open_conversations_is_walked_along_its_index(
    store: Store, desk: tuple[Member, list[str], list[str]]
) -> None:
    """No sorting of everything that is open: each branch follows the partial index and stops after a page."""
    member, _, _ = desk
    plans: list[str] = []

    def explain(
        connection: Connection, _cursor: object, statement: str, parameters: Sequence[Any], *_rest: object
    ) -> None:
        if "UNION ALL" in statement:
            plan = connection.connection.cursor().execute(f"EXPLAIN QUERY PLAN {statement}", parameters)
            plans.append("\n".join(str(row[3]) for row in plan))

    event.listen(store.engine, "before_cursor_execute", explain)
    with store.read() as db:
        list_conversations(db, member, Filters(), Place(NOW, "0" * 26), 25)
        list_conversations(db, member, Filters(assignee=("unassigned",)), None, 25)
    event.remove(store.engine, "before_cursor_execute", explain)
    assert len(plans) == 3
    for plan in plans:
        assert "SCAN conversations" not in plan
        assert plan.count("USING COVERING INDEX ix_conversations_") + plan.count("USING INDEX ix_conversations_") >= 2
