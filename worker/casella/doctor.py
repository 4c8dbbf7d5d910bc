"""`casella doctor`: what is wrong, and what to do about it. Reads everything, changes only counts that have drifted."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import httpx
from sqlalchemy import func, select

from casella.desk import check_desk
from casella.disk import MEGABYTE
from casella.errors import DiskFull, StoreUnavailable
from casella.extras import has, sentence
from casella.host import aside_text
from casella.inbox.background import timers_due
from casella.inbox.commands import recount
from casella.inbox.house import Rooms, failures, plugin_watch
from casella.inbox.receiving import traces
from casella.inbox.sign_on import SignOn, lockouts
from casella.settings import Settings
from casella.store import journal, migrate
from casella.store.tables import channels, outbox
from casella.store.tables import journal as journal_table

_SLOW = timedelta(seconds=30)
_MEND = "Install a mended version and restart; what was kept is taken up by itself."
_BY_ITSELF = "It is let in by itself as soon as it works; what is kept and what waits follows. If it stays: " + _MEND


@dataclass(frozen=True, slots=True)
class Finding:
    """`ok`: nothing to do. Otherwise `advice` says what to do. `known` false: it could not be found out from here."""

    subject: str
    ok: bool
    text: str
    advice: str = ""
    known: bool = True


def examine(rooms: Rooms) -> Iterator[Finding]:
    """Every finding, one after the other, as they are made."""
    try:
        yield from _findings(rooms)
    except DiskFull as error:
        yield Finding("disk", False, error.text, "Make room where the database lies; it goes on by itself.")


def _findings(rooms: Rooms) -> Iterator[Finding]:
    try:
        yield from _database(rooms)
    except StoreUnavailable:
        yield Finding("database", False, "does not answer", "Start it, or correct CASELLA_DATABASE_URL.")
        return
    if rooms.clock_problem():
        advice = "Let NTP set it. The house goes by the database's, so nothing is late or early meanwhile."
        yield Finding("clock", False, rooms.clock_problem(), advice)
    yield from interpreter()
    yield _disk(rooms)
    yield _redis(rooms)
    yield from _plugins(rooms)
    yield from _server(rooms)
    yield from _desk(rooms)
    yield from _sign_in(rooms)
    yield from _work(rooms)


def _database(rooms: Rooms) -> Iterator[Finding]:
    with rooms.store.read() as db:
        at, wanted = migrate.current(db), migrate.newest()
    same = at == wanted
    text = f"{rooms.store.dialect}, at revision {at}"
    yield Finding("database", same, text, "" if same else f"Run `casella migrate`: this version wants {wanted}.")


def interpreter(version: tuple[int, int, int] = sys.version_info[:3]) -> Iterator[Finding]:
    """Known holes of the interpreter itself, each with the version that closed it. What Casella does not depend on is
    told all the same, and is nothing out of order here: plugins and other programs of the machine may use it."""
    shown = ".".join(map(str, version))
    open_ = [hole for hole, fixed in _HOLES.items() if version < fixed.get(version[:2], (0, 0, 0))]
    told = f", which has known holes ({', '.join(open_)}): install a newer one of the same line" if open_ else ""
    yield Finding("python", True, f"{shown}{told}")


_HOLES: Mapping[str, Mapping[tuple[int, int], tuple[int, int, int]]] = {
    "CVE-2024-4032 (ipaddress)": {(3, 11): (3, 11, 10), (3, 12): (3, 12, 4)},
    "CVE-2024-6232 (tarfile)": {(3, 11): (3, 11, 10), (3, 12): (3, 12, 6)},
    "CVE-2024-6923 (email)": {(3, 11): (3, 11, 10), (3, 12): (3, 12, 5)},
    "CVE-2024-7592 (http.cookies)": {(3, 11): (3, 11, 10), (3, 12): (3, 12, 6)},
}


def _disk(rooms: Rooms) -> Finding:
    """Of the machine that is asked: a database of its own server is looked after there."""
    if problem := rooms.disk_problem():
        return Finding("disk", False, problem, "Delete what nobody needs, or move `media` (CASELLA_MEDIA_URL).")
    free = ", ".join(f"{bytes // MEGABYTE} MB for the {of}" for of, bytes in rooms.free_disk().items())
    return Finding("disk", True, f"{free} are free" if free else "not on this machine")


def _redis(rooms: Rooms) -> Finding:
    if rooms.settings.embedded:
        return Finding("bell", True, "in this process")
    if not has("redis"):
        return Finding("bell", False, sentence("redis"), "Then start it again.")
    import redis  # takes long to load, and one process alone needs none

    try:
        redis.Redis.from_url(rooms.settings.redis_url, socket_timeout=3).ping()
    except redis.RedisError as error:
        advice = "Work goes on by the sweep, a second later; start Redis or correct CASELLA_REDIS_URL."
        return Finding("bell", False, f"Redis does not answer ({type(error).__name__})", advice)
    return Finding("bell", True, "Redis answers")


def _plugins(rooms: Rooms) -> Iterator[Finding]:
    for name, plugin in rooms.host.plugins.items():
        if not rooms.host.is_quarantined(name):
            yield Finding(f"plugin {name}", True, plugin.title)
    for name, additions in rooms.host.rules.additions.items():
        if not rooms.host.rules.problem(name):
            number = len(additions.fields) + len(additions.actions) + len(additions.strategies)
            yield Finding(f"plugin {name}", True, f"{additions.title}: adds {number} names to the rules")
    for name, quarantine in rooms.host.quarantined.items():
        advice = f"`casella channels` shows the traceback. {_MEND}" if quarantine.traceback else _MEND
        yield Finding(f"plugin {name}", False, f"set aside: {quarantine.reason}", advice)
    with rooms.store.read() as db:
        shared = plugin_watch.asides(db, rooms.clock.now())
    for aside in shared:
        yield Finding(f"plugin {aside.plugin}: {aside.method}", False, aside_text(aside), _BY_ITSELF)


def _server(rooms: Rooms) -> Iterator[Finding]:
    """What a running server says of itself: a plugin may have been set aside there that loads well here."""
    checks = server_checks(rooms.settings)
    if checks is None:
        asked = " or ".join(_addresses(rooms.settings))
        asked = asked or "the port, which CASELLA_PORT=0 leaves open: set CASELLA_PUBLIC_URL"
        yield Finding(
            "server", True, f"nobody answers at {asked}", "It is not started, or not reachable from here.", known=False
        )
        return
    wrong = {part: text for part, text in checks.items() if text != "ok"}
    for part, text in wrong.items():
        advice = (_BY_ITSELF if ":" in part else _MEND) if part.startswith("plugin ") else "See its log."
        yield Finding(f"server: {part}", False, str(text), advice)
    if not wrong:
        yield Finding("server", True, "ready")


def server_checks(settings: Settings) -> Mapping[str, object] | None:
    """What the server with these settings says of itself, part by part; None where none answers."""
    return next((found for address in _addresses(settings) if (found := _checks(address)) is not None), None)


def _addresses(settings: Settings) -> list[str]:
    """Where a server with these settings answers: as others see it, if that is set, and on this machine."""
    public = [settings.public_url] if "public_url" in settings.model_fields_set else []
    host = "127.0.0.1" if settings.host in ("", "0.0.0.0", "::") else settings.host  # noqa: S104  # nothing listens here
    here = [f"http://{f'[{host}]' if ':' in host else host}:{settings.port}"] if settings.port else []
    return [f"{address}/ready" for address in dict.fromkeys([*public, *here])]


def _checks(address: str) -> Mapping[str, object] | None:
    """What a server says there; None where none answers, or something else does."""
    try:
        found = httpx.get(address, timeout=5).json()["checks"]
    except (httpx.HTTPError, ValueError, KeyError, TypeError):
        return None
    return found if isinstance(found, dict) else None


def _desk(rooms: Rooms) -> Iterator[Finding]:
    directory = rooms.directory.current
    with rooms.store.read() as db:
        broken = failures(db)
    for failure in broken:
        text = f"{failure.folder} was not taken over: {failure.problems[0]}"
        yield Finding("desk folder", False, text, f"{_mending(rooms, failure.folder)} The last good desk is in use.")
    if not directory.version:
        yield Finding(
            "desk", False, "none is applied", "Run `casella apply FOLDER`; `casella new-desk FOLDER` begins one."
        )
        return
    if "language" in rooms.desk.current.ruleset.fields and not has("language"):
        yield Finding("languages", False, sentence("language"), "Until then rules see no `language` of a message.")
    rules = len(rooms.desk.current.ruleset.rules)
    yield Finding("desk", True, f"version {directory.version}, {rules} rules, {len(directory.channels)} channels")
    for entry in directory.connections.values():
        if entry.problem:
            yield Finding(f"connection {entry.key}", False, entry.problem, "Correct desk.yaml and apply it again.")
    with rooms.store.read() as db:
        paused = db.execute(select(channels).where(channels.c.paused_code.is_not(None))).all()
    for row in paused:
        if row.paused_until is None:
            advice = "Repair it at the provider or in desk.yaml, then resume the channel; its queue is kept."
            yield Finding(f"channel {row.key}", False, f"paused: {row.paused_text}", advice)


def _sign_in(rooms: Rooms) -> Iterator[Finding]:
    sign_on = SignOn(rooms.settings)
    found = [Finding("sign-in", False, text, advice) for text, advice in lockouts(rooms, sign_on)]
    ways = ["by password"] if rooms.settings.password_sign_in else []
    ways += [f"by {sign_on.name}"] if sign_on.enabled else []
    yield from found or [Finding("sign-in", True, " or ".join(ways))]


def _mending(rooms: Rooms, folder: str) -> str:
    """What is wrong with a desk that the check does not find: what holds conversations, what a variable holds."""
    if Path(folder).is_dir() and not check_desk(folder, rooms.desk.catalogue):
        return f"`casella check` finds no mistake in it: do what is said here, then run `casella apply {folder}`."
    return f"Run `casella check {folder}`."


def _failed_timers(rooms: Rooms) -> Finding:
    """What was to happen at a time and could not, three times over."""
    with rooms.store.read() as db:
        broken = timers_due.failed(db)
    if not broken:
        return Finding("failed timers", True, "0")
    first = broken[0]
    text = f"{len(broken)}, the first of kind '{first.kind}' for {first.subject_id}: {first.error}"
    return Finding("failed timers", False, text, "What they were to do was not done; see the log of that time.")


def _kept(kept: int, by_itself: int) -> Finding:
    """Raw webhooks: most wait for their plugin, some for a person."""
    left = kept - by_itself
    advice = (
        "Mend what the log says of them, then run `casella replay`." if left else "They are taken up by themselves."
    )
    text = f"{kept}, of which {left} wait for a person" if kept else "0"
    return Finding("kept webhooks", not kept, text, advice if kept else "")


def _not_shown(rooms: Rooms) -> Iterator[Finding]:
    """What providers have told that is no message: each kind, counted for its connection."""
    with rooms.store.read() as db:
        found = traces.counted(db)
    for connection in dict.fromkeys(connection for connection, _, _ in found):
        kinds = [f"{what.rstrip('.')} ({count})" for key, what, count in found if key == connection]
        yield Finding(f"other news of {connection}", True, "; ".join(kinds)[:1000])


def _work(rooms: Rooms) -> Iterator[Finding]:
    with rooms.store.read() as db:
        oldest = journal.oldest_waiting(db)
        kept, by_itself = journal.count_kept(db), journal.count_kept(db, by_itself=True)
        parked = db.execute(select(func.count()).where(journal_table.c.state == "failed")).scalar_one()
        counted = db.execute(select(outbox.c.state, func.count().label("number")).group_by(outbox.c.state))
        states: dict[str, int] = {row.state: row.number for row in counted}
    late = oldest is not None and rooms.clock.now() - oldest > _SLOW
    yield Finding("lanes", not late, f"oldest waiting since {oldest:%H:%M:%S} UTC" if oldest else "nothing waits",
                  "Start a worker: `casella work`." if late else "")  # fmt: skip
    yield Finding("parked events", not parked, str(parked), "See the log, then `casella replay`." if parked else "")
    yield _kept(kept, by_itself)
    yield from _not_shown(rooms)
    yield _failed_timers(rooms)
    unsure = states.get("unconfirmed", 0)
    yield Finding("unconfirmed messages", not unsure, str(unsure),
                  "Agents decide on them, in the conversation." if unsure else "")  # fmt: skip
    with rooms.store.write() as db:
        wrong = recount(db)
    yield Finding("agents' loads", not wrong, "counted right" if not wrong else f"{wrong} corrected")
