"""Cases of the field from end to end: Meta's signed webhooks, the house, what agents see. Each names its report."""

from __future__ import annotations

import hmac
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import orjson
import pytest
from pydantic import SecretStr

from casella.plugin import TemplateContent, Webhook
from casella.store.tables import channels, contacts, conversations, messages
from casella_simulator import Faults, WhatsAppAccount, WhatsAppNumber, WhatsAppTemplate
from tests.plugins.meta import builders as page
from tests.plugins.whatsapp import builders as whatsapp
from tests.simulator.graph_desk import NUMBER, PHONE, PHONE_ID, SECRETS, WABA, Meta, meta


@pytest.fixture
def wired(migrated_sqlite_url: str, tmp_path: Path) -> Iterator[Meta]:
    with meta(migrated_sqlite_url, tmp_path) as built:
        yield built


def post(wired: Meta, connection: str, document: dict[str, object]) -> None:
    content = orjson.dumps(document)
    signature = "sha256=" + hmac.new(SECRETS["APP_SECRET"].encode(), content, sha256).hexdigest()
    headers = {"content-type": "application/json", "x-hub-signature-256": signature}
    url = f"{wired.house.settings.public_url}/webhooks/{connection}"
    answer = wired.house.take(connection, Webhook("POST", url, "", headers, content, wired.house.clock.now()))
    assert answer.status == 200
    wired.house.drain()


def text_of(wired: Meta, external_id: str) -> tuple[str, dict[str, object] | None]:
    row = wired.house.one(messages, external_id=external_id)
    return row["text"], row["details"]


def test_what_comes_before_its_message_is_applied_with_it(wired: Meta) -> None:
    """fazer-ai/chatwoot#373, fazer-ai/chatwoot#316."""
    now = {"context": {"id": "M0"}, "type": "text", "text": {"body": "corrected 10:30"}}
    early: list[tuple[str, dict[str, object]]] = [
        ("edit", {"edit": {"original_message_id": "wamid.A1", "message": now}}),
        ("revoke", {"revoke": {"original_message_id": "wamid.A2"}}),
        ("reaction", {"reaction": {"message_id": "wamid.A3", "emoji": "❤️"}}),
    ]
    for number, (kind, more) in enumerate(early):
        post(wired, "whatsapp", whatsapp.said(kind, f"wamid.E{number}", **more))
    for name, words in (("A1", "at 10:00"), ("A2", "oops secret"), ("A3", "liked")):
        post(wired, "whatsapp", whatsapp.said("text", f"wamid.{name}", text={"body": words}))
    assert text_of(wired, "wamid.A1") == ("corrected 10:30", {"edited": "yes"})
    assert text_of(wired, "wamid.A2") == ("", {"deleted": "yes"})
    assert text_of(wired, "wamid.A3") == ("liked", {"reactions": {whatsapp.THEIRS: "❤️"}})


def test_messengers_edits_count(wired: Meta) -> None:
    """fazer-ai/chatwoot#373: num_edit 2 before 1, in one instant."""
    post(wired, "messenger", page.page_body(page.entry(page.update(message={"mid": "m_1", "text": "v0"}))))
    for number in (2, 1):
        edit = {"mid": "m_1", "text": f"v{number}", "num_edit": number}
        post(wired, "messenger", page.page_body(page.entry(page.update(message_edit=edit))))
    assert text_of(wired, "m_1")[0] == "v2"


def test_a_new_user_id_is_the_same_person(wired: Meta) -> None:
    """chatwoot/chatwoot#15357."""
    old, new = "US.20000000000000000001", "US.20000000000000000002"

    def says(user_id: str, id: str, words: str) -> dict[str, object]:
        who = {"profile": {"name": "Rae B", "username": "@rae"}, "wa_id": "", "user_id": user_id}
        text = {"from": "", "from_user_id": user_id, "id": id, "timestamp": "1789387200", "type": "text"}
        return whatsapp.body(whatsapp.update(contacts=[who], messages=[{**text, "text": {"body": words}}]))

    post(wired, "whatsapp", says(old, "wamid.I1", "before my new phone"))
    system = {"type": "user_changed_user_id", "body": "Rae B changed", "previous_user_id": old, "user_id": new}
    notice = {"id": "wamid.I2", "timestamp": "1789387201", "type": "system", "system": system}
    post(wired, "whatsapp", whatsapp.body(whatsapp.update(messages=[notice])))
    post(wired, "whatsapp", says(new, "wamid.I3", "after my new phone"))
    wired.house.one(contacts)
    wired.house.one(conversations)
    assert len(wired.house.rows(messages, direction="in")) == 2


def test_a_missed_call_opens_the_window(wired: Meta) -> None:
    """chatwoot/chatwoot#12678, devlikeapro/waha#1238."""
    call = {"id": "wacid.C1", "to": whatsapp.OURS[1:], "from": whatsapp.THEIRS[1:], "timestamp": "1789387200"}
    for more in ({"event": "connect"}, {"event": "terminate", "status": "FAILED"}):
        one = {**call, "direction": "USER_INITIATED", **more}
        post(wired, "whatsapp", whatsapp.body(whatsapp.update("calls", contacts=[whatsapp.CONTACT], calls=[one])))
    [row] = wired.house.rows(messages, direction="in")
    assert (row["kind"], row["text"]) == ("call", "Missed WhatsApp call")
    assert wired.house.one(conversations)["last_inbound_at"] is not None


def test_one_persons_error_pauses_nobody(wired: Meta) -> None:
    """davidchua/pymessenger#93: a code that may mean the channel, of a page that is sound."""
    wired.write("messenger")
    wired.sim.set_faults(Faults(refuse={10: 1.0}))
    wired.deliver()
    [row] = wired.house.rows(messages, direction="out")
    assert row["state"] == "failed"
    assert "(10)" in row["error_text"]
    assert [one for one in wired.house.rows(channels) if one["paused_code"]] == []


def test_an_echo_is_corrected_on_the_phone(wired: Meta) -> None:
    """david-lev/pywa#186, chatwoot/chatwoot#15325."""
    post(wired, "whatsapp", whatsapp.said("text", "wamid.P0", text={"body": "how much?"}))

    def echo(type: str, id: str, **more: object) -> dict[str, object]:
        one = {"from": whatsapp.OURS[1:], "to": whatsapp.THEIRS[1:], "id": id, "timestamp": "1789387200", "type": type}
        return whatsapp.body(whatsapp.update("smb_message_echoes", message_echoes=[{**one, **more}]))

    post(wired, "whatsapp", echo("text", "wamid.P1", text={"body": "5 EUR (wrong)"}, context={"id": "wamid.P0"}))
    now = {"type": "text", "text": {"body": "50 EUR"}}
    post(wired, "whatsapp", echo("edit", "wamid.P2", edit={"original_message_id": "wamid.P1", "message": now}))
    assert text_of(wired, "wamid.P1") == ("50 EUR", {"edited": "yes"})
    assert wired.house.one(messages, external_id="wamid.P1")["reply_to_external"] == "wamid.P0"


def test_who_has_stopped_marketing_gets_no_marketing_template(wired: Meta) -> None:
    """shridarpatil/whatomate#389."""
    templates = (
        WhatsAppTemplate(name="order_update", body="Your order {{1}} is ready, {{2}}."),
        WhatsAppTemplate(name="summer_sale", category="MARKETING", body="Everything for less, {{1}}."),
    )
    account = WhatsAppAccount(
        id=WABA,
        app_secret=SecretStr(SECRETS["APP_SECRET"]),
        access_token=SecretStr(SECRETS["TOKEN"]),
        numbers=(WhatsAppNumber(number=NUMBER, phone_number_id=PHONE_ID),),
        templates=templates,
        webhook_url=f"{wired.house.settings.public_url}/webhooks/whatsapp",
    )
    wired.sim.configure(account)
    wired.write("whatsapp")
    wired.deliver()
    before = len(wired.sim.phone(PHONE).texts)
    stop = {"wa_id": PHONE[1:], "category": "marketing_messages", "value": "stop", "timestamp": 1789387200}
    post(wired, "whatsapp", whatsapp.body(whatsapp.update("user_preferences", user_preferences=[stop])))
    wired.house.reply("", content=TemplateContent(name="summer_sale", language="en", body=("Lea",)))
    wired.house.reply("", content=TemplateContent(name="order_update", language="en", body=("42", "Lea")))
    wired.deliver()
    sale, order = wired.house.rows(messages, kind="template")
    assert (sale["state"], sale["error_text"]) == ("failed", "The contact has stopped marketing messages.")
    assert order["state"] in ("sent", "delivered", "read")
    assert wired.sim.phone(PHONE).texts[before:] == ["Your order 42 is ready, Lea."]
