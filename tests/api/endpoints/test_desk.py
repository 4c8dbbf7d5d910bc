"""The desk as clients see it: its tags in filters, and that another one is in use."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.house import ENVIRONMENT
from tests.visibility.world import CANNED, DESK, RULES, World, open_world

LIST = "/api/v1/conversations"


@pytest.fixture
def world(migrated_url: str, tmp_path: Path) -> Iterator[World]:
    with open_world(migrated_url, tmp_path) as opened:
        yield opened


def test_a_tag_filter_takes_the_desks_tags_however_they_are_written(world: World) -> None:
    [subject] = world.subjects(1)
    client = world.client("ann")
    tagged = client.post(f"{LIST}/{subject.conversation}/tags", json={"tag": "vip"})
    assert tagged.status_code == 200, tagged.text
    for written in ("vip", "VIP", " Vip "):
        found = client.get(LIST, params={"tag": written}).json()["items"]
        assert [item["id"] for item in found] == [subject.conversation]


@pytest.mark.parametrize("path", [LIST, f"{LIST}/counts"])
def test_a_tag_that_the_desk_does_not_have_is_refused_with_the_nearest(world: World, path: str) -> None:
    asked = world.client("ann").get(path, params={"tag": "vpi"}, headers={"Accept-Language": "it"})
    assert (asked.status_code, asked.json()["code"], asked.json()["nearest"]) == (422, "unknown_tag", "vip")
    assert asked.json()["detail"].endswith("Intendevi 'vip'?")


def test_a_view_with_a_tag_that_the_desk_does_not_have_is_refused(world: World) -> None:
    client = world.client("ann")
    refused = client.post("/api/v1/me/views", json={"name": "x", "query": {"tag": ["vpi"]}})
    assert (refused.status_code, refused.json()["code"]) == (422, "unknown_tag")
    assert client.get("/api/v1/me/views").json() == []


def test_who_is_told_of_another_desk_is_shown_it(world: World) -> None:
    client = world.client("ann")
    cursor = client.get("/api/v1/start").json()["events_after"]
    directory, desk = world.house.rooms.directory.current, world.house.rooms.desk.current
    other = DESK.replace("Plain zqplainzq", "Renamed zqplainzq").replace("tags: [vip,", "tags: [vip, press,")
    world.house.apply(desk=other, canned=CANNED, rules=RULES, environment=ENVIRONMENT)
    told = client.get("/api/v1/events/poll", params={"after": cursor}).json()["events"]
    assert [event["kind"] for event in told] == ["desk.updated"]
    # As another process would see it, which has not looked at the desk since.
    world.house.rooms.directory._current = directory
    world.house.rooms.desk.use(desk.desk, desk.version) if desk.desk else None
    start = client.get("/api/v1/start").json()
    assert (start["inboxes"][0]["name"], "press" in start["tags"]) == ("Renamed zqplainzq", True)
    assert told[0]["payload"] == {"version": world.house.rooms.desk.current.version}


def test_the_same_desk_again_is_told_to_nobody(world: World) -> None:
    client = world.client("ann")
    cursor = client.get("/api/v1/start").json()["events_after"]
    world.house.apply(desk=DESK, canned=CANNED, rules=RULES, environment=ENVIRONMENT)
    assert client.get("/api/v1/events/poll", params={"after": cursor}).json()["events"] == []
