"""The demo desk that everybody starts from: sound, quiet, and doing what its comments say."""

from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from casella.desk import (
    VARIABLES,
    Catalogue,
    Desk,
    Vault,
    check_desk,
    desk_text,
    fill,
    load_desk,
    problems_text,
    resolve_settings,
)
from casella_meta.channel import InstagramChannel, MessengerChannel
from casella_rules import Assign, Decision, Facts, FactValue, Reply, hours_facts
from casella_sms.channel import SmsChannel
from casella_webchat.channel import WebchatChannel
from casella_whatsapp.channel import WhatsAppChannel

FOLDER = Path(__file__).parents[2] / "examples" / "desk"
CATALOGUE = Catalogue.of(
    {
        "sms": SmsChannel(),
        "webchat": WebchatChannel(),
        "whatsapp": WhatsAppChannel(),
        "messenger": MessengerChannel(),
        "instagram": InstagramChannel(),
    }
)
ROME = ZoneInfo("Europe/Rome")
MONDAY_MORNING = datetime(2026, 11, 23, 10, 0, tzinfo=ROME)
SUNDAY = datetime(2026, 11, 22, 10, 0, tzinfo=ROME)


@pytest.fixture(scope="module")
def desk() -> Desk:
    return load_desk(FOLDER, CATALOGUE)


def said(desk: Desk, text: str | None, at: datetime = MONDAY_MORNING, /, **more: FactValue) -> Decision:
    """What the desk decides about the first message of somebody new."""
    facts = {
        "channel": frozenset({"demo-sms", "sms"}),
        "channel_type": "sms",
        "inbox": "support",
        "text": text,
        "kind": "text",
        "has_attachment": False,
        "contact.tags": frozenset[str](),
        "conversation.is_new": True,
        "conversation.assignee": None,
        **hours_facts(desk.hours, at),
        **{name.replace("__", "."): value for name, value in more.items()},
    }
    return desk.rules.decide(Facts("message_received", facts))


def assigned(decision: Decision) -> list[Assign]:
    return [action.argument for action in decision.actions if isinstance(action.argument, Assign)]


def replies(decision: Decision) -> list[str | None]:
    return [action.argument.canned for action in decision.actions if isinstance(action.argument, Reply)]


def test_it_has_no_mistake() -> None:
    assert check_desk(FOLDER, CATALOGUE) == []


def test_it_holds_what_the_demo_needs(desk: Desk) -> None:
    roles = sorted(agent.role for agent in desk.parts.agents.values())
    assert roles == ["admin", "agent", "agent", "agent", "agent", "manager"]
    assert set(desk.parts.teams) == {"front-desk", "billing"}
    assert set(desk.members("support")) == set(desk.parts.agents)
    assert len(desk.rules.rules) >= 8
    assert len(desk.canned) >= 10
    assert {variable for message in desk.canned.values() for variable in message.variables} <= set(VARIABLES)


@pytest.mark.parametrize(
    ("text", "tags", "team", "reply"),
    [
        ("I want my money back!", {"vip"}, "billing", "refund_vip"),
        ("I want my money back!", set(), "billing", "refund_received"),
        ("Vorrei un RIMBORSO", set(), "billing", "refund_received"),
        ("Buongiorno, una domanda", set(), "front-desk", "greeting_italian"),
        ("Hello", set(), "front-desk", "greeting"),
    ],
)
def test_messages_find_their_team_and_their_answer(
    desk: Desk, text: str, tags: set[str], team: str, reply: str
) -> None:
    decision = said(desk, text, contact__tags=frozenset(tags))
    (assign,) = assigned(decision)
    assert assign.team == team
    assert replies(decision) == [reply]


def test_on_a_sunday_the_customer_hears_when_we_are_back(desk: Desk) -> None:
    decision = said(desk, "Hello", SUNDAY)
    assert replies(decision) == ["after_hours"]
    assert [assign.team for assign in assigned(decision)] == ["front-desk"]


def test_on_a_holiday_as_well(desk: Desk) -> None:
    assert replies(said(desk, "Hello", datetime(2026, 12, 8, 10, tzinfo=ROME))) == ["after_hours"]


def test_order_numbers_complaints_and_pictures_are_marked(desk: Desk) -> None:
    tags = [a.argument.model_dump() for a in said(desk, "Ordine n. 123456, un reclamo").actions if a.action == "tag"]
    assert tags == [{"tags": (tag,), "contact": ()} for tag in ("complaint", "order")]
    assert "photo_received" in replies(said(desk, None, has_attachment=True, kind="image"))


def test_a_conversation_that_somebody_has_is_left_with_him(desk: Desk) -> None:
    decision = said(desk, "And another thing", conversation__is_new=False, conversation__assignee="ann")
    assert decision.actions == ()


def test_every_message_can_be_filled_in_every_locale(desk: Desk) -> None:
    for message in desk.canned.values():
        for locale in desk.parts.locales:
            assert fill(message, locale, VARIABLES)


def test_what_rules_send_needs_nothing_that_a_stranger_does_not_have(desk: Desk) -> None:
    sent = {a.argument.canned for rule in desk.rules.rules for a in rule.actions if isinstance(a.argument, Reply)}
    for key in sent - {None}:
        for locale in desk.parts.locales:
            assert fill(desk.canned[str(key)], locale, {"contact.phone": "+12025550123"})


def test_its_secrets_come_from_the_environment_of_the_demo(desk: Desk) -> None:
    environment = {
        "CASELLA_DEMO_TWILIO_ACCOUNT_SID": "AC" + "0" * 32,
        "CASELLA_DEMO_TWILIO_AUTH_TOKEN": "token",
        "CASELLA_DEMO_TWILIO_BASE_URL": "http://127.0.0.1:8900",
        "CASELLA_DEMO_WEBCHAT_SECRET": "1" * 32,
        "CASELLA_DEMO_WEBCHAT_IDENTITY_SECRET": "2" * 32,
    }
    settings = desk.parts.connections["twilio"].settings
    resolved = resolve_settings(settings, SmsChannel().settings_model, Vault(environment, FOLDER), "twilio")
    assert "token" not in repr(resolved).replace("auth_token", "")


def test_it_is_shown_in_a_few_lines(desk: Desk) -> None:
    text = desk_text(desk)
    assert text.startswith("Casella demo: no mistakes.\n")
    assert "demo-sms (+12025550178)" in text
    assert f"{len(desk.rules.rules)}, rule set {desk.rules.hash}" in text


def test_mistakes_are_shown_one_per_line_and_counted(tmp_path: Path) -> None:
    text = problems_text(check_desk(tmp_path, CATALOGUE))
    assert text.splitlines()[-1] == "1 problem found. The desk was not changed."
