"""`GET /start`: the list to begin with, the numbers of its tabs, and what one has begun to write, in one answer."""

from __future__ import annotations

import pytest

from tests.api.conftest import Cast
from tests.builders import make_agent, make_conversation


def fay(cast: Cast) -> str:
    """She belongs to both inboxes."""
    with cast.house.store.write() as db:
        made = make_agent(db, name="Fay", key="fay", email="fay@casella.test", inboxes=[cast.sales, cast.support])
    cast.house.desk_changed()
    return made


def test_the_list_and_the_numbers_are_those_of_their_own_paths(cast: Cast) -> None:
    channel = cast.house.channel(cast.support)
    with cast.house.store.write() as db:
        made = [make_conversation(db, channel_id=channel) for _ in range(3)]
    client = cast.client(cast.ann)
    client.put(f"/api/v1/me/drafts/{made[0]}/note", json={"text": "Ask Bob"}).raise_for_status()
    query = {"inbox": "support", "status": "open", "sort": "oldest_messages"}
    start = client.get("/api/v1/start", params={**query, "limit": 2}).json()
    page = client.get("/api/v1/conversations", params={**query, "limit": 2}).json()
    assert start["list"]["items"] == page["items"]
    assert start["list"]["next"] == page["next"] is not None
    assert (start["list"]["inbox_id"], start["list"]["channel_ids"]) == (cast.support, [])
    counts = client.get("/api/v1/conversations/counts", params={"status": "open"}).json()
    assert start["counts"] == counts
    assert counts["all"]["total"] == 3
    assert start["drafts"] == client.get("/api/v1/me/drafts").json() != []


def test_without_a_limit_there_is_no_list(cast: Cast) -> None:
    assert cast.client(cast.ann).get("/api/v1/start").json()["list"] is None


@pytest.mark.parametrize("named", ["nowhere", None])
def test_whoever_names_none_of_his_inboxes_gets_the_one_with_the_most_channels(cast: Cast, named: str | None) -> None:
    cast.house.channel(cast.sales)
    cast.house.channel(cast.support)
    line = cast.house.channel(cast.support)
    with cast.house.store.write() as db:
        made = make_conversation(db, channel_id=line)
    query = {} if named is None else {"inbox": named}
    found = cast.client(fay(cast)).get("/api/v1/start", params={**query, "limit": 5}).json()["list"]
    assert found["inbox_id"] == cast.support
    assert [one["id"] for one in found["items"]] == [made]


def test_an_inbox_of_others_is_never_listed(cast: Cast) -> None:
    line = cast.house.channel(cast.sales)
    with cast.house.store.write() as db:
        make_conversation(db, channel_id=line)
    found = cast.client(cast.ann).get("/api/v1/start", params={"inbox": cast.sales, "limit": 5}).json()["list"]
    assert (found["inbox_id"], found["items"]) == (cast.support, [])


def test_channels_of_another_inbox_are_passed_over(cast: Cast) -> None:
    there, here = cast.house.channel(cast.sales), cast.house.channel(cast.support, key="here")
    beside = cast.house.channel(cast.support)
    with cast.house.store.write() as db:
        made = make_conversation(db, channel_id=here)
        make_conversation(db, channel_id=beside)
    query: dict[str, str | int | list[str]] = {"inbox": cast.support, "channel": [there, "here"], "limit": 5}
    found = cast.client(fay(cast)).get("/api/v1/start", params=query).json()["list"]
    assert (found["channel_ids"], [one["id"] for one in found["items"]]) == ([here], [made])
