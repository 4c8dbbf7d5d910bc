"""What colleagues write to each other (S-14, S-15, S-23, S-24): seen by whoever is in it, whatever others' roles."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest

from casella.store.tables import chat_messages, chats, decisions
from tests.house import ENVIRONMENT
from tests.together import together
from tests.visibility.world import CANNED, DESK, RULES, World, open_world

CHATS = "/api/v1/chats"


@pytest.fixture
def world(migrated_url: str, tmp_path: Path) -> Iterator[World]:
    with open_world(migrated_url, tmp_path) as opened:
        yield opened


def direct(world: World, who: str, *others: str) -> Mapping[str, Any]:
    body = {"with_agents": [world.house.agent(one).id for one in others]}
    return made(world.client(who).post(CHATS, json=body))


def made(answer: httpx.Response) -> Mapping[str, Any]:
    assert answer.status_code == 201, answer.text
    found: Mapping[str, Any] = answer.json()
    return found


def say(world: World, who: str, chat: Mapping[str, Any], text: str) -> httpx.Response:
    path = f"{CHATS}/{chat['id']}/messages"
    return world.client(who).post(path, json={"text": text}, headers={"Idempotency-Key": f"{who}-{hash(text)}"})


def texts(world: World, who: str, chat: Mapping[str, Any]) -> list[str]:
    answer = world.client(who).get(f"{CHATS}/{chat['id']}/messages")
    assert answer.status_code == 200, answer.text
    return [one["text"] for one in answer.json()["items"]]


def listed(world: World, who: str, *kinds: str) -> list[tuple[str, int]]:
    items = world.client(who).get(CHATS, params={"kind": list(kinds)}).json()["items"]
    return [(one["last_message_text"], one["unread"]) for one in items]


def test_a_direct_chat_is_its_peoples_alone(world: World) -> None:
    """S-14, S-23: nobody else, an admin included; the same people have one chat, one more makes another."""
    chat = direct(world, "ann", "sue")
    assert direct(world, "sue", "ann")["id"] == chat["id"]
    assert [one["key"] for one in chat["people"]] == ["ann", "sue"]
    assert say(world, "ann", chat, "Lunch? 🍕 مرحبا").status_code == 201
    assert say(world, "sue", chat, "At one").status_code == 201
    assert texts(world, "ann", chat) == texts(world, "sue", chat) == ["Lunch? 🍕 مرحبا", "At one"]
    assert (listed(world, "ann", "direct"), listed(world, "sue", "direct")) == ([("At one", 1)], [("At one", 0)])
    for who in ("rob", "mara", "max", "dora"):
        assert listed(world, who, "direct") == []
        for answer in (
            world.client(who).get(f"{CHATS}/{chat['id']}"), world.client(who).get(f"{CHATS}/{chat['id']}/messages"),
            say(world, who, chat, "Me too"), world.client(who).post(f"{CHATS}/{chat['id']}/read", json={}),
        ):  # fmt: skip
            assert answer.status_code == 404, answer.text
        assert world.client(who).get("/api/v1/search", params={"q": "Lunch"}).json()["items"] == []
    three = direct(world, "ann", "sue", "dora")
    assert three["id"] != chat["id"]
    assert texts(world, "dora", three) == []
    assert world.house.rows(decisions) == []


def test_a_teams_chat_is_seen_by_who_is_in_the_team(world: World) -> None:
    """S-15, S-24: whoever joins sees all of it, whoever leaves nothing more."""
    ann = world.client("ann")
    chat = made(ann.post(CHATS, json={"team": "front"}))
    assert (chat["kind"], chat["team"]["key"]) == ("team", "front")
    assert [one["key"] for one in chat["people"]] == ["ann", "rob"]
    say(world, "ann", chat, "Good morning")
    assert listed(world, "rob", "team") == [("Good morning", 1)]
    assert listed(world, "rob", "direct") == listed(world, "sue") == listed(world, "dora") == []
    assert made(world.client("rob").post(CHATS, json={"team": chat["team"]["id"]}))["id"] == chat["id"]
    for who in ("sue", "dora"):
        answer = world.client(who).post(CHATS, json={"team": "front"}, headers={"Accept-Language": "it"})
        assert (answer.status_code, answer.json()["detail"]) == (403, "Non esiste un gruppo così, o non ne fai parte.")
    before = world.house.newest()
    sue_for_rob = DESK.replace("sue@desk.example, teams: [shop]", "sue@desk.example, teams: [front]").replace(
        "rob@desk.example, teams: [front]", "rob@desk.example, teams: [shop]"
    )
    say(world, "ann", chat, "Before")
    world.house.apply(desk=sue_for_rob, canned=CANNED, rules=RULES, environment=ENVIRONMENT)
    say(world, "ann", chat, "Behind")
    assert texts(world, "sue", chat) == ["Good morning", "Before", "Behind"]
    assert world.client("rob").get(f"{CHATS}/{chat['id']}").status_code == 404
    heard = {who: [e for e in world.house.told(who, before) if e["kind"] == "chat.message"] for who in ("sue", "rob")}
    assert [one["payload"]["message"]["text"] for one in heard["sue"]] == ["Before", "Behind"]
    assert heard["rob"] == []
    assert {one["inbox_id"] for one in heard["sue"]} == {None}


def test_each_has_read_for_himself(world: World) -> None:
    chat = direct(world, "ann", "sue", "max")
    for text in ("One", "Two", "Three"):
        say(world, "ann", chat, text)
    sue = world.client("sue")
    first = sue.get(f"{CHATS}/{chat['id']}/messages").json()["items"][0]["id"]
    assert sue.post(f"{CHATS}/{chat['id']}/read", json={"up_to": first}).json()["unread"] == 2
    assert sue.post(f"{CHATS}/{chat['id']}/read", json={}).json()["unread"] == 0
    assert sue.post(f"{CHATS}/{chat['id']}/read", json={"up_to": first}).json()["unread"] == 0, "never back"
    assert listed(world, "max", "direct") == [("Three", 3)]
    other = direct(world, "sue", "ann")
    answer = sue.post(f"{CHATS}/{other['id']}/read", json={"up_to": first})
    assert (answer.status_code, answer.json()["code"]) == (409, "unknown_message")


def test_pages_of_chats_and_messages_give_everything_once(world: World) -> None:
    others = [direct(world, "ann", who) for who in ("sue", "max", "dora")]
    for number, chat in enumerate(others):
        world.house.clock.move(seconds=1)
        say(world, "ann", chat, f"To {number}")
    found, cursor = list[str](), None
    while True:
        page = (
            world.client("ann")
            .get(CHATS, params={"kind": "direct", "limit": 2, **({"cursor": cursor} if cursor else {})})
            .json()
        )
        found += [one["last_message_text"] for one in page["items"]]
        if (cursor := page["next"]) is None:
            break
    assert found == ["To 2", "To 1", "To 0"]
    for number in range(4):
        say(world, "dora", others[2], f"More {number}")
    path = f"{CHATS}/{others[2]['id']}/messages"
    newest = world.client("ann").get(path, params={"limit": 3}).json()
    older = world.client("ann").get(path, params={"limit": 3, "cursor": newest["older"]}).json()
    assert [one["text"] for one in [*older["items"], *newest["items"]]] == [
        "To 2", "More 0", "More 1", "More 2", "More 3"
    ]  # fmt: skip
    assert older["older"] is None


def test_many_at_once_make_one_chat_and_one_message_of_each_key(world: World) -> None:
    clients = [(world.client(who), world.house.agent(other).id) for who, other in (("ann", "sue"), ("sue", "ann"))]
    found: list[Mapping[str, Any]] = []
    together(*(partial(begin, found, one, other) for one, other in clients * 4))
    assert len({chat["id"] for chat in found}) == 1 == len(world.house.rows(chats, team_id=None))
    together(*(partial(say, world, "ann", found[0], text) for text in ("a", "b", "c", "d") * 3))
    said = world.house.rows(chat_messages)
    assert sorted(row["text"] for row in said) == ["a", "b", "c", "d"]
    assert sorted(row["sequence"] for row in said) == [1, 2, 3, 4]
    assert world.house.one(chats, team_id=None)["message_count"] == 4


def begin(found: list[Mapping[str, Any]], client: httpx.Client, other: str) -> None:
    found.append(made(client.post(CHATS, json={"with_agents": [other]})))


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({}, "invalid"),
        ({"team": "front", "with_agents": ["01KB2Z8Q4M7T1V3X5Y7Z9A1C3E"]}, "invalid"),
        ({"with_agents": ["01KB2Z8Q4M7T1V3X5Y7Z9A1C3E"]}, "unknown_agent"),
        ({"with_agents": ["me"]}, "nobody_else"),
    ],
)
def test_what_is_no_chat_is_refused_by_name(
    migrated_sqlite_url: str, tmp_path: Path, body: Mapping[str, Any], code: str
) -> None:
    with open_world(migrated_sqlite_url, tmp_path) as world:
        me = world.house.agent("ann").id
        asked = {**body, "with_agents": [me if one == "me" else one for one in body.get("with_agents", ())]}
        answer = world.client("ann").post(CHATS, json=asked)
        assert (answer.status_code, answer.json()["code"]) == (422, code)
