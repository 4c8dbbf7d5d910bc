"""Letters of subscriptions: of shared conversations only, signed, in order, again when they fail, logged."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from casella.errors import Conflict, Invalid, NotFound
from casella.inbox import subscriptions
from casella.inbox.subscriptions import Wish, posting
from casella.store.tables import feed, subscription_letters
from casella.store.tables import subscriptions as table
from tests.house import ANNA, BERT, DESK, House
from tests.inbox.other_system import OtherSystem
from tests.inbox.personal.test_read_marks import member

URL = "https://crm.example/casella?token=t0p"
WITH_PRIVATE = DESK.replace(
    "  second:", '  anns: {connection: acme, owner: ann, address: "+15550003", name: Of Ann}\n  second:'
).replace("  mara:", "  dora: {name: Dora, email: dora@desk.example, role: admin}\n  mara:")


class Crm(OtherSystem):
    def texts(self) -> list[str]:
        return [json.loads(request.content)["data"]["message"]["text"] for request in self.told]


@pytest.fixture
def crm() -> Iterator[Crm]:
    made = Crm(usual=204)
    yield made
    made.http.close()


@pytest.fixture
def house(migrated_url: str, tmp_path: Path) -> Iterator[House]:
    with House(migrated_url, tmp_path, desk=WITH_PRIVATE, private_hosts="crm.example:443") as built:
        yield built


def subscribe(house: House, **wish: object) -> tuple[str, str]:
    """The new subscription's id and secret."""
    wanted = Wish(**{"url": URL, "kinds": ["message.created"], **wish})  # type: ignore[arg-type]  # by name
    with house.rooms.store.write() as db:
        view, secret = subscriptions.subscribe(db, house.rooms, member(house, "dora"), wanted, house.clock.now())
    return view.id, secret


def post(house: House, crm: Crm) -> None:
    while posting.write_some(house.rooms):
        pass
    while subscriptions.post_due(house.rooms, crm.http):
        pass


def test_what_happens_is_told_signed_and_once(house: House, crm: Crm) -> None:
    house.receive(house.says("Before"))
    _, secret = subscribe(house)
    house.receive(house.says("Hello"))
    post(house, crm)
    post(house, crm)
    [request] = crm.told
    body = json.loads(request.content)
    row = house.one(subscription_letters)
    assert (body["type"], body["data"]["message"]["text"]) == ("message.created", "Hello")
    assert body["data"]["conversation"]["id"] == body["conversation_id"] == row["conversation_id"]
    sent, stamp = request.headers["webhook-id"], request.headers["webhook-timestamp"]
    assert (sent, int(stamp)) == (row["id"], int(house.clock.now().timestamp()))
    key = base64.b64decode(secret.removeprefix("whsec_"))
    digest = hmac.new(key, f"{sent}.{stamp}.".encode() + request.content, hashlib.sha256).digest()
    assert request.headers["webhook-signature"] == "v1," + base64.b64encode(digest).decode()
    assert (row["state"], row["status"], row["attempts"]) == ("done", 204, 1)
    assert secret not in str(house.one(table)), "sealed"


def test_nothing_private_or_for_one_alone_is_told(house: House, crm: Crm) -> None:
    subscribe(house, kinds=[])
    house.receive(house.says("For Ann alone", to="+15550003"))
    assert any(row["kind"] == "message.created" for row in house.rows(feed)), "it was told, to her"
    house.receive(house.says("For everybody"))
    post(house, crm)
    assert crm.told
    assert all(b"For Ann alone" not in request.content for request in crm.told)
    assert {json.loads(request.content)["type"] for request in crm.told} <= set(subscriptions.KINDS)


def test_only_its_kinds_and_inboxes_are_told(house: House, crm: Crm) -> None:
    other = WITH_PRIVATE.replace("inboxes:\n", "inboxes:\n  sales: {name: Sales, teams: [front]}\n").replace(
        "second: {connection: acme, inbox: support", "second: {connection: acme, inbox: sales"
    )
    house.apply(desk=other)
    sales = next(one.id for one in house.rooms.directory.current.inboxes.values() if one.key == "sales")
    subscribe(house, inboxes=[sales])
    house.receive(house.says("Support"), house.says("Sales", to="+15550002"))
    post(house, crm)
    assert crm.texts() == ["Sales"]


def test_letters_about_one_conversation_keep_their_order(house: House, crm: Crm) -> None:
    subscribe(house)
    crm.answers = [httpx.ConnectError("refused"), 204]
    house.receive(house.says("One"), house.says("Two"))
    house.receive(house.says("Bert's", BERT))  # by itself: two lanes are in no order
    post(house, crm)
    assert crm.texts() == ["One", "Bert's"], "the second waits for the first, another conversation for neither"
    house.clock.move(seconds=5)
    post(house, crm)
    assert crm.texts() == ["One", "Bert's", "One", "Two"]
    assert len({request.headers["webhook-id"] for request in crm.told}) == 3


def test_one_that_is_away_is_asked_less_and_less_and_nothing_is_lost(house: House, crm: Crm) -> None:
    subscribe(house)
    crm.answers = [503] * 1000
    for number in range(20):
        house.receive(house.says(f"{number}", f"+39055500{number:04}"))
    for _ in range(60):
        post(house, crm)
        house.clock.move(minutes=1)
    assert len(crm.told) < 160, "and not twenty a minute"
    assert house.one(table)["failures"] > 3
    crm.answers = []
    house.clock.move(hours=10)
    post(house, crm)
    assert {row["state"] for row in house.rows(subscription_letters)} == {"done"}
    assert (house.one(table)["failures"], house.one(table)["paused_until"]) == (0, None)


def test_after_three_days_in_vain_it_is_off_and_admins_are_told(house: House, crm: Crm) -> None:
    id, _ = subscribe(house)
    crm.answers = [500] * 1000
    house.receive(house.says("Hello"))
    for _ in range(80):
        post(house, crm)
        house.clock.move(hours=1)
    assert (house.one(table)["state"], house.one(table)["off_reason"]) == ("off", "answered 500")
    told_off = [row for row in house.rows(feed, kind="subscription.updated") if "reason" in json.loads(row["payload"])]
    assert {row["agent_id"] for row in told_off} == {house.agent("dora").id, house.agent("mara").id}
    last = house.rows(feed, kind="subscription.updated")[-1]
    assert (last["agent_id"], json.loads(str(last["payload"]))["state"]) == (house.agent("dora").id, "off")
    told = len(crm.told)
    house.receive(house.says("Meanwhile"))
    post(house, crm)
    assert len(crm.told) == told

    crm.answers = []
    with house.rooms.store.write() as db:
        subscriptions.change(db, house.rooms, id, Wish(is_on=True), house.clock.now())
    post(house, crm)
    assert crm.texts()[-1] == "Meanwhile", "it goes on where it was"


def test_one_that_says_it_is_gone_is_off_at_once(house: House, crm: Crm) -> None:
    subscribe(house)
    crm.answers = [410]
    house.receive(house.says("Hello"))
    post(house, crm)
    assert house.one(table)["state"] == "off"


def test_a_letter_whose_process_died_is_sent_again_under_the_same_id(house: House, crm: Crm) -> None:
    class Died(BaseException):
        pass

    subscribe(house)
    house.receive(house.says("Hello"))
    posting.write_some(house.rooms)

    def die(_: httpx.Request) -> httpx.Response:
        raise Died

    with httpx.Client(transport=httpx.MockTransport(die)) as dying, pytest.raises(Died):
        subscriptions.post_due(house.rooms, dying)
    assert subscriptions.post_due(house.rooms, crm.http) == 0
    house.clock.move(minutes=3)
    post(house, crm)
    assert crm.texts() == ["Hello"]


def test_an_address_within_the_house_is_not_asked(house: House, crm: Crm) -> None:
    subscribe(house, url="https://127.0.0.1/letters")
    house.receive(house.says("Hello"))
    post(house, crm)
    assert crm.told == []
    assert "is not public" in str(house.one(subscription_letters)["error"])


@pytest.mark.parametrize(
    "url", ["http://crm.example/x", "ftp://crm.example/x", "https://u:p@crm.example/", "https:///x", "https://a b/"]
)
def test_what_is_no_address_for_letters_is_refused(house: House, url: str) -> None:
    with pytest.raises(Invalid) as refused:
        subscribe(house, url=url)
    assert refused.value.reason == "bad_address"


def test_a_manager_reads_the_log_of_what_he_sees_and_sends_again(house: House, crm: Crm) -> None:
    id, _ = subscribe(house)
    house.receive(house.says("Hello"), house.says("Again", ANNA))
    post(house, crm)

    def log(who: str) -> list[subscriptions.LetterView]:
        with house.rooms.store.read() as db:
            return subscriptions.list_letters(db, member(house, who), id, None, None, 10)

    assert [json.loads(one.body)["data"]["message"]["text"] for one in log("mara")] == ["Again", "Hello"]
    with house.rooms.store.write() as db:
        subscriptions.send_again(db, member(house, "mara"), log("mara")[1].id, house.clock.now())
        with pytest.raises(Conflict):
            subscriptions.send_again(db, member(house, "mara"), log("mara")[1].id, house.clock.now())
    post(house, crm)
    assert crm.texts() == ["Hello", "Again", "Hello"]
    assert crm.told[0].headers["webhook-id"] == crm.told[2].headers["webhook-id"]
    stranger = member(house, "mara")
    hidden = replace(stranger, inbox_ids=frozenset())
    with house.rooms.store.write() as db:
        assert subscriptions.list_letters(db, hidden, id, None, None, 10) == []
        with pytest.raises(NotFound):
            subscriptions.send_again(db, hidden, log("mara")[1].id, house.clock.now())
        with pytest.raises(NotFound):
            subscriptions.list_letters(db, stranger, "no-such", None, None, 10)


def test_the_log_is_kept_for_a_week(house: House, crm: Crm) -> None:
    subscribe(house)
    house.receive(house.says("Hello"))
    post(house, crm)
    house.clock.move(days=6)
    with house.rooms.store.write() as db:
        assert subscriptions.prune(db, house.clock.now()) == 0
        assert subscriptions.prune(db, house.clock.now() + timedelta(days=2)) == 1
