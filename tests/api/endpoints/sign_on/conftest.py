"""A house with a real sign-in provider beside it, and browsers that walk between the two."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from tests.api.conftest import Cast, cast_of
from tests.api.house import open_house
from tests.conftest import ABSENT
from tests.services.oidc_provider import CLIENT_ID, CLIENT_SECRET, client, oidc_provider

PUBLIC = "http://casella.test"
ACCOUNTS: dict[str, dict[str, object]] = {
    "dora": {"email": "Dora@Casella.TEST", "email_verified": True},
    "ann": {"email": "ann@casella.test", "email_verified": True},
    "bob": {"email": "bob@casella.test", "email_verified": False},
    "eve": {"email": "eve@casella.test"},
    "stranger": {"email": "stranger@elsewhere.test", "email_verified": True},
}


@pytest.fixture(scope="module")
def issuer() -> Iterator[str]:
    """A real provider, that says the e-mail address at its own door only, as it does by itself."""
    with ExitStack() as stack:
        try:
            found = stack.enter_context(oidc_provider([client(PUBLIC)], ACCOUNTS))
        except LookupError as missing:
            if os.environ.get("REQUIRE_REAL"):
                raise
            pytest.skip(f"{ABSENT}{missing}")
        yield found


Open = Callable[..., Cast]


@pytest.fixture
def opened(migrated_url: str, tmp_path: Path) -> Iterator[Open]:
    """Opens the house with more settings; its clock is that of the provider."""
    with ExitStack() as stack:

        def build(**settings: Any) -> Cast:
            cast = cast_of(stack.enter_context(open_house(migrated_url, tmp_path, **settings)))
            cast.house.clock.move(seconds=time.time() - cast.house.clock.now().timestamp())
            return cast

        yield build


def settings_for(issuer: str, **more: object) -> dict[str, object]:
    return {
        "oidc_issuer": issuer,
        "oidc_client_id": CLIENT_ID,
        "oidc_client_secret": CLIENT_SECRET,
        "oidc_name": "Acme accounts",
        "private_hosts": urlsplit(issuer).netloc,
        **more,
    }


@pytest.fixture
def cast(opened: Open, issuer: str) -> Cast:
    return opened(**settings_for(issuer))


class Walker:
    """One browser: the cookies it has here, and those it has at the provider."""

    def __init__(self, cast: Cast, *, address: str = "127.0.0.1", **headers: str) -> None:
        self.here = cast.house.client(address=address, **headers)
        self.there = httpx.Client(timeout=20)
        cast.house.clients.append(self.there)

    def begin(self) -> str:
        """Where the button leads to."""
        answer = self.here.get("/sign-in/provider")
        assert answer.status_code == 303, answer.text
        return answer.headers["location"]

    def choose(self, address: str, account: str) -> str:
        """Where the provider sends back to, once this account was chosen there."""
        answer = self.there.get(address)
        for _ in range(8):
            if answer.status_code == 200:
                answer = self.there.post(answer.url, data={"login": account})
            place = answer.url.join(answer.headers["location"])
            if str(place).startswith(PUBLIC):
                return str(place)
            answer = self.there.get(place)
        raise AssertionError(answer.text)

    def come_back(self, address: str) -> httpx.Response:
        answer = self.here.get(address)
        assert (answer.status_code, answer.headers["location"]) == (303, "/app/"), "always to our own page"
        return answer

    def sign_in(self, account: str) -> str | None:
        """Whose session there is then, by key."""
        self.come_back(self.choose(self.begin(), account))
        return self.who()

    def who(self) -> str | None:
        answer = self.here.get("/api/v1/session")
        return str(answer.json()["key"]) if answer.status_code == 200 else None

    def problem(self) -> str | None:
        """The code of why it did not work; told once."""
        told = self.here.get("/api/v1/sign-in").json()["problem"]
        return told and str(told["code"])
