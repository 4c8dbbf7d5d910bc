"""The second factor: set up, asked for, used once, required by role, and taken away by admins."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest
from sqlalchemy import select

from casella.api.frame import cookies
from casella.api.frame.security import OWN_HEADER
from casella.inbox.reading.second_factors import code_at, step_of
from casella.store.queries.agent_queries import set_password_hash
from casella.store.tables import recovery_codes, second_factors
from tests.api.conftest import Cast
from tests.api.house import QUICK, open_house
from tests.house import House

PASSWORD = "a long password of Dora"
OWN = "/api/v1/me/second-factor"


@pytest.fixture
def door(cast: Cast) -> Cast:
    with cast.house.store.write() as db:
        set_password_hash(db, cast.dora, QUICK.hash(PASSWORD))
    return cast


def code(cast: Cast, secret: str) -> str:
    """What the app shows now; it shows the next one when the clock has gone on."""
    return code_at(secret, step_of(cast.house.clock.now()))


def set_up(cast: Cast) -> tuple[str, list[str]]:
    dora = cast.client(cast.dora)
    begun = dora.post(OWN)
    assert begun.status_code == 201, begun.text
    secret = begun.json()["secret"]
    assert begun.json()["uri"].startswith("otpauth://totp/Casella")
    confirmed = dora.post(f"{OWN}/confirm", json={"code": code(cast, secret)})
    assert confirmed.status_code == 200, confirmed.text
    cast.house.clock.move(seconds=30)
    return secret, confirmed.json()["recovery_codes"]


def sign_in(cast: Cast, given: str | None = None, **headers: str) -> httpx.Response:
    body = {"email": "dora@casella.test", "password": PASSWORD, **({"code": given} if given is not None else {})}
    return cast.client(**headers).post("/api/v1/session", json=body)


def refused(answer: httpx.Response, status: int, code: str) -> None:
    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text


def test_codes_are_those_of_the_standard() -> None:
    """RFC 6238, appendix B, for SHA-1, with six digits."""
    secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
    for seconds, expected in ((59, "287082"), (1111111109, "081804"), (1234567890, "005924"), (20000000000, "353130")):
        assert code_at(secret, seconds // 30) == expected


def test_signing_in_asks_for_a_code_and_takes_each_once(door: Cast) -> None:
    assert sign_in(door).status_code == 200
    secret, _ = set_up(door)
    refused(sign_in(door), 401, "second_factor_needed")
    refused(sign_in(door, "000000"), 401, "wrong_code")
    shown = code(door, secret)
    answer = sign_in(door, f"{shown[:3]} {shown[3:]}")
    assert (answer.status_code, answer.json()["second_factor"]) == (200, True)
    refused(sign_in(door, shown), 401, "wrong_code")
    door.house.clock.move(seconds=30)
    assert sign_in(door, code(door, secret)).status_code == 200
    late = code(door, secret)
    door.house.clock.move(minutes=2)
    refused(sign_in(door, late), 401, "wrong_code")


def test_a_code_is_asked_for_only_behind_the_right_password(door: Cast) -> None:
    set_up(door)
    wrong = {"email": "dora@casella.test", "password": "not this", "code": "123456"}
    refused(door.client().post("/api/v1/session", json=wrong), 401, "wrong_credentials")


def test_recovery_codes_open_once_each_and_can_be_renewed(door: Cast) -> None:
    secret, codes = set_up(door)
    assert len(set(codes)) == 10
    assert sign_in(door, codes[0].upper()).status_code == 200
    refused(sign_in(door, codes[0]), 401, "wrong_code")
    dora = door.client(door.dora)
    assert dora.get(OWN).json()["recovery_codes_left"] == 9
    fresh = dora.post(f"{OWN}/recovery-codes", json={"code": code(door, secret)}).json()["recovery_codes"]
    refused(sign_in(door, codes[1]), 401, "wrong_code")
    assert sign_in(door, fresh[1]).status_code == 200


def test_neither_secret_nor_recovery_code_stands_in_the_database(door: Cast) -> None:
    secret, codes = set_up(door)
    with door.house.store.read() as db:
        kept = [*db.execute(select(second_factors)).one(), *db.execute(select(recovery_codes.c.digest)).scalars()]
    told = " ".join(str(value) for value in kept)
    assert secret not in told
    assert not any(one in told or one.replace("-", "") in told for one in codes)


def test_it_counts_only_once_it_is_confirmed_and_one_is_enough(door: Cast) -> None:
    dora = door.client(door.dora)
    refused(dora.post(f"{OWN}/confirm", json={"code": "123456"}), 404, "no_second_factor")
    first, second = dora.post(OWN).json()["secret"], dora.post(OWN).json()["secret"]
    refused(dora.post(f"{OWN}/confirm", json={"code": code(door, first)}), 422, "wrong_code")
    assert sign_in(door).status_code == 200
    assert dora.post(f"{OWN}/confirm", json={"code": code(door, second)}).status_code == 200
    refused(dora.post(OWN), 409, "second_factor_active")


def test_it_is_removed_with_a_code_or_by_an_admin(door: Cast) -> None:
    secret, _ = set_up(door)
    dora, token = door.client(door.dora), door.client(door.dora)
    refused(dora.post(f"{OWN}/remove", json={"code": "000000"}), 422, "wrong_code")
    assert dora.post(f"{OWN}/remove", json={"code": code(door, secret)}).status_code == 204
    assert sign_in(door).status_code == 200
    door.house.clock.move(minutes=2)
    set_up(door)
    refused(door.client(door.carla).delete(f"/api/v1/agents/{door.dora}/second-factor"), 403, "not_allowed")
    assert dora.delete(f"/api/v1/agents/{door.dora}/second-factor").status_code == 204
    assert token.get("/api/v1/me").status_code == 401, "signed out everywhere"
    assert sign_in(door).status_code == 200
    refused(door.client(door.dora).delete(f"/api/v1/agents/{door.ann}/second-factor"), 404, "no_second_factor")


def test_wrong_codes_are_limited_wherever_they_come_from_and_lock_no_known_browser_out(door: Cast) -> None:
    secret, _ = set_up(door)
    known = door.client(address="192.0.2.250")
    body = {"email": "dora@casella.test", "password": PASSWORD}
    assert known.post("/api/v1/session", json={**body, "code": code(door, secret)}).status_code == 200
    statuses = [
        door.client(address=f"198.51.100.{number}").post("/api/v1/session", json={**body, "code": "000000"}).status_code
        for number in range(31)
    ]
    assert statuses == [401] * 30 + [429]
    door.house.clock.move(seconds=30)
    assert known.post("/api/v1/session", json={**body, "code": code(door, secret)}).status_code == 200


REQUIRED = """
desk: Shop
locales: [en, it]
inboxes: {support: {name: Support}}
sign_in: {second_factor: [admin]}
agents:
  dora: {name: Dora, email: dora@casella.test, role: admin}
  carla: {name: Carla, email: carla@casella.test, role: manager, inboxes: [support]}
"""


@pytest.mark.parametrize("language", ["en", "it"])
def test_whose_role_needs_one_does_nothing_before_it_is_set_up(
    migrated_url: str, tmp_path: Path, language: str
) -> None:
    with House(migrated_url, tmp_path / "desk", desk=REQUIRED) as built, open_house(migrated_url, tmp_path) as house:
        dora, carla = built.agent("dora").id, built.agent("carla").id
        house.rooms.refresh()
        cookie = {"Cookie": f"{cookies.NAME}={house.session(dora)}", "Accept-Language": language}
        browser = house.client(**cookie, **{OWN_HEADER: "1"})
        refusal = browser.get("/api/v1/inboxes")
        refused(refusal, 403, "second_factor_setup")
        assert ("app di autenticazione" in refusal.json()["detail"]) is (language == "it")
        refused(browser.post("/api/v1/me/tokens", json={"label": "around it"}), 403, "second_factor_setup")
        assert browser.get("/api/v1/session").json()["second_factor_required"] is True
        assert browser.get(OWN).json() == {"active_since": None, "required": True, "recovery_codes_left": 0}
        secret = browser.post(OWN).json()["secret"]
        now = code_at(secret, step_of(house.clock.now()))
        assert browser.post(f"{OWN}/confirm", json={"code": now}).status_code == 200
        assert browser.get("/api/v1/inboxes").status_code == 200
        assert house.client(carla).get("/api/v1/inboxes").status_code == 200
