"""Webhooks that were kept raw are verified and translated again: by themselves, as soon as their plugin can, and by
`casella replay`, when the plugin or the desk was mended.

Of each connection they are taken up in the order in which they came, and later ones wait behind them
(`HeldConnections`). One that fails alone is tried again twice within three seconds; after that it is left to a person,
and the others go on: what it holds is shown at its provider's time, once it can be read. While a plugin is set aside
for receiving, one kept webhook is tried without storing anything, each time a pause is over; when that works, all of
them follow.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta

import orjson
import structlog
from sqlalchemy import Row

from casella.host import RECEIVING
from casella.inbox.house import ConnectionEntry, Rooms, plugin_watch
from casella.inbox.receiving.attachments import media
from casella.inbox.receiving.translation import BY_ITSELF, FAILED, SET_ASIDE, Accepted, Translator
from casella.plugin import Webhook
from casella.store import journal

_log = structlog.get_logger("casella.replay")
_PAGE = 200
_SECONDS = 2.0  # as the intake's own limit
PAUSES = (0.5, 2.0)
"""Seconds after the first and the second failure of one alone; later ones of its connection wait so long."""
_CATCHING_UP = 2.0
KeptRow = Row[tuple[object, ...]]


@dataclass(slots=True)
class ReplayReport:
    """`accepted`: in their lanes now. `refused`: not authentic after all, dropped. `kept`: still cannot be translated.
    `retried`: parked journal rows put back into their lanes. Attachments that wait are due at once."""

    accepted: int = 0
    refused: int = 0
    kept: int = 0
    retried: int = 0


class Replayer:
    """One per worker process; `step` from one thread."""

    def __init__(self, rooms: Rooms, *, seconds: float = _SECONDS) -> None:
        """`seconds`: how long a plugin may take for each step."""
        self._rooms = rooms
        self._seconds = seconds
        self._fresh = True

    def step(self) -> int:
        """Take up what is due. Returns how many webhooks were settled; 0: nothing more can be done just now. Raises
        StoreUnavailable."""
        rooms = self._rooms
        if self._fresh:  # another version of the plugin may read what the last one could not
            with rooms.store.write() as db:
                journal.try_kept_again(db, BY_ITSELF, rooms.clock.now())
                media.retry_now(db, rooms.clock.now())
            plugin_watch.agree(rooms, fresh=True)  # what is let in by this is then let in for all
            self._fresh = False
            rooms.bell.media()
        with rooms.store.read() as db:
            waiting = journal.connections_with_kept(db)
        return sum(self._take_up(key) for key in {*waiting, *rooms.held.keys()})

    def _take_up(self, connection_key: str) -> int:
        rooms, now = self._rooms, self._rooms.clock.now()
        entry = rooms.directory.current.connection(connection_key)
        if entry is None or entry.connection is None:
            return 0
        asked = time.monotonic()
        with rooms.store.read() as db:
            rows = journal.kept_due(db, connection_key, _PAGE)
        if not rows:
            rooms.held.let_go(connection_key, asked)
            return 0
        if rows[0].due_at > now or not self._is_let_in(entry, rows):
            return 0
        settled: list[tuple[KeptRow, Accepted]] = []
        translator = Translator(rooms, seconds=self._seconds, again=True)
        for row in rows:
            accepted = translator.accept(entry, _webhook(rooms, entry, row))
            reason = accepted.kept[0].reason if accepted.kept else ""
            if reason == SET_ASIDE:
                break
            if reason == FAILED and not self._is_given_up(row):
                break
            if reason != FAILED:
                settled.append((row, accepted))
        _store(rooms, settled)
        if len(settled) == len(rows) < _PAGE:  # under load something more comes always: what has just come may overtake
            rooms.held.let_go(connection_key, asked - _CATCHING_UP)
        return len(settled)

    def _is_let_in(self, entry: ConnectionEntry, rows: Sequence[KeptRow]) -> bool:
        """Where the plugin is set aside and a pause is over, the row that was tried least is the probe."""
        rooms = self._rooms
        if rooms.host.receives(entry.channel_type):
            return True
        if rooms.host.breakers.seconds_to_probe(entry.channel_type, *RECEIVING) > 0:
            return False
        probe = min(rows, key=lambda row: (row.attempts, row.id))
        accepted = Translator(rooms, seconds=self._seconds, again=True).accept(entry, _webhook(rooms, entry, probe))
        if accepted.kept and accepted.kept[0].reason == FAILED:
            with rooms.store.write() as db:
                journal.count_try(db, probe.id, probe.due_at)
        if not rooms.host.receives(entry.channel_type):
            return False
        with rooms.store.write() as db:  # what was left to people before it was set aside, too
            keys = [one.key for one in rooms.directory.current.connections.values()
                    if one.channel_type == entry.channel_type]  # fmt: skip
            journal.try_kept_again(db, BY_ITSELF, rooms.clock.now(), keys)
        return False  # read anew, from the first

    def _is_given_up(self, row: KeptRow) -> bool:
        """Count a failed try. True when it was the last one."""
        pause = PAUSES[row.attempts] if row.attempts < len(PAUSES) else None
        again = None if pause is None else self._rooms.clock.now() + timedelta(seconds=pause)
        with self._rooms.store.write() as db:
            journal.count_try(db, row.id, again)
        if again is None:
            _log.error(
                "a webhook is left to people: its plugin fails at it", connection=row.connection_key, kept=row.id
            )
        return again is None


def _store(rooms: Rooms, settled: Sequence[tuple[KeptRow, Accepted]]) -> None:
    """Into the journal, in order, in one transaction."""
    if not settled:
        return
    rows = [written for _, accepted in settled for written in accepted.rows]
    with rooms.store.write() as db:
        new = journal.append(db, rows) if rows else 0
        for outcome in ("accepted", "refused"):
            ids = [row.id for row, accepted in settled if not accepted.kept and _outcome(accepted) == outcome]
            journal.mark_replayed(db, ids, rooms.clock.now(), {"outcome": outcome})
        for row, accepted in settled:
            if accepted.kept:  # read, but of an unknown channel: the desk has to be mended
                journal.count_try(db, row.id, None, accepted.kept[0].reason)
    rooms.bell.lanes({lane for row in rows if isinstance(lane := row["lane"], int)})
    _log.info("kept webhooks taken up", count=len(settled), events=len(rows), new=new)


def _outcome(accepted: Accepted) -> str:
    return "accepted" if accepted.answer.status < 400 else "refused"


def replay_kept(
    rooms: Rooms, connection_key: str | None = None, progress: Callable[[int], None] = lambda done: None
) -> ReplayReport:
    """Take up everything that was kept, in the order it came. Doing it twice does no harm: what is in the journal
    already is recognised. Raises StoreUnavailable."""
    report = ReplayReport()
    translator = Translator(rooms, seconds=_SECONDS, again=True)
    types: dict[str, set[bool]] = {}
    after = ""
    while True:
        with rooms.store.read() as db:
            rows = journal.kept(db, after, _PAGE)
        if not rows:
            break
        for row in rows:
            if connection_key in (None, row.connection_key):
                channel_type, read = _replay_one(rooms, translator, row, report)
                types.setdefault(channel_type, set()).add(read)
            progress(1)
        after = rows[-1].id
    with rooms.store.write() as db:
        report.retried = journal.retry_failed(db)
        media.retry_now(db, rooms.clock.now())
    with rooms.store.read() as db:
        rooms.bell.lanes(journal.waiting_lanes(db))
    rooms.bell.media()
    _let_in(rooms, [channel_type for channel_type, read in types.items() if read == {True}])
    return report


def _let_in(rooms: Rooms, channel_types: Sequence[str]) -> None:
    """For all processes: of what they have set aside, these have just been seen to work."""
    plugin_watch.agree(rooms)
    for channel_type in channel_types:
        for method in RECEIVING:
            rooms.host.breakers.worked(channel_type, method)
    plugin_watch.agree(rooms)


def _replay_one(rooms: Rooms, translator: Translator, row: KeptRow, report: ReplayReport) -> tuple[str, bool]:
    """The channel type, and whether its plugin could read this one."""
    entry = rooms.directory.current.connection(row.connection_key)
    if entry is None:
        report.kept += 1
        return "", False
    accepted = translator.accept(entry, _webhook(rooms, entry, row))
    if accepted.kept:
        report.kept += 1
        return entry.channel_type, False
    outcome = _outcome(accepted)
    with rooms.store.write() as db:
        new = journal.append(db, accepted.rows) if accepted.rows else 0
        journal.mark_replayed(db, [row.id], rooms.clock.now(), {"outcome": outcome, "new": new})
    if outcome == "accepted":
        report.accepted += 1
    else:
        report.refused += 1
    return entry.channel_type, True


def _webhook(rooms: Rooms, entry: ConnectionEntry, row: KeptRow) -> Webhook:
    url = f"{rooms.settings.public_url}/webhooks/{entry.key}" + (f"?{row.query}" if row.query else "")
    headers = orjson.loads(rooms.sealer.open(row.headers_sealed))
    return Webhook(row.method, url, row.query, headers, row.body, row.received_at)
