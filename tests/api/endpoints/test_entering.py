"""A link that signs in once: on this machine, once, and not for ever."""

from __future__ import annotations

from datetime import timedelta

from casella.inbox.reading.sessions import create_token
from tests.api.conftest import Cast

HERE = {"Host": "127.0.0.1:8000"}


def link_of(cast: Cast, agent: str) -> str:
    now = cast.house.clock.now()
    with cast.house.store.write() as db:
        return create_token(db, agent, "link", now, now + timedelta(hours=1), kind="link").text


def test_a_link_signs_in_once(lite_cast: Cast) -> None:
    secret = link_of(lite_cast, lite_cast.ann)
    first, second = lite_cast.client(**HERE), lite_cast.client(**HERE)
    answer = first.get(f"/enter/{secret}")
    assert (answer.status_code, answer.headers["location"]) == (303, "/app/")
    assert first.get("/api/v1/session").json()["name"] == "Ann"
    assert second.get(f"/enter/{secret}").headers["location"] == "/app/"
    assert second.get("/api/v1/session").status_code == 401


def test_it_ends_the_session_that_the_browser_had(lite_cast: Cast) -> None:
    browser = lite_cast.client(**HERE)
    browser.get(f"/enter/{link_of(lite_cast, lite_cast.ann)}")
    former = dict(browser.cookies)["casella_session"]
    browser.get(f"/enter/{link_of(lite_cast, lite_cast.bob)}")
    assert browser.get("/api/v1/session").json()["name"] == "Bob"
    assert lite_cast.client(**HERE, Cookie=f"casella_session={former}").get("/api/v1/session").status_code == 401


def test_it_is_of_no_use_from_elsewhere_or_through_a_proxy(lite_cast: Cast) -> None:
    secret = link_of(lite_cast, lite_cast.ann)
    assert lite_cast.house.client(address="192.0.2.7", **HERE).get(f"/enter/{secret}").status_code == 404
    assert lite_cast.client(**HERE, **{"X-Forwarded-For": "127.0.0.1"}).get(f"/enter/{secret}").status_code == 404
    assert lite_cast.client(Host="casella.test").get(f"/enter/{secret}").status_code == 404, "a name that leads here"
    local = lite_cast.client(**HERE)
    assert local.get(f"/enter/{secret}").status_code == 303
    assert local.get("/api/v1/session").status_code == 200


def test_it_ends_by_itself_and_is_no_token(lite_cast: Cast) -> None:
    secret = link_of(lite_cast, lite_cast.ann)
    bearer = lite_cast.client(Authorization=f"Bearer {secret}")
    assert bearer.get("/api/v1/session").status_code == 401
    lite_cast.house.clock.move(hours=2)
    late = lite_cast.client(**HERE)
    late.get(f"/enter/{secret}")
    assert late.get("/api/v1/session").status_code == 401
