"""`/_sim` over HTTP: what a test in another process, a benchmark or the page can do."""

import asyncio
import base64
from itertools import islice

import httpx
import pytest

from casella_simulator import Faults, Simulator, create_app
from casella_simulator.config import SimulatorConfig
from tests import loopback
from tests.simulator.desk import LINE, PHONE, SID, TOKEN, Desk, Reply, account, send

PICTURE = b"\x89PNG picture"


def test_a_customer_writes_and_the_answer_tells_how_the_webhook_answered(sim: Simulator, desk: Desk) -> None:
    desk.reply_with(Reply(403, b"who are you"))
    answer = loopback.post(f"{sim.url}/_sim/inbound", json={"from": PHONE, "to": LINE, "text": "ciao"})
    body = answer.json()
    assert (answer.status_code, body["status"]) == (200, 403)
    assert body["id"] == desk.heard[0].form["MessageSid"]
    assert body["deliveries"][0]["answer"] == "who are you"


def test_media_is_given_inline_or_put_on_the_shelf_first(sim: Simulator, desk: Desk) -> None:
    headers = {"Content-Type": "image/png", "X-File-Name": "caff%C3%A8.png"}
    put = loopback.post(f"{sim.url}/_sim/media", content=PICTURE, headers=headers)
    assert put.status_code == 201
    assert put.json()["name"] == "caffè.png"
    inline = {"content_type": "application/pdf", "name": "b.pdf", "base64": base64.b64encode(b"%PDF").decode()}
    media = [{"id": put.json()["id"]}, inline]
    loopback.post(f"{sim.url}/_sim/inbound", json={"from": PHONE, "to": LINE, "media": media})
    form = desk.heard[0].form
    assert (form["NumMedia"], form["MediaContentType0"], form["MediaContentType1"]) == (
        "2",
        "image/png",
        "application/pdf",
    )


@pytest.mark.parametrize(
    ("content_type", "disposition"),
    [("image/png", "inline"), ("text/html", "attachment"), ("application/pdf", "attachment")],
)
def test_shelf_files_cannot_act_in_a_browser(sim: Simulator, content_type: str, disposition: str) -> None:
    file = sim.file(b"<script>alert(1)</script>", content_type)
    answer = loopback.get(f"{sim.url}/_sim/media/{file.id}")
    assert answer.headers["content-disposition"] == disposition
    assert "sandbox" in answer.headers["content-security-policy"]
    assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize(
    ("call", "status", "code"),
    [
        ({"json": {"to": LINE}}, 422, "bad_call"),
        ({"json": {"from": PHONE, "to": LINE, "txt": "x"}}, 422, "bad_call"),
        ({"json": {"from": PHONE, "to": "+19"}}, 404, "unknown_line"),
        ({"json": {"from": PHONE, "to": LINE, "provider": "pigeon"}}, 404, "unknown_line"),
        ({"json": {"from": PHONE, "to": LINE, "media": [{"id": "gone"}]}}, 404, "bad_call"),
        ({"json": {"from": PHONE, "to": LINE, "media": [{"base64": "!"}]}}, 422, "bad_call"),
        ({"json": {"from": PHONE, "to": LINE, "media": [{}] * 11}}, 422, "bad_call"),
        ({"content": b"\xff", "headers": {"Content-Type": "application/json"}}, 422, "bad_call"),
        ({"content": b"{}", "headers": {"Content-Type": "text/plain"}}, 415, "bad_call"),
    ],
)
def test_calls_that_cannot_be_are_refused_and_send_nothing(
    sim: Simulator, desk: Desk, call: dict[str, object], status: int, code: str
) -> None:
    answer = loopback.request("POST", f"{sim.url}/_sim/inbound", **call)  # type: ignore[arg-type]  # httpx's own keywords
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert desk.heard == []


@pytest.mark.parametrize("path", ["/_sim/reset", "/_sim/accounts", "/_sim/phones", "/_sim/media"])
def test_another_sites_page_can_do_nothing(sim: Simulator, path: str) -> None:
    """A browser sends text/plain across sites without asking; whatever acts here must want more than that."""
    answer = loopback.post(sim.url + path, content=b"{}", headers={"Content-Type": "text/plain"})
    assert answer.status_code in (400, 415)


def test_a_file_over_the_limit_is_refused() -> None:
    with Simulator(SimulatorConfig(media_file_limit=10)) as small:
        answer = loopback.post(f"{small.url}/_sim/media", content=bytes(11), headers={"X-File-Name": "x"})
        assert (answer.status_code, answer.json()["code"]) == (413, "media_too_large")


def test_accounts_are_added_and_replaced_while_it_runs(sim: Simulator, desk: Desk) -> None:
    number = {"number": "+390612345678", "webhook_url": f"{desk.url}/roma"}
    other = {"provider": "twilio", "sid": "AC" + "4" * 32, "auth_token": "roma-token", "numbers": [number]}
    answer = loopback.post(f"{sim.url}/_sim/accounts", json={"accounts": [other]})
    assert "roma-token" not in answer.text
    assert {"provider": "twilio", "address": "+390612345678", "webhook_url": f"{desk.url}/roma"} in answer.json()[
        "lines"
    ]
    sim.text_from(PHONE, "ciao", to="+390612345678")
    assert desk.heard[0].path == "/roma"


def test_faults_are_read_and_set_for_all_and_for_one_phone(sim: Simulator) -> None:
    answer = loopback.put(f"{sim.url}/_sim/faults", json={"latency_ms": [1, 2], "undelivered": {"30003": 0.5}})
    assert answer.json()["faults"]["latency_ms"] == [1, 2]
    loopback.put(f"{sim.url}/_sim/phones/{PHONE}/faults", json={"error_before": 1})
    read = loopback.get(f"{sim.url}/_sim/faults").json()
    assert read["faults"]["undelivered"] == {"30003": 0.5}
    assert read["phones"] == {PHONE: {"error_before": 1}}
    assert read["schema"]["properties"].keys() == Faults.model_fields.keys()
    assert send(sim).status_code == 500
    assert loopback.delete(f"{sim.url}/_sim/phones/{PHONE}/faults").json()["phones"] == {}
    assert send(sim).status_code == 201


def test_wrong_faults_change_nothing_and_say_where(sim: Simulator) -> None:
    sim.set_faults(Faults(seed=9))
    answer = loopback.put(f"{sim.url}/_sim/faults", json={"error_before": 2})
    assert answer.status_code == 422
    assert answer.json()["details"][0]["loc"] == ["error_before"]
    assert loopback.get(f"{sim.url}/_sim/faults").json()["faults"]["seed"] == 9


def test_the_journal_shows_what_was_accepted_and_how_often(sim: Simulator, desk: Desk) -> None:
    sim.set_faults(Faults(error_after=1))
    for _ in range(2):
        send(sim, Body="twice", StatusCallback=f"{desk.url}/status")
    sim.wait_until_quiet()
    page = loopback.get(f"{sim.url}/_sim/messages", params={"to": PHONE, "after": 1}).json()
    (second,) = page["messages"]
    assert (page["total"], page["repeated"], second["identical"], second["number"]) == (2, 1, 2, 2)
    assert (second["outcome"], second["state"], second["body"]) == ("error_after", "delivered", "twice")


def test_deliveries_are_journalled_with_their_answers(sim: Simulator, desk: Desk) -> None:
    desk.reply_with(Reply(503))
    sim.text_from(PHONE, "one")
    send(sim, StatusCallback=f"{desk.url}/status")
    sim.wait_until_quiet()
    page = loopback.get(f"{sim.url}/_sim/deliveries", params={"kind": "receipt"}).json()
    assert page["total"] == 3
    assert [delivery["form"]["MessageStatus"] for delivery in page["deliveries"]] == ["sent", "delivered"]
    (inbound,) = loopback.get(f"{sim.url}/_sim/deliveries", params={"limit": 1}).json()["deliveries"]
    assert (inbound["status"], inbound["kind"], inbound["failure"]) == (503, "inbound", "5xx")


def test_a_phone_shows_both_sides(sim: Simulator) -> None:
    sim.text_from(PHONE, "hello")
    send(sim, Body="hi")
    sim.wait_until_quiet()
    phone = loopback.get(f"{sim.url}/_sim/phones/{PHONE}").json()
    assert [(entry["author"], entry["text"]) for entry in phone["entries"]] == [
        ("customer", "hello"),
        ("business", "hi"),
    ]
    assert [entry["state"] for entry in phone["inbox"]] == ["delivered"]


def test_reset_forgets_everything_but_the_accounts(sim: Simulator) -> None:
    sim.text_from(PHONE, "STOP")
    send(sim, To="+393331234567")
    sim.set_faults(Faults(error_before=1))
    loopback.post(f"{sim.url}/_sim/reset", json={})
    assert (sim.accepted(), sim.deliveries(), sim.phone(PHONE).inbox) == ([], [], [])
    assert send(sim).status_code == 201


def test_reset_stops_receipts_under_way(sim: Simulator, desk: Desk) -> None:
    sim.set_faults(Faults(receipt_delay_ms=(60_000, 60_000)))
    send(sim, StatusCallback=f"{desk.url}/status")
    sim.reset()
    sim.wait_until_quiet()
    assert desk.heard == []


def test_events_are_streamed_as_they_happen(sim: Simulator) -> None:
    with loopback.stream("GET", f"{sim.url}/_sim/events", timeout=20) as stream:
        lines = stream.iter_lines()
        assert next(lines) == "event: reload"
        sim.text_from(PHONE, "ciao 👋")
        seen = list(islice((line for line in lines if line.startswith("event:")), 3))
    assert seen == ["event: entry", "event: delivery", "event: entry"]


async def ask(path: str) -> httpx.Response:
    app = create_app(SimulatorConfig(accounts=(account(Desk("http://127.0.0.1:1")),)))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://sim.test") as client:
        return await client.get(path, auth=(SID, TOKEN))


def test_the_application_runs_under_any_server() -> None:
    assert asyncio.run(ask(f"/2010-04-01/Accounts/{SID}.json")).json()["sid"] == SID
    assert asyncio.run(ask("/_sim/state")).json()["phones"][0]["number"] == "+12025550143"
