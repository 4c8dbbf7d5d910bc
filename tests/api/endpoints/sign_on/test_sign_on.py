"""Signing in by a real provider: who is let in, who is not, and what nobody can make of it."""

from __future__ import annotations

from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
import pytest

from casella.api.limits.login_limits import PER_VISIT
from casella.inbox.reading.second_factors import code_at, step_of
from casella.store.queries import second_factor_queries
from casella.store.queries.agent_queries import set_password_hash
from tests.api.conftest import Cast
from tests.api.endpoints.sign_on.conftest import ACCOUNTS, PUBLIC, Open, Walker, settings_for
from tests.api.house import QUICK
from tests.services.oidc_provider import CLIENT_ID, CLIENT_SECRET, client, oidc_provider

PASSWORD = "a long password of Dora"
SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"


def test_whom_the_provider_vouches_for_is_signed_in(cast: Cast) -> None:
    """E-mail addresses are compared without regard to letter case; the session is one like any other."""
    browser = Walker(cast)
    assert browser.who() is None
    assert browser.sign_in("dora") == "dora"
    credentials = cast.client(cast.dora).get(f"/api/v1/agents/{cast.dora}/credentials").json()
    assert [one["kind"] for one in credentials].count("session") == 1
    assert browser.here.delete("/api/v1/session", headers={"X-Casella-Request": "1"}).status_code == 204
    assert browser.who() is None


def test_what_leaves_for_the_provider_is_bound_to_this_browser_and_holds_no_secret(cast: Cast, issuer: str) -> None:
    first, second = (parse_qs(urlsplit(Walker(cast).begin()).query) for _ in range(2))
    assert first["client_id"] == [CLIENT_ID]
    assert first["redirect_uri"] == [f"{PUBLIC}/sign-in/return"]
    assert (first["response_type"], first["code_challenge_method"]) == (["code"], ["S256"])
    for name in ("state", "nonce", "code_challenge"):
        assert len(first[name][0]) == 43
        assert first[name] != second[name]
    assert len({first[name][0] for name in ("state", "nonce", "code_challenge")}) == 3
    assert CLIENT_SECRET not in str(first)


def test_signing_in_ends_the_session_that_the_browser_had(cast: Cast) -> None:
    browser = Walker(cast)
    assert browser.sign_in("ann") == "ann"
    former = dict(browser.here.cookies)["casella_session"]
    browser.there.cookies.clear()
    assert browser.sign_in("dora") == "dora"
    old = cast.client(Cookie=f"casella_session={former}")
    assert old.get("/api/v1/session").status_code == 401


@pytest.mark.parametrize(
    ("account", "code"), [("stranger", "no_such_agent"), ("bob", "email_unverified"), ("eve", "email_unverified")]
)
def test_who_is_not_vouched_for_or_unknown_is_told_so(cast: Cast, account: str, code: str) -> None:
    browser = Walker(cast)
    assert browser.sign_in(account) is None
    told = [
        browser.here.get("/api/v1/sign-in", headers={"Accept-Language": language}).json()["problem"]
        for language in ("it", "en")
    ]
    assert told[0]["code"] == code
    assert told[1] is None, "told once"
    again = browser.begin()
    assert parse_qs(urlsplit(again).query)["prompt"] == ["login"], "another account can be chosen"
    browser.there.cookies.clear()
    browser.come_back(browser.choose(again, "ann"))
    assert browser.who() == "ann"


def test_a_refusal_at_the_provider_is_told(cast: Cast) -> None:
    browser = Walker(cast)
    assert browser.sign_in("") is None
    assert browser.problem() == "sign_in_refused"


def test_a_way_back_is_used_once(cast: Cast) -> None:
    """Neither again in the same browser, nor with the cookie that it had before."""
    browser = Walker(cast)
    address = browser.choose(browser.begin(), "dora")
    before = dict(browser.here.cookies)
    browser.come_back(address)
    assert browser.who() == "dora"
    browser.here.cookies.clear()
    for name, value in before.items():
        browser.here.cookies.set(name, value, domain="casella.test")
    browser.come_back(address)
    assert browser.who() is None
    assert browser.problem() == "sign_in_stale"


def test_a_state_counts_once_even_with_a_fresh_code(cast: Cast) -> None:
    browser = Walker(cast)
    begun = browser.begin()
    first = browser.choose(begun, "dora")
    before = dict(browser.here.cookies)
    browser.come_back(first)
    browser.here.cookies.clear()
    for name, value in before.items():
        browser.here.cookies.set(name, value, domain="casella.test")
    second = browser.choose(begun, "dora")
    assert parse_qs(urlsplit(second).query)["code"] != parse_qs(urlsplit(first).query)["code"]
    browser.come_back(second)
    assert (browser.who(), browser.problem()) == (None, "sign_in_stale")


def test_two_browsers_cannot_be_mixed(cast: Cast) -> None:
    """What an attacker brought back for his account is of no use in somebody else's browser, whatever is exchanged."""
    attacker, victim = Walker(cast), Walker(cast)
    stolen = attacker.choose(attacker.begin(), "ann")
    mine = victim.begin()
    victim.come_back(stolen)
    assert (victim.who(), victim.problem()) == (None, "sign_in_stale")
    code = parse_qs(urlsplit(stolen).query)["code"][0]
    state = parse_qs(urlsplit(mine).query)["state"][0]
    issuer = parse_qs(urlsplit(stolen).query)["iss"][0]
    victim.come_back(f"{PUBLIC}/sign-in/return?{urlencode({'code': code, 'state': state, 'iss': issuer})}")
    assert (victim.who(), victim.problem()) == (None, "sign_in_stale"), "PKCE: the code was bound to another verifier"


def test_two_tabs_of_one_browser_can_each_come_back(cast: Cast) -> None:
    browser = Walker(cast)
    first, second = browser.begin(), browser.begin()
    browser.come_back(browser.choose(first, "ann"))
    assert browser.who() == "ann"
    browser.come_back(browser.choose(second, "ann"))
    assert browser.who() is not None, "the session of the first one goes on"


def test_who_takes_longer_than_a_quarter_of_an_hour_begins_again(cast: Cast) -> None:
    browser = Walker(cast)
    address = browser.choose(browser.begin(), "dora")
    cast.house.clock.move(minutes=16)
    browser.come_back(address)
    assert (browser.who(), browser.problem()) == (None, "sign_in_stale")


def test_an_answer_of_another_provider_is_refused_before_its_code_is_given_away(cast: Cast) -> None:
    browser = Walker(cast)
    address = browser.choose(browser.begin(), "dora")
    query = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
    for wrong in ({**query, "iss": "https://other.example"}, {k: v for k, v in query.items() if k != "iss"}):
        tab = Walker(cast)
        begun = tab.choose(tab.begin(), "dora")
        state = parse_qs(urlsplit(begun).query)["state"][0]
        tab.come_back(f"{PUBLIC}/sign-in/return?{urlencode({**wrong, 'state': state})}")
        assert (tab.who(), tab.problem()) == (None, "sign_in_stale")


@pytest.mark.parametrize("extra", ["&state=x", "&code=x", "&code=" + "x" * 5000])
def test_an_answer_that_can_be_read_in_two_ways_is_refused(cast: Cast, extra: str) -> None:
    browser = Walker(cast)
    browser.come_back(browser.choose(browser.begin(), "dora") + extra)
    assert (browser.who(), browser.problem()) == (None, "sign_in_stale")


@pytest.mark.parametrize(
    "query", ["next=https://evil.example", "here=https://evil.example", "redirect_uri=https://evil.example/"]
)
def test_nobody_is_sent_anywhere_a_request_names(cast: Cast, issuer: str, query: str) -> None:
    for host in ("casella.test", "evil.example", "localhost"):
        browser = Walker(cast, Host=host)
        answer = browser.here.get(f"/sign-in/provider?{query}")
        place = urlsplit(answer.headers["location"])
        assert f"{place.scheme}://{place.netloc}" in (issuer, PUBLIC)
        assert "evil" not in answer.headers["location"]
        assert browser.here.get(f"/sign-in/return?{query}").headers["location"] == "/app/"


def test_who_comes_by_another_name_is_led_to_the_public_one_and_not_round_in_circles(cast: Cast) -> None:
    browser = Walker(cast, Host="localhost:8000")
    answer = browser.here.get("/sign-in/provider")
    assert answer.headers["location"] == f"{PUBLIC}/sign-in/provider?here=1"
    assert browser.here.get("/sign-in/provider?here=1").headers["location"].startswith("http://127.0.0.1:")


def test_without_a_provider_there_is_no_such_door(lite_cast: Cast) -> None:
    for path in ("/sign-in/provider", "/sign-in/return?code=1&state=2"):
        assert lite_cast.client().get(path).status_code == 404
    ways = lite_cast.client().get("/api/v1/sign-in").json()
    assert ways == {"password": True, "provider": None, "code_needed": False, "problem": None}


def test_a_public_client_is_protected_by_pkce_and_mail_may_stand_in_the_token(opened: Open) -> None:
    registered = client(PUBLIC, token_endpoint_auth_method="none")
    with oidc_provider([registered], ACCOUNTS, email_in_token=True) as issuer:
        cast = opened(**settings_for(issuer, oidc_client_secret=""))
        assert Walker(cast).sign_in("dora") == "dora"
        assert Walker(cast).sign_in("bob") is None


def test_a_secret_may_have_to_stand_in_the_form(opened: Open) -> None:
    method = "client_secret_post"
    registered = client(PUBLIC, token_endpoint_auth_method=method)
    with oidc_provider([registered], ACCOUNTS, auth_methods=[method]) as issuer:
        assert Walker(opened(**settings_for(issuer))).sign_in("dora") == "dora"


def test_a_wrong_secret_is_the_operators_to_mend(opened: Open, issuer: str) -> None:
    browser = Walker(opened(**settings_for(issuer, oidc_client_secret="not this one")))
    assert browser.sign_in("dora") is None
    assert browser.problem() == "sign_in_provider_mistaken"


# --- passwords switched off, and the second factor ----------------------------------------------------------------


def test_passwords_can_be_switched_off(opened: Open, issuer: str) -> None:
    cast = opened(**settings_for(issuer, password_sign_in=False))
    with cast.house.store.write() as db:
        set_password_hash(db, cast.dora, QUICK.hash(PASSWORD))
    right = {"email": "dora@casella.test", "password": PASSWORD}
    for language, word in (("en", "button"), ("it", "pulsante")):
        answer = cast.client(**{"Accept-Language": language}).post("/api/v1/session", json=right)
        assert (answer.status_code, answer.json()["code"]) == (403, "password_sign_in_off")
        assert word in answer.json()["detail"]
    ways = cast.client().get("/api/v1/sign-in").json()
    assert ways["password"] is False
    assert ways["provider"] == {"name": "Acme accounts", "path": "/sign-in/provider"}
    assert Walker(cast).sign_in("dora") == "dora"


def has_factor(cast: Cast, agent: str) -> None:
    with cast.house.store.write() as db:
        second_factor_queries.begin(db, agent, cast.house.rooms.sealer.seal(SECRET), cast.house.clock.now())
        second_factor_queries.activate(db, agent, cast.house.clock.now())


def code_of(cast: Cast) -> str:
    return code_at(SECRET, step_of(cast.house.clock.now()))


def finish(browser: Walker, code: str) -> httpx.Response:
    return browser.here.post("/api/v1/session/code", json={"code": code})


def test_the_provider_takes_the_place_of_the_password_and_of_no_second_factor(cast: Cast) -> None:
    has_factor(cast, cast.dora)
    browser = Walker(cast)
    assert browser.sign_in("dora") is None
    assert browser.here.get("/api/v1/sign-in").json()["code_needed"] is True
    wrong = finish(browser, "000000")
    assert (wrong.status_code, wrong.json()["code"]) == (401, "wrong_code")
    before = dict(browser.here.cookies)
    right = finish(browser, code_of(cast))
    assert (right.status_code, right.json()["key"]) == (200, "dora")
    assert browser.who() == "dora"
    browser.here.cookies.clear()
    browser.here.cookies.set("casella_sign_in", before["casella_sign_in"], domain="casella.test")
    cast.house.clock.move(seconds=30)
    assert finish(browser, code_of(cast)).json()["code"] == "sign_in_stale", "one step, one session"


def test_a_code_is_taken_only_where_the_provider_has_let_in_and_for_five_minutes(cast: Cast) -> None:
    has_factor(cast, cast.dora)
    nobody, browser = Walker(cast), Walker(cast)
    assert finish(nobody, code_of(cast)).json()["code"] == "sign_in_stale"
    assert browser.sign_in("dora") is None
    cast.house.clock.move(minutes=6)
    assert browser.here.get("/api/v1/sign-in").json()["code_needed"] is False
    assert finish(browser, code_of(cast)).json()["code"] == "sign_in_stale"
    crossed = nobody.here.post("/api/v1/session/code", json={"code": "1"}, headers={"Origin": "https://evil.example"})
    assert crossed.json()["code"] == "cross_site"


def test_wrong_codes_after_the_provider_are_limited(cast: Cast) -> None:
    has_factor(cast, cast.dora)
    browser = Walker(cast, address="198.51.100.7")
    browser.sign_in("dora")
    answers = [finish(browser, "000000").status_code for _ in range(11)]
    assert answers == [401] * 10 + [429]


@pytest.mark.parametrize("trusted", ["", "mfa", "hwk, mfa"])
def test_the_providers_second_factor_counts_where_the_operator_says_so(opened: Open, trusted: str) -> None:
    with oidc_provider([client(PUBLIC)], ACCOUNTS, amr=["pwd", "mfa"]) as issuer:
        cast = opened(**settings_for(issuer, oidc_second_factor=trusted))
        has_factor(cast, cast.dora)
        browser = Walker(cast)
        assert browser.sign_in("dora") == ("dora" if trusted else None)


def test_steps_of_strangers_are_limited(cast: Cast) -> None:
    browser = Walker(cast, address="198.51.100.9")
    for _ in range(PER_VISIT.amount):
        browser.here.get("/sign-in/return?code=1&state=2")
    assert browser.problem() == "sign_in_stale"
    browser.here.get("/sign-in/provider")
    assert browser.problem() == "too_many_attempts"
    assert Walker(cast, address="192.0.2.1").sign_in("dora") == "dora", "others go on"
