"""Campaigns, whom they are for, and what became of it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from sqlalchemy import (
    ColumnElement,
    Connection,
    Executable,
    Text,
    and_,
    delete,
    exists,
    func,
    insert,
    or_,
    select,
    update,
)

from casella.store import bulk
from casella.store.rows import TableRow
from casella.store.tables import (
    agents,
    campaign_recipients,
    campaigns,
    contact_addresses,
    contact_tags,
    contacts,
    inbox_members,
    messages,
    outbox,
)
from casella.store.types import Instant

_of, _to = campaigns.c, campaign_recipients.c


def _all(db: Connection, query: Executable) -> Sequence[TableRow]:
    return db.execute(query).all()


def add(db: Connection, **values: object) -> None:
    db.execute(insert(campaigns).values(**values))


def change(db: Connection, id: str, **values: object) -> None:
    db.execute(update(campaigns).where(_of.id == id).values(**values))


def remove(db: Connection, id: str) -> None:
    """With whom it was for."""
    db.execute(delete(campaign_recipients).where(_to.campaign_id == id))
    db.execute(delete(campaigns).where(_of.id == id))


def one(db: Connection, id: str, *, held: bool = False) -> TableRow | None:
    query = select(campaigns).where(_of.id == id)
    return db.execute(query.with_for_update() if held else query).one_or_none()


def of_inboxes(db: Connection, inbox_ids: Collection[str], behind: str | None, limit: int) -> Sequence[TableRow]:
    """The newest first."""
    query = select(campaigns).where(_of.inbox_id.in_(inbox_ids))
    if behind is not None:
        query = query.where(_of.id < behind)
    return _all(db, query.order_by(_of.id.desc()).limit(limit))


def active(db: Connection) -> Sequence[TableRow]:
    return _all(db, select(campaigns).where(_of.state == "active").order_by(_of.id))


def any_due(db: Connection, now: datetime) -> bool:
    return db.execute(select(_of.id).where(_of.state == "active", _of.due_at <= now).limit(1)).first() is not None


def take_due(db: Connection, now: datetime) -> TableRow | None:
    """The one that waits longest, held; None where another process has it."""
    query = select(campaigns).where(_of.state == "active", _of.due_at <= now).order_by(_of.due_at, _of.id).limit(1)
    return db.execute(query.with_for_update(skip_locked=True)).one_or_none()


def managers(db: Connection, inbox_id: str) -> Sequence[str]:
    """Who may see the inbox's campaigns."""
    mine = exists().where(inbox_members.c.agent_id == agents.c.id, inbox_members.c.inbox_id == inbox_id)
    role = or_(agents.c.role == "admin", and_(agents.c.role == "manager", mine))
    return (
        db.execute(select(agents.c.id).where(role, agents.c.removed_at.is_(None)).order_by(agents.c.id)).scalars().all()
    )


# --- whom it is for ---------------------------------------------------------------------------------------------


def page_of_contacts(
    db: Connection, tags: Collection[str], without: Collection[str], behind: str, limit: int
) -> Sequence[TableRow]:
    """The organisation's contacts in order, with one of these tags (if there are any) and none of those."""
    query = select(contacts.c.id, contacts.c.locale, contacts.c.custom).where(
        contacts.c.id > behind, contacts.c.owner_id.is_(None), contacts.c.gone_to.is_(None)
    )
    if tags:
        query = query.where(_tagged(tags))
    if without:
        query = query.where(~_tagged(without))
    return _all(db, query.order_by(contacts.c.id).limit(limit))


def _tagged(tags: Collection[str]) -> ColumnElement[bool]:
    return exists().where(contact_tags.c.contact_id == contacts.c.id, contact_tags.c.tag.in_(sorted(tags)))


def shared_contacts(db: Connection, ids: Sequence[str]) -> Sequence[TableRow]:
    """Of these, the organisation's own; those that were merged into others with who they are now (`gone_to`)."""
    query = select(contacts.c.id, contacts.c.name, contacts.c.locale, contacts.c.gone_to)
    return _all(db, query.where(contacts.c.id.in_(ids), contacts.c.owner_id.is_(None)))


def addresses(db: Connection, contact_ids: Sequence[str], kind: str, scope: str) -> Sequence[TableRow]:
    of = contact_addresses.c
    query = select(of.id, of.contact_id, of.address).where(of.contact_id.in_(contact_ids))
    return _all(db, query.where(of.kind == kind, of.scope == scope).order_by(of.id))


def list_people(db: Connection, campaign_id: str, contact_ids: Sequence[str], at: datetime) -> None:
    """These were named by hand, instead of whoever was before."""
    db.execute(delete(campaign_recipients).where(_to.campaign_id == campaign_id))
    rows = [{"campaign_id": campaign_id, "contact_id": id, "state": "listed", "at": at} for id in contact_ids]
    bulk.insert(db, campaign_recipients, rows)


def listed(db: Connection, campaign_id: str, behind: int, limit: int) -> Sequence[TableRow]:
    """Who was named and not looked at yet."""
    query = select(_to.position, _to.contact_id).where(_to.campaign_id == campaign_id, _to.state == "listed")
    return _all(db, query.where(_to.position > behind).order_by(_to.position).limit(limit))


def known(db: Connection, campaign_id: str, contact_ids: Collection[str]) -> set[str]:
    """Which of these contacts it has a row for."""
    query = select(_to.contact_id).where(_to.campaign_id == campaign_id, _to.contact_id.in_(contact_ids))
    return set(db.execute(query).scalars())


def taken(db: Connection, campaign_id: str, address_ids: Collection[str]) -> set[str]:
    """Which of these addresses it has planned to write to."""
    query = select(_to.address_id).where(_to.campaign_id == campaign_id, _to.address_id.in_(address_ids))
    return {str(id) for id in db.execute(query).scalars()}


def judge_listed(db: Connection, rows: Sequence[Mapping[str, object]]) -> None:
    """What came of looking at who was named: by `position`, with `state`, `reason`, `address_id` and `country`."""
    _JUDGED(db, [{f"new_{name}": value for name, value in row.items()} for row in rows])


_JUDGED = bulk.Update(
    lambda new: (
        update(campaign_recipients)
        .where(_to.position == new.new_position)
        .values(state=new.new_state, reason=new.new_reason, address_id=new.new_address_id, country=new.new_country)
    ),
    new_position=_to.position.type, new_state=Text(), new_reason=Text(), new_address_id=Text(), new_country=Text(),
)  # fmt: skip


def add_people(db: Connection, rows: Sequence[Mapping[str, object]]) -> None:
    bulk.insert(db, campaign_recipients, rows)


def counts(db: Connection, ids: Collection[str]) -> dict[str, dict[str, int]]:
    """How many of each campaign's people are in each state."""
    if not ids:
        return {}
    query = select(_to.campaign_id, _to.state, func.count().label("many")).where(_to.campaign_id.in_(ids))
    found: dict[str, dict[str, int]] = {id: {} for id in ids}
    for row in db.execute(query.group_by(_to.campaign_id, _to.state)):
        found[row.campaign_id][row.state] = row.many
    return found


# --- writing to them --------------------------------------------------------------------------------------------


def countries(db: Connection, campaign_id: str) -> list[str]:
    """Where those live who are yet to be written to."""
    query = select(_to.country).where(_to.campaign_id == campaign_id, _to.state == "planned")
    return sorted(db.execute(query.distinct()).scalars())


def planned(db: Connection, campaign_id: str, among: Collection[str], limit: int) -> Sequence[TableRow]:
    """The next to be written to, of these countries, with the contact who has the address now."""
    at = contact_addresses.c
    query = (
        select(_to.position, _to.country, at.id.label("address_id"), at.kind, at.scope, at.address, at.contact_id)
        .join(contact_addresses, at.id == _to.address_id)
        .where(_to.campaign_id == campaign_id, _to.state == "planned", _to.country.in_(sorted(among)))
    )
    return _all(db, query.order_by(_to.position).limit(limit))


def written_to(db: Connection, campaign_id: str, contact_ids: Collection[str]) -> set[str]:
    """Which of these contacts have got it, under any of their addresses."""
    at = contact_addresses.c
    query = (
        select(at.contact_id)
        .join(campaign_recipients, _to.address_id == at.id)
        .where(at.contact_id.in_(contact_ids), _to.campaign_id == campaign_id, _to.state == "queued")
    )
    return set(db.execute(query).scalars())


def newest_states(db: Connection, campaign_id: str, since: datetime, limit: int) -> Sequence[str]:
    """The states of its newest messages that were written since then, the newest first."""
    query = select(messages.c.state).join(campaign_recipients, _to.message_id == messages.c.id)
    query = query.where(_to.campaign_id == campaign_id, _to.message_id.is_not(None), _to.at >= since)
    return db.execute(query.order_by(_to.message_id.desc()).limit(limit)).scalars().all()


def settle(db: Connection, rows: Sequence[Mapping[str, object]]) -> None:
    """What became of who was planned: by `position`, with `state`, `reason`, `message_id` and `at`."""
    _SETTLED(db, [{f"new_{name}": value for name, value in row.items()} for row in rows])


_SETTLED = bulk.Update(
    lambda new: (
        update(campaign_recipients)
        .where(_to.position == new.new_position)
        .values(state=new.new_state, reason=new.new_reason, message_id=new.new_message_id, at=new.new_at)
    ),
    new_position=_to.position.type, new_state=Text(), new_reason=Text(), new_message_id=Text(), new_at=Instant(),
)  # fmt: skip


def cancel_planned(db: Connection, campaign_id: str, at: datetime) -> None:
    waits = _to.state.in_(("planned", "listed"))
    left = update(campaign_recipients).where(_to.campaign_id == campaign_id, waits)
    db.execute(left.values(state="canceled", at=at))


def waiting(db: Connection, campaign_id: str) -> Sequence[TableRow]:
    """Its messages in the outbox: queued or on their way, and whose hours count."""
    query = select(
        outbox.c.message_id, outbox.c.conversation_id, outbox.c.state, outbox.c.until, outbox.c.attempts, _to.country
    )
    query = query.join(campaign_recipients, _to.message_id == outbox.c.message_id)
    return _all(db, query.where(_to.campaign_id == campaign_id, outbox.c.state != "unconfirmed"))


def hold_until(db: Connection, until: Mapping[str, datetime]) -> None:
    """Messages in the outbox leave before this moment, or not now."""
    for moment in sorted(set(until.values())):
        those = sorted(id for id, its in until.items() if its == moment)
        mine = outbox.c.message_id.in_(those) & (outbox.c.state == "queued")
        db.execute(update(outbox).where(mine).values(until=moment))


def let_go(db: Connection, message_ids: Collection[str]) -> None:
    """They may leave at any moment."""
    if message_ids:
        db.execute(update(outbox).where(outbox.c.message_id.in_(message_ids)).values(until=None))


def take_back(db: Connection, message_ids: Collection[str]) -> list[str]:
    """Out of the outbox those that nobody is sending: which they were."""
    query = select(outbox.c.message_id).where(outbox.c.message_id.in_(message_ids), outbox.c.state == "queued")
    free = db.execute(query.order_by(outbox.c.message_id).with_for_update(skip_locked=True)).scalars().all()
    if free:
        db.execute(delete(outbox).where(outbox.c.message_id.in_(free)))
    return list(free)
