"""`casella explain`: why is this conversation where it is?"""

from __future__ import annotations

from typing import Annotated

import typer
from sqlalchemy import Connection, select

from casella import app as house
from casella.commands.shared import out, quiet_settings
from casella.errors import NotFound
from casella.inbox.assignment import queue_position
from casella.inbox.house import Rooms
from casella.inbox.routing import Explainer, lines
from casella.store.queries import message_queries
from casella.store.tables import contact_addresses, conversations
from casella_rules.yaml.problems import printable


def register(cli: typer.Typer) -> None:
    """Add the command."""
    cli.command(name="explain")(explain_conversation)


def explain_conversation(
    conversation: Annotated[
        str, typer.Argument(help="A conversation's id, or the customer's number: then the newest.", show_default=False)
    ],
    runs: Annotated[int, typer.Option(help="How many runs of the rules, counted from the newest.", min=1)] = 20,
) -> None:
    """Say why a conversation is where it is: every run, rule by rule, with the condition that failed and the value it
    saw; and every agent who was passed over, with the reason.

    Example: casella explain 01KB2Z8Q4M7T1V3X5Y7Z9A1C3E   ·   casella explain +393331234567 --runs 3
    """
    built = house.build(quiet_settings(), serves=False, works=False)
    explainer = Explainer(built.rooms)
    try:
        with built.rooms.store.read() as db:
            found = _find(db, conversation)
            rows = message_queries.decisions_of(db, found, None, runs)
            zone = _zone(db, built.rooms, found)
            told = [list(lines(explainer.run(db, row), row.at, zone)) for row in reversed(rows)]
            if now := queue_position.standing(db, built.rooms, found):
                told.append(list(queue_position.lines(now, zone)))
    finally:
        built.close()
    if not told:
        out.print("No rule has been asked about this conversation.")
    for each in told:
        out.print("\n".join(map(printable, each)), markup=False, soft_wrap=True)
        out.print()


def _zone(db: Connection, rooms: Rooms, conversation_id: str) -> str:
    """The time zone of the inbox the conversation is in."""
    inbox_id = db.execute(select(conversations.c.inbox_id).where(conversations.c.id == conversation_id)).scalar_one()
    inbox = rooms.directory.current.inboxes.get(inbox_id)
    return inbox.timezone if inbox else rooms.desk.current.timezone


def _find(db: Connection, wanted: str) -> str:
    query = select(conversations.c.id).where(conversations.c.world == "shared")
    by_id = db.execute(query.where(conversations.c.id == wanted)).scalar_one_or_none()
    if by_id is not None:
        return str(by_id)
    his = query.join(contact_addresses, contact_addresses.c.id == conversations.c.address_id)
    newest = his.where(contact_addresses.c.address == wanted).order_by(conversations.c.opened_at.desc()).limit(1)
    found = db.execute(newest).scalar_one_or_none()
    if found is None:
        raise NotFound(f"There is no conversation '{wanted}', and none with such a customer.")
    return str(found)
