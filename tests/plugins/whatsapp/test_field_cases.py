"""What people in the field met with the Cloud API, each with the number of its public report, and the kinds behind."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from casella.plugin import (
    AddressChanged,
    ConsentChanged,
    Event,
    MessageDeleted,
    MessageEchoed,
    MessageEdited,
    MessageReceived,
    MessageStatusChanged,
    ReactionChanged,
    Unsupported,
)
from casella.plugin.testing import Answer, Provider
from casella_whatsapp.identity import can_be_answered
from tests.plugins.whatsapp.builders import (
    AT,
    CONTACT,
    OURS,
    PLUGIN,
    THEIRS,
    USER_ID,
    WABA,
    body,
    channel,
    events,
    message,
    outgoing,
    said,
    update,
)

OPAQUE = "user.93737120865530274190"


def one(document: object) -> Event:
    [event] = events(document)
    return event


def echo(type: str, id: str = "wamid.P2", **more: object) -> dict[str, object]:
    written = {"from": OURS[1:], "to": THEIRS[1:], "id": id, "timestamp": "1789387200", "type": type, **more}
    return body(update("smb_message_echoes", contacts=[CONTACT], message_echoes=[written]))


# H: opaque ids stay opaque (vercel/chat#925)


def test_an_id_of_another_shape_is_a_sender_who_can_be_answered() -> None:
    who = {"profile": {"name": "Sheila N", "username": "@sheila.n"}, "wa_id": "", "user_id": OPAQUE}
    text = {
        "from": "",
        "from_user_id": OPAQUE,
        "id": "wamid.U1",
        "timestamp": "1",
        "type": "text",
        "text": {"body": "hi"},
    }
    event = one(body(update(contacts=[who], messages=[text])))
    assert isinstance(event, MessageReceived)
    assert (event.contact_address, event.contact_name, event.replyable) == (OPAQUE, "Sheila N", True)
    taken = Answer.of_json(200, {"messages": [{"id": "wamid.NEW"}]})
    provider = Provider((taken,))
    with provider.client() as http:
        PLUGIN.send(channel(), outgoing(to=OPAQUE), http)
    assert orjson.loads(provider.requests[-1].content)["recipient"] == OPAQUE
    assert PLUGIN.refusal(channel(), OPAQUE) is None


@given(sender=st.text(max_size=600), user_id=st.text(max_size=600))
def test_whoever_writes_is_shown(sender: str, user_id: str) -> None:
    """Whatever stands where the ids do."""
    written = {**message("text", text={"body": "hello"}), "from": sender, "from_user_id": user_id}
    event = one(body(update(messages=[written])))
    assert isinstance(event, MessageReceived)
    assert event.text == "hello"
    assert 0 < len(event.contact_address) <= 512
    assert event.replyable is can_be_answered(event.contact_address)


@pytest.mark.parametrize("lacking", ["id", "from", "timestamp", "type"])
def test_a_message_that_lacks_something_is_shown_all_the_same(lacking: str) -> None:
    whole = {"from": THEIRS[1:], "id": "wamid.L", "timestamp": "1", "type": "text", "text": {"body": "hello"}}
    left = {name: value for name, value in whole.items() if name != lacking}
    event = one(body(update(messages=[left])))
    assert isinstance(event, MessageReceived)
    assert event.replyable is (lacking != "from")
    assert one(body(update(messages=[left]))).identity == event.identity, "and comes once"


# C: identity (chatwoot/chatwoot#15357)


@pytest.mark.parametrize(
    ("more", "system", "living", "others"),
    [
        ({}, {"type": "user_changed_user_id", "previous_user_id": "US.1", "user_id": "US.2"}, "US.2", {"US.1"}),
        (
            {"from_user_id": "US.2"},
            {"type": "user_changed_user_id", "previous_user_id": "US.1", "user_id": "US.2"},
            "US.2",
            {"US.1"},
        ),
        ({"from_user_id": "US.1"}, {"type": "user_changed_user_id", "user_id": "US.2"}, "US.2", {"US.1"}),
        (
            {"from": "4915550100231", "from_user_id": "DE.1"},
            {"type": "user_changed_number", "wa_id": "4915550100999", "user_id": "DE.2"},
            "+4915550100999",
            {"+4915550100231", "DE.1", "DE.2"},
        ),
        (
            {},
            {"type": "customer_changed_number", "customer": "4915550100231", "new_wa_id": "4915550100999"},
            "+4915550100999",
            {"+4915550100231"},
        ),
        (
            {"from": "4915550100231"},
            {"type": "user_changed_user_id", "previous_parent_user_id": "US.ENT.1", "parent_user_id": "US.ENT.2"},
            "US.ENT.2",
            {"+4915550100231", "US.ENT.1"},
        ),
    ],
)
def test_every_id_of_a_notice_leads_to_the_contact(
    more: dict[str, str], system: dict[str, str], living: str, others: set[str]
) -> None:
    notice = {"id": "wamid.I2", "timestamp": "1", "type": "system", "system": system, **more}
    event = one(body(update(messages=[notice])))
    assert isinstance(event, AddressChanged)
    assert event.new_address == living
    assert {event.contact_address, *event.aliases} == others


def test_a_receipt_that_names_its_recipient_twice_tells_his_user_id() -> None:
    receipt = {"id": "wamid.O", "status": "sent", "timestamp": "1", "recipient_id": THEIRS[1:]}
    ids = {"recipient_user_id": USER_ID, "recipient_parent_user_id": "US.ENT.9"}
    *told, status = events(body(update(statuses=[{**receipt, **ids}])))
    assert isinstance(status, MessageStatusChanged)
    assert [(one.contact_address, one.new_address) for one in told if isinstance(one, AddressChanged)] == [
        (USER_ID, THEIRS),
        ("US.ENT.9", THEIRS),
    ]
    for alone in ({}, {"recipient_id": "", "recipient_user_id": USER_ID}):
        assert [type(one) for one in events(body(update(statuses=[{**receipt, **alone}])))] == [MessageStatusChanged]


# I: guards (langx/langx#1464): what a number writes to itself, whatever kind of update brings it


@pytest.mark.parametrize(
    "field",
    [
        ("messages", {"messages": [{"from": OURS[1:], "id": "w1", "timestamp": "1", "type": "text"}]}),
        (
            "messages",
            {
                "messages": [
                    {"from": OURS, "id": "w2", "type": "reaction", "reaction": {"message_id": "w", "emoji": "x"}}
                ]
            },
        ),
        ("smb_message_echoes", {"message_echoes": [{"from": OURS[1:], "to": OURS[1:], "id": "w3", "type": "text"}]}),
        ("calls", {"calls": [{"from": OURS[1:], "to": OURS[1:], "id": "c1", "event": "connect"}]}),
    ],
)
def test_what_a_number_writes_to_itself_is_nobodys(field: tuple[str, dict[str, Any]]) -> None:
    name, value = field
    assert events(body(update(name, **value))) == []


def test_a_new_user_id_in_a_field_of_its_own() -> None:
    notice = {
        "wa_id": THEIRS[1:],
        "detail": "User ID has been updated",
        "user_id": {"previous": "US.1", "current": "US.2"},
    }
    event = one(body(update("user_id_update", user_id_update=[notice])))
    assert isinstance(event, AddressChanged)
    assert {event.contact_address, event.new_address, *event.aliases} == {THEIRS, "US.1", "US.2"}


# E: echoes (chatwoot/chatwoot#15325, david-lev/pywa#186)


def test_an_echo_quotes() -> None:
    event = one(echo("text", text={"body": "Yes, in blue"}, context={"from": THEIRS[1:], "id": "wamid.Q1"}))
    assert isinstance(event, MessageEchoed)
    assert (event.reply_to, event.contact_name, event.aliases) == ("wamid.Q1", "Lea", (USER_ID,))


def test_what_is_changed_on_the_phone_is_changed_here() -> None:
    now = {"context": {"id": "M0"}, "type": "text", "text": {"body": "50 EUR"}}
    edited = one(echo("edit", edit={"original_message_id": "wamid.P1", "message": now}))
    assert isinstance(edited, MessageEdited)
    assert (edited.external_id, edited.text, edited.by_business) == ("wamid.P1", "50 EUR", True)
    deleted = one(echo("revoke", revoke={"original_message_id": "wamid.P3"}))
    assert isinstance(deleted, MessageDeleted)
    assert (deleted.external_id, deleted.contact_address, deleted.by_business) == ("wamid.P3", THEIRS, True)
    reacted = one(echo("reaction", reaction={"message_id": "wamid.P0", "emoji": "👍"}))
    assert isinstance(reacted, ReactionChanged)
    assert (reacted.emoji, reacted.by_business) == ("👍", True)


ELEMENTS: list[dict[str, object]] = [
    {"type": "text", "text": {"body": "x"}},
    {"type": "text", "text": {"body": "x"}, "context": {"id": "wamid.Q"}},
    {"type": "image", "image": {"id": "1", "caption": "c", "mime_type": "image/png"}},
    {"type": "location", "location": {"latitude": 1, "longitude": 2, "name": "Shop"}},
    {"type": "contacts", "contacts": [{"name": {"formatted_name": "Ada"}}]},
    {"type": "interactive", "interactive": {"type": "button_reply", "button_reply": {"id": "M", "title": "Medium"}}},
    {"type": "reaction", "reaction": {"message_id": "wamid.T", "emoji": "👍"}},
    {"type": "edit", "edit": {"original_message_id": "wamid.T", "message": {"type": "text", "text": {"body": "y"}}}},
    {"type": "revoke", "revoke": {"original_message_id": "wamid.T"}},
    {"type": "hologram", "hologram": {"words": "what"}},
]


@pytest.mark.parametrize("element", ELEMENTS, ids=lambda element: str(element["type"]))
def test_an_echo_is_read_as_the_message_would_be(element: dict[str, object]) -> None:
    """Whatever a contact's message says, an echo of the same says it too."""
    [heard] = events(said(**element))  # type: ignore[arg-type]  # the element is the message
    [echoed] = events(echo(**element))  # type: ignore[arg-type]  # the element is the message
    differing = {
        "kind",
        "external_id",
        "by_business",
        "replyable",
        "provider_replies",
        "part",
        "message_id",
        "revision",
        "subject",
    }
    assert echoed.model_dump(exclude=differing) == heard.model_dump(exclude=differing)


# F: nothing a person could read is lost (chatwoot/chatwoot#13970, shridarpatil/whatomate#435, nyaruka/courier#1073)


def test_a_forms_answers_are_whole_and_in_words() -> None:
    answers = {f"screen_0_Field_{index}": f"answer {index} " + "x" * 1500 for index in range(8)}
    reply = {"name": "flow", "body": "Sent", "response_json": orjson.dumps(answers).decode()}
    event = one(said("interactive", interactive={"type": "nfm_reply", "nfm_reply": reply}))
    assert isinstance(event, MessageReceived)
    assert orjson.loads(event.metadata["response"]) == answers
    assert event.text.splitlines() == ["Sent", *(f"{name}: {value}" for name, value in answers.items())]


def test_a_form_that_is_no_json_is_shown_as_it_is() -> None:
    reply = {"name": "flow", "body": "Sent", "response_json": "{broken"}
    event = one(said("interactive", interactive={"type": "nfm_reply", "nfm_reply": reply}))
    assert isinstance(event, MessageReceived)
    assert event.text == "Sent\n{broken"


READABLE: list[dict[str, Any]] = [
    {"type": "text", "text": {"body": "§"}},
    *({"type": kind, kind: {"id": "1", "caption": "§", "filename": "§"}} for kind in ("image", "video", "document")),
    {"type": "image", "image": {"caption": "§"}},
    {"type": "location", "location": {"latitude": 1, "longitude": 2, "name": "§", "address": "§", "url": "§"}},
    {"type": "location", "location": {"name": "§", "address": "§"}},
    {
        "type": "contacts",
        "contacts": [
            {
                "name": {"formatted_name": "§"},
                "phones": [{"phone": "§", "type": "CELL"}],
                "emails": [{"email": "§"}],
                "org": {"company": "§", "department": "§", "title": "§"},
                "addresses": [{"street": "§", "city": "§", "zip": "§", "country": "§"}],
                "urls": [{"url": "§"}],
                "birthday": "§",
            },
            {"name": {"first_name": "§", "last_name": "§"}},
        ],
    },
    {"type": "button", "button": {"text": "§", "payload": "§"}},
    {"type": "interactive", "interactive": {"type": "button_reply", "button_reply": {"id": "§", "title": "§"}}},
    {
        "type": "interactive",
        "interactive": {"type": "list_reply", "list_reply": {"id": "§", "title": "§", "description": "§"}},
    },
    {"type": "interactive", "interactive": {"type": "carousel_reply", "carousel_reply": {"title": "§", "card": ["§"]}}},
    {"type": "order", "order": {"text": "§", "product_items": [{"product_retailer_id": "§", "currency": "EUR"}]}},
    {"type": "poll", "poll": {"question": "§", "options": [{"name": "§"}, {"name": "§"}]}},
    {
        "type": "unsupported",
        "errors": [{"code": 7, "title": "§", "message": "§", "error_data": {"details": "§"}}],
        "unsupported": {"type": "§"},
    },
    {
        "type": "text",
        "text": {"body": "§"},
        "referral": {
            "headline": "§",
            "body": "§",
            "source_type": "ad",
            "source_url": "§",
            "welcome_message": {"text": "§"},
        },
        "context": {"referred_product": {"product_retailer_id": "§"}},
    },
    {"type": "text", "text": {"body": "§"}, "group_id": "G1"},
    {"type": "edit", "edit": {"original_message_id": "wamid.T", "message": {"type": "text", "text": {"body": "§"}}}},
    {"type": "system", "system": {"type": "customer_identity_changed", "body": "§"}},
    {"type": "reaction", "reaction": {"emoji": "§"}},
    {"type": "hologram", "text": {"body": "§"}},
    {"type": "", "text": {"body": "§"}, "hologram": {"says": "§"}},
    {"type": "event", "event": {"name": "§", "description": "§", "location": {"name": "§"}}},
    {"type": "order", "order": {"product_items": [{"product_retailer_id": "§", "name": "§", "currency": "EUR"}]}},
]


@pytest.mark.parametrize("element", READABLE, ids=lambda element: str(element["type"]))
@pytest.mark.parametrize("build", [said, echo])
def test_every_word_can_be_read(element: dict[str, object], build: object) -> None:
    """Each "§" stands for words; each comes out in the text or the facts, in contacts' messages and in echoes."""
    marks: list[str] = []
    marked = orjson.loads(orjson.dumps(_marked(element, marks)))
    name = {"profile": {"name": "Words of name"}, "wa_id": THEIRS[1:], "user_id": USER_ID}
    document = build(**marked)  # type: ignore[operator]  # one of the two builders above
    document["entry"][0]["changes"][0]["value"]["contacts"] = [name]
    shown = "\n".join(event.model_dump_json() for event in events(document))
    names = [] if element["type"] in ("edit", "system", "reaction") else ["Words of name"]
    assert [words for words in (*marks, *names) if words not in shown] == []


def _marked(value: object, marks: list[str]) -> object:
    if isinstance(value, dict):
        return {name: _marked(inner, marks) for name, inner in value.items()}
    if isinstance(value, list):
        return [_marked(inner, marks) for inner in value]
    if value != "§":
        return value
    marks.append(f"Words {len(marks)}.")
    return marks[-1]


# J: acknowledged is seen (chatwoot/chatwoot#12678, devlikeapro/waha#1238, shridarpatil/whatomate#389,
# chatwoot/chatwoot#14547)


def call(**more: object) -> dict[str, object]:
    one = {"id": "wacid.C1", "to": OURS[1:], "from": THEIRS[1:], "timestamp": "1789387200", **more}
    return body(update("calls", contacts=[CONTACT], calls=[one]))


def test_a_missed_call_is_a_message() -> None:
    begun = one(call(event="connect", direction="USER_INITIATED"))
    assert isinstance(begun, Unsupported)
    assert (begun.contact_address, begun.what) == (THEIRS, "The contact is calling on WhatsApp.")
    missed = one(call(event="terminate", direction="USER_INITIATED", status="FAILED"))
    assert isinstance(missed, MessageReceived)
    assert (missed.message_kind, missed.text, missed.contact_name) == ("call", "Missed WhatsApp call", "Lea")
    assert missed.metadata == {"call": "missed"}
    answered = one(call(event="terminate", direction="USER_INITIATED", status="COMPLETED", duration=75))
    assert isinstance(answered, MessageReceived)
    assert answered.text == "WhatsApp call of 1:15 minutes"
    ours = one(call(event="terminate", direction="BUSINESS_INITIATED", status="COMPLETED"))
    assert isinstance(ours, Unsupported), "what the business does opens no window"


def test_marketing_is_stopped_and_resumed() -> None:
    def prefers(value: str) -> Event:
        preference = {
            "wa_id": THEIRS[1:],
            "detail": "User requested to stop marketing messages",
            "category": "marketing_messages",
            "value": value,
            "timestamp": 1789387200,
        }
        return one(body(update("user_preferences", contacts=[CONTACT], user_preferences=[preference])))

    stopped, resumed = prefers("stop"), prefers("resume")
    assert isinstance(stopped, ConsentChanged)
    assert isinstance(resumed, ConsentChanged)
    assert (stopped.state, stopped.topic, stopped.contact_address) == ("opted_out", "marketing", THEIRS)
    assert (resumed.state, resumed.topic) == ("opted_in", "marketing")
    assert isinstance(prefers("perhaps"), Unsupported)


def test_a_message_that_is_unavailable_says_what_to_do() -> None:
    error = {
        "code": 131060,
        "title": "This message is unavailable",
        "message": "This message is unavailable",
        "error_data": {"details": "This message is unavailable."},
    }
    event = one(said("unsupported", errors=[error], unsupported={"type": "unknown"}))
    assert isinstance(event, MessageReceived)
    assert event.message_kind == "unsupported"
    assert event.text.splitlines() == [
        "This message cannot be shown here: look for it in the WhatsApp Business app.",
        "This message is unavailable.",
    ]


@pytest.mark.parametrize("field", ["history", "smb_app_state_sync", "account_alerts", "flows", "calls", "tomorrow"])
def test_every_field_of_a_number_of_ours_leaves_a_trace(field: str) -> None:
    [trace] = events(body(update(field, contacts=[CONTACT], calls=[{"event": "ringing"}])))
    assert isinstance(trace, Unsupported)
    assert trace.what.endswith(".")
    assert trace.channel_address == OURS


@pytest.mark.parametrize("field", ["account_update", "message_template_status_update", "tomorrow"])
def test_news_of_the_whole_account_leaves_a_trace_too(field: str) -> None:
    entry = {"id": WABA, "changes": [{"field": field, "value": {"event": "DISABLED_UPDATE"}}]}
    trace = one({"object": "whatsapp_business_account", "entry": [entry]})
    assert isinstance(trace, Unsupported)
    assert (trace.channel_address, trace.contact_address) == (OURS, "")
    assert field in trace.what


def test_a_history_says_how_much_it_is() -> None:
    threads = [{"id": "1", "messages": [{}, {}]}, {"id": "2", "messages": [{}]}]
    trace = one(body(update("history", history=[{"threads": threads}])))
    assert isinstance(trace, Unsupported)
    assert trace.what == "A history of 3 earlier messages of 2 conversations, which is not brought in."


@pytest.mark.parametrize("element", [{"type": "text"}, {"type": "text", "text": {"body": ""}}, {"type": "button"}, {}])
def test_broken_parts_are_no_empty_bubbles(element: dict[str, object]) -> None:
    broken = {"from": THEIRS[1:], "id": "wamid.B", "timestamp": "1", **element}
    event = one(body(update(contacts=[CONTACT], messages=[broken])))
    assert isinstance(event, MessageReceived)
    assert event.message_kind == "unsupported"


def test_a_word_of_the_owners_own_beside_a_number_is_kept() -> None:
    phones = [{"phone": "+39 06 1", "type": "Officina"}, {"phone": "+39 333", "type": "CELL"}]
    card = {
        "name": {"formatted_name": "Gia"},
        "phones": phones,
        "emails": [{"email": "g@x.example", "type": "Fatture"}],
    }
    [event] = events(said("contacts", contacts=[card]))
    assert isinstance(event, MessageReceived)
    assert event.text == "Gia, +39 06 1 (Officina), +39 333, g@x.example (Fatture)"


def _of(sender: dict[str, str], contact: dict[str, str]) -> Event:
    written = {"id": "wamid.P", "timestamp": AT, "type": "text", "text": {"body": "hi"}, **sender}
    [event] = events(body(update(contacts=[{"profile": {"name": "Rae"}, **contact}], messages=[written])))
    return event


@pytest.mark.parametrize("where", ["message", "contact"])
def test_the_id_that_several_businesses_share_is_the_same_person(where: str) -> None:
    """Of the kind C (chatwoot/chatwoot#15175): beside a number, beside an id of ours, and alone."""
    shared = {"from_parent_user_id": "DE.ENT.9"} if where == "message" else {}
    known = {"parent_user_id": "DE.ENT.9"} if where == "contact" else {}
    beside = _of({"from": "4915550100999", "from_user_id": "DE.1", **shared}, {"wa_id": "4915550100999", **known})
    assert isinstance(beside, MessageReceived)
    assert beside.contact_address == "+4915550100999"
    assert {"DE.1", "DE.ENT.9"} <= set(beside.aliases)
    hidden = _of({"from_user_id": "DE.1", **shared}, {"user_id": "DE.1", **known})
    assert isinstance(hidden, MessageReceived)
    assert (hidden.contact_address, hidden.aliases) == ("DE.1", ("DE.ENT.9",))
    alone = _of(shared, known)
    assert isinstance(alone, MessageReceived)
    assert alone.contact_address == "DE.ENT.9"
