"""Sessions live as long as they are used, and admins see and end what others are signed in with (issue 17.4)."""

from __future__ import annotations

from datetime import datetime, timedelta

import httpx

from tests.api.conftest import Cast
from tests.api.endpoints.test_sessions import PASSWORD, give_password


def browser_of_ann(cast: Cast) -> httpx.Client:
    client = give_password(cast).client()
    answer = client.post("/api/v1/session", json={"email": "ann@casella.test", "password": PASSWORD})
    assert answer.status_code == 200
    return client


def ends(client: httpx.Client) -> datetime:
    return datetime.fromisoformat(client.get("/api/v1/session").json()["expires_at"])


def test_a_session_ends_twelve_hours_after_its_last_use(lite_cast: Cast) -> None:
    browser, clock = browser_of_ann(lite_cast), lite_cast.house.clock
    assert ends(browser) == clock.now() + timedelta(hours=12)
    for _ in range(5):
        clock.move(hours=11)
        assert browser.get("/api/v1/me").status_code == 200
    assert ends(browser) == clock.now() + timedelta(hours=12)
    clock.move(hours=12)
    assert browser.get("/api/v1/me").status_code == 401


def test_and_after_seven_days_in_any_case(lite_cast: Cast) -> None:
    browser, clock = browser_of_ann(lite_cast), lite_cast.house.clock
    began = clock.now()
    for _ in range(15):
        clock.move(hours=11)
        assert browser.get("/api/v1/me").status_code == 200
    assert ends(browser) == began + timedelta(days=7)
    clock.move(hours=3)
    assert browser.get("/api/v1/me").status_code == 401


def test_its_end_is_not_moved_at_every_request(lite_cast: Cast) -> None:
    browser, clock = browser_of_ann(lite_cast), lite_cast.house.clock
    before = ends(browser)
    clock.move(minutes=4)
    assert ends(browser) == before
    clock.move(minutes=2)
    assert ends(browser) == before + timedelta(minutes=6)


def test_signing_in_ends_the_session_that_the_browser_had(lite_cast: Cast) -> None:
    browser = browser_of_ann(lite_cast)
    former = lite_cast.client()
    former.cookies.update(dict(browser.cookies))
    assert former.get("/api/v1/me").status_code == 200
    assert browser.post("/api/v1/session", json={"email": "ann@casella.test", "password": PASSWORD}).status_code == 200
    assert former.get("/api/v1/me").status_code == 401
    assert browser.get("/api/v1/me").status_code == 200


def test_an_admin_sees_and_ends_what_others_are_signed_in_with(cast: Cast) -> None:
    browser, program, admin = browser_of_ann(cast), cast.client(cast.ann), cast.client(cast.dora)
    path = f"/api/v1/agents/{cast.ann}/credentials"
    found = admin.get(path).json()
    assert sorted(one["kind"] for one in found) == ["bearer", "session"]
    assert all(set(one) == {"id", "kind", "label", "created_at", "expires_at"} for one in found), "no secrets"
    session = next(one["id"] for one in found if one["kind"] == "session")
    assert admin.delete(f"{path}/{session}").status_code == 204
    assert (browser.get("/api/v1/me").status_code, program.get("/api/v1/me").status_code) == (401, 200)
    assert admin.delete(f"{path}/{session}").status_code == 404
    assert admin.delete(path).status_code == 204
    assert program.get("/api/v1/me").status_code == 401
    assert admin.get(path).json() == []


def test_nobody_else_may(cast: Cast) -> None:
    path = f"/api/v1/agents/{cast.ann}/credentials"
    for agent in (cast.ann, cast.bob, cast.carla):
        client = cast.client(agent)
        for answer in (client.get(path), client.delete(path), client.delete(f"{path}/{cast.ann}")):
            assert (answer.status_code, answer.json()["code"]) == (403, "not_allowed")
    assert cast.client(cast.dora).get("/api/v1/agents/01KB2Z8Q4M7T1V3X5Y7Z9A1C3E/credentials").status_code == 404
