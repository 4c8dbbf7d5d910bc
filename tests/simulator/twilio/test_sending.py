"""The send API over real sockets: its answers, its errors, and every way in which an answer can be lost."""

import re
import threading
import time
from email.utils import parsedate_to_datetime

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from casella_simulator import ApiKey, Faults, Simulator
from tests import loopback
from tests.budget import tries
from tests.simulator.desk import LINE, MESSAGES, PHONE, SERVICE, SID, TOKEN, Desk, account, number, send, until


def test_an_accepted_message_is_answered_as_twilio_answers(sim: Simulator) -> None:
    answer = send(sim, Body="Ciao 👋")
    body = answer.json()
    assert answer.status_code == 201
    assert re.fullmatch(r"SM[0-9a-f]{32}", body["sid"])
    assert parsedate_to_datetime(body["date_created"]).tzinfo is not None
    expected = {
        "account_sid": SID,
        "api_version": "2010-04-01",
        "body": "Ciao 👋",
        "date_sent": None,
        "direction": "outbound-api",
        "error_code": None,
        "error_message": None,
        "from": LINE,
        "messaging_service_sid": None,
        "num_media": "0",
        "num_segments": "1",
        "price": None,
        "price_unit": "USD",
        "status": "queued",
        "subresource_uris": {"media": f"/2010-04-01/Accounts/{SID}/Messages/{body['sid']}/Media.json"},
        "to": PHONE,
        "uri": f"/2010-04-01/Accounts/{SID}/Messages/{body['sid']}.json",
    }
    assert body | expected == body
    assert [entry.sid for entry in sim.accepted()] == [body["sid"]]


@pytest.mark.parametrize(
    ("parameters", "code"),
    [
        ({"To": None}, 21604),
        ({"To": "12025550143"}, 21211),
        ({"To": "+0123456789"}, 21211),
        ({"To": "not a number"}, 21211),
        ({"From": None}, 21603),
        ({"From": "+19995550100"}, 21606),
        ({"Body": None}, 21602),
        ({"Body": ""}, 21602),
        ({"Body": "x" * 1601}, 21617),
        ({"MediaUrl": ["https://a.test/x.png"] * 11}, 21623),
        ({"MediaUrl": "file:///etc/passwd"}, 21620),
        ({"StatusCallback": "nonsense"}, 21609),
        ({"StatusCallback": "https://under_score.test/"}, 21609),
        ({"MessagingServiceSid": "XX1"}, 21705),
        ({"MessagingServiceSid": SERVICE}, 21703),
        ({"To": LINE}, 21266),
        ({"To": "+15005550009"}, 21614),
        ({"From": "+15005550008"}, 21611),
        ({"ValidityPeriod": "36001"}, 20001),
        ({"SendAt": "2027-01-01T00:00:00Z"}, 20001),
    ],
)
def test_what_twilio_would_refuse_is_refused_with_its_code(
    sim: Simulator, parameters: dict[str, object], code: int
) -> None:
    answer = send(sim, **parameters)
    assert answer.status_code == 400
    assert answer.json().keys() == {"code", "message", "more_info", "status"}
    assert answer.json()["code"] == code
    assert answer.json()["more_info"].endswith(f"/{code}")
    assert sim.accepted() == []


@pytest.mark.parametrize(
    "auth",
    [(SID, "wrong"), ("AC" + "9" * 32, TOKEN), ("", ""), (SID, "ö"), None],
)
def test_bad_credentials_are_refused(sim: Simulator, auth: tuple[str, str] | None) -> None:
    answer = loopback.post(sim.url + MESSAGES, auth=auth, data={"To": PHONE, "From": LINE, "Body": "x"})
    assert answer.status_code == 401
    assert answer.json()["code"] == 20003
    assert answer.headers["www-authenticate"].startswith("Basic")
    assert sim.accepted() == []


def test_an_account_cannot_be_reached_with_the_credentials_of_another(sim: Simulator, desk: Desk) -> None:
    other = "AC" + "7" * 32
    sim.configure(account(desk, sid=other, auth_token="another", numbers=()))
    answer = loopback.post(sim.url + MESSAGES, auth=(other, "another"), data={"To": PHONE, "From": LINE, "Body": "x"})
    assert answer.status_code == 401


def test_the_secondary_token_and_api_keys_open_the_api(sim: Simulator, desk: Desk) -> None:
    key = ApiKey.model_validate({"sid": "SK" + "1" * 32, "secret": "key"})
    sim.configure(account(desk, secondary_token="second", api_keys=(key,)))
    for auth in ((SID, TOKEN), (SID, "second"), (key.sid, "key")):
        answer = loopback.post(sim.url + MESSAGES, auth=auth, data={"To": PHONE, "From": LINE, "Body": "x"})
        assert answer.status_code == 201
    assert loopback.post(sim.url + MESSAGES, auth=(key.sid, TOKEN), data={}).status_code == 401


def test_a_huge_body_is_refused_unread(sim: Simulator) -> None:
    assert send(sim, Body="x" * 300_000).status_code == 413


@settings(max_examples=tries(60), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(raw=st.binary(max_size=300))
def test_no_body_makes_the_api_fail(sim: Simulator, raw: bytes) -> None:
    answer = loopback.post(sim.url + MESSAGES, auth=(SID, TOKEN), content=raw)
    assert answer.status_code in (201, 400)


def test_a_messaging_service_picks_the_number_after_it_has_answered(sim: Simulator, desk: Desk) -> None:
    sim.configure(account(desk, numbers=(number(desk, messaging_service=SERVICE),)))
    body = send(sim, From=None, MessagingServiceSid=SERVICE).json()
    assert (body["from"], body["num_segments"], body["status"]) == (None, "0", "accepted")
    assert body["messaging_service_sid"] == SERVICE
    assert sim.accepted()[0].sender == LINE


def test_the_same_request_twice_is_seen_as_sent_twice(sim: Simulator) -> None:
    send(sim, Body="once", StatusCallback=None)
    assert sim.repeated() == []
    send(sim, Body="twice")
    send(sim, Body="twice")
    assert [entry.body for entry in sim.repeated()] == ["twice", "twice"]


# --- faults -------------------------------------------------------------------------------------------------------


def test_an_error_before_accepting_accepts_nothing(sim: Simulator) -> None:
    sim.set_faults(Faults(error_before=1))
    assert send(sim).status_code == 500
    assert sim.accepted() == []


def test_an_error_after_accepting_has_sent_the_message(sim: Simulator) -> None:
    sim.set_faults(Faults(error_after=1))
    assert send(sim).status_code == 500
    until(lambda: sim.phone(PHONE).texts == ["Hello"])
    assert [entry.outcome for entry in sim.accepted()] == ["error_after"]


@pytest.mark.parametrize(("fault", "accepted"), [("cut_before", 0), ("cut_after", 1)])
def test_a_cut_connection_gives_no_answer_at_all(sim: Simulator, fault: str, accepted: int) -> None:
    sim.set_faults(Faults.model_validate({fault: 1}))
    with pytest.raises(httpx.RemoteProtocolError, match="without sending a response"):
        send(sim)
    assert len(sim.accepted()) == accepted
    sim.wait_until_quiet()
    assert len(sim.phone(PHONE).inbox) == accepted


def test_a_timeout_has_accepted_and_delivers_while_the_caller_waits(sim: Simulator) -> None:
    sim.set_faults(Faults(timeout_after=1))
    impatient = httpx.Timeout(20, read=0.5)
    with pytest.raises(httpx.ReadTimeout):
        loopback.post(
            sim.url + MESSAGES, auth=(SID, TOKEN), data={"To": PHONE, "From": LINE, "Body": "x"}, timeout=impatient
        )
    until(lambda: sim.phone(PHONE).texts == ["x"])


def test_a_patient_caller_is_answered_after_the_timeout(sim: Simulator) -> None:
    sim.set_faults(Faults(timeout_after=1, hang_ms=20))
    assert send(sim).status_code == 201


def test_a_refusal_by_share_has_the_code_asked_for(sim: Simulator) -> None:
    sim.set_faults(Faults(refuse={21612: 1}))
    assert send(sim).json()["code"] == 21612
    assert sim.accepted() == []


def test_faults_of_one_phone_leave_the_others_alone(sim: Simulator) -> None:
    sim.set_faults(Faults(error_before=1), phone="+393331234567")
    assert send(sim).status_code == 201
    assert send(sim, To="+393331234567").status_code == 500


def test_above_its_rate_the_api_answers_429_and_accepts_nothing(sim: Simulator) -> None:
    sim.set_faults(Faults(throttle_per_second=0.01))
    answers = [send(sim, Body=f"{count}") for count in range(4)]
    assert [answer.status_code for answer in answers] == [201, 429, 429, 429]
    assert answers[1].json()["code"] == 20429
    assert [entry.body for entry in sim.accepted()] == ["0"]


def test_latency_holds_back_the_answer_but_not_the_message(sim: Simulator) -> None:
    sim.set_faults(Faults(latency_ms=(150, 150)))
    started = time.monotonic()
    assert send(sim).status_code == 201
    assert time.monotonic() - started >= 0.15


def test_concurrent_sends_wait_together_not_one_after_the_other(sim: Simulator) -> None:
    sim.set_faults(Faults(latency_ms=(400, 400)))
    threads = [threading.Thread(target=send, args=(sim,), kwargs={"Body": f"{count}"}) for count in range(8)]
    for thread in threads:
        thread.start()
    until(lambda: len(sim.accepted()) == 8)
    assert sim.phone(PHONE).inbox == []  # all accepted before the first was answered, so before any went its way
    for thread in threads:
        thread.join()


def test_the_same_seed_gives_the_same_fates_in_any_order(sim: Simulator) -> None:
    def fates(bodies: list[str]) -> dict[str, int]:
        sim.reset()
        sim.set_faults(Faults(seed=7, error_before=0.5))
        return {body: send(sim, Body=body).status_code for body in bodies}

    bodies = [f"message {count}" for count in range(12)]
    first = fates(bodies)
    assert set(first.values()) == {201, 500}
    assert fates(bodies[::-1]) == first
