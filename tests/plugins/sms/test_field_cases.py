"""What people in the field met with text messages, each with its public report, and the kinds behind."""

from __future__ import annotations

from collections.abc import Callable

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from casella.plugin import ConsentChanged, Event, MessageReceived, Unsupported, Webhook
from casella_sms.bandwidth import receive as bandwidth
from casella_sms.bandwidth.settings import BandwidthSettings
from casella_sms.tapbacks import Tapback, tapback
from casella_sms.telnyx import receive as telnyx
from casella_sms.telnyx.settings import TelnyxSettings
from casella_sms.twilio import inbound as twilio
from casella_sms.twilio.settings import TwilioSettings
from casella_sms.vonage import receive as vonage
from casella_sms.vonage.settings import VonageSettings
from tests.plugins.sms import builders
from tests.plugins.sms.telnyx import builders as telnyx_builders
from tests.plugins.sms.vonage import builders as vonage_builders

OURS, THEIRS = builders.OURS, builders.THEIRS
THIRD, FOURTH = "+12025550803", "+12025550804"
TWILIO = TwilioSettings.model_validate(builders.SETTINGS)
TELNYX = TelnyxSettings.model_validate(telnyx_builders.SETTINGS)
VONAGE = VonageSettings.model_validate(vonage_builders.SETTINGS)
BANDWIDTH = BandwidthSettings.model_validate(
    {
        "provider": "bandwidth",
        "account_id": "5500012",
        "application_id": "93de2206-9669-4e07-948d-329f4b722ee2",
        "username": "api",
        "password": "api-password",
        "webhook_username": "hook",
        "webhook_password": "hook-password",
    }
)


def _json(document: object) -> Webhook:
    content = orjson.dumps(document)
    return Webhook("POST", builders.URL, "", {"content-type": "application/json"}, content, builders.NOON)


def by_twilio(text: str, sender: str = THEIRS, **more: str) -> list[Event]:
    return twilio.translate(TWILIO, {**builders.INBOUND, "Body": text, "From": sender, **more})


def by_telnyx(text: str, sender: str = THEIRS, **more: object) -> list[Event]:
    payload: dict[str, object] = {"from": {"phone_number": sender}, **more}
    return telnyx.translate(TELNYX, _json(telnyx_builders.inbound("msg-1", text, **payload)))


def by_bandwidth(text: str, sender: str = THEIRS, **more: object) -> list[Event]:
    message = {"id": "b-1", "owner": OURS, "to": [OURS], "from": sender, "text": text, "media": [], **more}
    return bandwidth.translate(BANDWIDTH, _json([{"type": "message-received", "to": OURS, "message": message}]))


def by_vonage(text: str, sender: str = THEIRS, **more: str) -> list[Event]:
    fields = {**vonage_builders.inbound(text=text), "msisdn": sender.removeprefix("+"), **more}
    return vonage.translate(VONAGE, _json(fields))


Told = Callable[..., list[Event]]
PROVIDERS: list[Told] = [by_twilio, by_telnyx, by_bandwidth, by_vonage]


# K: tapbacks (moezbhatti/qksms#1330, FossifyOrg/Messages#190)


@pytest.mark.parametrize(
    ("text", "emoji", "quoted"),
    [
        ("Liked “A robot heard you.”", "👍", "A robot heard you."),
        ("Loved “A robot heard you.”", "❤️", "A robot heard you."),
        ("Disliked “x”", "👎", "x"),
        ("Ha messo “Mi piace” a “ciao”", "👍", "ciao"),
        ('Ha messo "Mi piace" a "ciao"', "👍", "ciao"),
        ("Ha messo un cuore a “ciao”", "❤️", "ciao"),
        ("Ha reagito con 😂 a “ciao”", "😂", "ciao"),
        ("Reacted with a sticker to “robot”", "🖼️", "robot"),
        ("Laughed at “x”", "😂", "x"),
        ("Emphasized “x”", "‼️", "x"),
        ("Questioned “x”", "❓", "x"),
        ('Liked "straight quotes"', "👍", "straight quotes"),
        ("Liked “two\nlines, and “quotes” within”", "👍", "two\nlines, and “quotes” within"),
        ("Liked an image", "👍", "an image"),
        ("Loved a photo", "❤️", "a photo"),
        ("Laughed at 2 images", "😂", "2 images"),
        ("Reacted 😂 to an image", "😂", "an image"),
        ("Reacted with 👍 to “x”", "👍", "x"),
        ("👍 to a video", "👍", "a video"),
        ("Removed 😂 from an image", "", "an image"),
        ("Removed a sticker from “x”", "", "x"),
        ("Reacted with a sticker to an image", "🖼️", "an image"),
        ("Liked ‘hello’", "👍", "hello"),
        ("Reacted 😂 to “A robot heard you.”", "😂", "A robot heard you."),
        ("Reacted 👍🏽 to “x”", "👍🏽", "x"),
        ("👍 to “ x ”", "👍", "x"),
        ("\u200a\u200b👍\u200b to \u201c\u200ax\u200a\u201d", "👍", "x"),
        ("Removed a like from “x”", "", "x"),
        ("Removed a heart from “x”", "", "x"),
        ("Removed 😂 from “x”", "", "x"),
        ("Gefällt „Bis morgen“", "👍", "Bis morgen"),
        ("Ha messo Mi piace a “Ciao”", "👍", "Ciao"),
        ("Ha messo mi piace a “Ciao”", "👍", "Ciao"),
        ("A aimé « Bonjour »", "👍", "Bonjour"),
        ("Le encantó “Hola”", "❤️", "Hola"),
    ],
)
def test_a_reaction_that_is_written_out(text: str, emoji: str, quoted: str) -> None:
    found = tapback(text)
    assert found is not None
    assert (found.emoji, found.quoted) == (emoji, quoted)
    for told in PROVIDERS:
        [event] = told(text)
        assert isinstance(event, MessageReceived)
        assert (event.message_kind, event.provider_replies) == ("reaction", True), "no rule answers it"
        assert event.text == text.replace("\x00", ""), "nothing is lost"
        assert (event.metadata["emoji"], event.metadata["quoted"]) == (emoji, quoted)


@pytest.mark.parametrize(
    "text",
    [
        "Liked it",
        "Liked a photo of yours",
        "Loved a lot of images",
        "Reacted to an image",
        "I Liked “x”",
        "Liked “x” a lot",
        "Liked",
        "to “x”",
        "ok to “x”",
        "Removed “x”",
        "Reacted to “x”",
        "“x”",
    ],
)
def test_whoever_writes_so_himself_is_read_as_he_writes(text: str) -> None:
    assert tapback(text) is None


def test_a_keyword_is_no_reaction_and_a_picture_is_none_either() -> None:
    assert isinstance(by_twilio("STOP")[0], ConsentChanged)
    [event] = by_twilio("Liked “x”", MediaUrl0="https://api.twilio.com/m/1", MediaContentType0="image/jpeg")
    assert isinstance(event, MessageReceived)
    assert event.message_kind == "image"


@pytest.mark.parametrize(
    "mark", ["\u200e", "\u200f", "\u202a", "\u2066", "\u2068", "\u200b", "\u2060", "\ufeff", "\u061c"]
)
@pytest.mark.parametrize(
    ("written", "emoji"),
    [
        ("{0}Liked “hello”", "👍"),
        ("Liked “{0}hello{0}”{0}", "👍"),
        ("{0}👍{0} to “hello”", "👍"),
        ("{0}👩‍🚒{0} to “hello”", "👩‍🚒"),
        ("{0}👍{0} from “hello”", ""),
    ],
)
def test_marks_that_nobody_sees_change_no_reaction(written: str, emoji: str, mark: str) -> None:
    """Phones set these around emoji and quotes, others again where a chat runs from right to left."""
    found = tapback(written.format(mark))
    assert found == Tapback(emoji, "hello")


# J: who else reads it (0perationPrivacy/VoIP#149, michaelkourlas/voipms-sms-client#300, AccelerateNetworks#322)


@pytest.mark.parametrize(
    ("told", "more"),
    [
        (by_twilio, {"OtherRecipients0": THIRD, "OtherRecipients1": FOURTH}),
        (
            by_telnyx,
            {"to": [{"phone_number": OURS}, {"phone_number": THIRD}], "cc": [{"phone_number": FOURTH}]},
        ),
        (by_bandwidth, {"to": [OURS, THIRD, FOURTH]}),
    ],
)
def test_agents_see_who_else_was_written_to(told: Told, more: dict[str, object]) -> None:
    [event] = told("hello all", **more)
    assert isinstance(event, MessageReceived)
    assert event.metadata["also_to"] == f"{THIRD}, {FOURTH}"
    [alone] = told("hello")
    assert isinstance(alone, MessageReceived)
    assert "also_to" not in alone.metadata


# F: the subject of an MMS (simontelephonics/smsconnector#77, signalapp/Signal-Android#2089)


@pytest.mark.parametrize("told", [by_telnyx, by_bandwidth])
def test_the_subject_is_read(told: Told) -> None:
    [alone] = told("", subject="Leaking roof, please call")
    [both] = told("at noon", subject="Leaking roof")
    [stop] = [event for event in told("STOP", subject="No more") if isinstance(event, ConsentChanged)]
    assert isinstance(alone, MessageReceived)
    assert isinstance(both, MessageReceived)
    assert (alone.text, both.text) == ("Leaking roof, please call", "Leaking roof\nat noon")
    assert stop.state == "opted_out"


# H: whoever writes is shown


@pytest.mark.parametrize("told", PROVIDERS[1:])
@given(sender=st.text(max_size=600))
def test_a_message_of_any_sender_is_shown(told: Told, sender: str) -> None:
    """Twilio's are refused with 400 when they name none, so that it is in its debugger; the others are answered."""
    [event] = told("hello", sender=sender)
    assert isinstance(event, MessageReceived)
    assert event.text == "hello"
    assert 0 < len(event.contact_address) <= 512


@pytest.mark.parametrize("message_id", ["with space", "ünïcode", "x" * 600])
def test_an_id_of_any_shape_is_an_id(message_id: str) -> None:
    for events in (
        by_bandwidth("hello", id=message_id),
        by_vonage("hello", messageId=message_id),
        by_telnyx("hello", id=message_id),
    ):
        [event] = events
        assert isinstance(event, MessageReceived)
        assert 0 < len(event.external_id) <= 128


# J: what a provider tells that nobody here knows yet is counted, not dropped


def test_an_event_of_a_kind_that_nobody_knows_is_told() -> None:
    unknown = {"event_type": "message.brand_new", "id": "e", "payload": {"to": [{"phone_number": OURS}], "text": "hi"}}
    [event] = telnyx.translate(TELNYX, _json({"data": unknown}))
    assert isinstance(event, Unsupported)
    assert (event.channel_address, event.what) == (OURS, "An event of the kind message.brand_new.")
    [event] = bandwidth.translate(BANDWIDTH, _json([{"type": "brand-new", "to": OURS}]))
    assert isinstance(event, Unsupported)
    assert (event.channel_address, event.what) == (OURS, "An event of the kind brand-new, without a message.")


@pytest.mark.parametrize("document", [{"data": []}, {"hello": "world"}, [], "words"])
def test_an_authentic_request_that_cannot_be_read_is_kept_as_it_came(document: object) -> None:
    for told in (telnyx.translate(TELNYX, _json(document)), vonage.translate(VONAGE, _json(document))):
        [event] = told
        assert isinstance(event, Unsupported)
        assert (event.channel_address, event.what) == ("", "A request that cannot be read.")


@pytest.mark.parametrize("told", PROVIDERS)
def test_who_cannot_be_named_is_shown_and_not_answered(told: Told) -> None:
    """Of the kind H, at every provider alike."""
    [event] = told("who am I", sender="")
    assert isinstance(event, MessageReceived)
    assert event.text == "who am I"
    assert event.contact_address.startswith("unknown:")
    assert not event.replyable


@pytest.mark.parametrize("told", PROVIDERS)
def test_a_message_of_nothing_is_no_empty_bubble(told: Told) -> None:
    """Of the kind F: agents are told that it cannot be shown."""
    events = told("")
    assert [event.message_kind for event in events if isinstance(event, MessageReceived)] == ["unsupported"]


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ({"text": "Hello by RCS"}, "Hello by RCS"),
        ({"suggestion_response": {"text": "Yes, please", "postback_data": "YES", "type": "REPLY"}}, "Yes, please"),
        ({"location": {"latitude": "here"}}, ""),
        ("words", ""),
    ],
)
def test_words_of_a_richer_message_are_read(body: object, text: str) -> None:
    [event] = by_telnyx("", type="RCS", body=body)
    assert isinstance(event, MessageReceived)
    assert (event.text, event.message_kind) == (text, "text" if text else "unsupported")


def test_a_place_and_a_file_of_a_richer_message_are_read() -> None:
    """As Telnyx's page on receiving RCS has them: `body.location`, and `body.user_file` at Google's."""
    [place] = by_telnyx("", type="RCS", body={"location": {"latitude": 45.07, "longitude": 7.69}})
    assert isinstance(place, MessageReceived)
    assert (place.message_kind, place.text) == ("location", "45.07, 7.69")
    assert (place.metadata["latitude"], place.metadata["longitude"]) == ("45.07", "7.69")
    link = "https://rcs-files.storage.googleapis.com/a1/picture.jpg"
    file = {"mime_type": "image/jpeg", "file_size_bytes": 1200, "file_name": "picture.jpg", "file_uri": link}
    small = {"mime_type": "image/jpeg", "file_uri": f"{link}-small"}
    [picture] = by_telnyx("", type="RCS", body={"user_file": {"payload": file, "thumbnail": small}})
    assert isinstance(picture, MessageReceived)
    assert picture.message_kind == "image"
    assert [(one.ref, one.mime, one.size) for one in picture.attachments] == [(link, "image/jpeg", 1200)]


def test_spanish_phones_write_it_in_the_present_too() -> None:
    found = tapback("Le gusta “Okay thank you”")
    assert found is not None
    assert (found.emoji, found.quoted) == ("👍", "Okay thank you")
