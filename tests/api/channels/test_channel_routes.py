"""Paths that a channel plugin brings: found, limited, guarded; and a contact's stream, which shows him only his own."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import update

from casella.api.channels.contact_viewer import MOST_BEHIND
from casella.inbox.reading import contact_view
from casella.inbox.sending.uploads import forget_uploads
from casella.inbox.views import tell
from casella.plugin import ChannelHouse, ContactStream, Route, RouteAnswer, RouteRefused, RouteRequest, StaticFile
from casella.store import feed
from casella.store.feed import ConversationEvent, Cursor
from casella.store.tables import messages
from tests import loopback
from tests.api.conftest import Cast, cast_of
from tests.api.house import open_house, served
from tests.builders import NOW, make_attachment, make_contact, make_conversation, make_message
from tests.house import until


def echo(request: RouteRequest, house: ChannelHouse) -> RouteAnswer:
    answer = {"channel": house.channel.address, "given": dict(request.parameters), "query": dict(request.query)}
    return RouteAnswer(201, json.dumps(answer | {"body": request.body.decode()}).encode(), headers={"X-Own": "yes"})


def transcript(request: RouteRequest, house: ChannelHouse) -> RouteAnswer:
    found = house.transcript(request.query["as"], before=request.query.get("before"), limit=2)
    return RouteAnswer(200, found.model_dump_json().encode())


def watch(request: RouteRequest, house: ChannelHouse) -> ContactStream:
    after = request.headers.get("last-event-id") or request.query.get("after")
    return ContactStream(request.query["as"], after, request.received_at + timedelta(hours=1), {"X-Own": "yes"})


def upload(request: RouteRequest, house: ChannelHouse) -> RouteAnswer:
    kept = house.keep_upload(request.body, "../letter.txt", request.headers.get("content-type", ""), 1000)
    return RouteAnswer(201, kept.model_dump_json().encode())


def limited(_request: RouteRequest, house: ChannelHouse) -> RouteAnswer:
    house.allow("tries", "ada", 2, 60)
    return RouteAnswer(204)


def nobody(_request: RouteRequest, _house: ChannelHouse) -> None:
    raise RouteRefused(403, "not_you", "Not you.", headers={"X-Own": "yes"})


def broken(_request: RouteRequest, _house: ChannelHouse) -> RouteAnswer:
    raise KeyError("oh")


ROUTES = (
    StaticFile("script.js", b"let a = 1;", "text/javascript; charset=utf-8"),
    Route("POST", "{channel}/echo/{word}", echo, most_bytes=100),
    Route("GET", "{channel}/transcript", transcript),
    Route("GET", "{channel}/events", watch),
    Route("POST", "{channel}/uploads", upload, most_bytes=2000),
    Route("POST", "{channel}/limited", limited),
    Route("POST", "{channel}/closed", echo, most_bytes=100, admit=nobody),
    Route("POST", "{channel}/broken", broken),
)


@pytest.fixture
def shop(lite_cast: Cast) -> Cast:
    return with_shop(lite_cast)


def with_shop(cast: Cast) -> Cast:
    cast.house.channel(cast.support, key="shop", address="shop-1")
    cast.house.rooms.host.register_routes("quiet", ROUTES)
    cast.house.desk_changed()
    return cast


def test_a_route_gets_what_was_sent_and_its_answer_is_given_out(shop: Cast) -> None:
    answer = shop.client().post("/channels/quiet/shop/echo/hi?a=1&b=", content="a body")
    assert answer.status_code == 201
    assert answer.json() == {
        "channel": "shop-1", "given": {"channel": "shop", "word": "hi"}, "query": {"a": "1", "b": ""}, "body": "a body",
    }  # fmt: skip
    assert answer.headers["x-own"] == "yes"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("POST", "quiet/nobody/echo/hi", 404),
        ("POST", "quiet/shop/other", 404),
        ("POST", "loud/shop/echo/hi", 404),
        ("POST", "quiet/shop/echo/", 404),
        ("GET", "quiet/shop/echo/hi", 405),
        ("POST", "quiet/script.js", 405),
    ],
)
def test_what_is_no_route_is_a_problem(shop: Cast, method: str, path: str, status: int) -> None:
    answer = shop.client().request(method, f"/channels/{path}")
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"


def test_a_body_above_the_routes_limit_is_refused(shop: Cast) -> None:
    assert shop.client().post("/channels/quiet/shop/echo/hi", content="x" * 100).status_code == 201
    assert shop.client().post("/channels/quiet/shop/echo/hi", content="x" * 101).status_code == 413


def test_who_may_not_send_is_refused_before_his_body_is_read(shop: Cast) -> None:
    answer = shop.client().post("/channels/quiet/shop/closed", content="x" * 1000)
    assert (answer.status_code, answer.json()["code"]) == (403, "not_you")
    assert answer.headers["x-own"] == "yes"


def test_a_route_that_raises_sets_its_plugin_aside_and_nobody_else(shop: Cast) -> None:
    assert shop.client().post("/channels/quiet/shop/broken").status_code == 503
    assert shop.house.rooms.host.breakers.last_failure("quiet", "route").startswith("route raised KeyError (")
    assert shop.client().post("/channels/quiet/shop/broken").status_code == 503
    assert shop.client().post("/channels/quiet/shop/broken").status_code == 503
    assert shop.client().post("/channels/quiet/shop/echo/hi").status_code == 503
    assert shop.client(shop.ann).get("/api/v1/conversations").status_code == 200


def test_counting_is_per_channel_and_says_how_long_to_wait(shop: Cast) -> None:
    client = shop.client()
    assert [client.post("/channels/quiet/shop/limited").status_code for _ in range(3)] == [204, 204, 429]
    answer = client.post("/channels/quiet/shop/limited")
    assert 0 < int(answer.headers["retry-after"]) <= 61


def test_a_static_file_is_everybodys_and_is_not_sent_twice(shop: Cast) -> None:
    client = shop.client(Origin="https://anywhere.example")
    first = client.get("/channels/quiet/script.js")
    assert (first.text, first.headers["access-control-allow-origin"]) == ("let a = 1;", "*")
    assert first.headers["content-type"] == "text/javascript; charset=utf-8"
    again = client.get("/channels/quiet/script.js", headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_an_upload_is_kept_by_its_content_and_forgotten_when_nobody_uses_it(shop: Cast) -> None:
    client = shop.client()
    kept = client.post("/channels/quiet/shop/uploads", content="a letter", headers={"Content-Type": "text/plain"})
    assert kept.status_code == 201
    assert (kept.json()["mime"], kept.json()["name"]) == ("text/plain", "letter.txt")
    page = b"<!doctype html><script>alert(1)</script>"
    refused = client.post("/channels/quiet/shop/uploads", content=page, headers={"Content-Type": "text/plain"})
    assert (refused.status_code, refused.json()["code"]) == (415, "file_type_refused")
    assert client.post("/channels/quiet/shop/uploads", content=b"x" * 1001).status_code == 413
    rooms = shop.house.rooms
    assert forget_uploads(rooms, rooms.clock.now()) == 0
    assert forget_uploads(rooms, rooms.clock.now() + timedelta(seconds=1)) == 1
    assert [path for path in (rooms.settings.data_dir / "media").rglob("*") if path.is_file()] == []


# --- what a contact may read ------------------------------------------------------------------------------------


@dataclass
class Written:
    """Ada's conversation with the shop, and somebody else's."""

    cast: Cast
    channel: str
    ada: str
    bea: str

    def says(self, text: str, **columns: object) -> str:
        with self.cast.house.store.write() as db:
            return make_message(db, self.ada, text=text, **columns)  # type: ignore[arg-type]  # any column


@pytest.fixture
def written(cast: Cast) -> Written:
    with_shop(cast)
    channel = next(iter(cast.house.rooms.directory.current.channels.values())).id
    with cast.house.store.write() as db:
        ada, bea = (
            make_conversation(db, channel_id=channel, contact_id=make_contact(db, address=name, kind="phone"))
            for name in ("ada", "bea")
        )
        make_message(db, bea, text="Bea's secret")
    return Written(cast, channel, ada, bea)


def page(written: Written, who: str = "ada", **query: str) -> dict[str, Any]:
    answer = written.cast.client().get("/channels/quiet/shop/transcript", params={"as": who, **query})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def texts(found: dict[str, Any]) -> list[str]:
    return [message["text"] for message in found["messages"]]


def test_a_transcript_holds_what_the_contact_may_read_and_nothing_else(written: Written) -> None:
    written.says("Hello", external_id="c-1")
    written.says("Hello Ada", direction="out", state="sent", sender_id=written.cast.ann)
    for hidden in ({"direction": "note"}, *({"direction": "out", "state": s} for s in ("queued", "failed", "sending"))):
        written.says(f"hidden {hidden}", **hidden)
    found = page(written)
    assert texts(found) == ["Hello", "Hello Ada"]
    first, second = found["messages"]
    assert (first["direction"], first["external_id"], first["sender"]) == ("in", "c-1", None)
    assert (second["direction"], second["external_id"], second["sender"]) == ("out", None, "Ann")
    assert texts(page(written, "nobody")) == []
    assert texts(page(written, "bea")) == ["Bea's secret"]


def test_a_transcript_goes_back_page_by_page(written: Written) -> None:
    for number in range(5):
        written.says(str(number))
    newest = page(written)
    assert texts(newest) == ["3", "4"]
    middle = page(written, before=str(newest["older"]))
    oldest = page(written, before=str(middle["older"]))
    assert (texts(middle), texts(oldest), oldest["older"]) == (["1", "2"], ["0"], None)
    refused = written.cast.client().get("/channels/quiet/shop/transcript", params={"as": "ada", "before": "x~y"})
    assert (refused.status_code, refused.json()["code"]) == (422, "bad_cursor")


def test_a_file_has_a_signed_link_once_it_is_there(written: Written) -> None:
    message = written.says("", direction="out", state="sent", has_attachments=True)
    with written.cast.house.store.write() as db:
        make_attachment(db, message)
        make_attachment(db, message, state="pending", position=1)
    (shown,) = page(written)["messages"]
    links = [file["url"] for file in shown["files"]]
    assert "/files/" in links[0]
    assert links[1] is None


# --- a contact's stream -----------------------------------------------------------------------------------------


@dataclass
class Watcher:
    """A contact's browser: reads the stream in a thread."""

    events: list[tuple[str, dict[str, object]]] = field(default_factory=list)
    last_id: str = ""
    done: bool = False

    def texts(self) -> list[str]:
        return [str(payload["text"]) for kind, payload in self.events if kind == "message"]

    def read(self, url: str, headers: dict[str, str]) -> None:
        try:
            with loopback.stream("GET", url, headers=headers, timeout=30.0) as response:
                self._take(response.iter_lines())
        except httpx.HTTPError:
            pass  # the server has gone
        self.done = True

    def _take(self, lines: Iterator[str]) -> None:
        block: dict[str, str] = {}
        for line in lines:
            name, _, value = line.partition(": ")
            if line:
                block[name] = value
                continue
            self.last_id = block.get("id", self.last_id)
            if "data" in block:
                self.events.append((block["event"], json.loads(block["data"])))
            block = {}


@contextmanager
def watching(url: str, who: str = "ada", last_id: str = "", query: str = "") -> Iterator[Watcher]:
    watcher = Watcher()
    headers = {"Last-Event-ID": last_id} if last_id else {}
    where = f"{url}/channels/quiet/shop/events?as={who}{query}"
    thread = threading.Thread(target=watcher.read, args=(where, headers), daemon=True)
    thread.start()
    if not last_id and not query:
        until(lambda: watcher.events)
    yield watcher


def typing(conversation: str) -> ConversationEvent:
    return ConversationEvent("conversation.typing", conversation, {"by": {"kind": "contact"}})


def sends(written: Written, text: str, to: str | None = None) -> Callable[[], None]:
    """A message goes out as it does for real: queued first, then sent."""
    house = written.cast.house
    conversation = to or written.ada

    def announce(state: str, message: str, kind: str) -> None:
        with house.store.write() as db:
            db.execute(update(messages).where(messages.c.id == message).values(state=state))
            tell(house.rooms, db, [ConversationEvent(kind, conversation, message_id=message)], NOW)
        house.hub.wake()

    with house.store.write() as db:
        message = make_message(db, conversation, text=text, direction="out", state="sent", sender_id=written.cast.ann)
    announce("queued", message, "message.created")
    announce("sent", message, "message.updated")
    return lambda: announce("read", message, "message.updated")


def test_a_contact_sees_his_own_live_and_misses_nothing_when_he_comes_back(written: Written) -> None:
    with served(written.cast.house) as running:
        with watching(running.url) as ada:
            sends(written, "for Bea", written.bea)
            sends(written, "one")
            until(lambda: ada.texts() == ["one"])
            cut = ada.last_id
        sends(written, "two")
        sends(written, "for Bea again", written.bea)
        sends(written, "three")
        with watching(running.url, last_id=cut) as again:
            until(lambda: len(again.texts()) == 2)
            sends(written, "four")
            until(lambda: again.texts() == ["two", "three", "four"])
            assert {kind for kind, _ in again.events} == {"message"}
        with watching(running.url, "bea", last_id=cut) as bea:
            until(lambda: bea.texts() == ["for Bea again"])


def test_typing_and_reading_of_agents_is_told_to_the_contact_alone(written: Written) -> None:
    written.says("Hello", received_at=NOW)
    client = written.cast.client(written.cast.ann)
    with served(written.cast.house) as running, watching(running.url) as ada, watching(running.url, "bea") as bea:
        assert client.post(f"/api/v1/conversations/{written.ada}/typing").status_code == 204
        assert client.post(f"/api/v1/conversations/{written.ada}/read").status_code == 204
        until(lambda: len(ada.events) == 3)
        assert [kind for kind, _ in ada.events] == ["ready", "typing", "read"]
        assert str(ada.events[2][1]["read_at"]).startswith("2026-11-23T10:00:00")
        sends(written, "for Bea", written.bea)
        until(lambda: bea.texts() == ["for Bea"])
        assert [kind for kind, _ in bea.events] == ["ready", "message"]
    assert str(page(written)["read_at"]).startswith("2026-11-23T10:00:00")
    assert client.post(f"/api/v1/conversations/{written.ada}/read").status_code == 204


@pytest.mark.parametrize("cursor", ["9.99999", "nonsense", "-1.2"])
def test_an_unknown_cursor_says_to_begin_anew(written: Written, cursor: str) -> None:
    with served(written.cast.house) as running, watching(running.url, last_id=cursor) as ada:
        until(lambda: ada.events)
        assert ada.events[0][0] == "reset"


def test_who_is_far_behind_is_told_to_read_his_transcript(written: Written) -> None:
    house = written.cast.house
    with house.store.read() as db:
        start = str(feed.newest(db))
    sends(written, "one")
    with served(written.cast.house) as running:
        with watching(running.url, query=f"&after={start}") as ada:
            until(lambda: ada.texts() == ["one"])
        with house.store.write() as db:
            tell(house.rooms, db, [typing(written.bea)] * MOST_BEHIND, NOW)
        with watching(running.url, query=f"&after={start}") as late:
            until(lambda: late.events)
            assert late.events[0][0] == "reset"


def test_a_stream_ends_when_its_credential_has_run_out(migrated_sqlite_url: str, tmp_path: Path) -> None:
    with open_house(migrated_sqlite_url, tmp_path, heartbeat=0.05) as house, served(house) as running:
        with_shop(cast_of(house))
        with watching(running.url) as ada:
            house.clock.move(hours=2)
            until(lambda: ada.done)


def test_agents_are_told_that_a_contact_types(written: Written) -> None:
    house = written.cast.house
    with house.store.write() as db:
        start = feed.newest(db)
        tell(house.rooms, db, [typing(written.ada)], NOW)
    client = written.cast.client(written.cast.ann)
    (event,) = client.get("/api/v1/events/poll", params={"after": str(start)}).json()["events"]
    assert (event["kind"], event["payload"]["by"]) == ("conversation.typing", {"kind": "contact"})
    assert start < Cursor.parse(event["cursor"])


def test_only_who_sees_a_conversation_may_type_in_it(written: Written) -> None:
    eve = written.cast.client(written.cast.eve)
    assert eve.post(f"/api/v1/conversations/{written.ada}/typing").status_code == 404
    assert eve.post(f"/api/v1/conversations/{written.ada}/read").status_code == 404


def test_joining_contacts_opens_nobodys_letters(written: Written) -> None:
    """A transcript is an address's, not a contact's."""
    rooms = written.cast.house.rooms
    entry = rooms.directory.current.channels[written.channel]
    with rooms.store.read() as db:
        of = contact_view.correspondence(db, rooms, entry, "ada")
        assert of is not None
        other = page(written, "bea")["messages"]
        ids = [message["id"] for message in other]
        assert contact_view.messages_of(db, rooms, of, ids) == {}
