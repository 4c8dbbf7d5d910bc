"""What lies in a backup: a tar file that any system can read, with a page about itself in front.

casella-backup.json     what this is, of which version and when: `Contents`
casella.db              the database, as it was at that moment
secret.key              what seals passwords of providers and signs sessions; not there where CASELLA_SECRET_KEY is set
media/ab/abcd…          attachments, by their keys
"""

from __future__ import annotations

import re
import tarfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from sqlalchemy.engine import make_url

from casella.errors import CasellaError, ConfigurationError
from casella.inbox.files import folder_at
from casella.settings import Settings

ABOUT, DATABASE, KEY, MEDIA = "casella-backup.json", "casella.db", "secret.key", "media/"
FORMAT = 1
_ATTACHMENT = re.compile(r"media/([0-9a-f]{2})/(\1[0-9a-f]{38})")
_LONGEST_PAGE = 64 * 1024
CHUNK = 1024 * 1024

Told = Callable[[int, int], None]
"""Told how many bytes of how many are done, now and then."""


class BadBackup(CasellaError):
    """This file is no backup of Casella, or it is damaged; take another one."""

    code = "bad_backup"
    status = 422


class Contents(BaseModel):
    """What a backup says of itself."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    format: int = Field(ge=1)
    casella: str = Field(max_length=100)
    revision: str = Field(max_length=100)
    """Of the database's tables."""
    at: datetime
    messages: int = Field(ge=0)
    conversations: int = Field(ge=0)
    attachments: int = Field(ge=0)
    attachment_bytes: int = Field(ge=0)


@dataclass(frozen=True)
class Places:
    """Where the parts lie on this machine. `media` None: somewhere else."""

    database: Path
    key: Path
    media: Path | None

    @staticmethod
    def of(settings: Settings) -> Places:
        """Raises ConfigurationError where the database is no file of ours."""
        url = make_url(settings.effective_database_url)
        if url.get_backend_name() != "sqlite" or not url.database:
            raise ConfigurationError(
                "This is for the database of one file. PostgreSQL has tools of its own: pg_dump --format=custom "
                "--file=casella.dump for a backup, pg_restore for the way back. Keep CASELLA_SECRET_KEY (or secret.key "
                "in the data folder) and the attachments with it."
            )
        media = folder_at(settings.media_url, settings.data_dir / "media")
        return Places(Path(url.database), settings.data_dir / KEY, media)


def attachment_key(name: str) -> str | None:
    """The key of the attachment that lies under this name; None for any other name."""
    found = _ATTACHMENT.fullmatch(name)
    return found.group(2) if found else None


def read_about(archive: tarfile.TarFile) -> Contents:
    """The page in front. Raises BadBackup."""
    first = archive.next()
    if first is None or first.name != ABOUT or not first.isreg() or first.size > _LONGEST_PAGE:
        raise BadBackup("This file is no backup of Casella: casella backup FILE writes one.")
    page = archive.extractfile(first)
    assert page is not None
    try:
        found = Contents.model_validate_json(page.read())
    except ValidationError:
        raise BadBackup("This backup is damaged: what it says of itself cannot be read.") from None
    if found.format > FORMAT:
        raise BadBackup(f"This backup was written by Casella {found.casella}, which is newer; install that version.")
    return found


def copy(source: IO[bytes], target: IO[bytes], done: Callable[[int], None]) -> None:
    while chunk := source.read(CHUNK):
        target.write(chunk)
        done(len(chunk))
