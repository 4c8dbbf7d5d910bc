"""What an agent does with the API, in the words of a test."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx

from tests import loopback
from tests.integration.rig.desks import PASSWORD
from tests.integration.rig.programs import until

Json = dict[str, Any]  # what JSON holds


@contextmanager
def signed_in(url: str, email: str) -> Iterator[httpx.Client]:
    """A browser's session: the cookie, and the header that our own page sends."""
    with loopback.Client(base_url=url, headers={"X-Casella-Request": "1"}, timeout=30) as client:
        answer = client.post("/api/v1/session", json={"email": email, "password": PASSWORD})
        assert answer.status_code == 200, answer.text
        yield client


def conversation_of(client: httpx.Client, phone: str) -> Json:
    """The one conversation of a phone, once it is there. Fails when there are two."""
    until(lambda: _of(client, phone), f"conversation of {phone}")
    found = _of(client, phone)
    assert len(found) == 1
    return found[0]


def _of(client: httpx.Client, phone: str) -> list[Json]:
    items: list[Json] = []
    cursor = None
    while True:
        query: dict[str, str | int] = {"status": "all", "limit": 100, **({"cursor": cursor} if cursor else {})}
        page = client.get("/api/v1/conversations", params=query).raise_for_status().json()
        items += [item for item in page["items"] if item["contact"]["address"] == phone]
        if (cursor := page["next"]) is None:
            return items


def messages_of(client: httpx.Client, conversation_id: str) -> list[Json]:
    answer = client.get(f"/api/v1/conversations/{conversation_id}/messages", params={"limit": 100})
    items: list[Json] = answer.raise_for_status().json()["items"]
    return items


def reply(client: httpx.Client, conversation_id: str, text: str, key: str | None = None) -> httpx.Response:
    return client.post(
        f"/api/v1/conversations/{conversation_id}/messages",
        json={"text": text},
        headers={"Idempotency-Key": key or uuid.uuid4().hex},
    )


def wait_for_state(client: httpx.Client, message_id: str, *states: str) -> Json:
    """The message, once it is in one of these states."""

    def read() -> Json:
        found: Json = client.get(f"/api/v1/messages/{message_id}").raise_for_status().json()
        return found

    until(lambda: read()["state"] in states, f"message {' or '.join(states)}, is {read()['state']}")
    return read()


def texts(messages: list[Json], direction: str) -> list[str]:
    return [message["text"] for message in messages if message["direction"] == direction]
