"""Why something may not be sent, or was not, is said in the language of whoever asks (W-24)."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import update

from casella.store.tables import messages
from tests.api.conftest import Cast
from tests.builders import make_conversation, make_message

LANGUAGES = {
    "en": ("The conversation is closed.", "Reopen it first."),
    "it": ("La conversazione è chiusa.", "Riaprila prima."),
}


@pytest.fixture
def conversation(cast: Cast) -> str:
    channel = cast.house.channel(cast.support)
    cast.house.desk_changed()
    with cast.house.store.write() as db:
        return make_conversation(db, channel_id=channel, status="closed")


def test_w24_each_reader_reads_the_reason_in_his_language(cast: Cast, conversation: str) -> None:
    client, url = cast.client(cast.ann), f"/api/v1/conversations/{conversation}"

    def asked(language: str) -> tuple[str, str]:
        shown = client.get(url, headers={"Accept-Language": language}).json()["can_send"]
        return shown["text"], shown["instead"]

    for language, (text, instead) in LANGUAGES.items():
        assert asked(language) == (text, instead)
    with ThreadPoolExecutor(4) as pool:
        wanted = ["it", "en", "it-IT,en;q=0.5", "de"] * 8
        found = list(pool.map(asked, wanted))
    assert found == [LANGUAGES["it" if language.startswith("it") else "en"] for language in wanted]


def test_w24_why_a_message_failed_too(cast: Cast, conversation: str) -> None:
    text = "The contact has opted out of messages from this sender."
    with cast.house.store.write() as db:
        message = make_message(db, conversation, direction="out", state="failed")
        values = {"error_code": "contact_stopped", "error_text": text, "error_retryable": False}
        db.execute(update(messages).where(messages.c.id == message).values(values))
    client = cast.client(cast.ann)

    def errors(language: str) -> list[str]:
        headers = {"Accept-Language": language}
        one = client.get(f"/api/v1/messages/{message}", headers=headers).json()
        [listed] = client.get(f"/api/v1/conversations/{conversation}/messages", headers=headers).json()["items"]
        return [one["error"]["text"], listed["error"]["text"]]

    assert errors("en") == [text, text]
    assert errors("it") == ["Il contatto non vuole più ricevere messaggi da questo mittente."] * 2
