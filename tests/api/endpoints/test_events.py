"""The event stream, over real sockets: never a missed event, never one twice."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from sqlalchemy import delete, select

from casella.store import feed
from casella.store.feed import FeedEvent
from casella.store.tables import access_tokens, inbox_members
from casella.store.tables import feed as feed_table
from tests import loopback
from tests.api.conftest import Cast, cast_of
from tests.api.house import Running, open_house, served
from tests.builders import NOW, join_inbox

DEADLINE = 20.0


@dataclass
class Listener:
    """A client of the stream, in a thread of its own."""

    url: str
    token: str
    headers: dict[str, str] = field(default_factory=dict)
    events: list[tuple[str, str, dict[str, object]]] = field(default_factory=list)
    comments: list[str] = field(default_factory=list)
    status: int = 0
    last_id: str = ""
    ended: bool = False

    def listen(self, until: int | None = None) -> None:
        """Read until the server ends the stream, or until so many events have come."""
        headers = {"Authorization": f"Bearer {self.token}", **self.headers}
        with loopback.stream("GET", f"{self.url}/api/v1/events", headers=headers, timeout=DEADLINE) as response:
            self.status = response.status_code
            block: dict[str, str] = {}
            for line in response.iter_lines():
                if line:
                    name, _, value = line.partition(": ")
                    (self.comments.append(value) if name == "" else block.__setitem__(name, value))
                    continue
                self._take(block)
                block = {}
                if until is not None and len(self.events) >= until:
                    return
        self.ended = True

    def _take(self, block: dict[str, str]) -> None:
        self.last_id = block.get("id", self.last_id)
        if "data" in block:
            self.events.append((block["id"], block.get("event", "message"), json.loads(block["data"])))

    def kinds(self) -> list[str]:
        return [kind for _, kind, _ in self.events]

    def numbers(self) -> list[object]:
        return [event["payload"]["n"] for _, kind, event in self.events if kind == "test"]  # type: ignore[index]  # our own

    def wait_for(self, count: int) -> None:
        wait_until(lambda: len(self.events) >= count)


def wait_until(happened: Callable[[], object]) -> None:
    end = time.monotonic() + DEADLINE
    while not happened():
        assert time.monotonic() < end, "it never happened"
        time.sleep(0.005)


@contextmanager
def listening(listener: Listener, until: int | None = None) -> Iterator[Listener]:
    thread = threading.Thread(target=listener.listen, args=(until,), daemon=True)
    thread.start()
    wait_until(lambda: listener.events or listener.comments or listener.ended or not thread.is_alive())
    yield listener


def tell(cast: Cast, *numbers: int, inbox: str | None = None, agent: str | None = None) -> None:
    with cast.house.store.write() as db:
        events = [FeedEvent("test", inbox or cast.support, {"n": number}, agent) for number in numbers]
        feed.append(db, events, NOW)
    cast.house.bell.feed()


@pytest.fixture
def running(cast: Cast) -> Iterator[Running]:
    with served(cast.house) as server:
        yield server


def test_a_first_connection_is_greeted_and_told_what_happens_from_now_on(cast: Cast, running: Running) -> None:
    tell(cast, 1)
    with listening(Listener(running.url, cast.house.token(cast.ann))) as listener:
        tell(cast, 2, 3)
        listener.wait_for(3)
    assert listener.kinds() == ["ready", "test", "test"]
    assert listener.numbers() == [2, 3]
    cursor, _, event = listener.events[1]
    assert event["cursor"] == cursor
    assert event["version"] == int(cursor.partition(".")[2])
    assert (event["kind"], event["inbox_id"], event["at"]) == ("test", cast.support, "2026-11-23T10:00:00Z")


def test_a_reconnection_goes_on_where_it_was(cast: Cast, running: Running) -> None:
    token = cast.house.token(cast.ann)
    with listening(Listener(running.url, token)) as first:
        tell(cast, 1, 2)
        first.wait_for(3)
    middle = first.events[1][0]
    tell(cast, 3)
    again = Listener(running.url, token, {"Last-Event-ID": middle})
    again.listen(until=2)
    assert again.numbers() == [2, 3]


def test_the_header_wins_over_the_query(cast: Cast, running: Running) -> None:
    """A browser reconnects to the address it was given first, with a newer header."""
    tell(cast, 1, 2, 3)
    with cast.house.store.read() as db:
        rows = feed.after(db, feed.Cursor())
    first, second = f"{rows[-3].xact}.{rows[-3].id}", f"{rows[-2].xact}.{rows[-2].id}"
    headers = {"Authorization": f"Bearer {cast.house.token(cast.ann)}", "Last-Event-ID": second}
    with loopback.stream("GET", f"{running.url}/api/v1/events?after={first}", headers=headers) as response:
        lines = response.iter_lines()
        data = next(line for line in lines if line.startswith("data: "))
    assert json.loads(data[6:])["payload"] == {"n": 3}


def test_nobody_sees_what_is_not_his(cast: Cast, running: Running) -> None:
    with (
        listening(Listener(running.url, cast.house.token(cast.ann))) as ann,
        listening(Listener(running.url, cast.house.token(cast.eve))) as eve,
        listening(Listener(running.url, cast.house.token(cast.dora))) as dora,
    ):
        tell(cast, 1)
        tell(cast, 2, inbox=cast.sales)
        tell(cast, 3, agent=cast.ann)
        tell(cast, 4, inbox=cast.sales, agent=cast.ann)  # she is no member: not even for her
        tell(cast, 5)
        tell(cast, 6, inbox=cast.sales)
        ann.wait_for(4)
        eve.wait_for(3)
        dora.wait_for(5)
    assert (ann.numbers(), eve.numbers(), dora.numbers()) == ([1, 3, 5], [2, 6], [1, 2, 5, 6])


def test_membership_is_followed_while_the_stream_is_open(cast: Cast, running: Running) -> None:
    with listening(Listener(running.url, cast.house.token(cast.eve))) as eve:
        with cast.house.store.write() as db:
            join_inbox(db, cast.support, cast.eve)
        cast.house.desk_changed()
        tell(cast, 2)
        wait_until(lambda: 2 in eve.numbers())
        with cast.house.store.write() as db:
            db.execute(delete(inbox_members).where(inbox_members.c.agent_id == cast.eve))
            join_inbox(db, cast.sales, cast.eve)
        cast.house.desk_changed()
        tell(cast, 3)
        tell(cast, 4, inbox=cast.sales)
        wait_until(lambda: 4 in eve.numbers())
    assert eve.numbers() == [2, 4]


def test_a_revoked_token_ends_its_stream_at_once(cast: Cast, running: Running) -> None:
    """Not with the next heartbeat, and not those of other tokens."""
    other = cast.house.token(cast.ann)
    with cast.house.store.read() as db:
        [other_id] = db.execute(select(access_tokens.c.id)).scalars()
    with (
        listening(Listener(running.url, cast.house.token(cast.ann))) as ann,
        listening(Listener(running.url, other)) as again,
        listening(Listener(running.url, cast.house.token(cast.carla))) as carla,
    ):
        wait_until(lambda: all("ready" in each.kinds() for each in (ann, again, carla)))
        began = time.monotonic()
        answer = loopback.delete(
            f"{running.url}/api/v1/me/tokens/{other_id}", headers={"Authorization": f"Bearer {other}"}
        )
        assert answer.status_code == 204
        wait_until(lambda: again.ended)
        assert time.monotonic() - began < 5, "the heartbeat is every 15 seconds"
        tell(cast, 1)
        wait_until(lambda: ann.numbers() == [1] and carla.numbers() == [1])
        assert not ann.ended
        assert again.numbers() == []


def test_a_heartbeat_carries_the_cursor_past_other_peoples_events(migrated_sqlite_url: str, tmp_path: Path) -> None:
    with open_house(migrated_sqlite_url, tmp_path, heartbeat=0.05) as house, served(house) as running:
        cast = cast_of(house)
        with listening(Listener(running.url, house.token(cast.ann))) as ann:
            tell(cast, 1, inbox=cast.sales)
            with house.store.read() as db:
                newest = str(feed.newest(db))
            wait_until(lambda: ann.last_id == newest)
        assert ann.kinds() == ["ready"]


def test_a_cursor_that_is_no_longer_kept_is_reset(cast: Cast, running: Running) -> None:
    tell(cast, 1)
    tell(cast, 2)
    with cast.house.store.write() as db:
        old = feed.after(db, feed.Cursor())[0]
        db.execute(delete(feed_table).where(feed_table.c.id == old.id))
        newest = str(feed.newest(db))
    client = cast.client(cast.ann)
    gone = client.get("/api/v1/events/poll", params={"after": f"{old.xact}.{old.id}"})
    assert (gone.status_code, gone.json()["code"]) == (410, "cursor_expired")
    assert gone.json()["cursor"] == newest
    listener = Listener(running.url, cast.house.token(cast.ann), {"Last-Event-ID": f"{old.xact}.{old.id}"})
    listener.listen(until=1)
    assert listener.events[0][1:] == ("reset", {"cursor": newest})


@pytest.mark.parametrize("cursor", ["x", "1", "1.-1", "²", "1" * 60, f"{2**63}.1", f"1.{2**63}"])
def test_a_made_up_cursor_is_refused(cast: Cast, cursor: str) -> None:
    answer = cast.client(cast.ann).get("/api/v1/events/poll", params={"after": cursor})
    assert answer.status_code == 422


def test_strangers_are_not_served(cast: Cast, running: Running) -> None:
    assert loopback.get(f"{running.url}/api/v1/events").status_code == 401


def test_polling_walks_the_same_feed(cast: Cast) -> None:
    client = cast.client(cast.ann)
    begun = client.get("/api/v1/events/poll").json()
    assert (begun["events"], begun["more"]) == ([], False)
    tell(cast, 1, 2, 3)
    tell(cast, 4, inbox=cast.sales)
    first = client.get("/api/v1/events/poll", params={"after": begun["cursor"], "limit": 2}).json()
    assert [event["payload"]["n"] for event in first["events"]] == [1, 2]
    assert first["more"] is True
    second = client.get("/api/v1/events/poll", params={"after": first["cursor"], "limit": 2}).json()
    assert [event["payload"]["n"] for event in second["events"]] == [3]
    third = client.get("/api/v1/events/poll", params={"after": second["cursor"]}).json()
    assert (third["events"], third["more"]) == ([], False)


def test_stopping_the_server_ends_open_streams_at_once(cast: Cast) -> None:
    with served(cast.house) as running, listening(Listener(running.url, cast.house.token(cast.ann))) as listener:
        began = time.monotonic()
        assert running.stop()
        assert time.monotonic() - began < DEADLINE / 2
        wait_until(lambda: listener.ended)


def test_a_stream_that_nobody_reads_holds_nothing(cast: Cast, running: Running) -> None:
    with listening(Listener(running.url, cast.house.token(cast.ann)), until=1):
        pass
    wait_until(lambda: not cast.house.hub._subscriptions)
    tell(cast, 1)  # nobody listens; nothing breaks
    with listening(Listener(running.url, cast.house.token(cast.ann))) as listener:
        tell(cast, 2)
        listener.wait_for(2)
    assert listener.numbers() == [2]
