"""Every kind of message, one row each: what WhatsApp writes, and what everybody else reads."""

from __future__ import annotations

from base64 import b64encode
from hashlib import sha256

import pytest

from casella.plugin import MessageReceived, ReactionChanged, Unsupported
from casella_whatsapp.incoming.kinds import say
from tests.plugins.whatsapp.builders import CONTACT, OURS, THEIRS, USER_ID, body, events, message, said, status, update

DIGEST = sha256(b"x").digest()
CARDS = [
    {
        "name": {"formatted_name": "Ada L."},
        "phones": [{"phone": "+39011", "type": "CELL"}],
        "emails": [{"email": "a@b"}],
    },
    {"phones": [{"wa_id": "1"}]},
    {"org": {"company": "ACME"}},
]
ITEMS = [{"product_retailer_id": "SKU1", "quantity": 2, "item_price": 9.5, "currency": "EUR"}, {}]

CASES: list[tuple[str, object, str, str, dict[str, str]]] = [
    ("text", {"body": "Hi\nthere"}, "text", "Hi\nthere", {}),
    ("video", {"id": "1", "mime_type": "video/mp4", "caption": "Look"}, "video", "Look", {}),
    ("document", {"id": "1", "filename": "a.pdf", "mime_type": "application/pdf"}, "document", "", {}),
    ("audio", {"id": "1", "mime_type": "audio/mp4"}, "audio", "", {}),
    ("audio", {"id": "1", "mime_type": "audio/ogg; codecs=opus", "voice": True}, "voice", "", {}),
    ("voice", {"id": "1"}, "voice", "", {}),
    ("sticker", {"id": "1", "mime_type": "image/webp", "animated": True}, "sticker", "", {"animated": "yes"}),
    ("image", {"mime_type": "image/png"}, "unsupported", "", {"kind": "image"}),
    ("location", {"latitude": -33.5, "longitude": 151}, "location", "-33.5, 151",
     {"latitude": "-33.5", "longitude": "151"}),
    ("location", {"latitude": "north"}, "unsupported", "latitude: north", {"kind": "location"}),
    ("contacts", CARDS, "contacts", "Ada L., +39011, a@b\n1\nACME", {}),
    ("contacts", [], "unsupported", "", {"kind": "contacts"}),
    ("button", {"text": "Yes", "payload": "YES"}, "button", "Yes", {"payload": "YES"}),
    ("interactive", {"type": "button_reply", "button_reply": {"id": "M", "title": "Medium"}}, "button", "Medium",
     {"payload": "M"}),
    ("interactive", {"type": "list_reply", "list_reply": {"id": "2", "title": "Two", "description": "more"}},
     "interactive", "Two", {"payload": "2", "description": "more"}),
    ("interactive", {"type": "nfm_reply", "nfm_reply": {"name": "flow", "body": "Sent", "response_json": "{}"}},
     "interactive", "Sent", {"flow": "flow", "response": "{}"}),
    ("interactive", {"type": "call_permission_reply", "call_permission_reply": {"response": "accept"}}, "interactive",
     "accept", {"call_permission": "accept"}),
    ("interactive", None, "unsupported", "", {"kind": "interactive"}),
    ("order", {"catalog_id": "7", "text": "Please", "product_items": ITEMS}, "interactive",
     "Please\n2 × SKU1 à 9.50 EUR\n1 × ", {"catalog": "7"}),
    ("reaction", {"emoji": "👍"}, "unsupported", "emoji: 👍", {"kind": "reaction"}),
    ("poll_creation", {"question": "?"}, "unsupported", "question: ?", {"kind": "poll_creation"}),
    ("", None, "unsupported", "", {}),
]  # fmt: skip


@pytest.mark.parametrize(("type", "content", "kind", "text", "facts"), CASES)
def test_a_kind(type: str, content: object, kind: str, text: str, facts: dict[str, str]) -> None:
    found = say({"type": type, **({type: content} if content is not None else {})})
    assert (found.kind, found.text, found.metadata) == (kind, text, facts)
    assert bool(found.attachments) == (kind in {"video", "document", "audio", "voice", "sticker"})


def test_the_digest_is_kept_as_the_media_endpoint_writes_it() -> None:
    image = {"id": "1", "mime_type": "image/jpeg", "sha256": b64encode(DIGEST).decode()}
    [ref] = say({"type": "image", "image": image}).attachments
    assert (ref.sha256, ref.mime) == (DIGEST.hex(), "image/jpeg")


def test_unsupported_says_what_whatsapp_says() -> None:
    found = say({"type": "unsupported", "errors": [{"code": 131051}], "unsupported": {"type": "poll"}})
    assert found.metadata == {"kind": "poll", "error": "131051"}


def test_somebody_without_a_number_is_known_by_his_id() -> None:
    contact = {"profile": {"name": "Mo", "username": "@mo"}, "user_id": "GB.77"}
    hidden = {
        "from_user_id": "GB.77",
        "id": "wamid.9",
        "timestamp": "1789387200",
        "type": "text",
        "text": {"body": "x"},
    }
    [event] = events(body(update(contacts=[contact], messages=[hidden])))
    assert isinstance(event, MessageReceived)
    assert (event.contact_address, event.contact_name, event.aliases) == ("GB.77", "Mo", ())
    assert event.metadata == {"username": "mo"}


def test_an_id_may_stand_where_the_number_should() -> None:
    [event] = events(body(update(messages=[{**message("text"), "from": "GB.77", "from_user_id": None}])))
    assert event.contact_address == "GB.77"


def test_names_go_to_whom_they_belong() -> None:
    other = {"profile": {"name": "Other"}, "wa_id": "393331234567"}
    second = {**message("text", "wamid.2", text={"body": "b"}), "from": "393331234567", "from_user_id": None}
    third = {**message("text", "wamid.3", text={"body": "c"}), "from": "393330000000", "from_user_id": None}
    found = events(body(update(contacts=[CONTACT, other], messages=[message("text"), second, third])))
    assert [event.contact_name for event in found if isinstance(event, MessageReceived)] == ["Lea", "Other", None]


def test_a_group_is_a_conversation_of_its_own_that_cannot_be_answered() -> None:
    [event] = events(said("text", text={"body": "x"}, group_id="G1"))
    assert isinstance(event, MessageReceived)
    assert (event.contact_address, event.replyable, event.aliases) == ("group:G1", False, ())
    assert event.metadata == {"group": "G1", "participant": THEIRS, "participant_name": "Lea"}


def test_a_reaction_taken_back_has_no_emoji() -> None:
    [event] = events(said("reaction", reaction={"message_id": "wamid.OURS"}))
    assert isinstance(event, ReactionChanged)
    assert event.emoji == ""


def test_an_edit_is_no_quote_of_m0() -> None:
    edit = {
        "original_message_id": "wamid.A",
        "message": {"type": "text", "text": {"body": "b"}, "context": {"id": "M0"}},
    }
    assert [event.kind for event in events(said("edit", edit=edit))] == ["message_edited"]


@pytest.mark.parametrize(
    ("system", "new"),
    [
        ({"type": "user_changed_number", "wa_id": "4915550100999"}, "+4915550100999"),
        ({"type": "customer_changed_number", "new_wa_id": "4915550100999"}, "+4915550100999"),
        ({"type": "user_changed_user_id", "user_id": "DE.999"}, "DE.999"),
    ],
)
def test_whoever_moves_is_followed(system: dict[str, str], new: str) -> None:
    [event] = events(said("system", system=system))
    assert (event.kind, event.contact_address, getattr(event, "new_address", None)) == ("address_changed", THEIRS, new)


@pytest.mark.parametrize("system", [{"type": "customer_identity_changed"}, {}, {"type": "user_changed_number"}])
def test_other_notices_are_only_kept(system: dict[str, str]) -> None:
    assert [event.kind for event in events(said("system", system=system))] == ["unsupported"]


def test_one_bad_element_takes_no_neighbour_along() -> None:
    good = message("text", text={"body": "good"})
    found = events(body(update(contacts=[CONTACT], messages=[None, 7, {}, good, {"id": []}])))
    assert [event.kind for event in found] == ["unsupported"] * 3 + ["message_received", "unsupported"]


def test_played_is_read_and_strange_states_are_only_kept() -> None:
    found = events(body(update(statuses=[status("played"), status("deleted", "wamid.D"), {}])))
    assert [getattr(event, "status", event.kind) for event in found] == ["read", "unsupported", "unsupported"]


@pytest.mark.parametrize("field", ["account_update", "message_template_status_update", "flows", "calls"])
def test_news_of_the_account_is_acknowledged(field: str) -> None:
    change = {"field": field, "value": {"event": "X"}}
    assert events({"object": "whatsapp_business_account", "entry": [{"id": "1", "changes": [change]}]}) == []


@pytest.mark.parametrize("document", [b"", b"{", b"[]", b"\xff", b'{"object": "whatsapp_business_account"}'])
def test_what_is_not_a_webhook_raises_nothing(document: bytes) -> None:
    assert all(isinstance(event, Unsupported) for event in events(document))


def test_a_number_that_is_not_configured_is_told_by_what_is_shown() -> None:
    entry = update(phone_id="999", messages=[message("text")])
    assert events(body(entry))[0].channel_address == OURS
    assert USER_ID in str(CONTACT)
