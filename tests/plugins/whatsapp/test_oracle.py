"""pywa, somebody else's library for the same API, as an oracle: what the simulator writes it can read, what it can read
we read the same, and what it sends for a message is what we send."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, cast

import httpx
import orjson
import pytest
from pydantic import SecretStr
from pywa import WhatsApp
from pywa.types import Button, Contact, Message, MessageStatus, SectionList
from pywa.types import Section as PywaSection
from pywa.types import SectionRow as PywaRow

from casella.plugin import (
    ButtonsContent,
    Choice,
    ContactCard,
    ContactsContent,
    Content,
    ListContent,
    ListSection,
    LocationContent,
    MessageReceived,
    ReactionContent,
)
from casella.plugin.testing import Answer, Provider
from casella_simulator.network.media import MediaFile
from casella_simulator.network.provider import Written
from casella_simulator.whatsapp.account import WhatsAppAccount, WhatsAppNumber
from casella_simulator.whatsapp.inbound import envelope, inbound
from tests.plugins.whatsapp.builders import (
    CONTACT,
    OURS,
    PHONE_ID,
    PLUGIN,
    SECRET,
    THEIRS,
    TOKEN,
    WABA,
    body,
    channel,
    events,
    message,
    outgoing,
    status,
    update,
)

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
NUMBER = WhatsAppNumber(number=OURS, phone_number_id=PHONE_ID)
ACCOUNT = WhatsAppAccount(id=WABA, app_secret=SecretStr(SECRET), access_token=SecretStr(TOKEN), numbers=(NUMBER,))
TAKEN = {
    "messaging_product": "whatsapp",
    "contacts": [{"input": THEIRS[1:], "wa_id": THEIRS[1:]}],
    "messages": [{"id": "wamid.NEW"}],
}


class Wire(httpx.BaseTransport):
    """Keeps what pywa sends."""

    def __init__(self) -> None:
        self.bodies: list[dict[str, Any]] = []

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        self.bodies.append(orjson.loads(request.read()))
        return httpx.Response(200, json=TAKEN)


@pytest.fixture
def wire() -> Wire:
    return Wire()


@pytest.fixture
def pywa(wire: Wire) -> Iterator[WhatsApp]:
    with httpx.Client(transport=wire, base_url="https://graph.facebook.com") as session:
        yield WhatsApp(phone_id=PHONE_ID, token=TOKEN, session=session)


def written(text: str = "Grüße 😀", **more: object) -> dict[str, object]:
    return inbound(ACCOUNT, NUMBER, Written(THEIRS, OURS, text, more=more), "wamid.S1", [], NOON)


SIMULATED: list[tuple[str, dict[str, Any]]] = [
    ("text", {}),
    ("location", {"type": "location", "location": {"latitude": 45.0, "longitude": 7.5, "name": "Shop"}}),
    ("reaction", {"type": "reaction", "reaction": {"message_id": "wamid.A", "emoji": "👍"}}),
    ("contacts", {"type": "contacts", "contacts": [{"name": {"formatted_name": "Ada"}, "phones": []}]}),
    ("unsupported", {"type": "unsupported", "errors": [{"code": 131051, "title": "t", "message": "m"}]}),
]


@pytest.mark.parametrize(("kind", "more"), SIMULATED)
def test_pywa_reads_what_the_simulator_writes(pywa: WhatsApp, kind: str, more: dict[str, Any]) -> None:
    read = Message.from_update(pywa, cast(Any, written(**more)))
    assert (read.type.value, read.id, read.from_user.name) == (kind, "wamid.S1", "Customer 0231")


def test_pywa_reads_the_simulators_media(pywa: WhatsApp) -> None:
    file = MediaFile("x", "roof.jpg", "image/jpeg", b"\xff\xd8")
    document = inbound(ACCOUNT, NUMBER, Written(THEIRS, OURS, "roof"), "wamid.S2", [("900100", file)], NOON)
    read = Message.from_update(pywa, cast(Any, document))
    assert read.image is not None
    assert (read.caption, read.image.id, read.image.mime_type) == ("roof", "900100", "image/jpeg")
    [ours] = events(document)
    assert isinstance(ours, MessageReceived)
    assert (ours.text, ours.attachments[0].ref) == ("roof", "900100")


def test_pywa_reads_the_simulators_receipts(pywa: WhatsApp) -> None:
    error = {"code": 131047, "title": "t", "message": "m", "error_data": {"details": "d"}}
    document = envelope(ACCOUNT, NUMBER, contacts=[CONTACT], statuses=[status("failed", errors=[error])])
    read = MessageStatus.from_update(pywa, cast(Any, document))
    assert (read.status.value, read.error.code if read.error else None) == ("failed", 131047)


READ_ALIKE: list[tuple[dict[str, object], str]] = [
    (message("text", text={"body": "Hi"}, context={"from": OURS[1:], "id": "wamid.A"}), "Hi"),
    (message("text", text={"body": "Hi"}, context={"forwarded": True}), "Hi"),
    (message("document", document={"id": "1", "mime_type": "application/pdf", "sha256": "x", "filename": "a.pdf",
                                   "caption": "offer"}), "offer"),
]  # fmt: skip


@pytest.mark.parametrize(("sent", "text"), READ_ALIKE)
def test_we_read_what_pywa_reads(pywa: WhatsApp, sent: dict[str, object], text: str) -> None:
    document = body(update(contacts=[CONTACT], messages=[sent]))
    theirs = Message.from_update(pywa, cast(Any, document))
    [ours] = events(document)
    assert isinstance(ours, MessageReceived)
    assert (theirs.text or theirs.caption, theirs.id) == (ours.text, ours.external_id) == (text, sent["id"])
    quoted = theirs.reply_to_message.id if theirs.reply_to_message else None
    assert quoted == ours.reply_to
    assert theirs.forwarded == ("forwarded" in ours.metadata)
    assert ours.contact_name == theirs.from_user.name
    assert ours.provider_time == theirs.timestamp.astimezone(UTC)


def ours(content: Content | None, text: str = "Hello", reply_to: str | None = None) -> dict[str, Any]:
    provider = Provider((Answer.of_json(200, TAKEN),))
    with provider.client() as http:
        PLUGIN.send(channel(), outgoing(text, content=content, reply_to=reply_to), http)
    return _plain(orjson.loads(provider.requests[0].content))


def _plain(sent: dict[str, Any]) -> dict[str, Any]:
    """Without what either side adds of its own, and without what says nothing."""
    own = {name: value for name, value in sent.items() if name not in ("biz_opaque_callback_data", "recipient_type")}
    return cast("dict[str, Any]", _lean(own))


def _lean(value: object) -> object:
    if isinstance(value, dict):
        lean = {name: _lean(inner) for name, inner in value.items()}
        return {name: inner for name, inner in lean.items() if inner not in (None, False, [], {})}
    return [_lean(inner) for inner in value] if isinstance(value, list) else value


def test_a_text_that_quotes(pywa: WhatsApp, wire: Wire) -> None:
    pywa.send_message(to=THEIRS[1:], text="Hello", reply_to_message_id="wamid.A")
    assert _plain(wire.bodies[0]) == ours(None, reply_to="wamid.A")


def test_a_place(pywa: WhatsApp, wire: Wire) -> None:
    pywa.send_location(to=THEIRS[1:], latitude=45.0, longitude=7.5, name="Shop", address="Via Po")
    assert _plain(wire.bodies[0]) == ours(LocationContent(latitude=45, longitude=7.5, name="Shop", address="Via Po"))


def test_a_reaction(pywa: WhatsApp, wire: Wire) -> None:
    pywa.send_reaction(to=THEIRS[1:], emoji="👍", message_id="wamid.A")
    assert _plain(wire.bodies[0]) == ours(ReactionContent(emoji="👍"), reply_to="wamid.A")


def test_buttons(pywa: WhatsApp, wire: Wire) -> None:
    pywa.send_message(to=THEIRS[1:], text="Sure?", buttons=[Button("Yes", callback_data="Y")], footer="F")
    assert _plain(wire.bodies[0]) == ours(ButtonsContent(choices=(Choice(id="Y", title="Yes"),), footer="F"), "Sure?")


def test_a_list(pywa: WhatsApp, wire: Wire) -> None:
    row = PywaRow(title="Two", callback_data="2", description="more")
    pywa.send_message(
        to=THEIRS[1:], text="Which?", buttons=SectionList("Choose", sections=[PywaSection(title="S", rows=[row])])
    )
    section = ListSection(title="S", choices=(Choice(id="2", title="Two", description="more"),))
    assert _plain(wire.bodies[0]) == ours(ListContent(button="Choose", sections=(section,)), "Which?")


def test_cards_of_people(pywa: WhatsApp, wire: Wire) -> None:
    card = Contact(
        name=Contact.Name(formatted_name="Ada Lovelace", first_name="Ada", last_name="Lovelace"),
        phones=[Contact.Phone(phone="+39011", type="CELL")],
        org=Contact.Org(company="ACME"),
    )
    pywa.send_contact(to=THEIRS[1:], contact=card)
    theirs = ContactCard(name="Ada Lovelace", phones=("+39011",), company="ACME")
    assert _plain(wire.bodies[0]) == ours(ContactsContent(cards=(theirs,)))


def test_signatures_agree() -> None:
    from pywa.utils import webhook_updates_validator

    from tests.plugins.whatsapp.builders import signature_of, webhook

    request = webhook(written())
    header = request.headers["x-hub-signature-256"]
    assert webhook_updates_validator(SECRET, request.body, header)
    assert header == signature_of(request.body)
    assert PLUGIN.verify(channel().connection, request).outcome == "authentic"
