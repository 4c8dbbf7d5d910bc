"""The same promises of every storage: a folder, and a bucket of a real server."""

from __future__ import annotations

import io
import logging
import re
from pathlib import Path

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from casella.errors import ConfigurationError
from casella.inbox.files.media import FileTooBig, MediaStore
from casella.inbox.files.s3 import Bucket
from casella.inbox.files.storage import Folder, MediaStoreUnavailable, Storage
from casella.inbox.files.storage_url import storage_at
from tests.budget import tries
from tests.services import S3Server
from tests.services.s3 import ACCESS_KEY, SECRET_KEY

KEY, OTHER = "a" * 40, "0123456789" * 4


@pytest.fixture(params=["folder", "bucket"])
def storage(request: pytest.FixtureRequest, tmp_path: Path) -> Storage:
    if request.param == "folder":
        return storage_at("", tmp_path / "media")
    server: S3Server = request.getfixturevalue("s3_server")
    return storage_at(server.media_url("inbox/files"), tmp_path)


def test_what_was_kept_comes_back_from_any_place(storage: Storage) -> None:
    content = bytes(range(256)) * 3000
    storage.keep(KEY, io.BytesIO(content))
    with storage.open(KEY) as file:
        assert file.seek(0, io.SEEK_END) == len(content)
        assert file.read(10) == b""
        file.seek(700_000)
        assert file.read(100) == content[700_000:700_100]
        file.seek(0)
        assert file.read() == content
        assert file.tell() == len(content)


@settings(max_examples=tries(25), suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(reads=st.lists(st.tuples(st.integers(0, 3000), st.integers(0, 700)), max_size=6))
def test_every_part_is_the_part_asked_for(storage: Storage, reads: list[tuple[int, int]]) -> None:
    content = bytes(number * 7 % 251 for number in range(2500))
    storage.delete(OTHER)
    storage.keep(OTHER, io.BytesIO(content))
    with storage.open(OTHER) as file:
        for start, length in reads:
            file.seek(start)
            assert file.read(length) == content[start : start + length]


def test_an_empty_file_is_a_file(storage: Storage) -> None:
    storage.keep(KEY, io.BytesIO(b""))
    with storage.open(KEY) as file:
        assert (file.seek(0, io.SEEK_END), file.read()) == (0, b"")


def test_what_is_deleted_is_gone_and_may_be_deleted_again(storage: Storage) -> None:
    storage.keep(KEY, io.BytesIO(b"x"))
    storage.delete(KEY)
    storage.delete(KEY)
    with pytest.raises(FileNotFoundError):
        storage.open(KEY)


@pytest.mark.parametrize("key", ["", "..", "../../etc/passwd", "A" * 40, "a" * 39, "/" * 40, "a" * 39 + "\n"])
def test_what_is_no_key_leads_nowhere(storage: Storage, key: str) -> None:
    for use in (storage.open, storage.delete):
        with pytest.raises(FileNotFoundError):
            use(key)
    with pytest.raises(FileNotFoundError):
        storage.keep(key, io.BytesIO(b"x"))


def test_a_stream_that_is_too_big_never_reaches_the_bucket(s3_server: S3Server) -> None:
    bucket = s3_server.make_bucket()
    store = MediaStore(storage_at(s3_server.media_url("", bucket), Path()))
    with pytest.raises(FileTooBig):
        store.put([b"12345", b"6"], most=5)
    kept = store.put([b"12345"], most=5)
    with store.open(kept.key) as file:
        assert file.read() == b"12345"
    assert _names(s3_server, bucket) == [kept.key]


def test_a_prefix_keeps_two_houses_apart(s3_server: S3Server) -> None:
    bucket = s3_server.make_bucket()
    one, two = (storage_at(s3_server.media_url(prefix, bucket), Path()) for prefix in ("one", "two/"))
    one.keep(KEY, io.BytesIO(b"1"))
    with pytest.raises(FileNotFoundError):
        two.open(KEY)
    assert _names(s3_server, bucket) == [f"one/{KEY}"]


def test_a_large_file_is_sent_in_parts(s3_server: S3Server) -> None:
    content = b"0123456789abcdef" * (1024 * 1024 + 1)  # a little more than one part of 16 MB
    store = storage_at(s3_server.media_url(), Path())
    store.keep(KEY, io.BytesIO(content))
    with store.open(KEY) as file:
        assert file.seek(0, io.SEEK_END) == len(content)
        file.seek(16 * 1024 * 1024 - 8)
        assert file.read() == content[16 * 1024 * 1024 - 8 :]


def test_credentials_come_from_the_environment_and_are_in_no_log(
    s3_server: S3Server, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        store = storage_at(s3_server.media_url(), Path())
        store.keep(KEY, io.BytesIO(b"x"))
        store.open(KEY).close()
    assert caplog.records
    assert SECRET_KEY not in caplog.text


def test_a_store_that_is_away_or_refuses_says_so(s3_server: S3Server) -> None:
    away = storage_at("s3://bucket?endpoint=http://127.0.0.1:1", Path())
    no_bucket = storage_at(s3_server.media_url(bucket="there-is-none"), Path())
    for store in (away, no_bucket):
        with pytest.raises(MediaStoreUnavailable) as caught:
            store.keep(KEY, io.BytesIO(b"x"))
        assert caught.value.status == 503
        assert ACCESS_KEY not in caught.value.text
    with pytest.raises(MediaStoreUnavailable):
        away.open(KEY)
    MediaStore(away).delete(KEY)  # is logged and left: nobody can reach it


def test_the_address_says_what_it_is(tmp_path: Path) -> None:
    assert isinstance(storage_at("", tmp_path), Folder)
    named = storage_at(f"file://{tmp_path}/a%20folder", Path("elsewhere"))
    assert isinstance(named, Folder)
    assert named.path(KEY) == tmp_path / "a folder" / "aa" / KEY
    assert isinstance(storage_at("s3://bucket/p?region=eu-south-1", tmp_path), Bucket)


@pytest.mark.parametrize(
    "url",
    [
        "ftp://host/folder", "folder", "file://host/folder", "s3://", "s3:///prefix", "s3://key:secret@bucket/p",
        "s3://bucket?endpoint=somewhere", "s3://bucket?token=secret",
    ],
)  # fmt: skip
def test_a_wrong_address_is_refused_with_a_sentence(url: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="CASELLA_MEDIA_URL") as caught:
        storage_at(url, tmp_path)
    assert "secret" not in caught.value.text.lower().replace("aws_secret", "")


def _names(server: S3Server, bucket: str) -> list[str]:
    listing = httpx.get(f"{server.endpoint}/{bucket}?list-type=2", timeout=30).text
    return re.findall(r"<Key>([^<]+)</Key>", listing)
