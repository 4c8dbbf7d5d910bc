"""What became of a campaign: who was left out, what its messages came to, and everybody it was meant for."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlalchemy import Connection, Executable, func, select

from casella.store.rows import TableRow
from casella.store.tables import campaign_recipients, consents, contact_addresses, contacts, messages

_to = campaign_recipients.c


def reasons(db: Connection, campaign_id: str) -> dict[str, int]:
    """How many were left out, by reason."""
    query = select(_to.reason, func.count().label("many")).where(
        _to.campaign_id == campaign_id, _to.state == "left_out"
    )
    return {row.reason or "": row.many for row in db.execute(query.group_by(_to.reason))}


def outcomes(db: Connection, campaign_id: str) -> Sequence[TableRow]:
    """How many of its messages are in which state, by error."""
    query = (
        select(messages.c.state, messages.c.error_code, func.count().label("many"))
        .join(campaign_recipients, _to.message_id == messages.c.id)
        .where(_to.campaign_id == campaign_id, _to.state == "queued")
    )
    return db.execute(query.group_by(messages.c.state, messages.c.error_code)).all()


def people(
    db: Connection, campaign_id: str, pools: Collection[str], behind: int, limit: int, state: str | None
) -> Sequence[TableRow]:
    """Everybody it was meant for, in order, with his message. `replied_at`: when he wrote first in its conversation
    since; `opted_out_at`: when he first opted out of one of these pools since."""
    answer, at = messages.alias("answer"), contact_addresses.c
    replied = (
        select(func.min(answer.c.received_at))
        .where(answer.c.conversation_id == messages.c.conversation_id, answer.c.direction == "in",
               answer.c.shown_at >= messages.c.shown_at, answer.c.kind != "reaction")
        .scalar_subquery()
    )  # fmt: skip
    stopped = (
        select(func.min(consents.c.at))
        .where(consents.c.pool.in_(sorted(pools)), consents.c.address == at.address, consents.c.state == "opted_out",
               consents.c.at >= messages.c.received_at)
        .scalar_subquery()
    )  # fmt: skip
    query = (
        select(
            _to.position, _to.contact_id, contacts.c.name, at.address, _to.country, _to.state, _to.reason, _to.at,
            messages.c.conversation_id, messages.c.id.label("message_id"), messages.c.state.label("message_state"),
            messages.c.error_code, replied.label("replied_at"), stopped.label("opted_out_at"),
        )
        .join(contacts, contacts.c.id == _to.contact_id)
        .outerjoin(contact_addresses, at.id == _to.address_id)
        .outerjoin(messages, messages.c.id == _to.message_id)
        .where(_to.campaign_id == campaign_id, _to.position > behind)
    )  # fmt: skip
    if state is not None:
        query = query.where(_to.state == state)
    ordered: Executable = query.order_by(_to.position).limit(limit)  # more columns than the type of a row can name
    return db.execute(ordered).all()
