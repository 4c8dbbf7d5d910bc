"""What we ask the Cloud API besides sending texts: uploads, contents, media, templates, read marks, health."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

import httpx
import orjson
import pytest

from casella.plugin import (
    ButtonsContent,
    ChannelMisconfigured,
    ChannelUnreachable,
    Choice,
    ContactCard,
    ContactsContent,
    Content,
    ListContent,
    ListSection,
    LocationContent,
    MediaRef,
    MediaUnavailable,
    OutgoingAttachment,
    ReactionContent,
    SendRejected,
    TemplateButton,
    TemplateContent,
)
from casella.plugin.testing import Answer, Provider
from casella_whatsapp.errors import CAUSES, delivery_problem
from tests.plugins.whatsapp.builders import PHONE_ID, PLUGIN, THEIRS, TOKEN, WABA, channel, outgoing

GRAPH = "https://graph.facebook.com/v25.0"
TAKEN = Answer.of_json(200, {"messages": [{"id": "wamid.NEW"}]})
YES, NO = Choice(id="y", title="Yes"), Choice(id="n", title="No", description="not now")
LOOKASIDE = "https://lookaside.fbsbx.com/whatsapp_business/attachments/?mid=1"


def asked(provider: Provider) -> list[tuple[str, str]]:
    return [(request.method, str(request.url).partition("?")[0].removeprefix(GRAPH)) for request in provider.requests]


def sent(content: Content | None = None, answers: Sequence[Answer] = (TAKEN,), **more: Any) -> dict[str, object]:
    """The body of the request that sends."""
    provider = Provider(answers)
    with provider.client() as http:
        PLUGIN.send(channel(), outgoing(content=content, **more), http)
    found: dict[str, object] = orjson.loads(provider.requests[-1].content)
    return found


CONTENTS: list[tuple[Content, str, dict[str, object]]] = [
    (
        LocationContent(latitude=45.0, longitude=7.5, name="Shop", address="Via Po"),
        "location",
        {"latitude": 45.0, "longitude": 7.5, "name": "Shop", "address": "Via Po"},
    ),
    (ReactionContent(emoji="👍"), "reaction", {"message_id": "wamid.A", "emoji": "👍"}),
    (ReactionContent(), "reaction", {"message_id": "wamid.A", "emoji": ""}),
    (
        TemplateContent(
            name="order", language="en_US", header=("42",), body=("Ada", "today"),
            buttons=(TemplateButton(index=0, text="P"), TemplateButton(index=1, sub_type="url", text="42"),
                     TemplateButton(index=2, sub_type="copy_code", text="OFF5")),
        ),
        "template",
        {
            "name": "order",
            "language": {"code": "en_US"},
            "components": [
                {"type": "header", "parameters": [{"type": "text", "text": "42"}]},
                {"type": "body", "parameters": [{"type": "text", "text": "Ada"}, {"type": "text", "text": "today"}]},
                {"type": "button", "sub_type": "quick_reply", "index": "0",
                 "parameters": [{"type": "payload", "payload": "P"}]},
                {"type": "button", "sub_type": "url", "index": "1", "parameters": [{"type": "text", "text": "42"}]},
                {"type": "button", "sub_type": "copy_code", "index": "2",
                 "parameters": [{"type": "coupon_code", "coupon_code": "OFF5"}]},
            ],
        },
    ),
    (
        TemplateContent(name="welcome", language="it", header_media="https://x.example/1.jpg"),
        "template",
        {"name": "welcome", "language": {"code": "it"}, "components": [
            {"type": "header", "parameters": [{"type": "image", "image": {"link": "https://x.example/1.jpg"}}]}]},
    ),
    (
        ButtonsContent(choices=(YES, NO), header="H", footer="F"),
        "interactive",
        {"type": "button", "body": {"text": "Hello"}, "header": {"type": "text", "text": "H"}, "footer": {"text": "F"},
         "action": {"buttons": [{"type": "reply", "reply": {"id": "y", "title": "Yes"}},
                                {"type": "reply", "reply": {"id": "n", "title": "No"}}]}},
    ),
    (
        ListContent(button="Choose", sections=(ListSection(title="S", choices=(YES, NO)),)),
        "interactive",
        {"type": "list", "body": {"text": "Hello"}, "action": {"button": "Choose", "sections": [
            {"title": "S", "rows": [{"id": "y", "title": "Yes"},
                                    {"id": "n", "title": "No", "description": "not now"}]}]}},
    ),
]  # fmt: skip


@pytest.mark.parametrize(("content", "type", "expected"), CONTENTS)
def test_contents(content: Content, type: str, expected: dict[str, object]) -> None:
    body = sent(content, reply_to="wamid.A" if isinstance(content, ReactionContent) else None)
    assert (body["type"], body[type]) == (type, expected)
    assert "context" not in body


def test_cards_of_people() -> None:
    card = ContactCard(name="Ada Lovelace", phones=("+39011",), emails=("a@b.example",), company="ACME")
    assert sent(ContactsContent(cards=(card,)))["contacts"] == [
        {
            "name": {"formatted_name": "Ada Lovelace", "first_name": "Ada", "last_name": "Lovelace"},
            "phones": [{"phone": "+39011", "type": "CELL"}],
            "emails": [{"email": "a@b.example", "type": "WORK"}],
            "org": {"company": "ACME"},
        }
    ]


@pytest.mark.parametrize(
    "content",
    [
        ButtonsContent(choices=(Choice(id="1", title="x" * 21),)),
        ButtonsContent(choices=(YES,), header="x" * 61),
        ListContent(button="x" * 21, sections=(ListSection(choices=(YES,)),)),
        ListContent(button="B", sections=(ListSection(choices=(Choice(id="1", title="x" * 25),)),)),
        ListContent(button="B", sections=(ListSection(choices=(YES,)), ListSection(choices=(NO,)))),
    ],
)
def test_what_whatsapp_would_refuse_is_never_asked(content: Content) -> None:
    provider = Provider((TAKEN,))
    with provider.client() as http, pytest.raises(SendRejected):
        PLUGIN.send(channel(), outgoing(content=content), http)
    assert provider.requests == []


def test_people_without_a_number_are_written_to_by_their_id() -> None:
    body = sent(to="DE.483")
    assert (body.get("recipient"), body.get("to")) == ("DE.483", None)


def voice() -> OutgoingAttachment:
    return OutgoingAttachment("https://desk.example/f/1", "voice", "audio/ogg", 4, "n.ogg", lambda: io.BytesIO(b"OggS"))


def test_a_file_is_uploaded_before_it_is_sent() -> None:
    provider = Provider((Answer.of_json(200, {"id": "777"}), TAKEN))
    with provider.client() as http:
        PLUGIN.send(channel(), outgoing("", attachments=(voice(),)), http)
    assert asked(provider) == [("POST", f"/{PHONE_ID}/media"), ("POST", f"/{PHONE_ID}/messages")]
    upload = provider.requests[0].content
    assert b"OggS" in upload
    assert b"audio/ogg; codecs=opus" in upload
    assert orjson.loads(provider.requests[1].content)["audio"] == {"id": "777", "voice": True}


def test_links_instead_of_uploads() -> None:
    provider = Provider((TAKEN,))
    with provider.client() as http:
        PLUGIN.send(channel(upload_media=False), outgoing("", attachments=(voice(),)), http)
    assert orjson.loads(provider.requests[0].content)["audio"]["link"] == "https://desk.example/f/1"


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (Answer.broken(httpx.ReadTimeout), ChannelUnreachable),
        (Answer(500), ChannelUnreachable),
        (Answer.of_json(400, {"error": {"code": 131053}}), ChannelUnreachable),
        (Answer.of_json(401, {"error": {"code": 190}}), ChannelMisconfigured),
    ],
)
def test_an_upload_that_fails_has_sent_nothing(answer: Answer, error: type[Exception]) -> None:
    provider = Provider((answer,))
    with provider.client() as http, pytest.raises(error):
        PLUGIN.send(channel(), outgoing("", attachments=(voice(),)), http)
    assert len(provider.requests) == 1


@pytest.mark.parametrize(
    ("kind", "mime", "as_what"),
    [
        ("image", "image/png", "image"),
        ("image", "image/gif", "document"),
        ("video", "video/quicktime", "document"),
        ("audio", "audio/wav", "document"),
        ("audio", "audio/mpeg", "audio"),
        ("sticker", "image/webp", "sticker"),
        ("document", "text/csv", "document"),
    ],
)
def test_what_whatsapp_cannot_show_goes_as_a_document(kind: str, mime: str, as_what: str) -> None:
    attachment = OutgoingAttachment("https://desk.example/f/1", kind, mime, 4, "n")  # type: ignore[arg-type]  # parametrized: a word is any text
    assert sent(attachments=(attachment,), text="")["type"] == as_what


class TestMedia:
    def locate(self, *answers: Answer, ref: str = "900100") -> tuple[Provider, object]:
        provider = Provider(answers)
        with provider.client() as http:
            return provider, PLUGIN.locate_media(channel(), MediaRef(ref=ref), http)

    def test_the_link_is_asked_for_when_it_is_needed(self) -> None:
        provider, request = self.locate(Answer.of_json(200, {"url": LOOKASIDE, "id": "900100"}))
        assert asked(provider) == [("GET", "/900100")]
        assert getattr(request, "url", "") == LOOKASIDE
        assert getattr(request, "headers", {})["authorization"] == f"Bearer {TOKEN}"
        assert "lookaside.fbsbx.com" in getattr(request, "credential_hosts", ())

    @pytest.mark.parametrize(
        "url",
        [
            "https://evil.example/x",
            "http://lookaside.fbsbx.com/x",
            "https://u:p@lookaside.fbsbx.com/",
            "",
            "https://[::1",
        ],
    )
    def test_a_link_elsewhere_is_not_followed(self, url: str) -> None:
        with pytest.raises(MediaUnavailable):
            self.locate(Answer.of_json(200, {"url": url}))

    @pytest.mark.parametrize(
        ("answer", "retryable"),
        [
            (Answer(404), False),
            (Answer.of_json(400, {"error": {"code": 100}}), False),
            (Answer(401), True),
            (Answer(503), True),
            (Answer.broken(httpx.ReadTimeout), True),
        ],
    )
    def test_a_file_that_cannot_be_had(self, answer: Answer, retryable: bool) -> None:
        with pytest.raises(MediaUnavailable) as raised:
            self.locate(answer)
        assert raised.value.retryable is retryable

    def test_an_id_is_digits(self) -> None:
        with pytest.raises(MediaUnavailable):
            self.locate(ref="../me")


def test_templates_come_page_by_page_with_their_states() -> None:
    def page(names: Sequence[str], status: str, after: str = "") -> Answer:
        data = [
            {"name": name, "language": "en", "status": status, "category": "UTILITY", "rejected_reason": "NONE",
             "components": [{"type": "HEADER", "format": "TEXT", "text": "Order {{1}}"},
                            {"type": "BODY", "text": "{{1}}, it comes {{2}}. {{1}}!"}, {"type": "FOOTER", "text": "F"},
                            {"type": "BUTTONS", "buttons": [{"type": "QUICK_REPLY", "text": "Ok"}]}]}
            for name in names
        ]  # fmt: skip
        paging = {"cursors": {"after": after}, "next": f"{GRAPH}/x?access_token=secret"} if after else {}
        return Answer.of_json(200, {"data": data, "paging": paging})

    provider = Provider((page(["a", "b"], "APPROVED", "CUR"), page(["c"], "PAUSED"), page(["never"], "APPROVED")))
    with provider.client() as http:
        found = PLUGIN.templates(channel(), http)
    assert [(one.name, one.state) for one in found] == [("a", "approved"), ("b", "approved"), ("c", "paused")]
    first = found[0]
    assert (first.variables, first.header_variables, first.header_kind, first.buttons) == (2, 1, "text", ("Ok",))
    assert asked(provider) == [("GET", f"/{WABA}/message_templates")] * 2
    assert provider.requests[1].url.params["after"] == "CUR"


def test_read_marks_and_typing() -> None:
    provider = Provider((Answer.of_json(200, {"success": True}),))
    with provider.client() as http:
        PLUGIN.mark_read(channel(), THEIRS, "wamid.A", http)
        PLUGIN.show_typing(channel(), THEIRS, "wamid.A", http)
        PLUGIN.show_typing(channel(), THEIRS, None, http)
    read = {"messaging_product": "whatsapp", "status": "read", "message_id": "wamid.A"}
    bodies = [orjson.loads(request.content) for request in provider.requests]
    assert bodies == [read, {**read, "typing_indicator": {"type": "text"}}]


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (Answer.of_json(200, {"status": "CONNECTED"}), None),
        (Answer.of_json(200, {"status": "BANNED"}), "number_restricted"),
        (Answer.of_json(401, {"error": {"code": 190}}), "channel_misconfigured"),
    ],
)
def test_health(answer: Answer, code: str | None) -> None:
    with Provider((answer,)).client() as http:
        found = PLUGIN.health(channel(), http)
    assert (found.code if found else None) == code


def test_a_number_the_connection_does_not_know_stops_its_channel() -> None:
    with Provider((TAKEN,)).client() as http, pytest.raises(ChannelMisconfigured):
        PLUGIN.send(channel("+999999999"), outgoing(), http)


@pytest.mark.parametrize("code", sorted(CAUSES))
def test_every_code_says_something(code: int) -> None:
    problem = delivery_problem(str(code))
    assert problem.text.endswith(".")
    assert problem.pauses_channel == (CAUSES[code].error is ChannelMisconfigured)


@pytest.mark.parametrize("code", ["", "x", "99999999999", "7"])
def test_unknown_codes_are_told_as_they_are(code: str) -> None:
    assert delivery_problem(code).retryable is False
