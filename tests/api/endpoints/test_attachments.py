"""Uploading, sending and downloading files."""

from __future__ import annotations

import io
import os
import threading
import zipfile
from contextlib import suppress
from typing import Any

import httpx
import pytest
from PIL import Image
from sqlalchemy import select
from starlette.types import Message

from casella.inbox.receiving.attachments.thumbnails import shrink_due
from casella.inbox.sending.uploads import MOST_BYTES, USUAL_BYTES, safe_name
from casella.store.tables import attachments
from tests.api.conftest import Cast
from tests.api.house import QuietChannel
from tests.builders import make_attachment, make_conversation, make_message

PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010806000000"
    "1f15c4890000000d49444154789c6360606060000000050001a5f645400000000049454e44ae426082"
)
SVG = b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
HTML = b"<!doctype html><script>alert(1)</script>"
UPLOAD = "/api/v1/attachments"


def upload(client: httpx.Client, content: bytes = PNG, name: str = "a.png", **headers: str) -> httpx.Response:
    return client.post(UPLOAD, files={"file": (name, content, "image/png")}, headers=headers)


@pytest.fixture
def conversation(cast: Cast) -> str:
    channel = cast.house.channel(cast.support)
    cast.house.desk_changed()
    with cast.house.store.write() as db:
        return make_conversation(db, channel_id=channel)


def test_upload_send_download(cast: Cast, conversation: str) -> None:
    ann = cast.client(cast.ann)
    made = upload(ann, name="../../été .png")
    assert made.status_code == 201
    file = made.json()
    assert (file["kind"], file["mime"], file["size"], file["state"]) == ("image", "image/png", len(PNG), "stored")
    assert "/" not in file["name"]
    body = {"text": "look", "attachment_ids": [file["id"]]}
    url = f"/api/v1/conversations/{conversation}/messages"
    sent = ann.post(url, json=body, headers={"Idempotency-Key": "k"})
    assert sent.status_code == 201, sent.text
    assert (sent.json()["kind"], sent.json()["attachments"][0]["id"]) == ("image", file["id"])
    got = cast.client(cast.bob).get(file["url"])
    assert (got.status_code, got.content, got.headers["content-type"]) == (200, PNG, "image/png")
    assert got.headers["content-disposition"].startswith("inline")
    again = ann.post(url, json=body, headers={"Idempotency-Key": "k2"})
    assert again.json()["code"] == "unknown_attachment"


def test_an_upload_is_its_owners_until_it_is_sent_and_then_the_inboxes(cast: Cast, conversation: str) -> None:
    ann, bob, eve = cast.client(cast.ann), cast.client(cast.bob), cast.client(cast.eve)
    file = upload(ann).json()
    assert (ann.get(file["url"]).status_code, bob.get(file["url"]).status_code) == (200, 404)
    stolen = {"text": "", "attachment_ids": [file["id"]]}
    url = f"/api/v1/conversations/{conversation}/messages"
    assert bob.post(url, json=stolen, headers={"Idempotency-Key": "k"}).status_code == 422
    ann.post(url, json=stolen, headers={"Idempotency-Key": "k"})
    assert (bob.get(file["url"]).status_code, eve.get(file["url"]).status_code) == (200, 404)


@pytest.mark.parametrize("content", [SVG, HTML, b"MZ\x90\x00" + b"\x00" * 60, b"", b"\x7fELF" + b"\x00" * 60])
def test_what_could_run_is_refused_and_leaves_nothing(lite_cast: Cast, content: bytes) -> None:
    answer = upload(lite_cast.client(lite_cast.ann), content)
    assert (answer.status_code, answer.json()["code"]) == (415, "file_type_refused")
    folder = lite_cast.house.rooms.settings.data_dir / "media"
    assert not [path for path in folder.rglob("*") if path.is_file()]


def test_the_type_is_found_in_the_content(lite_cast: Cast) -> None:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as packed:
        packed.writestr("a.txt", "hello")
    made = upload(lite_cast.client(lite_cast.ann), archive.getvalue(), "innocent.png").json()
    assert (made["kind"], made["mime"].partition("/")[0]) == ("document", "application")
    got = lite_cast.client(lite_cast.ann).get(made["url"])
    assert got.headers["content-disposition"].startswith("attachment")


def test_too_large_is_413(lite_cast: Cast) -> None:
    ann = lite_cast.client(lite_cast.ann)
    announced = upload(ann, PNG + b"\x00" * (MOST_BYTES + 100_000))
    assert (announced.status_code, announced.json()["code"]) == (413, "too_large")
    just_over = upload(ann, PNG + b"\x00" * USUAL_BYTES)
    assert (just_over.status_code, just_over.json()["code"]) == (413, "file_too_big")
    assert upload(ann, PNG + b"\x00" * 2_000_000).status_code == 201


def test_as_large_as_the_most_generous_channel_takes_it_and_no_message_more_than_its_own(
    lite_cast: Cast,
) -> None:
    """Bytes on the way are counted, not held: what is sent is larger than what is kept in memory."""
    ann, house = lite_cast.client(lite_cast.ann), lite_cast.house
    strict, generous = house.channel(lite_cast.support), house.channel(lite_cast.support)
    house.desk_changed()
    channels = house.rooms.directory.current.channels
    can = QuietChannel.capabilities
    large = can.attachments.model_copy(update={"size_by_kind": {"image": 30_000_000}, "size_total": 30_000_000})
    house.rooms.directory.current.abilities[channels[generous]] = can.model_copy(update={"attachments": large})
    made = upload(ann, PNG + b"\x00" * USUAL_BYTES)
    assert made.status_code == 201, made.text
    with house.store.write() as db:
        talks = [make_conversation(db, channel_id=channel) for channel in (strict, generous)]
    body = {"attachment_ids": [made.json()["id"]]}
    said = [ann.post(f"/api/v1/conversations/{talk}/messages/preview", json=body).json()["can_send"] for talk in talks]
    assert [one["code"] for one in said] == ["attachment_too_big", None]
    assert "1,000,000" in said[0]["text"]


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b"", "multipart/form-data; boundary=x"),
        (b"nonsense", "multipart/form-data; boundary=x"),
        (b"nonsense", "multipart/form-data"),
        (b'--x\r\nContent-Disposition: form-data; name="file"\r\n\r\ntext\r\n--x--\r\n',
         "multipart/form-data; boundary=x"),
        (b'--x\r\nContent-Disposition: form-data; name="other"; filename="a"\r\n\r\nt\r\n--x--\r\n',
         "multipart/form-data; boundary=x"),
        (b"{}", "application/json"),
    ],
)  # fmt: skip
def test_a_malformed_upload_is_refused(lite_cast: Cast, body: bytes, content_type: str) -> None:
    answer = lite_cast.client(lite_cast.ann).post(UPLOAD, content=body, headers={"Content-Type": content_type})
    assert answer.status_code in (400, 415, 422)
    assert answer.headers["content-type"] == "application/problem+json"


def test_a_repeated_upload_is_one_file(cast: Cast) -> None:
    ann = cast.client(cast.ann)
    headers: dict[str, Any] = {"Idempotency-Key": "up"}
    first, again = upload(ann, **headers), upload(ann, **headers)
    assert again.json() == first.json()
    other = upload(ann, PNG + b"\x00", **headers)
    assert other.json()["code"] == "idempotency_mismatch"
    with cast.house.store.read() as db:
        assert len(db.execute(select(attachments)).all()) == 1
    files = [path for path in (cast.house.rooms.settings.data_dir / "media").rglob("*") if path.is_file()]
    assert len(files) == 1


@pytest.mark.parametrize(
    ("wanted", "status", "expected", "content_range"),
    [
        ("bytes=0-3", 206, PNG[:4], f"bytes 0-3/{len(PNG)}"),
        ("bytes=4-", 206, PNG[4:], f"bytes 4-{len(PNG) - 1}/{len(PNG)}"),
        ("bytes=-5", 206, PNG[-5:], f"bytes {len(PNG) - 5}-{len(PNG) - 1}/{len(PNG)}"),
        ("bytes=0-99999", 206, PNG, f"bytes 0-{len(PNG) - 1}/{len(PNG)}"),
        ("bytes=5-2", 200, PNG, None),
        ("bytes=0-1,3-4", 200, PNG, None),
        ("lines=1-2", 200, PNG, None),
        ("bytes=99999-", 416, b"", f"bytes */{len(PNG)}"),
        ("bytes=-0", 416, b"", f"bytes */{len(PNG)}"),
    ],
)
def test_a_part_of_a_file(
    lite_cast: Cast, wanted: str, status: int, expected: bytes, content_range: str | None
) -> None:
    ann = lite_cast.client(lite_cast.ann)
    answer = ann.get(upload(ann).json()["url"], headers={"Range": wanted})
    assert answer.status_code == status
    assert answer.headers.get("content-range") == content_range
    assert status == 416 or answer.content == expected


def test_files_are_given_out_where_nothing_in_them_runs(lite_cast: Cast) -> None:
    """A PDF, and something unknown that a provider sent: downloaded, sandboxed, never sniffed."""
    ann = lite_cast.client(lite_cast.ann)
    pdf = upload(ann, b"%PDF-1.4\n" + b"x" * 100, 'ev"il\r\n.pdf').json()
    got = ann.get(pdf["url"])
    assert got.headers["content-type"] == "application/pdf"
    assert got.headers["content-disposition"].startswith('attachment; filename="ev')
    assert "sandbox" in got.headers["content-security-policy"]
    assert got.headers["x-content-type-options"] == "nosniff"
    assert got.headers["cache-control"].startswith("private")
    html = lite_cast.house.rooms.media.put([HTML], most=1000, claimed="text/html")
    with lite_cast.house.store.write() as db:
        message = make_message(db, make_conversation(db, inbox_id=lite_cast.support))
        received = make_attachment(db, message, storage_key=html.key, mime=html.mime, kind=html.kind, name="page.html")
    shown = ann.get(f"{UPLOAD}/{received}")
    assert shown.headers["content-type"] == "application/octet-stream"
    assert shown.headers["content-disposition"].startswith("attachment")


def test_an_attachment_that_is_not_here_yet_says_so(cast: Cast) -> None:
    with cast.house.store.write() as db:
        message = make_message(db, make_conversation(db, inbox_id=cast.support))
        pending = make_attachment(db, message, state="pending")
        failed = make_attachment(db, message, state="failed")
        lost = make_attachment(db, message, state="stored", storage_key="0" * 40)
    ann = cast.client(cast.ann)
    codes = [ann.get(f"{UPLOAD}/{item}").json()["code"] for item in (pending, failed, lost)]
    assert codes == ["attachment_not_ready", "attachment_unavailable", "attachment_unavailable"]
    assert {ann.get(f"{UPLOAD}/{item}").status_code for item in (pending, failed, lost)} == {404}


def test_a_provider_fetches_by_a_signed_link_only(cast: Cast) -> None:
    file = upload(cast.client(cast.ann)).json()
    link = cast.house.rooms.links.link(file["id"])
    provider = cast.client()
    path = link.removeprefix(cast.house.rooms.settings.public_url)
    assert provider.get(path).content == PNG
    assert provider.get(f"{path}x").status_code == 404
    assert provider.get(file["url"]).status_code == 401


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("photo.jpg", "photo.jpg"),
        ("../../etc/passwd", "_.._etc_passwd"),
        ("C:\\temp\\a.txt", "C__temp_a.txt"),
        ("a\x00\u202eb\n.png", "ab.png"),
        (" . ", None),
        ("", None),
        ("x" * 300 + ".jpeg", "x" * 188 + ".jpeg"),
        ("città 🎉.png", "città 🎉.png"),
    ],
)
def test_names_are_made_safe(given: str, kept: str | None) -> None:
    assert safe_name(given) == kept


def stored_picture(cast: Cast, conversation: str) -> str:
    """A real picture in a message, looked at by a worker."""
    written = io.BytesIO()
    Image.new("RGB", (600, 300)).save(written, "PNG")
    file = cast.house.rooms.media.put([written.getvalue()], most=100_000)
    with cast.house.store.write() as db:
        message = make_message(db, conversation)
        attachment = make_attachment(db, message, storage_key=file.key, size=file.size)
    return f"{UPLOAD}/{attachment}"


def test_a_thumbnail_is_given_to_who_sees_the_picture(cast: Cast, conversation: str) -> None:
    url = stored_picture(cast, conversation)
    ann, eve = cast.client(cast.ann), cast.client(cast.eve)
    early = ann.get(f"{url}/thumbnail")
    assert (early.status_code, early.json()["code"]) == (404, "attachment_not_ready")
    shrink_due(cast.house.rooms)

    got = ann.get(f"{url}/thumbnail")
    assert (got.status_code, got.headers["content-type"]) == (200, "image/webp")
    assert got.headers["content-disposition"].startswith("inline")
    assert got.headers["x-content-type-options"] == "nosniff"
    with Image.open(io.BytesIO(got.content)) as small:
        assert small.size == (480, 240)
    assert eve.get(f"{url}/thumbnail").status_code == 404
    items = ann.get(f"/api/v1/conversations/{conversation}/messages").json()["items"]
    file = items[-1]["attachments"][0]
    assert (file["thumbnail_url"], file["width"], file["height"]) == (f"{url}/thumbnail", 600, 300)


def test_signed_links_work_without_signing_in_and_only_for_what_they_are(cast: Cast, conversation: str) -> None:
    url = stored_picture(cast, conversation)
    shrink_due(cast.house.rooms)
    links = cast.client(cast.ann).get(f"{url}/links").json()
    anybody = cast.house.client()

    path, small = (link[link.index("/files/") :] for link in (links["url"], links["thumbnail_url"]))
    assert anybody.get(path).headers["content-type"] == "image/png"
    assert anybody.get(small).headers["content-type"] == "image/webp"
    assert anybody.get(path, headers={"Range": "bytes=0-7"}).content == b"\x89PNG\r\n\x1a\n"
    assert anybody.get(small[:-3] + "AAA").status_code == 404
    assert links["expires_at"]
    assert cast.client(cast.eve).get(f"{url}/links").status_code == 404


def test_of_who_has_gone_before_it_began_no_file_stays_open(cast: Cast, conversation: str) -> None:
    ann = cast.client(cast.ann)
    path = upload(ann).json()["url"]
    begun = threading.Event()

    async def receive() -> Message:
        return {"type": "http.request", "body": b""} if not begun.is_set() else {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        begun.set()
        raise OSError("nobody is there")

    scope = {
        "type": "http", "asgi": {"version": "3.0", "spec_version": "2.4"}, "http_version": "1.1", "method": "GET",
        "path": path, "raw_path": path.encode(), "query_string": b"", "root_path": "", "scheme": "http",
        "client": ("127.0.0.1", 1), "server": ("casella.test", 80),
        "headers": [(name.lower().encode(), value.encode()) for name, value in ann.headers.items()],
    }  # fmt: skip
    with suppress(Exception):  # whatever the server would hear of it
        cast.house.portal.call(cast.house.api, scope, receive, send)
    media = str(cast.house.rooms.settings.data_dir)
    assert begun.is_set()
    assert [open_ for open_ in map(os.readlink, _descriptors()) if open_.startswith(media) and "/media/" in open_] == []


def _descriptors() -> list[str]:
    return [f"/proc/self/fd/{fd}" for fd in os.listdir("/proc/self/fd") if os.path.islink(f"/proc/self/fd/{fd}")]
