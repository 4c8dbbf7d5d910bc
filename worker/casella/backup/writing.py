"""Writing a backup while everything goes on."""

from __future__ import annotations

import io
import os
import sqlite3
import tarfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from casella.backup.archive import ABOUT, DATABASE, FORMAT, KEY, MEDIA, Contents, Places, Told, attachment_key
from casella.disk import free_bytes, naming_full_disk
from casella.errors import ConfigurationError, DiskFull
from casella.private_files import create
from casella.settings import Settings

_PAGES = 2_048
"""Copied at once; in between the program may be interrupted, and says how far it is."""
_COUNTED = {
    "conversations": "SELECT count(*) FROM conversations",
    "messages": "SELECT count(*) FROM messages",
}


@dataclass(frozen=True)
class Written:
    """A backup that is on the disk. `key_is_elsewhere`: CASELLA_SECRET_KEY has to be kept by somebody else; so have the
    attachments if they `lie_elsewhere`."""

    path: Path
    size: int
    contents: Contents
    key_is_elsewhere: bool
    lie_elsewhere: bool


def write(settings: Settings, path: Path, *, overwrite: bool = False, told: Told) -> Written:
    """Everything that is kept on this machine, as it is now, into one file that only its owner may read. Nobody waits
    for it: the database is read as it was at one moment, and attachments never change. The file is there whole or not
    at all. Raises ConfigurationError for what cannot be backed up here or is there already, DiskFull."""
    places = Places.of(settings)
    if not places.database.exists():
        raise ConfigurationError(
            f"There is no database at {places.database}: nothing to back up. See CASELLA_DATA_DIR."
        )
    if path.is_dir() or not path.parent.is_dir():
        raise ConfigurationError(f"{path} cannot be written: name a file in a folder that is there.")
    if path.exists() and not overwrite:
        raise ConfigurationError(f"{path} is there already. Choose another name, or --overwrite.")
    _check_room(places.database, path)
    part = path.with_name(f"{path.name}.part")
    part.unlink(missing_ok=True)
    try:
        with naming_full_disk():
            contents = _write(places, part, told)
            part.replace(path)
            _flush(path.parent)
    finally:
        part.unlink(missing_ok=True)
    return Written(path, path.stat().st_size, contents, not places.key.exists(), places.media is None)


def _check_room(database: Path, path: Path) -> None:
    """The database lies there twice for a moment: as a copy, and in the file."""
    free = free_bytes(path.parent)
    if free is not None and free < 2 * database.stat().st_size:
        raise DiskFull


def _write(places: Places, part: Path, told: Told) -> Contents:
    with _copied(places.database, part.with_name(f"{part.name}.db"), told) as copied, create(part) as file:
        attachments = _attachments(places.media)
        contents = _contents(copied, len(attachments), sum(size for _, _, size in attachments))
        total, done = copied.stat().st_size + contents.attachment_bytes, copied.stat().st_size
        with tarfile.open(fileobj=file, mode="w", format=tarfile.PAX_FORMAT) as archive:
            page = contents.model_dump_json(indent=1).encode()
            archive.addfile(_entry(ABOUT, len(page)), io.BytesIO(page))
            _add(archive, DATABASE, copied)
            if places.key.exists():
                _add(archive, KEY, places.key)
            for name, place, size in attachments:
                with suppress(FileNotFoundError):  # erased in the meantime, as it shall be
                    _add(archive, name, place)
                done += size
                told(done, total)
        file.flush()
        os.fsync(file.fileno())
    return contents


@contextmanager
def _copied(database: Path, copy: Path, told: Told) -> Iterator[Path]:
    """The database as it was at one moment, in a file of its own, which is gone afterwards."""
    copy.unlink(missing_ok=True)
    try:
        create(copy).close()
        with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as source:
            source.execute("BEGIN")
            source.execute("SELECT 1 FROM sqlite_master").fetchone()  # from here on it is looked at as it was now
            with closing(sqlite3.connect(copy)) as target:
                source.backup(target, pages=_PAGES, progress=lambda _, left, pages: told(pages - left, pages))
                target.execute("PRAGMA journal_mode = DELETE")
        yield copy
    finally:
        copy.unlink(missing_ok=True)


def _attachments(media: Path | None) -> list[tuple[str, Path, int]]:
    """Name in the backup, place and size of each. Whatever the copied database speaks of was there before it."""
    found = sorted(media.glob("[0-9a-f][0-9a-f]/*")) if media is not None else []
    named = ((f"{MEDIA}{place.parent.name}/{place.name}", place) for place in found)
    return [(name, place, place.stat().st_size) for name, place in named if attachment_key(name)]


def _contents(database: Path, attachments: int, attachment_bytes: int) -> Contents:
    with closing(sqlite3.connect(database)) as db:
        counts = {name: db.execute(query).fetchone()[0] for name, query in _COUNTED.items()}
        (revision,) = db.execute("SELECT version_num FROM alembic_version").fetchone()
    return Contents(
        format=FORMAT,
        casella=version("casella"),
        revision=revision,
        at=datetime.now(UTC),
        attachments=attachments,
        attachment_bytes=attachment_bytes,
        **counts,
    )


def _add(archive: tarfile.TarFile, name: str, place: Path) -> None:
    with place.open("rb") as file:
        archive.addfile(_entry(name, os.fstat(file.fileno()).st_size), file)


def _entry(name: str, size: int) -> tarfile.TarInfo:
    """Nobody else's: a backup says nothing about the users of this machine."""
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode, entry.mtime = size, 0o600, int(time.time())
    return entry


def _flush(folder: Path) -> None:
    """So that the name survives a power cut, too."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
