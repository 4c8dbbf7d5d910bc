"""What lists say besides their rows: from where the events go on."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from casella.api.endpoints import models
from casella.inbox.reading import Filters, find_member, narrow
from tests.api.conftest import Cast
from tests.builders import make_conversation, make_team


@pytest.mark.parametrize("path", ["/api/v1/conversations", "/api/v1/conversations/counts", "/api/v1/start"])
def test_what_happens_after_an_answer_is_told_from_its_cursor(cast: Cast, path: str) -> None:
    channel = cast.house.channel(cast.support)
    with cast.house.store.write() as db:
        conversation = make_conversation(db, channel_id=channel)
    client = cast.client(cast.ann)
    cursor = client.get(path).json()["events_after"]
    tagged = client.post(f"/api/v1/conversations/{conversation}/tags", json={"tag": "vip"})
    assert tagged.status_code == 200, tagged.text
    told = client.get("/api/v1/events/poll", params={"after": cursor}).json()["events"]
    assert [event["kind"] for event in told] == ["conversation.updated"]
    assert told[0]["payload"]["conversation"]["tags"] == ["vip"]


@pytest.mark.parametrize("query", [{"status": "nonsense"}, {"asignee": ["me"]}, {"tag": "vip", "cursor": "x"}])
def test_a_view_that_no_list_could_show_is_refused(cast: Cast, query: dict[str, object]) -> None:
    client = cast.client(cast.ann)
    assert client.post("/api/v1/me/views", json={"name": "x", "query": query}).status_code == 422
    assert client.get("/api/v1/me/views").json() == []


def test_a_saved_view_is_what_the_list_takes(cast: Cast) -> None:
    client, query = cast.client(cast.ann), {"status": "closed", "priority": ["high"], "sort": "oldest_conversations"}
    made = client.post("/api/v1/me/views", json={"name": "x", "query": query})
    assert (made.status_code, made.json()["query"]) == (201, query), made.text
    assert client.get("/api/v1/conversations", params=made.json()["query"]).status_code == 200


def test_a_wrong_filter_is_refused_in_the_readers_language(cast: Cast) -> None:
    asked = cast.client(cast.ann).get(
        "/api/v1/conversations", params={"assignee": "unasigned"}, headers={"Accept-Language": "it"}
    )
    assert asked.status_code == 422
    assert asked.json()["detail"] == "Non esiste un operatore così, o non puoi vederlo. Intendevi 'unassigned'?"
    assert asked.json()["nearest"] == "unassigned"


@pytest.mark.parametrize(
    ("path", "given", "near"),
    [
        ("/api/v1/conversations", "asignee", "assignee"),
        ("/api/v1/conversations/counts", "inbx", "inbox"),
        ("/api/v1/search", "qq", "q"),
        ("/api/v1/me/notices", "unsen", "unseen"),
        ("/api/v1/start", "zzzzzzzz", None),
    ],
)
def test_a_parameter_that_is_not_there_is_refused_with_the_nearest(
    lite_cast: Cast, path: str, given: str, near: str | None
) -> None:
    asked = lite_cast.client(lite_cast.ann).get(path, params={given: "me"}, headers={"Accept-Language": "it"})
    assert (asked.status_code, asked.json()["code"]) == (422, "unknown_parameter"), asked.text
    assert (asked.json()["parameter"], asked.json().get("nearest")) == (given, near)
    hint = f" Intendevi '{near}'?" if near else ""
    assert asked.json()["detail"] == f"Questo percorso non ha un parametro così.{hint}"


def test_every_parameter_of_the_document_is_known(lite_cast: Cast) -> None:
    """What the document names is never refused as unknown, whatever its value."""
    client = lite_cast.client(lite_cast.ann)
    tried = 0
    for path, methods in client.get("/api/v1/openapi.json").json()["paths"].items():
        names = [one["name"] for one in methods.get("get", {}).get("parameters", []) if one["in"] == "query"]
        if not path.startswith("/api/v1/") or "event-stream" in str(methods.get("get")):
            continue
        for name in names:
            tried += 1
            answer = client.get(path.replace("{", "").replace("}", ""), params={name: "x"})
            assert answer.json().get("code") != "unknown_parameter", f"{path} {name}"
    assert tried > 40


def test_a_list_is_written_as_its_model_would_write_it(cast: Cast) -> None:
    """It is not checked when it is answered."""
    channel = cast.house.channel(cast.support)
    at = datetime(2026, 3, 1, 9, 30, 15, 250_000, tzinfo=UTC)
    with cast.house.store.write() as db:
        team = make_team(db)
    known: list[dict[str, Any]] = [
        {},
        {"assignee_id": cast.ann, "assigned_at": at, "subject": "Zoë \U0001f600", "last_message_at": at},
        {"team_id": team, "queued_at": at, "campaign": {"id": "c", "name": "Spring"}},
        {"status": "closed", "closed_at": at.replace(microsecond=0), "referral": {"source": "ad"}},
    ]
    with cast.house.store.write() as db:
        for columns in known:
            make_conversation(db, channel_id=channel, **columns)
    for query in ("status=all", "status=open&sort=oldest_messages&limit=2"):
        said = cast.client(cast.ann).get(f"/api/v1/conversations?{query}")
        assert said.json()["items"]
        page = models.ConversationPage.model_validate_json(said.content)
        assert json.loads(page.model_dump_json()) == said.json()


def test_a_list_that_was_asked_for_before_is_asked_for_with_the_same_statement(cast: Cast) -> None:
    """Whoever asks, and whatever the values: building statements took longer than asking them."""
    statements = set[int]()
    for who, inbox in ((cast.ann, "support"), (cast.dora, "sales")):
        with cast.house.store.read() as db:
            member = find_member(db, who)
            assert member is not None
            found = narrow(db, member, Filters(inbox=[inbox], assignee=["me"], priority=["high", "low"]))
        statements.add(id(found.asked))
    assert len(statements) == 1
