"""WhatsApp, Messenger and Instagram from end to end: a customer's phone at the simulated Meta, webhooks, rules, the
outbox, the plugins, receipts. Neither side knows the other's code."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from casella.errors import SendRefused
from casella.inbox.receiving import media, profiles
from casella.inbox.views import conversation_view
from casella.plugin import (
    ButtonsContent,
    Choice,
    LocationContent,
    ReactionContent,
    TemplateContent,
)
from casella.store.queries import conversation_queries
from casella.store.rows import PlainRow
from casella.store.tables import (
    attachments,
    channels,
    contact_addresses,
    contact_profiles,
    contacts,
    conversation_tags,
    conversations,
    messages,
)
from casella_simulator import Faults
from tests import loopback
from tests.house import PNG
from tests.simulator.graph_desk import LINES, PHONE, SECRETS, Meta, meta

PROVIDERS = ["whatsapp", "messenger", "instagram"]


@pytest.fixture
def wired(migrated_sqlite_url: str, tmp_path: Path) -> Iterator[Meta]:
    with meta(migrated_sqlite_url, tmp_path) as built:
        yield built


@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_customer_writes_a_rule_greets_an_agent_answers(wired: Meta, provider: str) -> None:
    wired.write(provider, "Grüße 😀")
    wired.deliver()
    wired.house.reply("Ciao!")
    wired.deliver()
    assert wired.sim.phone(PHONE).texts == ["Hello, how can we help?", "Ciao!"]
    ours = wired.house.rows(messages, direction="out")
    assert [row["state"] for row in ours] == ["read", "read"]
    assert len(wired.house.rows(messages)) == 3, "echoes of our own messages are no messages"
    assert wired.house.one(messages, direction="in")["text"] == "Grüße 😀"
    assert wired.sim.repeated() == []


@pytest.mark.parametrize("provider", PROVIDERS)
def test_receipts_may_be_faster_than_the_answer_and_come_twice(wired: Meta, provider: str) -> None:
    wired.sim.set_faults(Faults(receipts_first=1.0, receipts_copies=2, webhook_copies=2))
    wired.write(provider)
    wired.deliver()
    assert [row["state"] for row in wired.house.rows(messages, direction="out")] == ["read"]
    assert len(wired.house.rows(messages)) == 2


@pytest.mark.parametrize("provider", PROVIDERS)
def test_an_answer_that_is_lost_is_settled_by_what_the_provider_tells(wired: Meta, provider: str) -> None:
    wired.write(provider)
    wired.sim.set_faults(Faults(cut_after=1.0))
    wired.deliver()
    [row] = wired.house.rows(messages, direction="out")
    assert row["state"] == "read"
    assert len(wired.sim.phone(PHONE).texts) == 1, "never sent again blindly"


@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_dead_token_stops_the_channel_and_keeps_its_queue(wired: Meta, provider: str) -> None:
    wired.write(provider)
    wired.sim.set_faults(Faults(refuse={190: 1.0}))
    wired.deliver()
    [row] = wired.house.rows(messages, direction="out")
    channel = next(one for one in wired.house.rows(channels) if one["id"] == row["channel_id"])
    assert (row["state"], channel["paused_code"], channel["paused_until"]) == (
        "queued", "channel_misconfigured", None,
    )  # fmt: skip
    wired.sim.set_faults()
    with wired.house.rooms.store.write() as db:
        db.execute(channels.update().values(paused_code=None))
    wired.house.clock.move(minutes=5)
    wired.deliver()
    assert wired.house.rows(messages, direction="out")[0]["state"] in ("sent", "delivered", "read")


def test_meta_gets_its_challenge_back_before_it_sends_anything(wired: Meta) -> None:
    """The address of the webhooks is set through Meta's own API, as its console does."""
    objects = {"whatsapp": "whatsapp_business_account", "messenger": "page", "instagram": "instagram"}
    for provider, name in objects.items():
        hook = f"{wired.house.settings.public_url}/webhooks/{provider}"
        for verify_token, code in (("somebody else's", 2200), (SECRETS["VERIFY_TOKEN"], None)):
            answer = loopback.post(
                f"{wired.sim.url}/v25.0/900100/subscriptions",
                data={"object": name, "callback_url": hook, "verify_token": verify_token, "fields": "messages"},
                headers={"authorization": f"Bearer 900100|{SECRETS['APP_SECRET']}"},
            )
            assert answer.json().get("error", {}).get("code") == code, answer.text
            assert answer.json().get("success", False) is (code is None)
        wired.write(provider, "after the handshake")
    assert len(wired.house.rows(messages, direction="in")) == 3


@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_forged_webhook_is_refused(wired: Meta, provider: str) -> None:
    wired.sim.set_faults(Faults(bad_signature=1.0))
    arrival = wired.sim.text_from(PHONE, "Hi", to=LINES[provider], provider=provider)
    assert arrival.status == 403
    wired.house.drain()
    assert wired.house.rows(messages) == []


@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_picture_comes_in(wired: Meta, provider: str) -> None:
    wired.write(provider, "", media=[wired.sim.file(PNG, "image/png", "roof.png")])
    assert media.fetch_due(wired.house.rooms, wired.house.http) == 1
    row = wired.house.one(attachments)
    assert (row["state"], row["mime"], row["size"]) == ("stored", "image/png", len(PNG))


def test_a_place_a_button_a_reaction_come_in(wired: Meta) -> None:
    wired.write("whatsapp", "", more={"type": "location", "location": {"latitude": 45, "longitude": 7}})
    wired.deliver()
    sent = wired.house.rows(messages, direction="out")[0]
    pressed = {"type": "button_reply", "button_reply": {"id": "Y", "title": "Yes"}}
    wired.write("whatsapp", "", more={"type": "interactive", "interactive": pressed})
    reaction = {"message_id": sent["external_id"], "emoji": "👍"}
    wired.write("whatsapp", "", more={"type": "reaction", "reaction": reaction})
    kinds = {row["kind"]: row for row in wired.house.rows(messages, direction="in")}
    assert set(kinds) == {"location", "button"}
    assert kinds["button"]["details"] == {"payload": "Y"}
    assert wired.house.one(messages, id=sent["id"])["details"] == {"reactions": {PHONE: "👍"}}


def test_contents_go_out(wired: Meta) -> None:
    wired.write("whatsapp")
    wired.deliver()
    target = str(wired.house.one(messages, direction="in")["id"])
    yes = Choice(id="Y", title="Yes")
    wired.house.reply("", content=LocationContent(latitude=45, longitude=7, name="Shop"))
    wired.house.reply("Sure?", content=ButtonsContent(choices=(yes,)))
    wired.house.reply("", content=ReactionContent(emoji="👍"), reply_to=target)
    wired.deliver()
    assert wired.sim.phone(PHONE).texts[1:] == ["📍 Shop 45.0, 7.0", "Sure?\n[Yes]", "👍"]


def test_behind_the_window_only_a_template_arrives(wired: Meta) -> None:
    wired.write("whatsapp")
    wired.deliver()
    template = TemplateContent(name="order_update", language="en", body=("42", "Lea"))
    wired.house.clock.move(hours=25)
    with pytest.raises(SendRefused) as refused:
        wired.house.reply("Too late")
    assert refused.value.reason == "outside_reply_window"
    wired.house.reply("", content=template)
    wired.deliver()
    assert wired.sim.phone(PHONE).texts[-1] == "Your order 42 is ready, Lea."


def test_a_failure_that_comes_after_the_answer_is_shown(wired: Meta) -> None:
    wired.write("whatsapp")
    wired.sim.set_faults(Faults(failed={131026: 1.0}))
    wired.deliver()
    [row] = wired.house.rows(messages, direction="out")
    assert (row["state"], row["error_code"]) == ("failed", "131026")
    assert "cannot be delivered" in row["error_text"]


def test_templates_are_listed_with_their_states(wired: Meta) -> None:
    entry = next(one for one in wired.house.rooms.directory.current.channels.values() if one.key == "whatsapp-main")
    assert entry.channel is not None
    found = wired.house.host.plugin("whatsapp").templates(entry.channel, wired.house.http)
    assert [(one.name, one.state, one.reason, one.variables) for one in found] == [
        ("order_update", "approved", "", 2),
        ("refused", "rejected", "SCAM", 1),
    ]


def test_a_person_answers_days_later_on_messenger(wired: Meta) -> None:
    """The house's clock is moved; so is what the simulator remembers of the customer's last words."""
    wired.write("messenger")
    wired.deliver()
    provider = wired.sim._desk.control._providers["messenger"]
    heard: dict[tuple[str, str], object] = provider._heard  # type: ignore[attr-defined]  # its clock is the machine's
    for key, at in heard.items():
        heard[key] = at - timedelta(days=2)  # type: ignore[operator]  # it is a datetime
    wired.house.clock.move(days=2)
    wired.house.reply("Sorry for the wait")
    wired.deliver()
    assert wired.sim.phone(PHONE).texts[-1] == "Sorry for the wait"


@pytest.mark.parametrize("provider", ["messenger", "instagram"])
def test_somebody_new_gets_his_name_and_picture_from_meta(wired: Meta, provider: str) -> None:
    wired.write(provider)
    while profiles.ask_due(wired.house.rooms, wired.house.http):
        pass
    assert wired.house.one(contacts)["name"] == "Customer 0231"
    kept = wired.house.one(contact_profiles)
    assert (kept["attempts"], kept["picture_mime"]) == (0, "image/png")
    shown = conversation_view(one_conversation(wired), [])
    assert shown.contact.display_name == "Customer 0231", "an id tells nobody anything"


def one_conversation(wired: Meta) -> PlainRow:
    with wired.house.rooms.store.read() as db:
        [row] = conversation_queries.details(db, [str(wired.house.one(conversations)["id"])])
        return row


@pytest.mark.parametrize(
    ("provider", "more", "source"),
    [
        ("whatsapp", {"referral": {"source_type": "ad", "headline": "Sale", "source_url": "https://fb.me/1"}}, "ad"),
        ("messenger", {"referral": {"ref": "summer", "source": "SHORTLINK", "type": "OPEN_THREAD"}}, "link"),
        ("instagram", {"message": {"mid": "aWdR", "text": "Hi", "referral": {"source": "ADS", "ad_id": "7"}}}, "ad"),
    ],
)
def test_what_led_a_customer_here_reaches_the_rules(
    wired: Meta, provider: str, more: dict[str, object], source: str
) -> None:
    rule = f"{{name: Led here, when: message_received, if: {{referral.source: {source}}}, then: [tag: led]}}"
    wired.house.apply(desk=wired.desk.replace("tags: []", "tags: [led]"), rules=f"rules: [{rule}]",
                      environment=SECRETS)  # fmt: skip
    wired.write(provider, "Hi", more=more)
    if provider == "messenger":  # alone: it waits for his words
        assert wired.house.rows(conversations) == []
        wired.write(provider, "Hi")
    assert wired.house.one(conversations)["referral"]["source"] == source
    assert [row["tag"] for row in wired.house.rows(conversation_tags)] == ["led"]


def test_instagram_takes_ten_pictures_in_one_message_and_no_eleventh(wired: Meta) -> None:
    wired.write("instagram")
    wired.deliver()
    files = [wired.house.upload() for _ in range(11)]
    with pytest.raises(SendRefused) as refused:
        wired.house.reply("", attachment_ids=files)
    assert refused.value.reason == "too_many_attachments"
    wired.house.reply("", attachment_ids=files[:10])
    wired.deliver()
    assert len(wired.sim.accepted()[-1].media) == 10
    assert [row["state"] for row in wired.house.rows(messages, direction="out")] == ["read", "read"]


def test_on_instagram_what_was_sent_before_the_seen_message_was_seen_too(wired: Meta) -> None:
    wired.write("instagram")
    wired.sim.set_faults(Faults(receipts_missing=1.0))
    for text in ("One", "Two", "Three"):
        wired.house.clock.move(seconds=1)
        wired.house.reply(text)
    wired.deliver()
    ours = wired.house.rows(messages, direction="out")
    assert {row["state"] for row in ours} == {"sent"}
    wired.sim.set_faults()
    wired.write("instagram", "", more={"read": {"mid": ours[2]["external_id"]}})
    seen = {row["text"]: row["state"] for row in wired.house.rows(messages, direction="out")}
    assert seen == {"Hello, how can we help?": "read", "One": "read", "Two": "read", "Three": "sent"}


def test_whatsapp_is_not_written_to_faster_than_it_takes(wired: Meta) -> None:
    wired.write("whatsapp")
    for number in range(50):
        wired.house.reply(f"{number}")
    wired.deliver()
    assert len(wired.sim.phone(PHONE).texts) == 45, "the greeting among them"
    wired.house.clock.move(seconds=36)
    wired.deliver()
    assert len(wired.sim.phone(PHONE).texts) == 51


def test_a_rules_buttons_arrive_and_come_back_as_button(wired: Meta) -> None:
    rules = """rules:
  - {name: Ask, when: conversation_opened, if: always, then: [reply: {text: "About?", buttons: [Order, Other]}]}
  - {name: Told, when: message_received, if: {button: {is: Order}}, then: [reply: {text: "Your order it is."}]}
"""
    wired.house.apply(desk=wired.desk, rules=rules, environment=SECRETS)
    wired.write("whatsapp")
    wired.deliver()
    pressed = {"type": "button_reply", "button_reply": {"id": "Order", "title": "Order"}}
    wired.write("whatsapp", "", more={"type": "interactive", "interactive": pressed})
    wired.deliver()
    assert wired.sim.phone(PHONE).texts == ["About?\n[Order]\n[Other]", "Your order it is."]


def test_one_customer_in_two_guises_is_one_contact(wired: Meta) -> None:
    wired.write("whatsapp", "first")
    [user_id] = [row["address"] for row in wired.house.rows(contact_addresses) if row["address"].startswith("US.")]
    wired.write("whatsapp", "second", more={"from": None, "from_user_id": user_id})
    wired.house.one(contacts)
    wired.house.one(conversations)
