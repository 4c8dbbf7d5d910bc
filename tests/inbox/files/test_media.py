"""Where files lie, what type they are, and the links providers fetch them by."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from itsdangerous import URLSafeTimedSerializer

from casella.inbox.files.media import (
    ALLOWED,
    LINK_SECONDS,
    FileLinks,
    FileTooBig,
    Linked,
    MediaStore,
    mime_of,
)
from casella.inbox.files.storage import Folder
from casella.store.sealing import derive

KEY = "a key of more than sixteen characters"

OFFICE = "application/vnd.openxmlformats-officedocument"
WORD, EXCEL = f"{OFFICE}.wordprocessingml.document", f"{OFFICE}.spreadsheetml.sheet"


def test_a_file_lies_under_a_random_name_and_comes_back_whole(tmp_path: Path) -> None:
    store = MediaStore(Folder(tmp_path / "media"))
    first = store.put([b"one ", b"two"], most=7, claimed="text/plain")
    second = store.put([b"one ", b"two"], most=7)

    assert (first.size, first.mime, first.kind) == (7, "text/plain", "document")
    assert first.key != second.key
    assert first.sha256 == second.sha256
    with store.open(first.key) as stored:
        assert stored.read() == b"one two"
    assert store.has(first.key)
    store.delete(first.key)
    store.delete(first.key)
    assert not store.has(first.key)
    with pytest.raises(FileNotFoundError):
        store.open(first.key)


def test_too_big_or_broken_streams_leave_nothing_behind(tmp_path: Path) -> None:
    def breaks() -> object:
        yield b"some"
        raise ConnectionResetError

    store = MediaStore(Folder(tmp_path))
    with pytest.raises(FileTooBig) as caught:
        store.put([b"12345", b"6"], most=5)
    assert (caught.value.status, caught.value.extra) == (413, {"most": 5})
    with pytest.raises(ConnectionResetError):
        store.put(breaks(), most=100)  # type: ignore[arg-type]  # a generator is iterable
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


@given(st.binary(max_size=2000), st.text(max_size=40))
def test_whatever_the_content_the_type_is_one_that_is_known(head: bytes, claimed: str) -> None:
    assert mime_of(head, claimed) in {*ALLOWED, "application/octet-stream"}


@given(st.binary(max_size=300), st.sampled_from(["text/plain", "image/svg+xml", "text/html", "image/png", "text/csv"]))
def test_markup_is_never_anything_a_browser_would_run(rest: bytes, claimed: str) -> None:
    for beginning in (b"<svg ", b"<html>", b"\n<!DOCTYPE html>", b"<?xml version='1.0'?><svg>", b"  <script>"):
        assert mime_of(beginning + rest, claimed) == "application/octet-stream"


def test_a_link_is_for_one_file_and_for_some_hours() -> None:
    links = FileLinks(KEY, "https://desk.example")
    url = links.link("01ABC")
    signed = url.removeprefix("https://desk.example/files/")

    assert url != signed
    assert links.linked(signed) == Linked("01ABC")
    assert links.linked(("A" if signed[0] != "A" else "B") + signed[1:]) is None
    head, _, signature = signed.rpartition(".")
    assert links.linked(f"{head}.{signature[::-1]}") is None
    assert links.linked("") is None
    assert FileLinks(KEY + "!", "https://desk.example").linked(signed) is None
    other = URLSafeTimedSerializer(derive(KEY, "file-links"), salt="another purpose").dumps("01ABC")
    assert links.linked(str(other)) is None
    assert LINK_SECONDS >= 3600


def test_a_link_to_a_thumbnail_leads_to_nothing_else() -> None:
    links = FileLinks(KEY, "https://desk.example")
    signed = links.thumbnail("01ABC").rpartition("/")[2]

    assert links.linked(signed) == Linked("01ABC", is_thumbnail=True)
    assert signed != links.link("01ABC").rpartition("/")[2]


def packed(*names: str) -> bytes:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as file:
        for name in names:
            file.writestr(name, "words " * 50)
    return archive.getvalue()


@pytest.mark.parametrize(
    ("names", "mime"),
    [
        (("notes.txt", "photo.jpg"), "application/zip"),
        (("word/letter.txt",), "application/zip"),
        (("[Content_Types].xml", "_rels/.rels", "word/document.xml"), WORD),
        (("_rels/.rels", "docProps/app.xml", "word/document.xml", "[Content_Types].xml"), WORD),
        (("[Content_Types].xml", "_rels/.rels", "xl/workbook.xml"), EXCEL),
        (("[Content_Types].xml", "_rels/.rels", "ppt/presentation.xml"), "application/zip"),
    ],
)
def test_an_archive_is_a_document_only_if_it_is_built_like_one(names: tuple[str, ...], mime: str) -> None:
    assert mime_of(packed(*names), "application/zip") == mime
