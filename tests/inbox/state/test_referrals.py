"""What led a contact here reaches the rules and the agents, whether it comes before, with or without a message."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from casella.store.tables import contact_addresses, conversations, messages
from tests.house import ANNA, MAIN, SECOND, House

RULE = """rules:
  - {name: Ads, when: message_received, if: {referral.source: ad}, then: [reply: {text: By the ad}]}
"""


@pytest.fixture
def house(migrated_sqlite_url: str, tmp_path: Path) -> Iterator[House]:
    with House(migrated_sqlite_url, tmp_path) as built:
        built.apply(rules=RULE)
        yield built


def came(source: str = "ad", to: str = MAIN, text: str = "Spring sale") -> dict[str, object]:
    return {"kind": "referral", "channel_address": to, "contact_address": ANNA, "source": source, "text": text,
            "url": "https://ads.example/1"}  # fmt: skip


def answers(house: House) -> list[str]:
    return [row["text"] for row in house.rows(messages, direction="out")]


@pytest.mark.parametrize("referral_first", [True, False])
def test_with_the_message_it_came_with(house: House, *, referral_first: bool) -> None:
    """Told behind its message it is too late for the rules; the contract says so."""
    events = [came(), house.says("Hi")]
    house.receive(*(events if referral_first else reversed(events)))
    assert answers(house) == ["By the ad"] * referral_first
    told = house.one(conversations)["referral"]
    assert (told["source"], told["text"], told["url"]) == ("ad", "Spring sale", "https://ads.example/1")


def test_alone_it_waits_for_the_next_conversation(house: House) -> None:
    house.receive(came())
    assert house.rows(conversations) == []
    house.receive(house.says("Hi"))
    assert answers(house) == ["By the ad"]
    assert house.one(contact_addresses)["referral"] is None


def test_it_belongs_to_its_own_channel_and_does_not_wait_for_ever(house: House) -> None:
    house.receive(came(to=SECOND))
    house.receive(house.says("Hi"))
    assert answers(house) == []
    house.clock.move(days=8)
    house.receive(house.says("Hi", to=SECOND))
    assert answers(house) == []
    with house.rooms.store.read() as db:
        assert db.execute(select(conversations.c.referral)).scalars().all() == [None, None]


def test_in_an_open_conversation_the_newest_counts(house: House) -> None:
    house.receive(house.says("Hi"))
    house.receive(came("link"))
    house.receive(came("ad"))
    house.receive(house.says("Again"))
    assert answers(house) == ["By the ad"]
