"""Web Push: encrypted for the browser alone, to who is concerned and not to be left in peace, with words only where he
wants them, against a push service that is a process of its own."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.request import Request, urlopen

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from sqlalchemy import update

from casella.errors import Conflict, Invalid, NotFound
from casella.inbox import pushing, subscriptions
from casella.inbox.chats import writing
from casella.inbox.commands import assigning
from casella.inbox.personal import PersonalSettings, settings
from casella.inbox.pushing import encryption
from casella.inbox.reading import create_token
from casella.store.tables import access_tokens, agents, conversations, push_devices, pushes
from tests.house import ANNA, DESK, House
from tests.inbox.personal.test_read_marks import member
from tests.inbox.pushing.push_service import BROWSER_PUBLIC, SECRET, raw

WITH_PRIVATE = DESK.replace(
    "  second:", '  anns: {connection: acme, owner: ann, address: "+15550003", name: Of Ann}\n  second:'
)
ROOT = Path(__file__).parents[3]


def test_what_is_encrypted_is_as_the_standard_has_it() -> None:
    """RFC 8291, appendix A."""
    number = int.from_bytes(raw("yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw"), "big")
    sender = ec.derive_private_key(number, ec.SECP256R1())
    salt = raw("DGv6ra1nlYgDCS1FRnbzlw")
    made = encryption.encrypt(
        b"When I grow up, I want to be a watermelon", BROWSER_PUBLIC, SECRET, salt=salt, sender=sender
    )
    assert encryption.encode(made) == (
        "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl"
        "7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN"
    )


@dataclass(frozen=True)
class Told:
    """What the service was given: `claims` of who sent it, `text` the whole of it."""

    path: str
    message: Mapping[str, str]
    claims: Mapping[str, str | int]
    headers: Mapping[str, str]
    size: int
    text: str


@dataclass
class Service:
    """The process, and what it has told so far."""

    process: subprocess.Popen[str]
    port: int

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def next(self) -> Told:
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        told = json.loads(line)
        return Told(told["path"], told["message"], told["from"], told["headers"], told["sizes"], line)

    def answers(self, status: int) -> None:
        with urlopen(Request(f"{self.address}/answer/{status}", b"x", method="POST")) as answer:
            assert answer.status == 204


@pytest.fixture(scope="module")
def running() -> Iterator[Service]:
    command = [sys.executable, "-m", "tests.inbox.pushing.push_service"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        yield Service(process, int(process.stdout.readline()))
        process.terminate()


@pytest.fixture
def service(running: Service) -> Service:
    running.answers(201)
    return running


@pytest.fixture
def house(migrated_url: str, tmp_path: Path, service: Service) -> Iterator[House]:
    hosts = f"127.0.0.1:{service.port}"
    with House(migrated_url, tmp_path, desk=WITH_PRIVATE, private_hosts=hosts) as built:
        yield built


def register(house: House, service: Service, who: str = "ann", path: str = "") -> str:
    """The device's id."""
    pushing.house_key(house.rooms)
    now = house.clock.now()
    with house.rooms.store.write() as db:
        token = create_token(db, house.agent(who).id, "browser", now)
        device = pushing.register(
            db, house.rooms, member(house, who), token.id, f"{service.address}/{path or who}?k=s3cret", BROWSER_PUBLIC,
            SECRET, "Phone", now,
        )  # fmt: skip
    return device.id


def choose(house: House, who: str, **wanted: object) -> None:
    with house.rooms.store.write() as db:
        wish = PersonalSettings.model_validate(wanted)
        settings.change(db, house.rooms, member(house, who), wish, house.clock.now())


def give(house: House, who: str | None) -> None:
    with house.rooms.store.write() as db:
        db.execute(update(conversations).values(assignee_id=house.agent(who).id if who else None))


def push(house: House) -> int:
    """How many left."""
    while pushing.write_some(house.rooms):
        pass
    sent = 0
    while number := pushing.send_due(house.rooms, house.http):
        sent += number
    return sent


def anns_conversation(house: House) -> str:
    house.receive(house.says("First", contact_name="Ada Lovelace"))
    give(house, "ann")
    push(house)
    return str(house.one(conversations)["id"])


def test_who_has_the_conversation_is_told_without_words(house: House, service: Service) -> None:
    register(house, service)
    conversation = anns_conversation(house)
    house.receive(house.says("My secret is 1234"))
    assert push(house) == 1
    told = service.next()
    message = told.message
    assert (message["what"], message["title"], message["body"]) == ("messages", "A new message", "")
    assert message["conversation_id"] == conversation
    assert "1234" not in told.text
    assert "Ada" not in told.text
    assert told.path == "/ann?k=s3cret"
    claims = told.claims
    assert (claims["aud"], claims["key"]) == (service.address, pushing.house_key(house.rooms))
    assert 0 < float(claims["exp"]) - house.clock.now().timestamp() <= 24 * 3600
    assert told.headers == {
        "ttl": "14400", "urgency": "high", "content-encoding": "aes128gcm",
        "topic": told.headers["topic"],
    }  # fmt: skip
    assert house.rows(pushes) == [], "it has arrived"


def test_names_and_words_where_he_wants_them(house: House, service: Service) -> None:
    register(house, service)
    anns_conversation(house)
    choose(house, "ann", notifications={"preview": True})
    house.receive(house.says("Is it ready? 🍝 " + "x" * 5000))
    push(house)
    told = service.next()
    message = told.message
    assert (message["title"], message["body"][:14]) == ("Ada Lovelace", "Is it ready? 🍝")
    assert told.size <= 4096


def test_the_language_is_his(house: House, service: Service) -> None:
    register(house, service)
    anns_conversation(house)
    choose(house, "ann", language="it")
    house.receive(house.says("Pronto?"))
    push(house)
    assert service.next().message["title"] == "Un nuovo messaggio"


@pytest.mark.parametrize(
    "wanted",
    [
        {"notifications": {"enabled": False}},
        {"notifications": {"messages": False}},
        {"peace": {"until": "2100-01-01T00:00:00Z"}},
        {"peace": {"hours": [{"days": ["monday", "sunday"], "begins": "00:00", "ends": "00:00"}]}},
    ],
)
def test_who_is_to_be_left_in_peace_is_not_told(house: House, service: Service, wanted: dict[str, object]) -> None:
    register(house, service)
    anns_conversation(house)
    choose(house, "ann", **wanted)
    house.receive(house.says("Again"))
    assert push(house) == 0


def test_nor_under_his_switch(house: House, service: Service) -> None:
    register(house, service)
    anns_conversation(house)
    with house.rooms.store.write() as db:
        db.execute(update(agents).where(agents.c.key == "ann").values(do_not_disturb=True))
    house.receive(house.says("Again"))
    assert push(house) == 0


def test_nobody_is_told_what_he_does_not_see(house: House, service: Service) -> None:
    """Cleo's conversation on Ann's private number: Ann is told, whoever looks after the inbox is not."""
    for who in ("ann", "mara"):
        register(house, service, who)
        choose(house, who, notifications={"new_conversations": True})
    push(house)
    house.receive(house.says("For Ann alone", to="+15550003"))
    assert push(house) == 1
    assert service.next().path == "/ann?k=s3cret"


def test_a_conversation_that_waits_is_told_to_who_wants_it(house: House, service: Service) -> None:
    for who in ("ann", "bob"):
        register(house, service, who)
    choose(house, "bob", notifications={"new_conversations": True})
    house.receive(house.says("Anybody?"))
    assert push(house) == 1
    told = service.next()
    assert (told.path, told.message["what"]) == ("/bob?k=s3cret", "new_conversations")


def test_what_concerns_him_and_what_colleagues_write(house: House, service: Service) -> None:
    conversation = anns_conversation(house)
    for who in ("ann", "bob"):
        register(house, service, who)
    push(house)
    ann, now = house.agent("ann").id, house.clock.now()
    with house.rooms.store.write() as db:
        bob = house.agent("bob").id
        assigning.assign(db, house.rooms, conversation, to=bob, expected=ann, by=bob, at=now)
    assert push(house) == 1
    told = service.next()
    assert (told.path, told.message["what"]) == ("/ann?k=s3cret", "notices")
    with house.rooms.store.write() as db:
        chat = writing.open_direct(db, house.rooms, member(house, "ann"), [house.agent("bob").id], now)
        writing.say(db, member(house, "ann"), chat, "Lunch?", now)
    assert push(house) == 1
    told = service.next()
    assert (told.path, told.message["what"]) == ("/bob?k=s3cret", "chats")


def test_who_is_given_a_conversation_is_told_and_who_takes_one_is_not(house: House, service: Service) -> None:
    house.receive(house.says("First", contact_name="Ada Lovelace"))
    conversation = str(house.one(conversations)["id"])
    for who in ("ann", "bob", "mara"):
        register(house, service, who)
    push(house)

    def assign(by: str, to: str, expected: str | None) -> int:
        with house.rooms.store.write() as db:
            had = house.agent(expected).id if expected else None
            to_id, by_id = house.agent(to).id, house.agent(by).id
            assigning.assign(db, house.rooms, conversation, to=to_id, expected=had, by=by_id, at=house.clock.now())
        return push(house)

    assert assign("bob", "bob", None) == 0
    assert assign("mara", "ann", "bob") == 2, "Bob, who has lost it, and Ann"
    told = {one.path: one.message for one in (service.next(), service.next())}
    assert told.keys() == {"/ann?k=s3cret", "/bob?k=s3cret"}
    given = told["/ann?k=s3cret"]
    assert (given["what"], given["title"], given["conversation_id"]) == (
        "notices", "A conversation was given to you", conversation,
    )  # fmt: skip
    assert "Ada" not in str(given)
    assert assign("mara", "ann", "ann") == 0
    choose(house, "bob", notifications={"notices": False})
    assert assign("mara", "bob", "ann") == 1, "Ann has lost it; Bob does not want to be told"
    assert service.next().path == "/ann?k=s3cret"


def test_a_manager_is_told_that_a_subscription_is_off(house: House, service: Service) -> None:
    register(house, service, "mara")
    wish = subscriptions.Wish(url="https://crm.example/casella")
    with house.rooms.store.write() as db:
        now = house.clock.now()
        view, _ = subscriptions.subscribe(db, house.rooms, member(house, "mara"), wish, now)
        subscriptions.change(db, house.rooms, view.id, subscriptions.Wish(is_on=False), now)
    assert push(house) == 0, "somebody did it himself"
    with house.rooms.store.write() as db:
        subscriptions.switch_off(db, view.id, "answered 410", now)
    assert push(house) == 1
    told = service.next().message
    assert (told["what"], told["title"]) == ("notices", "A subscription was switched off")


def test_a_device_that_is_gone_is_forgotten(house: House, service: Service) -> None:
    register(house, service)
    anns_conversation(house)
    service.answers(410)
    house.receive(house.says("Again"))
    assert push(house) == 1
    service.next()
    assert house.rows(push_devices) == house.rows(pushes) == []


def test_a_service_that_is_away_is_asked_again_until_it_is_too_late(house: House, service: Service) -> None:
    register(house, service)
    anns_conversation(house)
    service.answers(503)
    house.receive(house.says("Again"))
    tries = 0
    for _ in range(40):
        tries += push(house)
        house.clock.move(minutes=10)
    for _ in range(tries):
        service.next()
    assert 3 < tries < 15
    assert house.rows(pushes) == []


def test_whose_session_was_ended_is_told_nothing_more(house: House, service: Service) -> None:
    register(house, service)
    anns_conversation(house)
    with house.rooms.store.write() as db:
        db.execute(update(access_tokens).values(revoked_at=house.clock.now()))
    house.receive(house.says("Again"))
    assert push(house) == 0


def test_what_is_old_is_not_told(house: House, service: Service) -> None:
    register(house, service)
    anns_conversation(house)
    house.receive(house.says("Again", ANNA))
    house.clock.move(hours=5)
    assert push(house) == 0


def test_an_address_within_the_house_is_not_asked(house: House, service: Service) -> None:
    with house.rooms.store.write() as db:
        now = house.clock.now()
        token = create_token(db, house.agent("ann").id, "browser", now)
        who = member(house, "ann")
        for wrong in ("http://push.example/x", "https://u:p@push.example/x", "ftp://x/y", "https:///x"):
            with pytest.raises(Invalid):
                pushing.register(db, house.rooms, who, token.id, wrong, BROWSER_PUBLIC, SECRET, "", now)
        for public, secret in (("AAAA", SECRET), (BROWSER_PUBLIC, "AAAA"), ("!", SECRET)):
            with pytest.raises(Invalid):
                pushing.register(db, house.rooms, who, token.id, "https://push.example/x", public, secret, "", now)


def test_devices_are_ones_own_and_not_without_end(house: House, service: Service) -> None:
    mine = register(house, service)
    assert register(house, service, "bob", "ann") != mine
    with house.rooms.store.read() as db:
        assert pushing.list_devices(db, house.rooms, member(house, "ann")) == [], "the browser is Bob's now"
        [device] = pushing.list_devices(db, house.rooms, member(house, "bob"))
    assert (device.label, device.service) == ("Phone", "127.0.0.1")
    assert "s3cret" not in str(house.rows(push_devices)), "sealed"
    with house.rooms.store.write() as db:
        with pytest.raises(NotFound):
            pushing.remove(db, member(house, "ann"), device.id)
        pushing.remove(db, member(house, "bob"), device.id)
    for number in range(20):
        register(house, service, "bob", f"bob{number}")
    with pytest.raises(Conflict):
        register(house, service, "bob", "one-more")
