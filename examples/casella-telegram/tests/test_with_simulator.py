"""The channel against a Bot API that listens on a port."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

import httpx
import pytest
from casella_telegram.__main__ import main
from casella_telegram.channel import TelegramChannel
from casella_telegram.settings import TelegramSettings

from casella.plugin import (
    ButtonsContent,
    Channel,
    ChannelThrottled,
    Choice,
    Connection,
    ContactCard,
    ContactsContent,
    LocationContent,
    MediaRef,
    MediaUnavailable,
    OutgoingMessage,
    SendRejected,
)
from tests.cases import ADA, BOT, BUTTONS, SECRET, SETTINGS, THUMB, TOKEN, UPLOAD
from tests.simulator import Simulator, simulator

ADDRESS = "https://desk.example/webhooks/bot"
HELLO = OutgoingMessage(id="ours-1", to=ADA, text="Hello", status_url=ADDRESS)


@pytest.fixture
def telegram() -> Iterator[Simulator]:
    with simulator() as running:
        yield running


@pytest.fixture
def http() -> Iterator[httpx.Client]:
    with httpx.Client(timeout=10) as client:
        yield client


def channel_at(telegram: Simulator, **settings: object) -> Channel[TelegramSettings]:
    made = TelegramSettings.model_validate({**SETTINGS, "base_url": telegram.url, **settings})
    return Channel("channel-1", BOT, Connection("bot", made, ADDRESS))


def send(telegram: Simulator, http: httpx.Client, **changes: object) -> str:
    message = dataclasses.replace(HELLO, **changes)  # type: ignore[arg-type]  # fields of a message
    return TelegramChannel().send(channel_at(telegram), message, http).external_id


def test_the_token_reaches_telegram_and_no_log(
    telegram: Simulator, http: httpx.Client, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level("DEBUG"):
        assert send(telegram, http) == f"{ADA}:1001"
    assert telegram.sent("sendMessage") == [{"chat_id": int(ADA), "text": "Hello"}]
    assert caplog.records
    assert TOKEN.partition(":")[2] not in caplog.text


def test_buttons_places_contacts_and_reactions(telegram: Simulator, http: httpx.Client) -> None:
    send(telegram, http, content=BUTTONS)
    send(telegram, http, content=LocationContent(latitude=45.4, longitude=9.1))
    send(telegram, http, content=LocationContent(latitude=45.4, longitude=9.1, name="Shop"))
    send(telegram, http, content=ContactsContent(cards=(ContactCard(name="Bert", phones=("+39055500001",)),)))
    send(telegram, http, content=THUMB, reply_to=f"{ADA}:7")

    keyboard = telegram.sent("sendMessage")[0]["reply_markup"]
    assert keyboard == {
        "inline_keyboard": [[{"text": "Yes", "callback_data": "y"}], [{"text": "No", "callback_data": "n"}]]
    }
    assert telegram.sent("sendLocation") == [{"chat_id": int(ADA), "latitude": 45.4, "longitude": 9.1}]
    assert telegram.sent("sendVenue")[0]["title"] == "Shop"
    assert telegram.sent("sendContact")[0]["phone_number"] == "+39055500001"
    [reaction] = telegram.sent("setMessageReaction")
    assert reaction == {"chat_id": int(ADA), "message_id": 7, "reaction": [{"type": "emoji", "emoji": "👍"}]}


def test_a_file_is_uploaded_with_its_name_and_type(telegram: Simulator, http: httpx.Client) -> None:
    assert send(telegram, http, attachments=(UPLOAD,), reply_to=f"{ADA}:7") == f"{ADA}:1001"
    [body] = [str(fields["multipart"]) for fields in telegram.sent("sendVoice")]
    for part in ('name="voice"; filename="a.ogg"', "audio/ogg", "OggS1", 'name="caption"', '"message_id": 7'):
        assert part in body


def test_what_telegram_cannot_take_is_refused_before_it_is_asked(telegram: Simulator, http: httpx.Client) -> None:
    wrong: list[dict[str, object]] = [
        {"to": "ada"},
        {"reply_to": "nonsense"},
        {"content": ButtonsContent(choices=(Choice(id="x" * 65, title="Long"),))},
        {"content": ContactsContent(cards=(ContactCard(name="Bert"),))},
        {"content": THUMB},
    ]
    for changes in wrong:
        with pytest.raises(SendRejected):
            send(telegram, http, **changes)
    assert telegram.calls == []


def test_throttling_says_how_long(telegram: Simulator, http: httpx.Client) -> None:
    telegram.refusals.append((429, {"retry_after": 12}))
    with pytest.raises(ChannelThrottled) as caught:
        send(telegram, http)
    assert caught.value.retry_after == 12


def test_a_file_is_located_by_asking(telegram: Simulator, http: httpx.Client) -> None:
    telegram.files["AgACbig"] = b"picture"
    request = TelegramChannel().locate_media(channel_at(telegram), MediaRef(ref="AgACbig"), http)
    assert request.allowed_hosts == ("127.0.0.1",)
    assert http.get(request.url).content == b"picture"
    telegram.refusals.append((400, {}))
    with pytest.raises(MediaUnavailable) as caught:
        TelegramChannel().locate_media(channel_at(telegram), MediaRef(ref="gone"), http)
    assert not caught.value.retryable
    telegram.refusals.append((502, {}))
    with pytest.raises(MediaUnavailable) as caught:
        TelegramChannel().locate_media(channel_at(telegram), MediaRef(ref="later"), http)
    assert caught.value.retryable


def test_typing_is_shown(telegram: Simulator, http: httpx.Client) -> None:
    TelegramChannel().show_typing(channel_at(telegram), ADA, None, http)
    assert telegram.sent("sendChatAction") == [{"chat_id": int(ADA), "action": "typing"}]


def test_setting_the_webhook_makes_the_channel_healthy(
    telegram: Simulator, http: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = TelegramChannel().health(channel_at(telegram), http)
    assert before is not None
    assert before.code == "webhook_not_set"
    monkeypatch.setenv("CASELLA_SECRET_TELEGRAM_TOKEN", TOKEN)
    monkeypatch.setenv("CASELLA_SECRET_TELEGRAM_WEBHOOK", SECRET)
    assert main(["set-webhook", ADDRESS, "--base-url", telegram.url]) == ""
    assert telegram.secret == SECRET
    assert "message_reaction" in str(telegram.sent("setWebhook")[0]["allowed_updates"])
    assert TelegramChannel().health(channel_at(telegram), http) is None

    other = channel_at(telegram, token=f"{BOT}:another")
    refusal = TelegramChannel().health(other, http)
    assert refusal is not None
    assert refusal.code == "wrong_token"


def test_the_command_says_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CASELLA_SECRET_TELEGRAM_TOKEN", raising=False)
    monkeypatch.setenv("CASELLA_SECRET_TELEGRAM_WEBHOOK", SECRET)
    said = "Set CASELLA_SECRET_TELEGRAM_TOKEN and CASELLA_SECRET_TELEGRAM_WEBHOOK; wrong: token"
    assert main(["set-webhook", ADDRESS]) == said


@pytest.mark.parametrize("token", ["", "123", "abc:def", "123:", "12 3:abc", "123:a/b", "١٢٣:abc"])
def test_a_token_that_cannot_be_one_is_refused(token: str) -> None:
    with pytest.raises(ValueError, match="BotFather"):
        TelegramSettings.model_validate({**SETTINGS, "token": token})
