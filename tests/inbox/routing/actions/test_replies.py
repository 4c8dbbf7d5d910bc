"""Rules reply with more than words: buttons, lists, templates, places, quotes; by the gate like everything else."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from casella.inbox.sending.content import from_details
from casella.plugin import ButtonsContent, Choice, Content, ListContent, ListSection, LocationContent, TemplateContent
from casella.store.tables import decisions, messages
from tests.fakes import AcmeChannel
from tests.house import DESK, House

DAY = 86_400.0
BUTTONS = ButtonsContent(choices=(Choice(id="My order", title="My order"), Choice(id="HUMAN", title="A person")))


def acme(**capabilities: Any) -> AcmeChannel:
    able: dict[str, Any] = {
        "buttons": 3, "list_rows": 5, "location": True, "message_templates": True, "reply_window": DAY,
        "quoted_replies": True,
    }  # fmt: skip
    return AcmeChannel(**able | capabilities)


@pytest.fixture
def house(migrated_sqlite_url: str, tmp_path: Path) -> Iterator[House]:
    with House(migrated_sqlite_url, tmp_path, plugins=[acme()]) as built:
        yield built


def apply(house: House, reply: str, when: str = "message_received", desk: str = DESK) -> None:
    rule = f"  - {{name: Answer, when: {when}, if: always, then: [reply: {reply}]}}"
    house.apply(desk=desk, rules=f"rules:\n{rule}\n")


@pytest.mark.parametrize(
    ("written", "text", "content"),
    [
        ("{text: Hi!, buttons: [My order, {title: A person, id: HUMAN}]}", "Hi!", BUTTONS),
        (
            "{text: Which?, list: {button: Topics, rows: [Orders]}}",
            "Which?",
            ListContent(button="Topics", sections=(ListSection(choices=(Choice(id="Orders", title="Orders"),)),)),
        ),
        (
            "{location: {latitude: 45, longitude: 7.5, name: Shop}}",
            "Shop",
            LocationContent(latitude=45, longitude=7.5, name="Shop"),
        ),
        (
            "{template: {name: order_update, language: en, body: ['{{ contact.name }}', 42]}}",
            "[order_update]\nAda\n42",
            TemplateContent(name="order_update", language="en", body=("Ada", "42")),
        ),
    ],
)
def test_what_a_rule_writes_leaves(house: House, written: str, text: str, content: Content) -> None:
    apply(house, written)
    house.receive(house.says("Hello", contact_name="Ada"))
    house.deliver()
    sent = house.acme.provider.arrived[-1].message
    assert (sent.text, sent.content, sent.by_person) == (text, content, False)
    assert from_details(house.one(messages, direction="out")["details"]) == content


def test_a_quote_names_the_message_it_answers(house: House) -> None:
    apply(house, "{text: This one?, quote: true}")
    house.receive(house.says("Where is it?", external_id="in-77"))
    house.deliver()
    assert house.acme.provider.arrived[-1].message.reply_to == "in-77"


def test_on_a_channel_without_buttons_the_choices_are_words(migrated_sqlite_url: str, tmp_path: Path) -> None:
    with House(migrated_sqlite_url, tmp_path, plugins=[acme()]) as house:
        apply(house, "{text: Hi!, buttons: [My order, A person]}")
        house.rooms.directory.current.abilities[house.channel()] = acme(buttons=0).capabilities
        house.receive(house.says())
        house.deliver()
        sent = house.acme.provider.arrived[-1].message
    assert (sent.text, sent.content) == ("Hi!\n- My order\n- A person", None)


def test_only_a_template_leaves_when_the_window_is_over(house: House) -> None:
    waits = "{conversation_idle: 2d}"
    apply(house, "{template: {name: still_there, language: en}}", when=waits)
    house.receive(house.says())
    house.later(days=2, seconds=1)
    assert house.deliver() == 1
    apply(house, "{text: Still there?}", when=waits)
    house.receive(house.says())
    house.later(days=2, seconds=1)
    assert house.deliver() == 0


def test_a_value_that_is_not_there_stops_the_template(house: House) -> None:
    apply(house, "{template: {name: order_update, language: en, body: ['{{ contact.name }}']}}")
    house.receive(house.says())
    assert house.rows(messages, direction="out") == []
    assert "canned_inputs_missing" in str(house.one(decisions)["outcome"])


def test_a_reply_that_waits_for_office_hours_keeps_its_buttons(house: House) -> None:
    apply(house, "{text: Hi!, buttons: [My order, {title: A person, id: HUMAN}], when_open: night}",
          desk=DESK + '  night: {week: {monday-sunday: "00:00-00:01"}}\n')  # fmt: skip
    house.receive(house.says())
    assert house.deliver() == 0
    house.later(hours=23, minutes=59)
    house.deliver()
    assert house.acme.provider.arrived[-1].message.content == BUTTONS
