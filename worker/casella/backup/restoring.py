"""Bringing a backup back, into an empty place, so that nobody is written to twice because of it."""

from __future__ import annotations

import os
import sqlite3
import tarfile
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import func, select

from casella.backup.archive import DATABASE, KEY, BadBackup, Contents, Places, Told, attachment_key, copy, read_about
from casella.clock import Clock
from casella.disk import naming_full_disk
from casella.errors import ConfigurationError
from casella.inbox import campaigns, sending
from casella.private_files import create, private_folder
from casella.settings import Settings
from casella.store import Store, migrate
from casella.store.tables import timers

RESTORED = "A backup was restored: some of the people may have been written to after it was made."


@dataclass(frozen=True)
class Restored:
    """What is here again. `unconfirmed`: messages that waited to be sent when the backup was made, and may have been.
    `overdue`: timers of rules and snoozes that came due since, and fire when Casella starts."""

    contents: Contents
    unconfirmed: int
    paused_campaigns: int
    overdue: int


def restore(settings: Settings, path: Path, *, clock: Clock, told: Told) -> Restored:
    """Everything from the file into the places of these settings, where there must be no database. The database is put
    there last: what was interrupted is simply done again. Raises ConfigurationError, BadBackup, DiskFull."""
    places = Places.of(settings)
    if places.database.exists():
        raise ConfigurationError(
            f"There is a database already at {places.database}. Move it away, or set CASELLA_DATA_DIR to an empty "
            "folder."
        )
    database = places.database.with_name(f"{places.database.name}.restoring")
    try:
        with naming_full_disk():
            contents = _unpack(places, path, database, told)
            restored = _made_safe(contents, database, clock.now())
            database.replace(places.database)
    except tarfile.TarError as error:
        raise BadBackup(f"This file is no backup of Casella, or it is damaged: {error}.") from None
    finally:
        for left in database.parent.glob(f"{database.name}*"):
            left.unlink()
    return restored


def _unpack(places: Places, path: Path, database: Path, told: Told) -> Contents:
    with path.open("rb") as file, tarfile.open(fileobj=file, mode="r:") as archive:
        contents = read_about(archive)
        _check_version(contents)
        total, done = path.stat().st_size, 0

        def more(size: int) -> None:
            nonlocal done
            done += size
            told(done, total)

        found = set()
        for entry in iter(archive.next, None):
            _unpack_one(archive, entry, _place(places, entry, database), more)
            found.add(entry.name)
    if DATABASE not in found:
        raise BadBackup("This backup is damaged: parts of it are missing.")
    return contents


def _check_version(contents: Contents) -> None:
    newest = migrate.newest()
    if newest is None or contents.revision > newest:
        raise BadBackup(f"This backup was written by Casella {contents.casella}, which is newer; install that version.")


def _place(places: Places, entry: tarfile.TarInfo, database: Path) -> Path:
    """Where an entry belongs. Raises BadBackup for every name that we do not write, so nothing leads elsewhere."""
    key = attachment_key(entry.name)
    if entry.isreg() and entry.name == DATABASE:
        return database
    if entry.isreg() and entry.name == KEY:
        return places.key
    if entry.isreg() and key is not None:
        if places.media is None:
            raise ConfigurationError("This backup has attachments, and CASELLA_MEDIA_URL names a bucket. Set a folder.")
        return places.media / key[:2] / key
    raise BadBackup(f"This file is no backup of Casella: there is something else in it, {entry.name[:100]!r}.")


def _unpack_one(archive: tarfile.TarFile, entry: tarfile.TarInfo, place: Path, more: Callable[[int], None]) -> None:
    source = archive.extractfile(entry)
    assert source is not None
    if entry.name == KEY and place.exists():
        if place.read_bytes() != source.read():
            raise ConfigurationError(f"{place} is another key than the backup's. Move it away first.")
        return
    for folder in (place.parent.parent, place.parent):
        if not folder.exists():
            private_folder(folder)
    place.unlink(missing_ok=True)
    with create(place) as target:
        copy(source, target, more)
        if target.tell() != entry.size:
            raise BadBackup("This backup is damaged: it ends too early.")
        target.flush()
        os.fsync(target.fileno())


def _made_safe(contents: Contents, database: Path, now: datetime) -> Restored:
    """Brought to this version's tables; and what may have happened after the backup is not done a second time."""
    if not _is_sound(database):
        raise BadBackup("This backup is damaged: its database is not sound.")
    store = Store(f"sqlite:///{database}", pool_size=1)
    try:
        migrate.upgrade(store)
        with store.write() as db:
            unconfirmed = sending.doubt_waiting(db, now)
            paused = campaigns.stop_all(db, "restored", RESTORED, now)
            overdue = select(func.count()).where(timers.c.state == "waiting", timers.c.due_at <= now)
            restored = Restored(contents, unconfirmed, paused, db.execute(overdue).scalar_one())
    finally:
        store.close()
    return restored


def _is_sound(database: Path) -> bool:
    with closing(sqlite3.connect(database)) as db:
        try:
            return [row[0] for row in db.execute("PRAGMA quick_check")] == ["ok"]
        except sqlite3.DatabaseError:
            return False
