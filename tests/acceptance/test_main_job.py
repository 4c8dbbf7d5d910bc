"""The main job, from a customer's phone to an agent's answer and back, through public faces only: the agents' HTTP API
on one side, a provider on the other. On SQLite in one process, and on PostgreSQL and Redis in several."""

from __future__ import annotations

import itertools
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from threading import Barrier

import httpx
import pytest

from casella_simulator import Faults, Simulator
from tests.acceptance.desk_work import (
    conversation_of,
    messages_of,
    reply,
    signed_in,
    texts,
    wait_for_state,
)
from tests.integration.rig.desks import NUMBER, UNREGISTERED
from tests.integration.rig.houses import House
from tests.integration.rig.programs import until
from tests.integration.rig.streams import Watcher

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]
_PHONES = itertools.count(1)
PICTURE = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010806000000 1f15c4890000000d49444154789c63f8cf"
    "c0f01f0005000201a5b7a8b00000000049454e44ae426082"
)
REFUND = "We have your request for a refund and look into it today. Please send us the order number if you have it."
GREETING = "Hello! Thanks for writing to us. Somebody will answer in a moment."


@pytest.fixture
def phone() -> str:
    """A customer nobody knows yet."""
    return f"+1202556{next(_PHONES):04}"


@pytest.fixture
def manager(house: House) -> Iterator[httpx.Client]:
    with house.client("mara") as client:
        yield client


@pytest.fixture
def watcher(house: House) -> Iterator[Watcher]:
    watching = Watcher(house.client("mara"))
    watching.start()
    yield watching
    watching.stop()


@pytest.fixture
def at_work(house: House, manager: httpx.Client) -> Iterator[None]:
    """Carla and Dave, of billing, take new conversations; those that other tests have left waiting they have taken."""
    for key in ("carla", "dave"):
        with house.client(key) as client:
            client.put("/api/v1/me/availability", json={"available": True}).raise_for_status()
    until(lambda: not _waiting(manager), "those who waited to be served")
    yield
    for key in ("carla", "dave"):
        with house.client(key) as client:
            client.put("/api/v1/me/availability", json={"available": False}).raise_for_status()


def _waiting(manager: httpx.Client) -> list[str]:
    found = manager.get("/api/v1/conversations", params={"status": "open", "limit": 100}).json()["items"]
    return [item["id"] for item in found if item["team"] and not item["assignee"]]


@pytest.fixture(autouse=True)
def calm_provider(provider: Simulator) -> Iterator[None]:
    yield
    provider.set_faults()


def test_a_text_is_routed_answered_and_delivered(
    house: House, provider: Simulator, manager: httpx.Client, at_work: None, watcher: Watcher, phone: str
) -> None:
    arrival = provider.text_from(phone, "I was charged twice for order 482913, I want a refund", to=NUMBER)
    assert arrival.status == 200
    assert arrival.deliveries[0].answer_type.startswith("text/xml")

    watcher.wait_for(lambda event: event.message().get("text") == REFUND, "the rule's reply")
    conversation = conversation_of(manager, phone)
    assert conversation["inbox"]["key"] == "support"
    assert conversation["channel"]["address"] == NUMBER
    assert conversation["assignee"]["key"] in ("carla", "dave")
    assert conversation["team"]["key"] == "billing"
    assert conversation["tags"] == ["refund"]
    assert conversation["priority"] == "high"

    came, answered = messages_of(manager, conversation["id"])
    assert (came["direction"], came["text"], came["external_id"], came["state"]) == (
        "in", "I was charged twice for order 482913, I want a refund", arrival.sid, "received",
    )  # fmt: skip
    assert datetime.fromisoformat(came["received_at"]).utcoffset() is not None
    assert (answered["direction"], answered["text"], answered["sender"]["kind"]) == ("out", REFUND, "rule")

    delivered = wait_for_state(manager, answered["id"], "delivered")
    [sent] = [one for one in provider.accepted() if one.to == phone]
    assert (sent.body, sent.sender, sent.sid) == (REFUND, NUMBER, delivered["external_id"])
    assert [entry.text for entry in provider.phone(phone).inbox] == [REFUND]

    [decision] = manager.get(f"/api/v1/conversations/{conversation['id']}/decisions").json()["items"]
    assert decision["cause_id"] == came["id"]
    assert "Refunds go to billing" in str(decision["outcome"])


def test_a_canned_reply_is_filled_by_jinja(
    provider: Simulator, manager: httpx.Client, house: House, phone: str
) -> None:
    provider.text_from(phone, "Is anybody there?", to=NUMBER)
    until(lambda: [one.body for one in provider.accepted() if one.to == phone] == [GREETING], "greeting")


def test_an_agent_signs_in_reads_and_answers_once(
    house: House, provider: Simulator, manager: httpx.Client, watcher: Watcher, phone: str
) -> None:
    provider.text_from(phone, "When do you open tomorrow?", to=NUMBER)
    with signed_in(house.url, "carla@demo.example") as carla:
        assert carla.get("/api/v1/me").json()["key"] == "carla"
        conversation = conversation_of(carla, phone)
        assert conversation["last_message_text"]
        key = uuid.uuid4().hex
        first = reply(carla, conversation["id"], "At nine. See you!", key)
        again = reply(carla, conversation["id"], "At nine. See you!", key)
        assert (first.status_code, again.status_code) == (201, 201)
        assert again.headers["Idempotent-Replayed"] == "true"
        assert first.json()["id"] == again.json()["id"]
        assert reply(carla, conversation["id"], "Something else", key).status_code in (409, 422)

        wait_for_state(carla, first.json()["id"], "delivered")
        assert [one.body for one in provider.accepted() if one.to == phone] == [GREETING, "At nine. See you!"]
        arrived = (first.json()["id"], "delivered")
        watcher.wait_for(
            lambda event: (event.message().get("id"), event.message().get("state")) == arrived, "delivered"
        )
        shown = messages_of(carla, conversation["id"])[-1]
        assert (shown["sender"]["kind"], shown["sender"]["name"]) == ("agent", "Carla Conti")

        assert carla.delete("/api/v1/session").status_code == 204
        assert carla.get("/api/v1/me").status_code == 401


def test_the_event_stream_goes_on_where_it_was_left(
    house: House, provider: Simulator, manager: httpx.Client, phone: str
) -> None:
    first = Watcher(house.client("mara"))
    first.start()
    provider.text_from(phone, "one", to=NUMBER)
    left_at = first.wait_for(lambda event: event.message().get("text") == "one", "the first message").cursor
    first.stop()

    for text in ("two", "three", "four"):
        provider.text_from(phone, text, to=NUMBER)
    second = Watcher(house.client("mara"))
    second.cursor = left_at
    second.start()
    second.wait_for(lambda event: event.message().get("text") == "four", "the last message")
    second.stop()

    came = [event.message() for event in second.events if event.kind == "message.created"]
    told = [message["text"] for message in came if message["direction"] == "in"]
    assert told == ["two", "three", "four"]
    assert second.resets == 0
    polled = manager.get("/api/v1/events/poll", params={"after": left_at, "limit": 100}).json()["events"]
    assert [event["cursor"] for event in polled][: len(second.events)] == [event.cursor for event in second.events]


def test_a_picture_is_fetched_checked_and_downloadable(provider: Simulator, manager: httpx.Client, phone: str) -> None:
    picture = provider.file(PICTURE, "image/png", "receipt.png")
    provider.text_from(phone, "my receipt", to=NUMBER, media=[picture])
    conversation = conversation_of(manager, phone)
    until(
        lambda: messages_of(manager, conversation["id"])[0]["attachments"][0]["state"] == "stored",
        "the attachment stored",
    )
    message = messages_of(manager, conversation["id"])[0]
    assert message["kind"] == "image"
    [attachment] = message["attachments"]
    assert (attachment["mime"], attachment["size"], attachment["kind"]) == ("image/png", len(PICTURE), "image")
    download = manager.get(attachment["url"])
    assert download.content == PICTURE
    assert download.headers["content-type"] == "image/png"


def test_stop_is_kept_in_the_ledger_and_start_opens_again(
    house: House, provider: Simulator, manager: httpx.Client, watcher: Watcher, phone: str
) -> None:
    provider.text_from(phone, "hello", to=NUMBER)
    conversation = conversation_of(manager, phone)
    until(lambda: [one for one in provider.accepted() if one.to == phone], "the greeting")
    provider.text_from(phone, "Stop!", to=NUMBER)
    watcher.wait_for(lambda event: event.kind == "contact.consent" and event.payload["state"] == "opted_out", "STOP")

    refused = reply(manager, conversation["id"], "Are you sure?")
    assert (refused.status_code, refused.json()["code"]) == (422, "contact_stopped")
    shown = manager.get(f"/api/v1/conversations/{conversation['id']}").json()["can_send"]
    assert (shown["allowed"], shown["code"]) == (False, "contact_stopped")
    assert "Stop!" in texts(messages_of(manager, conversation["id"]), "in")
    assert len([one for one in provider.accepted() if one.to == phone]) == 1

    provider.text_from(phone, "START", to=NUMBER)
    until(lambda: manager.get(f"/api/v1/conversations/{conversation['id']}").json()["can_send"]["allowed"], "START")
    back = reply(manager, conversation["id"], "Welcome back")
    assert wait_for_state(manager, back.json()["id"], "delivered")["error"] is None


def test_a_number_without_registration_may_not_write_to_the_united_states(
    provider: Simulator, manager: httpx.Client, phone: str
) -> None:
    assert provider.text_from(phone, "hello", to=UNREGISTERED).status == 200
    conversation = conversation_of(manager, phone)
    refused = reply(manager, conversation["id"], "Hi!")
    assert (refused.status_code, refused.json()["code"]) == (422, "number_not_registered")
    assert [one for one in provider.accepted() if one.to == phone] == []


def test_a_send_without_an_answer_is_shown_as_unconfirmed_and_settled_by_asking(
    provider: Simulator, manager: httpx.Client, phone: str
) -> None:
    provider.text_from(phone, "hello", to=NUMBER)
    conversation = conversation_of(manager, phone)
    until(lambda: [one for one in provider.accepted() if one.to == phone], "the greeting")
    provider.set_faults(Faults(cut_after=1, receipts_missing=1), phone=phone)
    unsure = reply(manager, conversation["id"], "Did you get this?").json()
    settled = wait_for_state(manager, unsure["id"], "sent")
    [sent] = [one for one in provider.accepted() if one.to == phone][1:]
    assert settled["external_id"] == sent.sid
    attempts = manager.get(f"/api/v1/messages/{unsure['id']}/attempts").json()
    assert [attempt["outcome"] for attempt in attempts] == ["send_uncertain", "settled_sent"]


def test_an_agent_decides_about_an_unconfirmed_message(provider: Simulator, manager: httpx.Client, phone: str) -> None:
    provider.text_from(phone, "hello", to=NUMBER)
    conversation = conversation_of(manager, phone)
    until(lambda: [one for one in provider.accepted() if one.to == phone], "the greeting")
    provider.set_faults(Faults(cut_before=1), phone=phone)
    unsure = reply(manager, conversation["id"], "And this?").json()
    shown = wait_for_state(manager, unsure["id"], "unconfirmed")
    assert shown["error"]["code"] == "send_uncertain"

    provider.set_faults(Faults(), phone=phone)
    again = manager.post(f"/api/v1/messages/{unsure['id']}/resolve", json={"verdict": "send_again"})
    assert again.status_code == 200
    wait_for_state(manager, unsure["id"], "delivered")
    assert [one.body for one in provider.accepted() if one.to == phone] == [GREETING, "And this?"]
    late = manager.post(f"/api/v1/messages/{unsure['id']}/resolve", json={"verdict": "sent"})
    assert (late.status_code, late.json()["code"]) == (409, "not_unconfirmed")


def test_the_same_webhook_fifty_times_at_the_same_instant_is_one_message(
    provider: Simulator, manager: httpx.Client, phone: str
) -> None:
    provider.set_faults(Faults(webhook_copies=50), phone=phone)
    arrival = provider.text_from(phone, "only once, please", to=NUMBER)
    assert [delivery.status for delivery in arrival.deliveries] == [200] * 50
    provider.set_faults(Faults(), phone=phone)
    provider.text_from(phone, "and then this", to=NUMBER)

    conversation = conversation_of(manager, phone)
    until(lambda: "and then this" in texts(messages_of(manager, conversation["id"]), "in"), "the second message")
    assert texts(messages_of(manager, conversation["id"]), "in") == ["only once, please", "and then this"]
    until(lambda: [one.body for one in provider.accepted() if one.to == phone] == [GREETING], "one greeting")


def test_two_quick_messages_of_a_new_contact_make_one_conversation(
    provider: Simulator, manager: httpx.Client, phone: str
) -> None:
    together = Barrier(2)

    def write(text: str) -> int | None:
        together.wait()
        return provider.text_from(phone, text, to=NUMBER).status

    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(write, ("first", "second"))) == [200, 200]
    conversation = conversation_of(manager, phone)
    until(lambda: len(texts(messages_of(manager, conversation["id"]), "in")) == 2, "both messages")
    came = [message for message in messages_of(manager, conversation["id"]) if message["direction"] == "in"]
    assert sorted(message["text"] for message in came) == ["first", "second"]
    times = [message["received_at"] for message in came]
    assert times == sorted(times)
    assert conversation_of(manager, phone)["id"] == conversation["id"]
    [greeting] = [one.body for one in provider.accepted() if one.to == phone]
    assert greeting == GREETING


def test_of_two_agents_who_claim_at_once_one_wins_and_the_other_learns_who(
    house: House, provider: Simulator, manager: httpx.Client, phone: str
) -> None:
    provider.text_from(phone, "whoever is free", to=NUMBER)
    conversation = conversation_of(manager, phone)
    assert conversation["assignee"] is None
    together = Barrier(2)

    def claim(client: httpx.Client) -> httpx.Response:
        together.wait()
        body = {"assignee": "me", "expected": None}
        return client.post(f"/api/v1/conversations/{conversation['id']}/assign", json=body)

    with house.client("ann") as ann, house.client("bruno") as bruno, ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(claim, (ann, bruno)))
    assert sorted(answer.status_code for answer in answers) == [200, 409]
    won, lost = sorted(answers, key=lambda answer: answer.status_code)
    winner = won.json()["assignee"]
    assert winner["key"] in ("ann", "bruno")
    problem = lost.json()
    assert problem["code"] == "assignment_lost"
    assert (problem["assignee_id"], problem["assignee_name"]) == (winner["id"], winner["name"])
    assert conversation_of(manager, phone)["assignee"]["id"] == winner["id"]


def test_a_webhook_that_was_not_signed_by_the_provider_is_refused(
    provider: Simulator, manager: httpx.Client, phone: str
) -> None:
    provider.set_faults(Faults(bad_signature=1), phone=phone)
    assert provider.text_from(phone, "I am an impostor", to=NUMBER).status == 403
    provider.set_faults(Faults(), phone=phone)
    assert provider.text_from(phone, "I am not", to=NUMBER).status == 200
    assert texts(messages_of(manager, conversation_of(manager, phone)["id"]), "in") == ["I am not"]
