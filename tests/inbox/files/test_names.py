"""Names and types of files (field cases sarrazola/openlivery#101, klinker-apps/pulse-sms-issues#191,
signalapp/Signal-iOS#3455, Esri/data-collection-ios#184): every ending fits what the file is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casella.inbox.files.media import RECEIVED, mime_of
from casella.inbox.files.names import ENDINGS, LONGEST, clean_name, fitting_name

PDF, UNKNOWN = "application/pdf", "application/octet-stream"
STRANGE = b"\x01\x02\xf0\xff nobody knows what this is"
RUNNING = (".exe", ".bat", ".html", ".htm", ".js", ".svg", ".lnk", ".scr", ".vbs", ".cmd", ".ps1", ".msi", ".jar")


@pytest.mark.parametrize(
    ("name", "mime", "shown"),
    [
        ("cotizacion", PDF, "cotizacion.pdf"),
        ("invoice.exe", PDF, "invoice.pdf"),
        ("invoice.pdf", PDF, "invoice.pdf"),
        ("INVOICE.PDF", PDF, "INVOICE.PDF"),
        ("photo.exe", "image/jpeg", "photo.jpg"),
        ("photo.jpeg", "image/jpeg", "photo.jpeg"),
        ("photo.png", "image/jpeg", "photo.jpg"),
        ("offer v2.1", PDF, "offer v2.1.pdf"),
        ("invoice.bat", "text/plain", "invoice.txt"),
        ("page.html", "text/plain", "page.txt"),
        ("numbers.csv", "text/plain", "numbers.csv"),
        ("card", "text/vcard", "card.vcf"),
        ("setup.exe", UNKNOWN, "setup.bin"),
        ("a.pdf.exe", UNKNOWN, "a.pdf.bin"),
        ("drawing.dwg", UNKNOWN, "drawing.dwg"),
        ("report.pdf", UNKNOWN, "report.bin"),
        ("../../etc/passwd", UNKNOWN, "passwd.bin"),
        ("C:\\temp\\a.pdf", PDF, "a.pdf"),
        ("gpj.\u202eexe.jpg", "image/jpeg", "gpj.exe.jpg"),
        ("a\x00\nb.pdf", PDF, "ab.pdf"),
        (".pdf", PDF, "pdf.pdf"),
        ("", PDF, "document-1.pdf"),
        (None, "audio/amr", "document-1.amr"),
    ],
)
def test_a_name(name: str | None, mime: str, shown: str) -> None:
    assert fitting_name(name, mime, "document-1") == shown


@given(name=st.text(max_size=300), mime=st.sampled_from([*RECEIVED, UNKNOWN]), ending=st.sampled_from(("", *RUNNING)))
def test_no_name_contradicts_its_file(name: str, mime: str, ending: str) -> None:
    shown = fitting_name(name + ending, mime, "file")
    assert fitting_name(shown, mime, "file") == shown, "once is enough"
    assert 0 < len(shown) <= LONGEST
    assert not {*"/\\\x00\n\u202e\u200f"} & {*shown}
    assert not shown.lower().endswith(RUNNING)
    assert mime not in ENDINGS or shown.lower().endswith(ENDINGS[mime])


def test_every_type_that_is_kept_has_an_ending() -> None:
    assert set(RECEIVED) <= set(ENDINGS)


@pytest.mark.parametrize(("given_name", "kept"), [("a/b/c.txt", "c.txt"), ("\u2067x\u2069.txt", "x.txt"), (" . ", "")])
def test_paths_and_hidden_characters_go(given_name: str, kept: str) -> None:
    assert clean_name(given_name) == kept


def iso(brand: bytes, rest: bytes = b"") -> bytes:
    return b"\x00\x00\x00\x18ftyp" + brand + b"\x00\x00\x00\x00" + brand + rest


@pytest.mark.parametrize(
    ("head", "claimed", "mime"),
    [
        (b"#!AMR\n" + b"\x3c" * 30, "audio/amr", "audio/amr"),
        (b"#!AMR\n" + b"\x3c" * 30, "", "audio/amr"),
        (b"#!AMR-WB\n" + b"\x3c" * 30, "audio/amr-wb", "audio/amr"),
        (b"BEGIN:VCARD\r\nVERSION:3.0\r\nEND:VCARD", "text/x-vCard", "text/vcard"),
        (b"\xef\xbb\xbfbegin:vcard\n", "", "text/vcard"),
        (b"BEGIN:VCALENDAR\n", "application/octet-stream", "text/calendar"),
        (iso(b"heic"), "image/heic", "image/heic"),
        (iso(b"mif1"), "", "image/heif"),
        (iso(b"M4A "), "audio/mp4", "audio/mp4"),
        (iso(b"isom", b"moov soun mp4a"), "audio/mp4", "audio/mp4"),
        (iso(b"isom", b"moov vide avc1"), "audio/mp4", "video/mp4"),
        (iso(b"mp42"), "video/mp4", "video/mp4"),
        (iso(b"3gp5"), "video/3gpp", "video/3gpp"),
        (iso(b"qt  "), "", "video/quicktime"),
        (b"\xff\xfb\x90\x64" + b"\x00" * 40, "audio/mpeg", "audio/mpeg"),
        (b"ID3\x04\x00\x00\x00\x00\x00\x00", "audio/mpeg", "audio/mpeg"),
        (b"\xff\xf1\x50\x80\x02", "", "audio/aac"),
        (b"%PDF-1.4", "image/heic", "application/pdf"),
        (STRANGE, "audio/amr", "audio/amr"),
        (b"<html><script>", "image/heic", "application/octet-stream"),
        (STRANGE, "image/png", "application/octet-stream"),
        (STRANGE, "text/html", "application/octet-stream"),
    ],
)
def test_the_type_of_what_a_provider_brings(head: bytes, claimed: str, mime: str) -> None:
    assert mime_of(head, claimed, by_provider=True) == mime


def test_what_people_upload_is_not_taken_at_their_word() -> None:
    assert mime_of(STRANGE, "audio/amr") == UNKNOWN
    assert mime_of(iso(b"heic"), "image/heic") == UNKNOWN, "no channel takes it"
