"""What a campaign does by itself, some at a time and each step in one transaction:

    gather: its people are judged and written down, a page of them -> planned, or left out with a reason
    feed: the next of them are judged again and get their message in the outbox, no more than leave in a moment

So a process that dies in between has done a step or has not: nobody is lost and nobody gets it twice. What is in the
outbox can be held back or taken out, because there is never much of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

import structlog
from sqlalchemy import Connection

from casella.errors import CasellaError, ClaimLost, PluginFailed, StoreUnavailable
from casella.inbox.campaigns.drafting import require_plan
from casella.inbox.campaigns.model import MOST_PEOPLE, Filter, channel_of
from casella.inbox.campaigns.people import AT_ONCE, Judge, Judged, Person, people_of, some_of
from casella.inbox.campaigns.queueing import Addressed, let_go_waiting, queue
from casella.inbox.campaigns.quiet_hours import quiet_hours
from casella.inbox.campaigns.scheduling import all_fail, stands_still, stop
from casella.inbox.campaigns.telling import told
from casella.inbox.house import AddressKey, ChannelEntry, Rooms
from casella.inbox.sending import pacing
from casella.store.queries.oversight import campaign_queries
from casella.store.rows import TableRow

_log = structlog.get_logger("casella.campaigns")
_MOMENT = timedelta(seconds=1)
_AWAY = timedelta(seconds=15)
"""Until a plugin that could not be asked is asked again."""
_MOST = 50
"""Messages of one step: it holds their conversations, and on SQLite everybody who writes, for a tenth of a second."""


_MOST_TRIED = 500
"""Of its messages in the outbox: where more are tried again and again, it is not their recipients."""


class _Unsendable(Exception):
    """Nothing can be made of a message to this one person."""

    def __init__(self, row: TableRow) -> None:
        super().__init__(row.position)
        self.row = row


def feed_some(rooms: Rooms) -> bool:
    """The next step of the campaign that waits longest. Whether there was one."""
    now = rooms.clock.now()
    with rooms.store.read() as db:
        if not campaign_queries.any_due(db, now):
            return False
    try:
        done = _step(rooms, now, _MOST)
    except (StoreUnavailable, ClaimLost):  # somebody else was faster with one of the conversations
        return False
    except Exception:  # noqa: BLE001 - one contact must not stop everybody behind him
        _log.exception("a step of a campaign failed; its people are taken one by one")
        done = _one_by_one(rooms, now)
    if done:
        rooms.bell.deliveries()
        rooms.bell.feed()
        rooms.bell.search()
    return done


def _one_by_one(rooms: Rooms, now: datetime) -> bool:
    """The next of the same campaign alone; if it is he, he is left out."""
    try:
        return _step(rooms, now, 1)
    except (StoreUnavailable, ClaimLost):
        return False
    except _Unsendable as error:
        _log.warning("a campaign cannot write to somebody", position=error.row.position, exc_info=error)
        with rooms.store.write() as db:
            campaign_queries.settle(db, [_left_out(error.row, "failed", now)])
        return True
    except Exception:  # noqa: BLE001 - it would come again every second
        _log.exception("a campaign cannot go on")
        with rooms.store.write() as db:
            row = campaign_queries.take_due(db, now)
            if row is not None:
                stop(db, row, "failed", "It cannot go on; the log says why.", now)
                told(db, row.id, now)
        return row is not None


def _step(rooms: Rooms, now: datetime, most: int) -> bool:
    try:
        return _try_step(rooms, now, most)
    except PluginFailed:  # nothing of it has happened
        with rooms.store.write() as db:
            row = campaign_queries.take_due(db, now)
            if row is not None:
                campaign_queries.change(db, row.id, due_at=now + _AWAY)
        return True


def _try_step(rooms: Rooms, now: datetime, most: int) -> bool:
    with rooms.store.write() as db:
        row = campaign_queries.take_due(db, now)
        if row is None:
            return False
        channel = channel_of(rooms, row)
        if (why := _why_not(db, rooms, row, channel)) is not None:
            stop(db, row, *why, now)
        elif channel is not None:
            (_gather if row.gathered_at is None else _feed)(db, rooms, row, channel, now, most)
        told(db, row.id, now)
    return True


def _why_not(db: Connection, rooms: Rooms, row: TableRow, channel: ChannelEntry | None) -> tuple[str, str] | None:
    """Why it stands still until somebody resumes it: code and sentence."""
    if channel is None:
        return "channel_unavailable", "This channel is not connected."
    try:
        require_plan(rooms, row.inbox_id)
    except CasellaError as error:
        return error.reason, error.text
    if row.gathered_at is None:
        return None
    return stands_still(db, row.channel_id) or all_fail(db, row)


# --- whom it is for ---------------------------------------------------------------------------------------------


def _gather(
    db: Connection, rooms: Rooms, row: TableRow, channel: ChannelEntry, now: datetime, most: int
) -> None:  # `most`: of messages; a page of people is one step
    judge = Judge(db, rooms, row, channel, now)
    listed = campaign_queries.listed(db, row.id, 0, AT_ONCE)
    if listed:
        people = {one.meant: one for one in people_of(db, rooms, channel, [each.contact_id for each in listed])}
        judged = {one.person.meant: one for one in judge.judge(list(people.values()), _taken(db, row, people.values()))}
        campaign_queries.judge_listed(db, [_judged(each, judged.get(each.contact_id)) for each in listed])
        return
    if row.filter is None:
        _gathered(db, row, now)
        return
    ids, place = some_of(db, Filter.of(row.filter), row.place)
    known = campaign_queries.known(db, row.id, ids)
    people_found = people_of(db, rooms, channel, [id for id in ids if id not in known])
    found = judge.judge(people_found, _taken(db, row, people_found), filtered=True)
    campaign_queries.add_people(db, [_added(row.id, one, now) for one in found])
    if sum(campaign_queries.counts(db, [row.id])[row.id].values()) > MOST_PEOPLE:
        stop(db, row, "too_many_people", f"A campaign is for {MOST_PEOPLE} people at most.", now)
    elif place is None:
        _gathered(db, row, now)
    else:
        campaign_queries.change(db, row.id, place=place)


def _gathered(db: Connection, row: TableRow, now: datetime) -> None:
    campaign_queries.change(db, row.id, gathered_at=now, due_at=max(now, row.starts_at or now))


def _taken(db: Connection, row: TableRow, people: Iterable[Person]) -> set[str]:
    ids = [id for person in people for id, _ in person.addresses]
    return campaign_queries.taken(db, row.id, ids) if ids else set()


def _judged(listed: TableRow, one: Judged | None) -> dict[str, object]:
    planned = one is not None and one.reason is None
    return {
        "position": listed.position, "state": "planned" if planned else "left_out",
        "reason": None if planned else one.reason if one is not None else "no_address",
        "address_id": one.address_id if planned and one is not None else None,
        "country": one.country if one is not None else "",
    }  # fmt: skip


def _added(campaign_id: str, one: Judged, now: datetime) -> dict[str, object]:
    planned = one.reason is None
    return {
        "campaign_id": campaign_id, "contact_id": one.person.meant, "country": one.country, "reason": one.reason,
        "address_id": one.address_id if planned else None, "state": "planned" if planned else "left_out", "at": now,
    }  # fmt: skip


# --- writing to them --------------------------------------------------------------------------------------------


def _feed(db: Connection, rooms: Rooms, row: TableRow, channel: ChannelEntry, now: datetime, most: int) -> None:
    there, fresh = let_go_waiting(db, rooms, row, now)
    countries = campaign_queries.countries(db, row.id)
    if not countries:
        if there:
            campaign_queries.change(db, row.id, due_at=now + _MOMENT)
        else:
            campaign_queries.change(db, row.id, state="done", ended_at=now, due_at=None)
        return
    quiet, zone = quiet_hours(row.quiet_from, row.quiet_until), channel.inbox.timezone
    opens = {one: quiet.opens_at(one, zone, now) if quiet is not None else now for one in countries}
    open_now = [one for one, at in opens.items() if at == now]
    if never := [one for one, at in opens.items() if at is None]:  # it was possible when he was planned
        gone = campaign_queries.planned(db, row.id, never, AT_ONCE)
        campaign_queries.settle(db, [_left_out(one, "always_quiet", now) for one in gone])
    if not open_now:
        ahead = [at for at in opens.values() if at is not None]
        campaign_queries.change(db, row.id, due_at=_MOMENT + now if there or not ahead else min(ahead))
        return
    rate = min(row.per_minute / 60, pacing.rate_of(rooms, channel))
    room = round(2 * rate) + 1 - fresh if there < _MOST_TRIED else 0
    count = min(most, max(1, round(rate)), max(0, room))
    if count:
        people = campaign_queries.planned(db, row.id, open_now, count)
        try:
            _write_to(db, rooms, row, channel, people, now)
        except CasellaError:
            raise
        except Exception as error:
            raise (_Unsendable(people[0]) if len(people) == 1 else error) from error
    # From when it was due, so that it keeps its pace however late this is; nobody catches up on a night.
    since = max(row.due_at, now - _MOMENT)
    due = since + timedelta(seconds=count / rate) if count else now + _MOMENT
    campaign_queries.change(db, row.id, due_at=due)


def _write_to(
    db: Connection, rooms: Rooms, row: TableRow, channel: ChannelEntry, rows: Sequence[TableRow], now: datetime
) -> None:
    """Each of these is asked about once more: he may have opted out since, or been given another name."""
    quiet, zone = quiet_hours(row.quiet_from, row.quiet_until), channel.inbox.timezone
    people = {person.meant: person for person in people_of(db, rooms, channel, [one.contact_id for one in rows])}
    asked = [_at_this_address(people.get(one.contact_id), one) for one in rows]
    judged = {one.address_id: one for one in Judge(db, rooms, row, channel, now).judge(asked, set())}
    written = campaign_queries.written_to(db, row.id, {one.contact_id for one in rows})
    wanted: dict[AddressKey, Addressed] = {}
    reasons: dict[int, str | None] = {}
    for one in rows:
        found = judged[one.address_id]
        twice = one.contact_id in written  # two people when they were planned, one by now
        reasons[one.position] = "duplicate" if twice else found.reason
        if reasons[one.position] is None:
            written.add(one.contact_id)
            key = (one.kind, one.scope, one.address)
            until = quiet.closes_at(one.country, zone, now) if quiet is not None else None
            wanted[key] = Addressed(key, found.text, found.content, until)
    made = queue(db, rooms, row, channel, list(wanted.values()), now) if wanted else {}
    settled = []
    for one in rows:
        message_id = made.get((one.kind, one.scope, one.address))
        if message_id is not None:
            settled.append(
                {"position": one.position, "state": "queued", "reason": None, "message_id": message_id, "at": now}
            )
        else:
            settled.append(_left_out(one, reasons[one.position] or "not_replyable", now))
    campaign_queries.settle(db, settled)


def _at_this_address(person: Person | None, row: TableRow) -> Person:
    name, locale = (person.name, person.locale) if person is not None else (None, None)
    return Person(row.contact_id, row.contact_id, name, locale, [(row.address_id, row.address)])


def _left_out(row: TableRow, reason: str, now: datetime) -> dict[str, object]:
    return {"position": row.position, "state": "left_out", "reason": reason, "message_id": None, "at": now}
