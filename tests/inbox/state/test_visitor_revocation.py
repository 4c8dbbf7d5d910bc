"""Credentials of contacts that count no more."""

from __future__ import annotations

from datetime import timedelta

from casella.inbox.state import visitor_revocation
from casella.store.tables import conversations, revocations
from tests.builders import NOW
from tests.house import ANNA, House

HOUR = timedelta(hours=1)


def test_one_credential_is_revoked_and_no_other(house: House) -> None:
    channel = next(iter(house.rooms.directory.current.channels))
    with house.rooms.store.write() as db:
        for _ in range(2):  # again is the same
            visitor_revocation.revoke(db, channel, "ada", "laptop", NOW, NOW + HOUR)
        assert visitor_revocation.is_revoked(db, channel, "ada", "laptop", NOW - HOUR)
        assert visitor_revocation.is_revoked(db, channel, "ada", "laptop", NOW + HOUR), "whenever it was renewed"
        assert not visitor_revocation.is_revoked(db, channel, "ada", "phone", NOW - HOUR)
        assert not visitor_revocation.is_revoked(db, channel, "bea", "laptop", NOW - HOUR)


def test_who_is_signed_out_begins_anew_with_what_he_is_given_afterwards(house: House) -> None:
    house.post(house.webhook(house.says("Hello")))
    house.drain()
    conversation = house.one(conversations)
    with house.rooms.store.write() as db:
        visitor_revocation.sign_out(db, conversation["contact_id"], NOW)
        assert visitor_revocation.is_revoked(db, conversation["channel_id"], ANNA, "any", NOW)
        assert not visitor_revocation.is_revoked(
            db, conversation["channel_id"], ANNA, "any", NOW + timedelta(microseconds=1)
        )
    assert house.one(revocations)["until"] == NOW + visitor_revocation.MOST_LASTING


def test_what_has_run_out_by_itself_is_forgotten(house: House) -> None:
    channel = next(iter(house.rooms.directory.current.channels))
    with house.rooms.store.write() as db:
        visitor_revocation.revoke(db, channel, "ada", "laptop", NOW, NOW + HOUR)
        visitor_revocation.revoke(db, channel, "ada", "phone", NOW, NOW + timedelta(days=9000))
        visitor_revocation.prune(db, NOW + HOUR)
        assert visitor_revocation.is_revoked(db, channel, "ada", "laptop", NOW)
        visitor_revocation.prune(db, NOW + 2 * HOUR)
        assert not visitor_revocation.is_revoked(db, channel, "ada", "laptop", NOW)
        assert visitor_revocation.is_revoked(db, channel, "ada", "phone", NOW)
        visitor_revocation.prune(db, NOW + visitor_revocation.MOST_LASTING + HOUR)
        assert not visitor_revocation.is_revoked(db, channel, "ada", "phone", NOW), "nothing lasts longer than a year"
