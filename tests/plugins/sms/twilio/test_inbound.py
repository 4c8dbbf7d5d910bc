"""Messages from contacts: text, media, and what they say about consent."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casella.plugin import ConsentChanged, Event, MessageReceived
from tests.plugins.sms.builders import INBOUND, OURS, PLUGIN, SID, THEIRS, connection, form_webhook

POOL = "MG00112233445566778899aabbccddeeff"
TOLL_FREE, SHORT_CODE = "+18885550100", "72404"
LONG = "A text that was long enough to be cut into parts, with a word like déjà vu in it."


def translated(settings: dict[str, object] | None = None, **fields: str) -> list[Event]:
    return PLUGIN.translate(connection(**(settings or {})), form_webhook({**INBOUND, **fields}))


def received(settings: dict[str, object] | None = None, **fields: str) -> MessageReceived:
    event = translated(settings, **fields)[-1]
    assert isinstance(event, MessageReceived)
    return event


def consent(settings: dict[str, object] | None = None, **fields: str) -> ConsentChanged | None:
    events = translated(settings, **fields)
    assert isinstance(events[-1], MessageReceived), "the message itself is always shown"
    return next((event for event in events if isinstance(event, ConsentChanged)), None)


def media(number: int, mime: str = "image/jpeg") -> dict[str, Any]:
    return {f"MediaUrl{number}": f"https://api.twilio.com/m/{number}", f"MediaContentType{number}": mime}


def test_a_text() -> None:
    event = received(Body="Hello")
    assert (event.channel_address, event.contact_address) == (OURS, THEIRS)
    assert (event.external_id, event.identity) == (SID, SID)
    assert (event.message_kind, event.text) == ("text", "Hello")
    assert event.metadata == {"from_state": "DC", "from_country": "US", "segments": "1"}
    assert (event.replyable, event.provider_replies, event.provider_time) == (True, False, None)


@pytest.mark.parametrize("text", ["", "  two  spaces \n", "Liked “see you”", "é😀", "&amp;+%20", "a" * 1600])
def test_the_text_is_never_touched(text: str) -> None:
    assert received(Body=text).text == text


def test_what_no_database_takes_is_taken_out() -> None:
    assert received(Body="a\x00b", From="+1202\x005550143").text == "ab"
    assert received(From="+1202\x005550143").contact_address == THEIRS


@pytest.mark.parametrize(
    ("sender", "replyable"),
    [
        (THEIRS, True),
        ("+393331234567", True),
        ("72404", False),
        ("BANKINFO", False),
        ("12025550143", False),
        ("+0123456789", False),
        ("+1234567890123456", False),
    ],
)
def test_only_full_numbers_can_be_answered(sender: str, replyable: bool) -> None:
    event = received(From=sender)
    assert (event.replyable, event.contact_address) == (replyable, sender)


class TestMedia:
    @pytest.mark.parametrize(
        ("mime", "kind", "kept"),
        [
            ("image/jpeg", "image", "image/jpeg"),
            ("IMAGE/PNG; name=x", "image", "image/png"),
            ("audio/amr", "audio", "audio/amr"),
            ("video/3gpp", "video", "video/3gpp"),
            ("text/vcard", "document", "text/vcard"),
            ("application/pdf", "document", "application/pdf"),
            ("", "document", "application/octet-stream"),
            ("image", "document", "application/octet-stream"),
            ("image/<script>", "document", "application/octet-stream"),
        ],
    )
    def test_the_kind_follows_the_mime_type(self, mime: str, kind: str, kept: str) -> None:
        event = received(NumMedia="1", Body="see", **media(0, mime))
        assert (event.message_kind, event.text) == (kind, "see")
        assert [(ref.kind, ref.mime, ref.ref) for ref in event.attachments] == [
            (kind, kept, "https://api.twilio.com/m/0")
        ]

    @pytest.mark.parametrize("count", ["2", "0", "", "many", "-1", "99999999999999999999"])
    def test_gaps_and_a_wrong_count_lose_nothing(self, count: str) -> None:
        event = received(
            NumMedia=count, **media(0), **media(9, "video/mp4"), MediaUrl4="", MediaContentType5="image/png"
        )
        assert [ref.ref[-1] for ref in event.attachments] == ["0", "9"]
        assert event.message_kind == "image"

    def test_ten_in_the_order_of_their_numbers(self) -> None:
        fields = {name: value for number in reversed(range(10)) for name, value in media(number).items()}
        assert [ref.ref[-1] for ref in received(NumMedia="10", **fields).attachments] == list("0123456789")

    def test_a_count_without_media_is_a_text(self) -> None:
        assert received(NumMedia="3").message_kind == "text"


class TestBase64:
    def test_a_long_text_that_arrives_as_base64_is_read(self) -> None:
        assert received(Body=base64.b64encode(LONG.encode()).decode()).text == LONG

    @pytest.mark.parametrize(
        "text",
        [
            base64.b64encode(b"short").decode(),
            "a" * 64,
            "0123456789abcdef" * 4,
            base64.b64encode(("日本語のテキスト" * 10).encode()).decode(),
            base64.b64encode(bytes(range(128)) * 2).decode()[:-4] + "é===",
            base64.b64encode(LONG.encode()).decode() + "A",
            "word " * 16,
        ],
    )
    def test_what_only_looks_like_it_is_left_alone(self, text: str) -> None:
        assert received(Body=text).text == text


class TestConsent:
    @pytest.mark.parametrize("word", ["STOP", "stopall", "Unsubscribe", "CANCEL", "end", "QUIT", "REVOKE", "OPTOUT"])
    def test_twilios_words_opt_out_and_are_answered_by_twilio(self, word: str) -> None:
        event, message = translated(Body=word)
        assert isinstance(event, ConsentChanged)
        assert isinstance(message, MessageReceived)
        assert (event.state, event.source, event.evidence, event.pool) == ("opted_out", "keyword", word, "")
        assert (event.external_id, message.metadata["keyword"]) == (SID, "stop")
        assert message.provider_replies

    @pytest.mark.parametrize(
        "text", ["stop.", " Stop! ", "ARRÊT", "arret", "🛑 STOP 🛑", "S​TOP", "opt-out", "Stop all", "Disiscrivimi!"]
    )
    def test_other_ways_to_say_it_are_honoured_though_twilio_does_not(self, text: str) -> None:
        event = consent(Body=text)
        assert event is not None
        assert event.state == "opted_out"

    @pytest.mark.parametrize("text", ["stop.", "ARRÊT", "opt-out", "ferma"])
    def test_what_twilio_does_not_know_it_does_not_answer(self, text: str) -> None:
        assert not received(Body=text).provider_replies

    @pytest.mark.parametrize(
        "text", ["stop by at 5", "Please stop", "non-stop", "the end", "help me", "started", "", "?"]
    )
    def test_a_sentence_is_no_keyword(self, text: str) -> None:
        assert consent(Body=text) is None
        assert "keyword" not in received(Body=text).metadata

    @pytest.mark.parametrize(
        ("word", "replies"), [("START", True), ("unstop", True), ("Yes", False), ("riprendi", False)]
    )
    def test_a_start_opts_in_again(self, word: str, replies: bool) -> None:
        event = consent(Body=word)
        assert event is not None
        assert event.state == "opted_in"
        assert received(Body=word).provider_replies is replies, "a customer's yes must not silence the rules"

    @pytest.mark.parametrize(("word", "replies"), [("HELP", True), ("info", True), ("AIDE", False), ("aiuto!", False)])
    def test_help_changes_no_consent(self, word: str, replies: bool) -> None:
        assert consent(Body=word) is None
        message = received(Body=word)
        assert (message.metadata["keyword"], message.provider_replies) == ("help", replies)

    def test_the_pool_is_the_messaging_service(self) -> None:
        event = consent({"messaging_service_sid": POOL}, Body="STOP", MessagingServiceSid="MGother")
        assert event is not None
        assert event.pool == POOL

    def test_a_picture_with_the_word_counts_too(self) -> None:
        assert consent(Body="STOP", NumMedia="1", **media(0)) is not None

    @pytest.mark.parametrize(
        ("number", "word", "replies"),
        [
            (TOLL_FREE, "STOP", True),
            (TOLL_FREE, "UNSTOP", True),
            (TOLL_FREE, "QUIT", False),
            (TOLL_FREE, "HELP", False),
            (SHORT_CODE, "QUIT", True),
            (SHORT_CODE, "HELP", False),
            (OURS, "QUIT", True),
        ],
    )
    def test_who_answers_depends_on_the_kind_of_number(self, number: str, word: str, replies: bool) -> None:
        assert received(To=number, Body=word).provider_replies is replies

    @pytest.mark.parametrize(("named", "state"), [("STOP", "opted_out"), ("START", "opted_in"), ("stop", "opted_out")])
    def test_twilios_own_word_for_it_comes_first(self, named: str, state: str) -> None:
        event = consent({"advanced_opt_out": True}, Body="baja", OptOutType=named)
        assert event is not None
        assert (event.state, event.evidence) == (state, "baja")
        assert received(Body="baja", OptOutType=named).provider_replies

    def test_twilios_help_is_no_stop(self) -> None:
        assert consent(Body="STOP", OptOutType="HELP") is None

    def test_an_unknown_word_of_twilios_leaves_it_to_our_list(self) -> None:
        assert consent(Body="STOP", OptOutType="PAUSE") is not None

    def test_with_advanced_opt_out_only_twilio_lets_back_in(self) -> None:
        advanced: dict[str, object] = {"advanced_opt_out": True}
        assert consent(advanced, Body="START") is None
        stopped = consent(advanced, Body="stop.")
        assert stopped is not None, "a stop is honoured from either side"
        assert not received(advanced, Body="stop.").provider_replies

    def test_further_words_come_from_the_settings(self) -> None:
        words: dict[str, object] = {"keywords": {"stop": ["Baja!"], "start": ["alta"], "help": ["ayuda"]}}
        stopped, started = consent(words, Body="BAJA"), consent(words, Body="Alta.")
        assert stopped is not None
        assert started is not None
        assert (stopped.state, started.state) == ("opted_out", "opted_in")
        assert received(words, Body="ayuda").metadata["keyword"] == "help"
        assert consent(words, Body="stop") is not None


@given(st.dictionaries(st.sampled_from([*INBOUND, "OptOutType", "MediaUrl0", "MediaContentType0"]), st.text()))
def test_any_values_give_events_or_nothing(fields: dict[str, str]) -> None:
    clean: dict[str, Any] = {name: value.encode("utf-8", "replace").decode() for name, value in fields.items()}
    for event in translated(**clean):
        assert event.identity
        assert event.model_dump_json()
