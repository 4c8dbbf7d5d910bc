"""Tokens, sessions, passwords: the domain's side."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from argon2 import PasswordHasher

from casella.errors import Conflict, Invalid, NotFound
from casella.inbox.reading.passwords import Passwords
from casella.inbox.reading.sessions import (
    MOST_TOKENS,
    check_password,
    create_token,
    revoke_token,
    sign_in_with,
    still_signed_in,
    tokens_of,
)
from casella.store import Store
from tests.builders import NOW, make_agent

QUICK = Passwords(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))


@pytest.fixture
def store(migrated_url: str) -> Iterator[Store]:
    store = Store(migrated_url)
    yield store
    store.close()


def test_a_token_opens_until_it_is_revoked(store: Store) -> None:
    with store.write() as db:
        agent, other = make_agent(db), make_agent(db)
        token = create_token(db, agent, "report", NOW)
        found = sign_in_with(db, token.text, "bearer", NOW)
        assert found is not None
        assert (found.member.id, found.token_id) == (agent, token.id)
        assert still_signed_in(db, found, NOW) == found
        with pytest.raises(NotFound):
            revoke_token(db, other, token.id, NOW)
        revoke_token(db, agent, token.id, NOW)
        assert sign_in_with(db, token.text, "bearer", NOW) is None
        assert still_signed_in(db, found, NOW) is None
    store.close()


def test_a_token_expires_to_the_moment(store: Store) -> None:
    with store.write() as db:
        token = create_token(db, make_agent(db), "short", NOW, NOW + timedelta(hours=1))
        last = NOW + timedelta(hours=1) - timedelta(microseconds=1)
        assert sign_in_with(db, token.text, "bearer", last) is not None
        assert sign_in_with(db, token.text, "bearer", NOW + timedelta(hours=1)) is None
    store.close()


def test_kinds_do_not_mix(store: Store) -> None:
    with store.write() as db:
        agent = make_agent(db)
        session = create_token(db, agent, "browser", NOW, NOW + timedelta(hours=1), kind="session")
        assert sign_in_with(db, session.text, "session", NOW) is not None
        assert sign_in_with(db, session.text, "bearer", NOW) is None
        assert tokens_of(db, agent, NOW) == []
    store.close()


def test_a_near_miss_opens_nothing(store: Store) -> None:
    with store.write() as db:
        token = create_token(db, make_agent(db), "report", NOW)
        for wrong in (token.text[:-1], token.text + "x", token.text.swapcase(), token.id, "", "\ud800"):
            assert sign_in_with(db, wrong, "bearer", NOW) is None
    store.close()


def test_tokens_are_bounded_and_revoking_makes_room(store: Store) -> None:
    with store.write() as db:
        agent = make_agent(db)
        tokens = [create_token(db, agent, str(number), NOW) for number in range(MOST_TOKENS)]
        with pytest.raises(Conflict):
            create_token(db, agent, "one more", NOW)
        revoke_token(db, agent, tokens[0].id, NOW)
        create_token(db, agent, "one more", NOW)
    store.close()


def test_a_password_is_checked_by_the_address_in_any_case(store: Store) -> None:
    with store.write() as db:
        agent = make_agent(db, email="Ann@Casella.test", password_hash=QUICK.hash("long enough"))
        make_agent(db, email="none@casella.test")
    assert check_password(store, QUICK, "ann@casella.TEST", "long enough") == agent
    assert check_password(store, QUICK, "ann@casella.test", "long enougH") is None
    assert check_password(store, QUICK, "none@casella.test", "long enough") is None
    assert check_password(store, QUICK, "nobody@casella.test", "long enough") is None
    store.close()


@pytest.mark.parametrize("password", ["", "short", "x" * 1025])
def test_a_password_has_a_sensible_length(password: str) -> None:
    with pytest.raises(Invalid):
        QUICK.hash(password)


def test_a_stored_hash_that_is_none_opens_nothing() -> None:
    assert QUICK.verify("not a hash", "x") is False
    assert QUICK.verify(None, "the password of nobody") is False
