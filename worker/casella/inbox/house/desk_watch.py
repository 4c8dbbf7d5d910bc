"""Hot reload: the desk folder is looked at once a second, and applied when it has changed.

A desk with mistakes, or one that leaves out what still holds open conversations, never replaces a good one: what is
wrong is kept in the database, where managers see it (API, `casella doctor`), until a good desk has been applied.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import structlog
from sqlalchemy import Connection, delete, select
from sqlalchemy.dialects import postgresql, sqlite

from casella.desk import DeskMistaken
from casella.desk.files.folder import read_files
from casella.desk.files.secrets import FromOutside
from casella.errors import CasellaError, StoreUnavailable
from casella.inbox.house.rooms import Rooms
from casella.store.rows import TableRow
from casella.store.tables import desk_failures, desk_versions

_log = structlog.get_logger("casella.desk")
_MOST_PROBLEMS = 50
Signature = tuple[tuple[str, int, int], ...]
Tell = Callable[[int, CasellaError | None], object]
"""Told after each change: the version of the desk that is in use now, and what is wrong if the change is not it."""


class DeskNotApplied(CasellaError):
    """This desk makes Casella itself fail, and is not in use; undo the last change and report it with the log."""

    code = "desk_not_applied"


def log_change(version: int, error: CasellaError | None) -> None:
    if error is None:
        _log.info("the changed desk is in use", version=version)
    else:
        _log.error("the changed desk is not taken over", problems=_problems(error)[:5])


class DeskWatch:
    """Call `look` again and again. `apply` applies the folder, or raises what is wrong with it."""

    def __init__(self, rooms: Rooms, folder: Path, apply: Callable[[], object], tell: Tell = log_change) -> None:
        self._rooms = rooms
        self._folder = folder
        self._apply = apply
        self._tell = tell
        self._seen: Signature = _signature(folder)
        self._digest = _digest(folder)

    def look(self) -> bool:
        """True if another desk is in use now. A file that is just being written is looked at again a moment later."""
        signature = _signature(self._folder)
        if signature == self._seen:
            return False
        digest = _digest(self._folder)
        if digest == self._digest:
            self._seen = signature
            return False
        failure = self._applied(digest)
        self._seen, self._digest = signature, digest
        self._tell(self._rooms.desk.current.version, failure)
        return failure is None

    def _applied(self, digest: str) -> CasellaError | None:
        """What is wrong with the changed folder, which is kept for managers. Raises StoreUnavailable; the next look
        tries again."""
        failure: CasellaError
        try:
            self._apply()
        except StoreUnavailable:
            raise
        except CasellaError as error:
            failure = error
        except Exception as error:  # noqa: BLE001 - whatever it is, managers are told, and the next change is taken
            _log.exception("the changed desk could not be applied")
            failure = DeskNotApplied(error=type(error).__name__)
        else:
            with self._rooms.store.write() as db:
                forget(db, self._folder)
            return None
        with self._rooms.store.write() as db:
            remember(self._rooms, db, self._folder, digest, _problems(failure))
        return failure


def _problems(error: CasellaError) -> list[str]:
    found = error.problems if isinstance(error, DeskMistaken | FromOutside) else ()
    return [str(one) for one in found] or [error.text]


def remember(rooms: Rooms, db: Connection, folder: Path, digest: str, problems: list[str]) -> None:
    """Keep what is wrong with a folder."""
    dialect = postgresql if db.dialect.name == "postgresql" else sqlite
    values = {"digest": digest, "problems": problems[:_MOST_PROBLEMS], "at": rooms.clock.now()}
    statement = dialect.insert(desk_failures).values(folder=str(folder), **values)
    db.execute(statement.on_conflict_do_update(index_elements=["folder"], set_=values))


def forget(db: Connection, folder: Path) -> None:
    db.execute(delete(desk_failures).where(desk_failures.c.folder == str(folder)))


def failures(db: Connection) -> list[TableRow]:
    """What is wrong with desks that were not taken over."""
    return list(db.execute(select(desk_failures).order_by(desk_failures.c.folder)).all())


def desk_history(db: Connection, most: int) -> list[tuple[int, datetime, str]]:
    """Number, moment and digest of the desks that were applied, the newest first."""
    query = select(desk_versions.c.id, desk_versions.c.applied_at, desk_versions.c.digest)
    rows = db.execute(query.order_by(desk_versions.c.id.desc()).limit(most))
    return [(row.id, row.applied_at, row.digest) for row in rows]


def desk_files(db: Connection, version: int) -> dict[str, str] | None:
    """The files of one, by name, as they were written."""
    found = db.execute(select(desk_versions.c.files).where(desk_versions.c.id == version)).scalar_one_or_none()
    return dict(found) if found is not None else None


def _signature(folder: Path) -> Signature:
    found = []
    for path in sorted(folder.rglob("*.yaml")):
        try:
            status = path.stat()
        except OSError:  # it is being replaced this very moment: the next look sees it
            continue
        found.append((str(path), status.st_mtime_ns, status.st_size))
    return tuple(found)


def _digest(folder: Path) -> str:
    files, _ = read_files(folder)
    return files.digest if files is not None else ""
