"""Thumbnails: small, upright, bare of metadata, made by a worker, and never a way to hurt the house."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from casella.inbox.files.picture_decoder import MOST_PIXELS, SIDE, Refused, shrink
from casella.inbox.receiving import thumbnails
from casella.inbox.receiving.attachments.thumbnails import shrink_due, shrunk
from casella.store.tables import attachments, feed, messages
from tests.budget import tries
from tests.builders import make_attachment
from tests.house import House

RED, BLUE = (255, 0, 0), (0, 0, 255)


def picture(width: int = 1000, height: int = 500, form: str = "JPEG", mode: str = "RGB", **saved: Any) -> bytes:
    """Red on the left, blue on the right."""
    image = Image.new(mode, (width, height), 0 if mode == "P" else RED if mode == "RGB" else (*RED, 0))
    if mode == "RGB":
        image.paste(BLUE, (width // 2, 0, width, height))
    written = io.BytesIO()
    image.save(written, form, **saved)
    return written.getvalue()


def opened(content: bytes) -> Image.Image:
    return Image.open(io.BytesIO(content))


def bomb(side: int) -> bytes:
    """A PNG of `side` × `side` black pixels in a few kilobytes."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    packer = zlib.compressobj(9)
    rows = b"".join(packer.compress(bytes(1 + side // 8)) for _ in range(side)) + packer.flush()
    head = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


@pytest.mark.parametrize("form", ["JPEG", "PNG", "GIF", "WEBP"])
def test_a_picture_becomes_a_small_one_of_the_same_shape(form: str) -> None:
    width, height, small = shrink(io.BytesIO(picture(form=form)))
    assert (width, height) == (1000, 500)
    with opened(small) as made:
        assert (made.format, made.size) == ("WEBP", (SIDE, SIDE // 2))


def test_a_small_picture_is_not_blown_up_and_stays_transparent() -> None:
    _, _, small = shrink(io.BytesIO(picture(20, 10, "PNG", "RGBA")))
    with opened(small) as made:
        assert (made.size, made.mode) == ((20, 10), "RGBA")


def test_it_stands_upright_and_has_no_metadata() -> None:
    """A phone on its side: turned by a quarter, with the place where it was taken in its EXIF."""
    exif = Image.Exif()
    exif[0x0112] = 6
    exif[0x010E] = "at home, 45.4642 N"
    width, height, small = shrink(io.BytesIO(picture(exif=exif, comment=b"a comment")))

    assert (width, height) == (500, 1000)
    assert b"45.4642" not in small
    with opened(small) as made:
        assert made.size == (SIDE // 2, SIDE)
        assert dict(made.getexif()) == {}
        top, bottom = made.convert("RGB").getpixel((100, 20)), made.convert("RGB").getpixel((100, 460))
    assert isinstance(top, tuple)
    assert isinstance(bottom, tuple)
    assert top[0] > 200 > top[2]
    assert bottom[2] > 200 > bottom[0]


def test_a_bomb_is_refused_before_it_is_unpacked() -> None:
    packed = bomb(20_000)
    assert len(packed) < 100_000
    assert MOST_PIXELS < 20_000 * 20_000
    with pytest.raises(Refused, match="too_many_pixels"):
        shrink(io.BytesIO(packed))


@settings(max_examples=tries(80), deadline=None)
@given(st.binary(max_size=400), st.sampled_from(["", "JPEG", "PNG", "GIF", "WEBP"]), st.integers(0, 300))
def test_whatever_is_no_picture_is_an_answer_of_the_program(rest: bytes, form: str, cut: int) -> None:
    content = picture(40, 20, form)[:cut] + rest if form else rest
    with suppress(Refused, OSError, ValueError, SyntaxError, IndexError, struct.error, EOFError, OverflowError):
        width, height, small = shrink(io.BytesIO(content))
        assert (width, height) == (40, 20)
        assert small


@pytest.mark.parametrize("content", [b"", b"GIF89a", b"<svg/>", picture()[:300], b"%!PS-Adobe-3.0"])
def test_the_program_says_that_it_cannot(content: bytes) -> None:
    assert shrunk(content).refused.startswith("undecodable_")


def test_the_program_answers_with_the_picture_and_its_size() -> None:
    made = shrunk(picture())
    assert (made.width, made.height, made.refused) == (1000, 500, "")
    assert opened(made.content).size == (SIDE, SIDE // 2)
    assert shrunk(bomb(20_000)).refused == "too_many_pixels"


def stored(house: House, content: bytes, **values: object) -> str:
    file = house.rooms.media.put([content], most=10_000_000)
    details: dict[str, Any] = {
        "state": "stored",
        "storage_key": file.key,
        "kind": file.kind,
        "mime": file.mime,
        "size": file.size,
    }
    with house.rooms.store.write() as db:
        return make_attachment(db, **{**details, **values})


@pytest.fixture
def house(migrated_sqlite_url: str, tmp_path: Path) -> Iterator[House]:
    with House(migrated_sqlite_url, tmp_path) as built:
        yield built


def test_a_worker_makes_it_once_and_tells_of_it(house: House) -> None:
    house.receive(house.says("look"))
    stored(house, picture(), message_id=house.one(messages)["id"])
    assert shrink_due(house.rooms) == 1
    assert shrink_due(house.rooms) == 0

    row = house.one(attachments)
    assert (row["thumbnail_state"], row["width"], row["height"]) == ("made", 1000, 500)
    with house.rooms.media.open(row["thumbnail_key"]) as file:
        assert opened(file.read()).size == (SIDE, SIDE // 2)
    assert len(house.rows(feed, kind="message.updated")) == 1


def test_what_is_no_picture_to_show_is_refused_once_and_kept(house: House) -> None:
    stored(house, picture()[:300])
    assert shrink_due(house.rooms) == 1
    assert shrink_due(house.rooms) == 0

    row = house.one(attachments)
    assert (row["thumbnail_state"], row["thumbnail_key"], row["state"]) == ("refused", None, "stored")


def test_documents_and_what_is_not_here_yet_are_left_alone(house: House) -> None:
    stored(house, b"%PDF-1.7\n%...")
    stored(house, picture(), state="pending")
    assert shrink_due(house.rooms) == 0


def test_a_worker_that_died_leaves_it_to_the_next_after_its_lease(house: House) -> None:
    stored(house, picture(), thumbnail_due_at=house.clock.now() + timedelta(minutes=1))
    assert shrink_due(house.rooms) == 0
    house.clock.move(minutes=2)
    assert shrink_due(house.rooms) == 1
    assert house.one(attachments)["thumbnail_state"] == "made"


def test_a_missing_file_is_refused(house: House) -> None:
    stored(house, picture(), storage_key="0" * 40)
    shrink_due(house.rooms)
    assert house.one(attachments)["thumbnail_state"] == "refused"


def test_the_web_server_decodes_nothing() -> None:
    """Only the program of its own may load a decoder."""
    package = Path(thumbnails.__file__).parents[3]
    loaders = [path.name for path in package.rglob("*.py") if "PIL" in path.read_text() and path.name != "logs.py"]
    assert loaders == ["picture_decoder.py"]
