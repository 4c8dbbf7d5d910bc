"""What an agent has begun to write follows him, and nobody else; his views are his, a manager's may be everybody's."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from casella.errors import Conflict, NotFound
from casella.inbox.personal import drafts, saved_views
from casella.store.tables import conversations, feed
from tests.house import House
from tests.inbox.personal.test_read_marks import member


@pytest.fixture
def conversation(house: House) -> str:
    house.receive(house.says("Hello"))
    return str(house.one(conversations)["id"])


def keep(
    house: House, key: str, conversation: str, text: str, *, kind: drafts.Kind = "reply", expected: int | None = None
) -> drafts.Draft | None:
    with house.rooms.store.write() as db:
        return drafts.keep(
            db, house.rooms, member(house, key), conversation, kind, text, (), expected, house.clock.now()
        )  # fmt: skip


def texts(house: House, key: str) -> list[tuple[str, str]]:
    with house.rooms.store.read() as db:
        return [(one.kind, one.text) for one in drafts.list_drafts(db, member(house, key))]


def test_a_draft_follows_its_writer_and_nobody_else(house: House, conversation: str) -> None:
    keep(house, "ann", conversation, "Dear")
    keep(house, "ann", conversation, "Bob, look", kind="note")
    keep(house, "ann", conversation, "Dear Anna")
    assert sorted(texts(house, "ann")) == [("note", "Bob, look"), ("reply", "Dear Anna")]
    assert texts(house, "bob") == []
    assert all("Dear" not in str(row["payload"]) for row in house.rows(feed, kind="draft.updated")), "no words"

    assert keep(house, "ann", conversation, "") is None
    assert texts(house, "ann") == [("note", "Bob, look")]


def test_what_was_written_on_elsewhere_is_not_overwritten(house: House, conversation: str) -> None:
    first = keep(house, "ann", conversation, "At the desk", expected=0)
    assert first is not None
    keep(house, "ann", conversation, "On the phone", expected=first.version)
    with pytest.raises(Conflict) as refused:
        keep(house, "ann", conversation, "At the desk, on", expected=first.version)
    assert (refused.value.reason, refused.value.extra) == ("draft_changed", {"version": 2})
    assert texts(house, "ann") == [("reply", "On the phone")]


def test_views_are_ones_own_unless_a_manager_shares_them(house: House) -> None:
    def save(key: str, name: str, *, shared: bool = False) -> saved_views.SavedView:
        with house.rooms.store.write() as db:
            query: dict[str, Sequence[str] | str | bool] = {"status": "open", "tag": ["vip"], "unread": True}
            return saved_views.save(db, member(house, key), name, query, shared=shared, at=house.clock.now())

    def views(key: str) -> list[tuple[str, bool]]:
        with house.rooms.store.read() as db:
            return [(one.name, one.mine) for one in saved_views.list_views(db, member(house, key))]

    mine = save("ann", "VIPs", shared=True)
    assert not mine.shared, "she is no manager"
    everybodys = save("mara", "Urgent", shared=True)
    assert views("ann") == [("Urgent", False), ("VIPs", True)]
    assert views("bob") == [("Urgent", False)]
    with pytest.raises(Conflict) as refused:
        save("ann", "VIPs")
    assert refused.value.reason == "view_exists"
    with house.rooms.store.write() as db:
        saved_views.delete(db, member(house, "ann"), mine.id)
        with pytest.raises(NotFound):
            saved_views.delete(db, member(house, "ann"), everybodys.id)
    assert views("ann") == [("Urgent", False)]
