"""What lists say besides their rows: from where the events go on."""

from __future__ import annotations

import pytest

from tests.api.conftest import Cast
from tests.builders import make_conversation


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
