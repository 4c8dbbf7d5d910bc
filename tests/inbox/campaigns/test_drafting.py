"""Writing a campaign down and looking at what would come of it: whom it is for, and who is left out and why."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from casella.errors import CasellaError, NotAllowed, NotFound
from casella.inbox import campaigns
from casella.inbox.campaigns import Filter, Words
from casella.inbox.contacts import merging
from casella.plugin import Refusal
from casella.store.tables import campaign_recipients, conversations, messages
from casella.store.tables import campaigns as campaign_table
from tests.fakes import AcmeChannel
from tests.house import DESK, House
from tests.inbox.campaigns.rig import (
    NIGHTLESS,
    contact,
    made,
    member,
    number,
    people,
    previewed,
    says_of_marketing,
    stops,
    tried,
    wish,
)


def reasons(house: House, id: str) -> dict[str, int]:
    return dict(previewed(house, id).left_out)


def test_who_is_left_out_is_counted_by_the_reason(house: House) -> None:
    """Opted out, no consent, no address, refused by the channel, no number, twice the same."""
    ids = people(house, 6)
    says_of_marketing(house, "opted_in", 0, 1, 2, 3, 5)
    says_of_marketing(house, "opted_out", 3)
    stops(house, 1)
    house.acme.provider.refusals[number(2)] = Refusal("number_blocked", "Blocked.")
    with house.rooms.store.write() as db:
        merging.merge(db, house.rooms, member(house), ids[0], ids[5], house.clock.now())
    house.receive(house.says("Hi", "12345"))
    odd = str(house.one(conversations)["contact_id"])
    view = made(house, filter=None, contacts=[*ids, contact(house, "Odd"), odd])
    found = previewed(house, view.id)
    assert found.planned == 1
    assert found.left_out == {
        "contact_stopped": 1, "number_blocked": 1, "no_marketing_consent": 2, "no_address": 1, "bad_address": 1,
        "duplicate": 1,
    }  # fmt: skip
    assert [(one.address, one.text) for one in found.lines if one.reason is None] == [
        (number(0), "Hello Ada, the sale begins.")
    ]
    assert house.rows(messages, direction="out") == []


def test_a_start_after_a_stop_is_no_consent_to_marketing(house: House) -> None:
    people(house, 2)
    says_of_marketing(house, "opted_in", 0, 1)
    stops(house, 0)
    stops(house, 0, state="opted_in")
    view = made(house)
    assert (previewed(house, view.id).planned, reasons(house, view.id)) == (1, {"no_marketing_consent": 1})
    says_of_marketing(house, "opted_in", 0)
    assert previewed(house, view.id).planned == 2


def test_a_service_message_needs_a_reason_and_no_consent(house: House) -> None:
    people(house, 2)
    stops(house, 1)
    with pytest.raises(CasellaError) as refused:
        made(house, purpose="service", reason=" ")
    assert refused.value.reason == "reason_needed"
    view = made(house, purpose="service", reason="The shop moves")
    assert (view.reason, previewed(house, view.id).planned) == ("The shop moves", 1)
    assert reasons(house, view.id) == {"contact_stopped": 1}


def test_a_filter_narrows_and_a_list_adds(house: House) -> None:
    people(house, 1, tags=["vip"], locale="it-IT")
    people(house, 1, first=1, tags=["vip", "quiet"], locale="it")
    people(house, 1, first=2, tags=["vip"], locale="en")
    [named] = people(house, 1, first=3)
    meant = {
        "tags": Filter(tags=["VIP"]), "without": Filter(tags=["vip"], without_tags=["quiet"]),
        "language": Filter(languages=["IT"]), "country": Filter(countries=["it"], tags=["vip"]),
        "elsewhere": Filter(countries=["FR"]),
    }  # fmt: skip
    found = {name: previewed(house, made(house, filter=one, **NIGHTLESS).id).planned for name, one in meant.items()}
    assert found == {"tags": 3, "without": 2, "language": 2, "country": 3, "elsewhere": 0}
    both = made(house, filter=Filter(tags=["quiet"]), contacts=[named], **NIGHTLESS)
    assert next(one.contact_id for one in previewed(house, both.id).lines) == named
    assert previewed(house, both.id).planned == 2


def test_attributes_are_the_desks(lite: House) -> None:
    lite.apply(desk=DESK.replace("inboxes:", "attributes:\n  plan: {type: text}\ninboxes:", 1))
    people(lite, 1, attributes={"plan": "gold"})
    people(lite, 1, first=1, attributes={"plan": "free"})
    view = made(lite, filter=Filter(attributes={"plan": "gold"}), **NIGHTLESS)
    assert [one.address for one in previewed(lite, view.id).lines] == [number(0)]
    with pytest.raises(CasellaError) as refused:
        made(lite, filter=Filter(attributes={"shoe": "44"}))
    assert refused.value.reason == "unknown_attribute"


def test_pages_give_everybody_once(house: House) -> None:
    people(house, 7)
    view = made(house, **NIGHTLESS)
    pages = [previewed(house, view.id, behind, 3) for behind in (0, 3, 6)]
    addresses = [one.address for page in pages for one in page.lines]
    assert addresses == [number(index) for index in range(7)]
    assert [page.is_last for page in pages] == [False, False, True]


def test_a_dry_run_does_everything_but_send(house: House) -> None:
    people(house, 4)
    stops(house, 3)
    view = made(house, purpose="service", reason="x", words=Words(text="A" * 400), per_minute=60)
    found = tried(house, view.id)
    assert (found.planned, found.left_out, found.too_many) == (3, {"contact_stopped": 1}, False)
    assert found.parts >= 3
    assert found.ends_at is not None
    assert house.rows(messages) == []
    long = made(house, **NIGHTLESS, words=Words(text="A" * 501))
    assert tried(house, long.id).left_out == {"text_too_long": 3, "contact_stopped": 1}


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"words": Words(text="  ")}, "empty_message"),
        ({"words": Words(text="Hi {{ agent.name }}")}, "unknown_variable"),
        ({"words": Words(text="Hi {{ contact.name")}, "bad_text"),
        ({"words": Words(text="{{ 'a' * 99999999 }}")}, "bad_text"),
        ({"words": Words(text="{% for one in contact.name %}{{ one }}{% endfor %}")}, "bad_text"),
        ({"words": Words(text="{{ contact.name.__class__ }}")}, "bad_text"),
        ({"words": Words(text="{{ contact.shoe }}")}, "bad_text"),
        ({"words": Words(canned="signed")}, "unknown_variable"),
        ({"words": Words(canned="nonsense")}, "not_found"),
        ({"words": Words(template={"kind": "template", "name": "a", "language": "en"})}, "no_templates_here"),
        ({"filter": None}, "nobody_meant"),
        ({"filter": Filter()}, "nobody_meant"),
        ({"filter": Filter(tags=["nonsense"])}, "unknown_tag"),
        ({"quiet": None}, "quiet_hours_needed"),
        ({"quiet": ("20:07", "08:00")}, "bad_quiet_hours"),
        ({"quiet": ("20:00", "20:00")}, "bad_quiet_hours"),
        ({"channel": "nonsense"}, "not_found"),
        ({"contacts": ["01KB2Z8Q4M7T1V3X5Y7Z9A1C3E"]}, "not_found"),
    ],
)
def test_what_could_not_be_sent_is_refused_when_it_is_written(lite: House, more: dict[str, Any], code: str) -> None:
    with pytest.raises(CasellaError) as refused:
        made(lite, **more)
    assert refused.value.reason == code
    assert lite.rows(campaign_table) == []


def test_a_canned_message_speaks_the_contacts_language(lite: House) -> None:
    people(lite, 1, locale="it")
    people(lite, 1, first=1)
    view = made(lite, words=Words(canned="greeting"), **NIGHTLESS)
    assert [one.text for one in previewed(lite, view.id).lines] == ["Ciao!", "Hello Ada!"]


def test_a_value_that_somebody_lacks_leaves_him_out(lite: House) -> None:
    people(lite, 1)
    nameless = contact(lite, None, number(90))
    view = made(lite, words=Words(text="Dear {{ contact.name }}"), **NIGHTLESS)
    assert reasons(lite, view.id) == {"canned_inputs_missing": 1}
    assert nameless in [one.contact_id for one in previewed(lite, view.id).lines if one.reason]


def test_only_a_manager_of_the_inbox_has_it(lite: House) -> None:
    view = made(lite)
    with pytest.raises(NotAllowed):
        made(lite, by="ann")
    with lite.rooms.store.read() as db, pytest.raises(NotAllowed):
        campaigns.find(db, member(lite, "ann"), view.id, lite.clock.now())
    stranger = member(lite)
    elsewhere = type(stranger)(**{**{n: getattr(stranger, n) for n in stranger.__slots__}, "inbox_ids": frozenset()})
    with lite.rooms.store.read() as db, pytest.raises(NotFound):
        campaigns.find(db, elsewhere, view.id, lite.clock.now())


def test_a_draft_can_be_changed_and_thrown_away(house: House) -> None:
    ids = people(house, 2)
    view = made(house, filter=None, contacts=ids)
    with house.rooms.store.write() as db:
        other = campaigns.change(
            db, house.rooms, member(house), view.id, wish(name="Autumn", filter=None, contacts=ids[:1]),
            house.clock.now(),
        )  # fmt: skip
    assert (other.name, other.progress.listed) == ("Autumn", 1)
    with house.rooms.store.write() as db:
        campaigns.remove(db, house.rooms, member(house), view.id, house.clock.now())
    assert (house.rows(campaign_table), house.rows(campaign_recipients)) == ([], [])


@pytest.mark.parametrize(
    ("can", "code"),
    [
        ({"business_may_start": False, "consent_required": False}, "no_campaigns_here"),
        ({"business_may_start": False, "reply_window": 86400.0, "message_templates": True}, "template_needed"),
        ({"business_may_start": False, "reply_window": 86400.0}, "no_campaigns_here"),
    ],
)
def test_a_channel_says_by_what_it_can_what_a_campaign_may_be(
    migrated_sqlite_url: str, tmp_path: Path, can: dict[str, Any], code: str
) -> None:
    with House(migrated_sqlite_url, tmp_path, plugins=[AcmeChannel(**can)]) as house:
        with pytest.raises(CasellaError) as refused:
            made(house)
        assert refused.value.reason == code
