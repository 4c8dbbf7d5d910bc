"""Attachments of received messages: fetched once, checked by their content, tried again, never trusted."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from casella.inbox.receiving import media
from casella.plugin import MediaRequest, MediaUnavailable
from casella.store.tables import attachments, feed
from tests.house import House
from tests.inbox.web import Page, Web, web

PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de"
    "0000000c49444154789c63606060000000040001f61738550000000049454e44ae426082"
)


@pytest.fixture
def server() -> Iterator[Web]:
    with web() as place:
        yield place


@pytest.fixture
def house(migrated_url: str, tmp_path: Path, server: Web) -> Iterator[House]:
    with House(migrated_url, tmp_path, private_hosts=server.host) as built:
        built.acme.provider.media["r1"] = MediaRequest(server.url("/file"), allowed_hosts=("127.0.0.1",))
        yield built


def receive(house: House, **ref: object) -> None:
    house.receive(house.says("", attachments=[{"ref": "r1", "kind": "image", "mime": "image/png", **ref}]))


def fetch(house: House) -> int:
    return media.fetch_due(house.rooms, house.http)


def later(house: House, minutes: float = 6) -> int:
    house.clock.move(minutes=minutes)
    return fetch(house)


def files(house: House) -> list[Path]:
    return [path for path in (house.folder / "data" / "media").rglob("*") if path.is_file()]


def test_an_attachment_is_fetched_and_told_of(house: House, server: Web) -> None:
    server.pages["/file"] = Page(PNG)
    receive(house)
    assert house.one(attachments)["state"] == "pending"
    assert fetch(house) == 1

    row = house.one(attachments)
    assert (row["state"], row["mime"], row["kind"], row["size"]) == ("stored", "image/png", "image", len(PNG))
    with house.rooms.media.open(row["storage_key"]) as stored:
        assert stored.read() == PNG
    assert len(house.rows(feed, kind="message.updated")) == 1
    assert fetch(house) == 0


def test_the_reference_is_sealed_because_it_may_grant_access(house: House) -> None:
    house.receive(house.says("", attachments=[{"ref": "the-reference", "kind": "image", "mime": "image/png"}]))
    assert "the-reference" not in house.one(attachments)["source_sealed"]


@pytest.mark.parametrize(
    ("body", "claimed", "mime"),
    [
        (b"<html><script>alert(1)</script></html>", "image/png", "application/octet-stream"),
        (b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", "image/svg+xml", "application/octet-stream"),
        (b"<?xml version='1.0'?><svg onload='x'/>", "text/plain", "application/octet-stream"),
        (b" \n<!doctype html><script>1</script>", "text/plain", "application/octet-stream"),
        (b"MZ" + b"\0" * 200, "image/png", "application/octet-stream"),
        (b"%PDF-1.7\n%...", "image/png", "application/pdf"),
        (b"just words", "text/plain; charset=utf-8", "text/plain"),
        (b"just words", "text/html", "application/octet-stream"),
        (b"\xff\xfe\x00bad", "text/plain", "application/octet-stream"),
        (b"", "image/png", "application/octet-stream"),
    ],
)
def test_the_type_is_what_the_content_is_not_what_was_said(
    house: House, server: Web, body: bytes, claimed: str, mime: str
) -> None:
    server.pages["/file"] = Page(body, headers={"Content-Type": claimed})
    receive(house, mime=claimed)
    fetch(house)

    assert (house.one(attachments)["state"], house.one(attachments)["mime"]) == ("stored", mime)


def test_too_big_a_file_is_given_up_and_leaves_nothing_behind(house: House, server: Web) -> None:
    server.pages["/file"] = Page(b"x" * (1 << 20), chunks=101)
    receive(house)
    fetch(house)

    row = house.one(attachments)
    assert (row["state"], row["error_code"]) == ("failed", "file_too_big")
    assert files(house) == []


def test_a_download_that_is_cut_off_leaves_nothing_behind_and_is_tried_again(house: House, server: Web) -> None:
    server.pages["/file"] = [Page(PNG, cut=True), Page(PNG)]
    receive(house)
    fetch(house)
    assert (house.one(attachments)["state"], files(house)) == ("pending", [])

    later(house)
    assert house.one(attachments)["state"] == "stored"


def test_not_there_yet_is_tried_again_where_the_plugin_says_so(house: House, server: Web) -> None:
    request = house.acme.provider.media["r1"]
    assert isinstance(request, MediaRequest)
    house.acme.provider.media["r1"] = MediaRequest(request.url, allowed_hosts=request.allowed_hosts, retry_missing=True)
    server.pages["/file"] = [Page(status=404), Page(status=404), Page(PNG)]
    receive(house)
    for _ in range(3):
        later(house)

    assert house.one(attachments)["state"] == "stored"


@pytest.mark.parametrize(("status", "state"), [(404, "failed"), (403, "failed"), (429, "pending"), (503, "pending")])
def test_other_answers_are_final_or_worth_another_try(house: House, server: Web, status: int, state: str) -> None:
    server.pages["/file"] = Page(status=status)
    receive(house)
    fetch(house)

    assert house.one(attachments)["state"] == state


def test_a_provider_that_is_away_for_an_hour_costs_no_picture(house: House) -> None:
    with web() as gone:
        url, port = gone.url("/file"), gone.port
    request = MediaRequest(url, allowed_hosts=("127.0.0.1",))
    house.acme.provider.media["r1"] = request
    object.__setattr__(house.settings, "private_hosts", f"{house.settings.private_hosts},127.0.0.1:{port}")
    receive(house)
    for _ in range(12):
        later(house)
    assert house.one(attachments)["state"] == "pending"
    for _ in range(40):
        later(house)
    assert (house.one(attachments)["state"], house.one(attachments)["error_code"]) == ("failed", "media_unreachable")


@pytest.mark.parametrize("url", ["https://127.0.0.1/x", "https://elsewhere.example/", "http://127.0.0.1:1/x"])
def test_what_may_not_be_fetched_is_given_up_at_once(house: House, url: str) -> None:
    house.acme.provider.media["r1"] = MediaRequest(url, allowed_hosts=("127.0.0.1",))
    receive(house)
    fetch(house)

    assert (house.one(attachments)["state"], house.one(attachments)["error_code"]) == ("failed", "fetch_refused")


@pytest.mark.parametrize("url", ["https://[bad", "https://" + "a" * 300 + ".example/", "https://a\x00b/", None, 7])
def test_nonsense_for_an_address_is_given_up_and_holds_up_nobody(house: House, server: Web, url: object) -> None:
    server.pages["/file"] = Page(PNG)
    house.acme.provider.media["odd"] = MediaRequest(url, allowed_hosts=("*.example",))  # type: ignore[arg-type]  # the point
    receive(house, ref="odd")
    receive(house)
    while fetch(house):
        pass

    assert sorted(row["state"] for row in house.rows(attachments)) == ["failed", "stored"]


def test_the_plugin_may_say_that_it_is_gone_or_not_there_yet(house: House) -> None:
    house.acme.provider.media["r1"] = MediaUnavailable("Deleted by the sender.")
    house.acme.provider.media["r2"] = MediaUnavailable("Still being scanned.", retryable=True)
    receive(house)
    receive(house, ref="r2")
    fetch(house)

    assert sorted(row["state"] for row in house.rows(attachments)) == ["failed", "pending"]


def test_while_its_plugin_is_set_aside_an_attachment_waits_as_long_as_it_takes(house: House, server: Web) -> None:
    server.pages["/file"] = Page(PNG)
    receive(house)
    house.host.set_aside("acme", "for this test")
    for _ in range(60):
        later(house)
    assert (house.one(attachments)["state"], house.one(attachments)["attempts"]) == ("pending", 0)

    house.host.release("acme")
    later(house)
    assert house.one(attachments)["state"] == "stored"


def test_many_workers_fetch_each_attachment_once(house: House, server: Web) -> None:
    server.pages["/file"] = Page(PNG)
    for _ in range(12):
        receive(house)
    barrier = threading.Barrier(4)

    def work() -> None:
        barrier.wait()
        while fetch(house):
            pass

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert {row["state"] for row in house.rows(attachments)} == {"stored"}
    assert len(server.asked) == len(files(house)) == 12


def test_a_worker_that_was_too_slow_cannot_finish_anothers_work(house: House, server: Web) -> None:
    request = house.acme.provider.media["r1"]

    def slow(*_: object) -> MediaRequest:
        house.acme.instead.clear()
        assert later(house) == 1  # the claim has run out: another worker takes it, and is done first
        assert isinstance(request, MediaRequest)
        return request

    server.pages["/file"] = Page(PNG)
    receive(house)
    house.acme.instead["locate_media"] = slow
    fetch(house)

    assert house.one(attachments)["state"] == "stored"
    assert [path.name for path in files(house)] == [house.one(attachments)["storage_key"]]
