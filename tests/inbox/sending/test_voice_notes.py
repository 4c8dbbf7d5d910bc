"""Voice notes: only where the channel has them, and only as Ogg with Opus (S-100, A-13)."""

from __future__ import annotations

from pathlib import Path

import pytest

from casella.errors import SendRefused
from casella.inbox.sending import uploads
from casella.inbox.sending.uploads import VoiceNoteRefused
from casella.plugin import AttachmentLimits
from tests.fakes import AcmeChannel
from tests.house import House

OPUS = b"OggS\x00\x02" + b"\x00" * 22 + b"OpusHead" + b"\x01" * 100
VORBIS = b"OggS\x00\x02" + b"\x00" * 22 + b"\x01vorbis" + b"\x01" * 100


def uploaded(house: House, content: bytes = OPUS) -> str:
    return house.upload(content, "audio/ogg", voice=True)


def test_a_channel_with_voice_notes_takes_one(migrated_sqlite_url: str, tmp_path: Path) -> None:
    limits = AttachmentLimits(kinds=frozenset({"voice"}), count=1, size_each=10_000, size_total=10_000)
    plugin = AcmeChannel(voice_notes=True, attachments=limits)
    with House(migrated_sqlite_url, tmp_path, plugins=[plugin]) as house:
        house.receive(house.says())
        house.reply("", attachment_ids=[uploaded(house)])
        house.deliver()
        [file] = house.acme.provider.arrived[-1].message.attachments
        assert (file.kind, file.mime) == ("voice", "audio/ogg")
        assert file.open is not None
        with file.open() as content:
            assert content.read() == OPUS


def test_a_channel_without_refuses_it(migrated_sqlite_url: str, tmp_path: Path) -> None:
    with House(migrated_sqlite_url, tmp_path) as house:
        house.receive(house.says())
        with pytest.raises(SendRefused) as refused:
            house.reply("", attachment_ids=[uploaded(house)])
        assert refused.value.reason == "voice_notes_unavailable"


@pytest.mark.parametrize("content", [VORBIS, b"\x1aE\xdf\xa3webm", b"ID3\x04"])
def test_other_sound_is_no_voice_note(migrated_sqlite_url: str, tmp_path: Path, content: bytes) -> None:
    with House(migrated_sqlite_url, tmp_path) as house, pytest.raises((VoiceNoteRefused, uploads.FileTypeRefused)):
        uploaded(house, content)
