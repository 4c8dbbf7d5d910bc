"""What messages carry besides words, and when it may be sent: through the gate, out, and back."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from casella.errors import Invalid, SendRefused
from casella.inbox.sending import permission
from casella.inbox.sending.content import from_details
from casella.plugin import (
    ButtonsContent,
    Choice,
    ContactCard,
    ContactsContent,
    Content,
    ListContent,
    ListSection,
    LocationContent,
    ReactionContent,
    TemplateContent,
)
from casella.store.tables import channels, conversations, feed, messages
from tests.fakes import AcmeChannel
from tests.house import ANNA, MAIN, House

DAY = 86_400.0
TEMPLATE = TemplateContent(name="order_update", language="en", body=("42",))
PLACE = LocationContent(latitude=45.07, longitude=7.69, name="Shop")
CHOICES = (Choice(id="y", title="Yes"), Choice(id="n", title="No"))
BUTTONS = ButtonsContent(choices=CHOICES)
LIST = ListContent(button="Choose", sections=(ListSection(choices=CHOICES),))
CARD = ContactsContent(cards=(ContactCard(name="Ada", phones=("+39011",)),))


def acme(**capabilities: Any) -> AcmeChannel:
    able: dict[str, Any] = {
        "location": True, "contact_cards": True, "reactions": True, "buttons": 2, "list_rows": 2,
        "message_templates": True, "reply_window": DAY, "human_reply_window": None,
    }  # fmt: skip
    return AcmeChannel(**able | capabilities)


@pytest.fixture
def house(migrated_sqlite_url: str, tmp_path: Path) -> Iterator[House]:
    with House(migrated_sqlite_url, tmp_path, plugins=[acme()]) as built:
        yield built


def refused(house: House, text: str, content: Content | None = None, **more: Any) -> str:
    with pytest.raises((SendRefused, Invalid)) as raised:
        house.reply(text, content=content, **more)
    return raised.value.reason


@pytest.mark.parametrize(
    ("content", "text", "kind", "words"),
    [
        (PLACE, "", "location", "Shop"),
        (CARD, "", "contacts", "Ada, +39011"),
        (BUTTONS, "Sure?", "interactive", "Sure?"),
        (LIST, "Which?", "interactive", "Which?"),
        (TEMPLATE, "", "template", "[order_update]\n42"),
    ],
)
def test_it_goes_out_as_it_came_in(house: House, content: Content, text: str, kind: str, words: str) -> None:
    house.receive(house.says())
    message_id = house.reply(text, content=content)
    house.deliver()
    row = house.one(messages, id=message_id)
    assert (row["kind"], row["text"], from_details(row["details"])) == (kind, words, content)
    assert house.acme.provider.arrived[-1].message.content == content


def test_a_reaction_names_the_providers_message(house: House) -> None:
    house.receive(house.says("Thanks!", external_id="in-77"))
    target = house.one(messages)["id"]
    house.reply("", content=ReactionContent(emoji="👍"), reply_to=target)
    house.deliver()
    sent = house.acme.provider.arrived[-1].message
    assert (sent.reply_to, sent.content) == ("in-77", ReactionContent(emoji="👍"))


def test_a_reaction_needs_a_message_that_the_provider_knows(house: House) -> None:
    house.receive(house.says())
    assert refused(house, "", ReactionContent(emoji="👍")) == "reaction_without_message"
    own = house.reply("not sent yet")
    assert refused(house, "", ReactionContent(emoji="👍"), reply_to=own) == "unknown_quoted_message"


@pytest.mark.parametrize(
    ("content", "text", "code"),
    [
        (PLACE, "and words", "content_alone"),
        (BUTTONS, " ", "empty_message"),
        (BUTTONS, "x" * 501, "text_too_long"),
        (ButtonsContent(choices=(*CHOICES, Choice(id="m", title="Maybe"))), "Sure?", "too_many_choices"),
        (ListContent(button="B", sections=(ListSection(choices=(*CHOICES, Choice(id="m", title="M"))),)), "?",
         "too_many_choices"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_refused(house: House, content: Content, text: str, code: str) -> None:
    house.receive(house.says())
    assert refused(house, text, content) == code


@pytest.mark.parametrize("content", [PLACE, CARD, BUTTONS, LIST, TEMPLATE])
def test_a_channel_without_it_refuses_it(migrated_sqlite_url: str, tmp_path: Path, content: Content) -> None:
    with House(migrated_sqlite_url, tmp_path) as house:
        house.receive(house.says())
        assert refused(house, "?" if content.kind in ("buttons", "list") else "", content) == "content_not_supported"


def to_time(house: House, at: datetime) -> None:
    house.clock.move(seconds=(at - house.clock.now()).total_seconds())


def ask(house: House) -> permission.Permission:
    with house.rooms.store.read() as db:
        conversation = house.one(conversations)["id"]
        return permission.can_send(db, house.rooms, str(conversation), house.clock.now())


def test_the_window_is_known_and_only_a_template_passes_when_it_is_over(house: House) -> None:
    house.receive(house.says())
    began = house.one(conversations)["last_inbound_at"]
    open_now = ask(house)
    assert (open_now.allowed, open_now.window_closes_at) == (True, began + timedelta(days=1))
    to_time(house, began + timedelta(days=1))
    closed = ask(house)
    assert (closed.allowed, closed.code) == (False, "outside_reply_window")
    assert closed.window_closes_at == began + timedelta(days=1)
    assert "template" in (closed.instead or "")
    assert refused(house, "Hello?") == "outside_reply_window"
    house.reply("", content=TEMPLATE)
    house.deliver()
    assert house.acme.provider.arrived[-1].message.in_window is False


def test_a_message_that_was_long_on_its_way_opened_the_window_when_it_was_written(house: House) -> None:
    house.receive(house.says(provider_time="2026-11-01T10:00:00Z"))
    assert house.one(conversations)["last_inbound_at"].isoformat() == "2026-11-01T10:00:00+00:00"
    house.receive(house.says(provider_time="2026-10-01T10:00:00Z"))
    assert house.one(conversations)["last_inbound_at"].isoformat() == "2026-11-01T10:00:00+00:00"


def test_a_person_may_answer_longer_than_a_rule(migrated_sqlite_url: str, tmp_path: Path) -> None:
    plugin = acme(human_reply_window=7 * DAY, message_templates=False)
    with House(migrated_sqlite_url, tmp_path, plugins=[plugin]) as house:
        house.receive(house.says())
        began = house.one(conversations)["last_inbound_at"]
        to_time(house, began + timedelta(days=2))
        later = ask(house)
        assert (later.allowed, later.until) == (True, began + timedelta(days=7))
        assert refused(house, "automatic", sender_kind="rule") == "outside_reply_window"
        house.reply("Sorry for the wait")
        house.deliver()
        sent = house.acme.provider.arrived[-1].message
        assert (sent.by_person, sent.in_window) == (True, False)
        to_time(house, began + timedelta(days=8))
        assert refused(house, "too late") == "outside_reply_window"


def test_a_contacts_reaction_is_kept_with_the_message(house: House) -> None:
    house.receive(house.says())
    message_id = house.reply()
    house.deliver()
    external = str(house.one(messages, id=message_id)["external_id"])
    who = {"channel_address": MAIN, "contact_address": ANNA}
    for revision, (emoji, kept) in enumerate([("👍", {ANNA: "👍"}), ("", None), ("👍", {ANNA: "👍"})]):
        house.receive({"kind": "reaction", **who, "external_id": external, "emoji": emoji, "revision": str(revision)})
        details = house.one(messages, id=message_id)["details"]
        assert (details or {}).get("reactions") == kept
    house.receive({"kind": "reaction", **who, "external_id": "nobody's", "emoji": "👍"})


def test_a_reaction_may_come_with_the_message_it_is_for(house: House) -> None:
    reaction = {"kind": "reaction", "channel_address": MAIN, "contact_address": ANNA, "external_id": "in-9"}
    house.receive(house.says(external_id="in-9", metadata={"a": "b"}), {**reaction, "emoji": "❤"})
    assert house.one(messages)["details"] == {"a": "b", "reactions": {ANNA: "❤"}}


def test_delivered_up_to_a_time_moves_what_was_sent_before(house: House) -> None:
    house.receive(house.says())
    early, late = house.reply("one"), None
    house.deliver()
    mark = house.clock.now()
    house.clock.move(seconds=5)
    late = house.reply("two")
    house.deliver()
    seen = {"channel_address": MAIN, "contact_address": ANNA, "watermark": mark.isoformat()}
    house.receive({"kind": "delivered", **seen})
    assert [house.one(messages, id=id)["state"] for id in (early, late)] == ["delivered", "sent"]
    house.receive({"kind": "read", **seen})
    house.receive({"kind": "delivered", **seen})
    assert [house.one(messages, id=id)["state"] for id in (early, late)] == ["read", "sent"]


def test_a_failure_of_the_channel_stops_it_and_says_so_once(house: House) -> None:
    house.receive(house.says())
    message_id = house.reply()
    house.deliver()
    external = str(house.one(messages, id=message_id)["external_id"])
    problem = {"code": "131042", "text": "There is a problem with the payment.", "pauses_channel": True}
    house.receive(house.receipt(external, "failed", problem=problem))
    house.receive(house.receipt(external, "failed", problem={**problem, "text": "Again."}))
    row = house.one(channels, key="main")
    assert (row["paused_code"], row["paused_until"]) == ("131042", None)
    assert [row["kind"] for row in house.rows(feed) if row["kind"] == "channel.paused"] == ["channel.paused"]
    waiting = house.reply("waits")
    assert house.deliver() == 0
    assert house.one(messages, id=waiting)["state"] == "queued"
    told = ask(house)
    assert (told.allowed, told.code) == (True, "channel_paused")
    assert told.text is not None
