"""The consent ledger and the preview over HTTP."""

from __future__ import annotations

import pytest

from tests.api.conftest import Cast
from tests.builders import make_conversation


@pytest.fixture
def conversation(cast: Cast) -> str:
    channel = cast.house.channel(cast.support)
    cast.house.desk_changed()
    with cast.house.store.write() as db:
        return make_conversation(db, channel_id=channel)


def test_an_agent_opts_a_contact_out_and_back_in(cast: Cast, conversation: str) -> None:
    client, url = cast.client(cast.ann), f"/api/v1/conversations/{conversation}"
    assert client.get(f"{url}/consent").json()["entries"] == []
    out = client.post(f"{url}/consent/opt-out", json={"reason": "On the phone", "resolve": {"details": "Letters"}})
    shown = out.json()
    assert (out.status_code, shown["status"], shown["contact"]["opted_out"]) == (200, "closed", True)
    client.post(f"{url}/reopen")
    assert client.get(url).json()["can_send"]["code"] == "contact_stopped"
    [row] = client.get("/api/v1/conversations").json()["items"]
    assert row["contact"]["opted_out"]
    contact = client.get(f"/api/v1/contacts/{row['contact']['id']}").json()
    assert [address["opted_out"] for address in contact["addresses"]] == [True]
    refused = client.post(f"{url}/messages", json={"text": "Hi"}, headers={"Idempotency-Key": "k"})
    assert (refused.status_code, refused.json()["code"]) == (422, "contact_stopped")
    back = client.post(f"{url}/consent/opt-in", json={"reason": "Changed his mind"})
    assert (back.status_code, back.json()["contact"]["opted_out"], back.json()["can_send"]["allowed"]) == (
        200,
        False,
        True,
    )
    entries = client.get(f"{url}/consent").json()["entries"]
    assert [(entry["state"], entry["source"], entry["agent"]["name"]) for entry in entries] == [
        ("opted_in", "agent", "Ann"),
        ("opted_out", "agent", "Ann"),
    ]


def test_a_reason_is_asked_for_and_strangers_see_nothing(cast: Cast, conversation: str) -> None:
    url = f"/api/v1/conversations/{conversation}/consent"
    assert cast.client(cast.ann).post(f"{url}/opt-out", json={"reason": ""}).status_code == 422
    assert cast.client(cast.ann).post(f"{url}/opt-in", json={}).status_code == 422
    stranger = cast.client(cast.eve)
    assert stranger.get(url).status_code == 404
    assert stranger.post(f"{url}/opt-out", json={"reason": "x"}).status_code == 404


def test_a_preview_tells_length_parts_and_cost_and_sends_nothing(cast: Cast, conversation: str) -> None:
    client, url = cast.client(cast.ann), f"/api/v1/conversations/{conversation}/messages"
    found = client.post(f"{url}/preview", json={"text": "Ciao"}).json()
    assert found["can_send"]["allowed"]
    assert (found["units"], found["limit"], found["characters_left"], found["segments"]) == (4, 1600, 1596, 1)
    assert found["cost"] == {"amount": "0.05", "currency": "EUR"}
    long = client.post(f"{url}/preview", json={"text": "x" * 1601}).json()
    assert (long["can_send"]["code"], long["characters_left"]) == ("text_too_long", -1)
    empty = client.post(f"{url}/preview", json={}).json()
    assert (empty["can_send"]["allowed"], empty["cost"]) == (True, None)
    assert client.get(url).json()["items"] == []


def test_the_preview_is_the_gate(cast: Cast, conversation: str) -> None:
    client, url = cast.client(cast.ann), f"/api/v1/conversations/{conversation}"
    client.post(f"{url}/consent/opt-out", json={"reason": "x"})
    preview = client.post(f"{url}/messages/preview", json={"text": "Hi"}).json()["can_send"]
    sent = client.post(f"{url}/messages", json={"text": "Hi"}, headers={"Idempotency-Key": "k"}).json()
    assert (preview["code"], preview["text"]) == (sent["code"], sent["detail"])
    assert client.post(f"{url}/messages/preview", json={"attachment_ids": ["0" * 26]}).status_code == 422


def test_channels_tell_where_their_sender_stands(cast: Cast, conversation: str) -> None:
    [channel] = [one for one in cast.client(cast.ann).get("/api/v1/channels").json() if one["channel_type"] == "quiet"]
    assert channel["registration"] == {"state": "registered", "text": "The sender is registered.", "blocks": False}
