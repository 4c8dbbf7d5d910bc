"""Signing in and out, tokens, and who is kept out."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, update

from casella.api.frame.cookies import SessionCookie
from casella.inbox.reading.passwords import Passwords
from casella.store.tables import access_tokens, agents, idempotency_keys
from tests.api.conftest import Cast, cast_of
from tests.api.house import KEY, QUICK, open_house

PASSWORD = "correct horse battery"
OWN = {"Sec-Fetch-Site": "same-origin"}
ME = "/api/v1/me"


def give_password(cast: Cast) -> Cast:
    with cast.house.store.write() as db:
        hashed = QUICK.hash(PASSWORD)
        db.execute(update(agents).where(agents.c.id == cast.ann).values(password_hash=hashed))
    return cast


@pytest.fixture
def ann(cast: Cast) -> Cast:
    """The cast, in which Ann has a password."""
    return give_password(cast)


@pytest.fixture
def lite_ann(lite_cast: Cast) -> Cast:
    return give_password(lite_cast)


def test_a_browser_signs_in_works_and_signs_out(ann: Cast) -> None:
    browser = ann.client()
    signed_in = browser.post("/api/v1/session", json={"email": "ANN@casella.test", "password": PASSWORD})
    assert (signed_in.status_code, signed_in.json()["name"], signed_in.json()["role"]) == (200, "Ann", "agent")
    cookie = signed_in.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "samesite=lax" in cookie.lower()
    assert "max-age=604800" in cookie.lower()
    assert browser.get(ME).json()["inbox_ids"] == [ann.support]
    stolen = dict(browser.cookies)
    assert browser.delete("/api/v1/session", headers=OWN).status_code == 204
    thief = ann.client()
    thief.cookies.update(stolen)
    assert thief.get(ME).status_code == 401


def test_no_secret_is_in_the_database(ann: Cast) -> None:
    browser = ann.client()
    browser.post("/api/v1/session", json={"email": "ann@casella.test", "password": PASSWORD})
    made = ann.client(ann.ann).post(f"{ME}/tokens", json={"label": "report"}).json()
    with ann.house.store.read() as db:
        stored = repr(db.execute(select(access_tokens)).all()) + repr(db.execute(select(agents)).all())
    assert made["text"] not in stored
    assert made["text"][4:] not in stored
    assert browser.cookies["casella_session"] not in stored
    assert PASSWORD not in stored


def test_a_weak_hash_is_made_anew_after_the_right_password(migrated_url: str, tmp_path: Path) -> None:
    """With the parameters of production; the other tests hash quickly."""
    with open_house(migrated_url, tmp_path, passwords=Passwords()) as house:
        ann = give_password(cast_of(house))
        ann.client().post("/api/v1/session", json={"email": "ann@casella.test", "password": PASSWORD})
        with house.store.read() as db:
            stored = db.execute(select(agents.c.password_hash).where(agents.c.id == ann.ann)).scalar_one()
        assert not Passwords().is_outdated(stored)
        again = ann.client().post("/api/v1/session", json={"email": "ann@casella.test", "password": PASSWORD})
        assert again.status_code == 200


@pytest.mark.parametrize(
    ("email", "password"), [("ann@casella.test", "wrong"), ("nobody@casella.test", PASSWORD), ("bob@casella.test", "x")]
)
def test_wrong_credentials_all_look_the_same(lite_ann: Cast, email: str, password: str) -> None:
    answer = lite_ann.client().post("/api/v1/session", json={"email": email, "password": password})
    assert (answer.status_code, answer.json()["code"]) == (401, "wrong_credentials")
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 403),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Origin": "https://evil.test"}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": "http://[evil"}, 403),
        ({"Sec-Fetch-Site": "cross-site", "Origin": "http://casella.test"}, 403),
        ({"Sec-Fetch-Site": "same-origin"}, 200),
        ({"Origin": "http://casella.test"}, 200),
        ({"Origin": "http://127.0.0.1:8000"}, 403),
        ({"X-Casella-Request": "1"}, 200),
    ],
)
def test_a_cookie_writes_from_our_own_pages_only(lite_ann: Cast, headers: dict[str, str], status: int) -> None:
    browser = lite_ann.client()
    browser.post("/api/v1/session", json={"email": "ann@casella.test", "password": PASSWORD})
    answer = browser.put(f"{ME}/availability", json={"available": True}, headers=headers)
    assert answer.status_code == status
    if status == 403:
        assert answer.json()["code"] == "cross_site"
        assert browser.get(ME).json()["available"] is False


def test_another_site_cannot_sign_anybody_in(lite_ann: Cast) -> None:
    body = {"email": "ann@casella.test", "password": PASSWORD}
    answer = lite_ann.client().post("/api/v1/session", json=body, headers={"Origin": "https://evil.test"})
    assert answer.status_code == 403


@pytest.mark.parametrize(
    "authorization",
    ["Bearer csl_wrong", "Bearer ", "Bearer", "Basic YTpi", "csl_x", "Bearer \xff\xfe", "Bearer " + "x" * 5000],
)
def test_a_bad_token_is_refused_also_beside_a_good_cookie(lite_ann: Cast, authorization: str) -> None:
    browser = lite_ann.client()
    browser.post("/api/v1/session", json={"email": "ann@casella.test", "password": PASSWORD})
    answer = browser.get(ME, headers={b"Authorization": authorization.encode("latin-1")})
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize("cookie", ["", "x", "a.b.c", '"csl_x".sig', "x" * 9000, "\xff"])
def test_a_forged_cookie_is_refused(lite_cast: Cast, cookie: str) -> None:
    answer = lite_cast.client().get(ME, headers={b"Cookie": f"casella_session={cookie}".encode("latin-1")})
    assert answer.status_code == 401


def test_a_session_secret_is_no_bearer_token_and_the_other_way_round(ann: Cast) -> None:
    browser = ann.client()
    browser.post("/api/v1/session", json={"email": "ann@casella.test", "password": PASSWORD})
    secret = SessionCookie([KEY], secure=False).open(browser.cookies["casella_session"])
    assert secret is not None
    assert ann.client(Authorization=f"Bearer {secret}").get(ME).status_code == 401


def test_sessions_and_tokens_expire(ann: Cast) -> None:
    browser, program = ann.client(), ann.client(ann.ann)
    browser.post("/api/v1/session", json={"email": "ann@casella.test", "password": PASSWORD})
    day = program.post(f"{ME}/tokens", json={"label": "a day", "days": 1}).json()
    short = ann.client(Authorization=f"Bearer {day['text']}")
    ann.house.clock.move(hours=13)
    assert (browser.get(ME).status_code, short.get(ME).status_code) == (401, 200)
    ann.house.clock.move(hours=12)
    assert (short.get(ME).status_code, program.get(ME).status_code) == (401, 200)


def test_tokens_are_listed_shown_once_and_revoked_by_their_owner(cast: Cast) -> None:
    ann, bob = cast.client(cast.ann), cast.client(cast.bob)
    made = ann.post(f"{ME}/tokens", json={"label": "nightly"}).json()
    assert made["text"].startswith("csl_")
    listed = ann.get(f"{ME}/tokens").json()
    assert [token["label"] for token in listed] == ["test", "nightly"]
    assert "text" not in listed[1]
    program = cast.client(Authorization=f"Bearer {made['text']}")
    assert program.get(ME).json()["key"] == "ann"
    assert bob.delete(f"{ME}/tokens/{made['id']}").status_code == 404
    assert ann.delete(f"{ME}/tokens/{made['id']}").status_code == 204
    assert ann.delete(f"{ME}/tokens/{made['id']}").status_code == 404
    assert program.get(ME).status_code == 401


def test_a_token_asked_for_twice_with_one_key_is_one_and_is_nowhere_readable(cast: Cast) -> None:
    ann = cast.client(cast.ann)
    key = {"Idempotency-Key": "nightly-1"}
    first, again = (ann.post(f"{ME}/tokens", json={"label": "nightly"}, headers=key) for _ in range(2))
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.json() == first.json()
    assert [token["label"] for token in ann.get(f"{ME}/tokens").json()] == ["test", "nightly"]
    other = ann.post(f"{ME}/tokens", json={"label": "weekly"}, headers=key)
    assert other.json()["code"] == "idempotency_mismatch"
    with cast.house.store.read() as db:
        kept = repr(db.execute(select(idempotency_keys)).all())
    assert first.json()["text"] not in kept


def test_tokens_are_bounded(cast: Cast) -> None:
    ann = cast.client(cast.ann)
    answers = [ann.post(f"{ME}/tokens", json={"label": str(number)}).status_code for number in range(51)]
    assert set(answers[:49]) == {201}
    assert answers[-1] == 409


def test_a_removed_agent_is_out_at_once(cast: Cast) -> None:
    ann = cast.client(cast.ann)
    assert ann.get(ME).status_code == 200
    with cast.house.store.write() as db:
        removed = cast.house.clock.now() - timedelta(seconds=1)
        db.execute(update(agents).where(agents.c.id == cast.ann).values(removed_at=removed))
    assert ann.get(ME).status_code == 401


def test_one_switch_for_new_work(cast: Cast) -> None:
    ann = cast.client(cast.ann)
    assert ann.put(f"{ME}/availability", json={"available": True}).json()["available"] is True
    assert ann.get("/api/v1/session").json()["available"] is True
    assert ann.put(f"{ME}/availability", json={"available": False}).json()["available"] is False
    assert ann.put(f"{ME}/availability", json={"available": "maybe"}).status_code == 422
