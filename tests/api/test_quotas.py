"""What one caller may take of what everybody shares, and what the others notice of it: nothing."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import func, select

from casella.api.limits.rate_limits import RateLimits
from casella.api.limits.uploads import UploadQuota, UploadQuotaUsed
from casella.inbox.files import MediaStore
from casella.inbox.files.storage import Folder
from casella.plugin import ChannelHouse, ContactStream, Route, RouteAnswer, RouteRequest
from casella.settings import NAMES, Quotas, parse_quotas
from casella.store.tables import attachments
from tests import loopback
from tests.api.conftest import Cast, cast_of
from tests.api.endpoints.test_attachments import PNG, UPLOAD, upload
from tests.api.house import open_house, served
from tests.house import until

BIG = PNG + b"\x00" * 400 * 1024  # three are more than a megabyte


@contextmanager
def bounded(url: str, folder: Path, quotas: str) -> Iterator[Cast]:
    with open_house(url, folder, quotas=quotas) as house:
        yield cast_of(house)


def refused(answer: httpx.Response, code: str, status: int = 429) -> None:
    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text
    assert int(answer.headers["retry-after"]) > 0


# --- how often --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("quota", "method", "path"),
    [
        ("searches", "GET", "search?q=parcel"),
        ("searches", "GET", "contacts?q=ada"),
        ("previews", "POST", "canned/greeting/preview"),
        ("previews", "POST", "conversations/01KB2Z8Q4M7T1V3X5Y7Z9A1C3E/messages/preview"),
        ("suggestions", "POST", "conversations/01KB2Z8Q4M7T1V3X5Y7Z9A1C3E/assistant/suggest"),
        ("suggestions", "POST", "conversations/01KB2Z8Q4M7T1V3X5Y7Z9A1C3E/assistant/tags"),
        ("feedback", "POST", "conversations/01KB2Z8Q4M7T1V3X5Y7Z9A1C3E/assistant/feedback"),
    ],
)
def test_one_agent_asks_so_often_in_a_minute_and_the_others_do_not_notice(
    migrated_sqlite_url: str, tmp_path: Path, quota: str, method: str, path: str
) -> None:
    with bounded(migrated_sqlite_url, tmp_path, f"{quota}=2") as cast:
        ann, bob = cast.client(cast.ann), cast.client(cast.bob)
        body: dict[str, Any] = {} if method == "GET" else {"json": {"text": "hi"}}
        asked = [ann.request(method, f"/api/v1/{path}", **body).status_code for _ in range(2)]
        assert 429 not in asked
        refused(ann.request(method, f"/api/v1/{path}", **body), "too_many_requests")
        refused(cast.client(cast.ann).request(method, f"/api/v1/{path}", **body), "too_many_requests")
        assert bob.request(method, f"/api/v1/{path}", **body).status_code != 429
        assert ann.get("/api/v1/me").status_code == 200


# --- uploads ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("of", ["agent", "address", "house"])
def test_a_day_has_so_many_bytes(migrated_url: str, tmp_path: Path, of: str) -> None:
    with bounded(migrated_url, tmp_path, f"{of}_upload_mb=1") as cast:
        ann = cast.client(cast.ann, address="192.0.2.1")
        others = {
            "agent": cast.client(cast.bob, address="192.0.2.1"),
            "address": cast.client(cast.bob, address="192.0.2.2"),
            "house": cast.client(cast.bob, address="192.0.2.2"),
        }
        assert [upload(ann, BIG).status_code for _ in range(2)] == [201, 201]
        answer = upload(ann, BIG)
        refused(answer, "upload_quota")
        assert answer.json()["quota"] == of
        assert upload(ann, PNG).status_code == 201, "what still fits is taken"
        assert upload(others[of], BIG).status_code == (429 if of == "house" else 201)
        with cast.house.store.read() as db:
            assert db.execute(select(func.count()).select_from(attachments)).scalar_one() == (3 if of == "house" else 4)


def test_what_does_not_fit_is_refused_before_it_is_read(migrated_sqlite_url: str, tmp_path: Path) -> None:
    with bounded(migrated_sqlite_url, tmp_path, "agent_upload_mb=1") as cast, served(cast.house) as server:
        read = 0

        def body() -> Iterator[bytes]:
            nonlocal read
            for _ in range(200):
                read += 1
                yield b"x" * 65536

        headers = {
            "Authorization": f"Bearer {cast.house.token(cast.ann)}", "Content-Length": str(200 * 65536),
            "Content-Type": "multipart/form-data; boundary=b",
        }  # fmt: skip
        answer = loopback.post(f"{server.url}{UPLOAD}", content=body(), headers=headers)
        refused(answer, "upload_quota")
        assert read < 200, "it was read to its end"


def admitted(request: RouteRequest, house: ChannelHouse) -> None:
    house.admit_upload(request.query["as"], int(request.headers["content-length"]))


def kept(request: RouteRequest, house: ChannelHouse) -> RouteAnswer:
    file = house.keep_upload(request.body, "a.png", "image/png", 10_000_000, contact_address=request.query["as"])
    return RouteAnswer(201, file.model_dump_json().encode())


def watched(request: RouteRequest, house: ChannelHouse) -> ContactStream:
    return ContactStream(request.query["as"], None, request.received_at + timedelta(hours=1))


ROUTES = (
    Route("POST", "{channel}/uploads", kept, most_bytes=10_000_000, admit=admitted),
    Route("GET", "{channel}/events", watched),
)


def with_shop(cast: Cast) -> None:
    cast.house.channel(cast.support, key="shop", address="shop-1")
    cast.house.rooms.host.register_routes("quiet", ROUTES)
    cast.house.desk_changed()


def test_a_visitor_has_his_own_bytes_a_day(migrated_url: str, tmp_path: Path) -> None:
    with bounded(migrated_url, tmp_path, "visitor_upload_mb=1") as cast:
        with_shop(cast)
        client = cast.client()
        sent = [client.post("/channels/quiet/shop/uploads?as=ada", content=BIG) for _ in range(3)]
        assert [answer.status_code for answer in sent] == [201, 201, 429]
        refused(sent[2], "upload_quota")
        assert client.post("/channels/quiet/shop/uploads?as=bea", content=BIG).status_code == 201


def test_processes_with_a_redis_count_bytes_together(redis_url: str, tmp_path: Path) -> None:
    media = MediaStore(Folder(tmp_path))
    first, second = (UploadQuota(RateLimits(redis_url), Quotas(agent_upload_mb=1), media) for _ in range(2))
    first.count("agent", "ann", "192.0.2.1", 700 * 1024)
    with pytest.raises(UploadQuotaUsed) as refusal:
        second.count("agent", "ann", "192.0.2.9", 700 * 1024)
    wait = refusal.value.extra["retry_after"]
    assert isinstance(wait, int)
    assert 0 < wait <= 24 * 3600
    second.count("agent", "ann", "192.0.2.9", 300 * 1024)
    second.count("agent", "bob", "192.0.2.9", 700 * 1024)


# --- event streams ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("of", "same_token"), [("token", True), ("agent", False), ("address", False)])
def test_so_many_streams_are_open_at_once(
    migrated_sqlite_url: str, tmp_path: Path, of: str, *, same_token: bool
) -> None:
    with bounded(migrated_sqlite_url, tmp_path, f"{of}_streams=2") as cast, served(cast.house) as server:
        first = cast.house.token(cast.ann)

        def watch(open_: ExitStack, token: str = "") -> httpx.Response:
            given = token or (first if same_token else cast.house.token(cast.ann))
            url, headers = f"{server.url}/api/v1/events", {"Authorization": f"Bearer {given}"}
            return open_.enter_context(loopback.stream("GET", url, headers=headers, timeout=20))

        with ExitStack() as elsewhere:
            with ExitStack() as open_:
                assert [watch(open_).status_code for _ in range(2)] == [200, 200]
                answer = watch(open_)
                answer.read()
                refused(answer, "too_many_own_streams")
                assert answer.json()["quota"] == of
                others = watch(elsewhere, cast.house.token(cast.bob))
                assert others.status_code == (429 if of == "address" else 200)
            until(lambda: watch(elsewhere).status_code == 200, "places are free again when streams are closed")


def test_a_visitor_has_so_many_streams(migrated_sqlite_url: str, tmp_path: Path) -> None:
    with bounded(migrated_sqlite_url, tmp_path, "visitor_streams=1") as cast:
        with_shop(cast)
        with served(cast.house) as server, ExitStack() as open_:

            def watch(who: str) -> httpx.Response:
                url = f"{server.url}/channels/quiet/shop/events?as={who}"
                return open_.enter_context(loopback.stream("GET", url, timeout=20))

            assert watch("ada").status_code == 200
            second = watch("ada")
            second.read()
            refused(second, "too_many_own_streams")
            assert watch("bea").status_code == 200


# --- the setting ------------------------------------------------------------------------------------------------


def test_quotas_are_named_and_counted() -> None:
    assert parse_quotas(" searches = 5, house_upload_mb=0 ") == Quotas(searches=5, house_upload_mb=0)
    assert parse_quotas("") == Quotas()
    for wrong in ("searches", "searches=-1", "searches=many", "searches=1.5", "streams=5", "=5"):
        with pytest.raises(ValueError, match=r"names no quota|a whole number"):
            parse_quotas(wrong)


def test_nothing_is_bounded_at_nought(migrated_sqlite_url: str, tmp_path: Path) -> None:
    with bounded(migrated_sqlite_url, tmp_path, ",".join(f"{name}=0" for name in NAMES)) as cast:
        ann = cast.client(cast.ann)
        assert all(ann.get("/api/v1/search?q=x").status_code == 200 for _ in range(5))
        assert upload(ann, BIG).status_code == 201
