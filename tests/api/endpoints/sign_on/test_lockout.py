"""`casella doctor` names settings with which somebody, or everybody, stands outside."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import update

from casella.doctor import examine
from casella.store.tables import agents
from tests.api.conftest import Cast
from tests.inbox.sign_on.crooked import Crooked, as_json, crooked


@pytest.fixture
def provider() -> Iterator[Crooked]:
    with crooked() as started:
        yield started


def found(cast: Cast, **settings: Any) -> Sequence[tuple[bool, str]]:
    made = cast.house.rooms.settings.model_copy(update=settings)
    rooms = replace(cast.house.rooms, settings=made)
    return [(one.ok, one.text) for one in examine(rooms) if one.subject == "sign-in"]


def by(provider: Crooked) -> dict[str, object]:
    listed = provider.issuer.removeprefix("http://")
    public = "http://127.0.0.1:8000"
    return {
        "oidc_issuer": provider.issuer, "oidc_client_id": "casella", "private_hosts": listed, "public_url": public
    }  # fmt: skip


def test_what_works_is_said(lite_cast: Cast, provider: Crooked) -> None:
    assert found(lite_cast) == [(True, "by password")]
    assert found(lite_cast, **by(provider)) == [(True, "by password or by 127.0.0.1")]
    assert found(lite_cast, **by(provider), oidc_name="Acme", password_sign_in=False) == [(True, "by Acme")]


def test_nobody_gets_in_without_passwords_and_provider(lite_cast: Cast) -> None:
    [(ok, text)] = found(lite_cast, password_sign_in=False)
    assert not ok
    assert text.startswith("nobody can sign in: passwords are switched off (CASELLA_PASSWORD_SIGN_IN)")


def test_half_of_it_is_none(lite_cast: Cast) -> None:
    [(ok, text), *_] = found(lite_cast, oidc_issuer="https://accounts.example")
    assert not ok
    assert "together only" in text


def test_a_provider_that_is_away_or_not_itself_is_named(lite_cast: Cast, provider: Crooked) -> None:
    provider.answers["/keys"] = lambda: as_json({}, 503)
    assert found(lite_cast, **by(provider)) == [(False, "the provider does not answer (ProviderAway)")]
    provider.told = {"issuer": provider.issuer + "/"}
    [(ok, text)] = found(lite_cast, **by(provider))
    assert (ok, "names itself otherwise than CASELLA_OIDC_ISSUER" in text) == (False, True)


def test_an_address_to_return_to_that_is_not_https_is_named(lite_cast: Cast, provider: Crooked) -> None:
    settings = {**by(provider), "public_url": "http://inbox.example"}
    [(ok, text)] = found(lite_cast, **settings)
    assert not ok
    assert "http://inbox.example/sign-in/return, which is not https" in text


def test_agents_without_an_address_are_named(lite_cast: Cast, provider: Crooked) -> None:
    settings = {**by(provider), "password_sign_in": False}
    with lite_cast.house.store.write() as db:
        db.execute(update(agents).where(agents.c.key == "bob").values(email=None))
    assert found(lite_cast, **settings) == [(False, "without an e-mail address nobody signs in here: bob")]
    with lite_cast.house.store.write() as db:
        db.execute(update(agents).values(email=None))
    [(ok, text)] = found(lite_cast, **settings)
    assert not ok
    assert "no agent of the desk has an e-mail address" in text
