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
