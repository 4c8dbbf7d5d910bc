"""Faces, plans, and who belongs to no inbox: what is refused by name, and what `GET /start` says of it beforehand."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.house import ENVIRONMENT
from tests.visibility.world import CANNED, DESK, RULES, Subject, World, open_world

PLAIN = "plain: {name: Plain zqplainzq, teams: [front]}"
ALL = ["assign", "assistant", "campaigns", "canned", "survey"]


@pytest.fixture
def world(migrated_url: str, tmp_path: Path) -> Iterator[World]:
    with open_world(migrated_url, tmp_path) as opened:
        yield opened


def furnish(world: World, more: str) -> Subject:
    desk = DESK.replace(PLAIN, PLAIN.replace("}", f", {more}}}"), 1)
    world.house.apply(desk=desk, canned=CANNED, rules=RULES, environment=ENVIRONMENT)
    [subject] = world.subjects(1)
    return subject


def plain(world: World, who: str = "ann") -> dict[str, Any]:
    inboxes = world.client(who).get("/api/v1/start").json()["inboxes"]
    found: dict[str, Any] = next(one for one in inboxes if one["key"] == "plain")
    return found


def refused(answer: httpx.Response, code: str) -> None:
    assert (answer.status_code, answer.json()["code"]) == (403, code), answer.text


def calls(world: World, subject: Subject, who: str = "ann") -> dict[str, httpx.Response]:
    """What the features stand for, each by one call."""
    path, client = f"/api/v1/conversations/{subject.conversation}", world.client(who)
    headers = {"Idempotency-Key": f"{who}-{subject.mark}"}
    return {
        "assign": client.post(f"{path}/assign", json={"assignee": "me"}),
        "team": client.post(f"{path}/team", json={"team": "shop"}),
        "canned": client.get(f"{path}/canned"),
        "send_canned": client.post(f"{path}/canned", json={"key": "greeting"}, headers=headers),
        "generate": client.post(f"{path}/assistant/generate", json={"intent": "Say hello", "tone": "friendly"}),
        "suggest": client.post(f"{path}/assistant/suggest", json={}),
        "surveys": client.get(f"{path}/surveys"),
    }


def test_without_a_word_an_inbox_is_customer_engagement_with_all_of_the_plan(world: World) -> None:
    """S-03, S-10, S-11."""
    subject = furnish(world, "timezone: Europe/Rome")
    inbox = plain(world)
    assert (inbox["face"], inbox["features"]) == ("engagement", ALL)
    assert inbox["creates"] == ["conversation", "text_message", "direct_chat", "team_chat"]
    assert inbox["assignees"] == ["me", "others", "unassigned", "with_me"]
    assert inbox["filters"] == ["all", "unread", "archived"]
    assert all(answer.status_code < 300 for name, answer in calls(world, subject).items() if name != "suggest")


def test_what_is_not_in_the_plan_is_refused_by_name(world: World) -> None:
    """S-09."""
    subject = furnish(world, "features: [campaigns]")
    assert plain(world)["features"] == ["campaigns"]
    for who in ("ann", "mara", "dora"):
        for answer in calls(world, subject, who).values():
            refused(answer, "feature_not_in_plan")
    refused(world.client("ann").post(
        "/api/v1/canned/greeting/preview", json={"conversation_id": subject.conversation}
    ), "feature_not_in_plan")  # fmt: skip
    told = world.client("ann").get(
        f"/api/v1/conversations/{subject.conversation}/canned", headers={"Accept-Language": "it"}
    )
    assert told.json()["detail"] == "Questo non è nel piano di questa casella; chiedi a un responsabile."
    assert told.json()["feature"] == "canned"


def test_a_contact_centre_has_no_assistant_and_begins_no_conversation(world: World) -> None:
    """S-71, S-78, S-79, S-83, A-10."""
    subject = furnish(world, "face: contact_center")
    inbox = plain(world)
    assert (inbox["face"], inbox["features"]) == ("contact_center", ["assign", "canned", "survey"])
    assert (inbox["creates"], inbox["assignees"], inbox["filters"]) == (
        ["text_message", "direct_chat", "team_chat"], ["me", "unassigned"], ["all", "unread"],
    )  # fmt: skip
    answers = calls(world, subject)
    refused(answers["generate"], "not_in_contact_center")
    refused(answers["suggest"], "not_in_contact_center")
    assert (answers["canned"].status_code, answers["send_canned"].status_code) == (200, 201)
    assert answers["surveys"].status_code == 200
    body = {"channel": "plain", "to": "+390555999999", "text": "Hello"}
    begun = world.client("ann").post("/api/v1/conversations", json=body, headers={"Idempotency-Key": "begin"})
    refused(begun, "not_in_contact_center")


def test_in_a_contact_centre_one_takes_what_is_nobodys_and_gives_back_what_is_his(world: World) -> None:
    """S-82."""
    subject = furnish(world, "face: contact_center")
    path = f"/api/v1/conversations/{subject.conversation}/assign"
    ann, mara = world.house.agent("ann").id, world.house.agent("mara").id
    client = world.client("ann")
    assert client.post(path, json={"assignee": "me"}).status_code == 200
    refused(world.client("mara").post(path, json={"assignee": mara, "expected": ann}), "not_in_contact_center")
    refused(world.client("mara").post(path, json={"assignee": None, "expected": ann}), "not_in_contact_center")
    assert client.post(path, json={"assignee": None, "expected": "me"}).status_code == 200
    refused(world.client("mara").post(path, json={"assignee": ann}), "not_in_contact_center")


def test_a_contact_centre_closes_lists_filters_and_looks_back_like_any_other(world: World) -> None:
    """S-72, S-73, S-77, S-80, S-81, S-86."""
    subject = furnish(world, "face: contact_center")
    client, list_ = world.client("ann"), "/api/v1/conversations"
    for query in ({"inbox": "plain"}, {"channel": "plain"}, {"kind": "acme"}, {"assignee": "unassigned"}):
        found = client.get(list_, params={**query, "sort": "oldest_messages"}).json()["items"]
        assert [one["id"] for one in found] == [subject.conversation]
    assert client.post(f"{list_}/{subject.conversation}/close").json()["status"] == "closed"
    history = client.get(list_, params={"contact": subject.contact, "status": "all"}).json()["items"]
    assert [one["id"] for one in history] == [subject.conversation]
    assert client.patch(f"/api/v1/contacts/{subject.contact}", json={"name": "Ada"}).json()["name"] == "Ada"


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/api/v1/conversations"),
        ("GET", "/api/v1/conversations/counts"),
        ("GET", "/api/v1/search?q=hello"),
        ("GET", "/api/v1/contacts"),
        ("POST", "/api/v1/conversations/{id}/close"),
        ("GET", "/api/v1/conversations/{id}/messages"),
    ],
)
def test_who_belongs_to_no_inbox_is_told_so(world: World, method: str, path: str) -> None:
    """S-04."""
    [subject] = world.subjects(1)
    answer = world.client("nina").request(method, path.replace("{id}", subject.conversation))
    refused(answer, "no_inbox")
    assert world.client("nina").get("/api/v1/start").status_code == 200
    assert world.client("dora").get("/api/v1/conversations").status_code == 200


def test_before_any_channel_exists_lists_are_empty_and_nothing_is_sent(world: World) -> None:
    """S-05, S-06: whatever kind of channel there is then will do."""
    bare = DESK[: DESK.index("connections:")] + DESK[DESK.index("teams:\n") :]
    world.house.apply(desk=bare, rules="rules: []\n", canned=CANNED, environment=ENVIRONMENT)
    client = world.client("ann")
    assert client.get("/api/v1/conversations").json()["items"] == []
    body = {"channel": "plain", "to": "+390555999999", "text": "Hello"}
    for number, channel in enumerate(("plain", "nonsense")):
        headers = {"Idempotency-Key": f"begin-{number}"}
        answer = client.post("/api/v1/conversations", json={**body, "channel": channel}, headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (422, "no_channel"), answer.text
    world.house.apply(desk=DESK, rules="rules: []\n", canned=CANNED, environment=ENVIRONMENT)
    begun = client.post("/api/v1/conversations", json=body, headers={"Idempotency-Key": "again"})
    assert begun.status_code == 201, begun.text
