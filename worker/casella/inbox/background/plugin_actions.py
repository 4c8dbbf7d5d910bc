"""Actions that plugins bring. The row is written with the decision; the plugin is called outside any transaction, from
rows that are retried like the outbox's, and what it wants done about the conversation is done in one transaction more.

    plugin_requests.ask -> run_due: claim -> call the plugin -> do what it wants, the row is done or failed, commit

The same deed keeps the same id whatever happens, so that the other side can tell a repetition. While its plugin is away
a deed waits, for a day; then it is given up. The message that began it all is long stored and routed by then.
"""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

import httpx
import orjson
import structlog
from pydantic import ValidationError
from sqlalchemy import Connection, select, update

from casella import metrics
from casella.errors import PluginFailed
from casella.inbox.commands import ConversationChange
from casella.inbox.house import Rooms
from casella.inbox.routing import Happening, StoredRequest, wishes_of
from casella.inbox.sending import backoff
from casella.inbox.state import Values, recall
from casella.plugin import ActionFailed, ActionRequest, ActionResult, RuleQuestion, clean_text
from casella.store.forgetting import forget
from casella.store.rows import TableRow
from casella.store.tables import plugin_actions
from casella_rules import Chain, Facts

_log = structlog.get_logger("casella.rules")
MOST_ATTEMPTS = 12
TOO_OLD = timedelta(days=1)
_LEASE = timedelta(minutes=2)
_AWAY = timedelta(minutes=1)
_LONGEST_WAIT = 3600.0
_LONGEST_TEXT = 500


def run_due(rooms: Rooms, http: httpx.Client, limit: int = 8) -> int:
    """Do what is due. Returns how many were tried; 0 means nothing waits."""
    claimed = _claim(rooms, limit)
    for row, token in claimed:
        _run_one(rooms, http, row, token)
    return len(claimed)


def prune(db: Connection, before: datetime) -> int:
    """Forget a batch of what is long over. Its cause is as old, and will not come again."""
    over = plugin_actions.c.state.in_(("done", "failed"))
    return forget(db, plugin_actions, over, plugin_actions.c.created_at < before)


def _claim(rooms: Rooms, limit: int) -> list[tuple[TableRow, str]]:
    """A claim is a lease: if its process dies, the deed is tried again when it has run out."""
    now, token = rooms.clock.now(), secrets.token_hex(8)
    query = (
        select(plugin_actions)
        .where(plugin_actions.c.state == "queued", plugin_actions.c.due_at <= now)
        .order_by(plugin_actions.c.due_at, plugin_actions.c.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    with rooms.store.read() as db:
        if db.execute(query.with_only_columns(plugin_actions.c.id)).first() is None:
            return []
    with rooms.store.write() as db:
        rows = db.execute(query).all()
        if rows:
            values = {"token": token, "due_at": now + _LEASE, "attempts": plugin_actions.c.attempts + 1}
            db.execute(update(plugin_actions).where(plugin_actions.c.id.in_([row.id for row in rows])).values(values))
    return [(row, token) for row in rows]


def _run_one(rooms: Rooms, http: httpx.Client, row: TableRow, token: str) -> None:
    try:
        result = _asked(rooms, http, row)
    except PluginFailed as error:
        _put_off(rooms, row, token, error.text, _AWAY, counts=False)
    except ActionFailed as error:
        wait = timedelta(seconds=min(max(error.retry_after or 0.0, backoff(row.attempts + 1)), _LONGEST_WAIT))
        _put_off(rooms, row, token, error.text, wait if error.retryable else None)
    except ValidationError:
        _put_off(rooms, row, token, "The plugin no longer understands what the rule says.", None)
    else:
        _record(rooms, row, token, result)


def _asked(rooms: Rooms, http: httpx.Client, row: TableRow) -> ActionResult:
    guests, request = rooms.host.rules, StoredRequest.model_validate_json(row.request)
    facts = Facts.from_json(request.facts)
    question = RuleQuestion(
        facts.trigger, row.created_at, row.conversation_id, request.contact_id, request.contact_address, dict(facts)
    )
    argument = guests.argument(row.name, orjson.dumps(request.argument))
    return guests.run(row.name, ActionRequest(row.id, row.attempts + 1, row.rule, argument, question), http)


def _record(rooms: Rooms, row: TableRow, token: str, result: ActionResult) -> None:
    """What it wants is done in the transaction that notes that it was done; if somebody else has noted it, nothing."""
    with rooms.store.write() as db:
        turn = ConversationChange(rooms, db, rooms.clock.now())
        turn.hold(recall(rooms, turn.work, [row.conversation_id]).get(row.conversation_id))
        wishes = wishes_of(result, row.rule, turn.router.book)
        text = "; ".join((clean_text(result.text), *wishes.left_out))[:_LONGEST_TEXT].strip("; ")
        if not _note(db, row, token, {"state": "done", "result": text}):
            return
        if turn.conversation is not None and wishes.deeds:
            request = StoredRequest.model_validate_json(row.request)
            happening = Happening(
                Facts.from_json(request.facts).trigger, turn.held, row.id, Chain.from_json(request.chain),
                provider_replies=request.provider_replies,
            )  # fmt: skip
            turn.router.came_of(happening, wishes.deeds, {"action": row.name, "text": text})
        turn.write()
    turn.after_commit()
    metrics.plugin_actions.labels("done").inc()


def _put_off(rooms: Rooms, row: TableRow, token: str, why: str, wait: timedelta | None, *, counts: bool = True) -> None:
    """Not done: again after a while, or never (`wait` None, too often, too old). Waiting for a plugin is no attempt."""
    now = rooms.clock.now()
    attempts = row.attempts + counts
    given_up = wait is None or attempts >= MOST_ATTEMPTS or now - row.created_at > TOO_OLD
    values: Values = {"result": clean_text(why)[:_LONGEST_TEXT], "attempts": attempts}
    values |= {"state": "failed"} if given_up else {"due_at": now + (wait or _AWAY)}
    with rooms.store.write() as db:
        _note(db, row, token, values)
    metrics.plugin_actions.labels("failed" if given_up else "retry").inc()
    _log.warning("plugin's action not done", action=row.name, rule=row.rule, reason=why, given_up=given_up)


def _note(db: Connection, row: TableRow, token: str, values: Values) -> bool:
    """False if the claim was lost meanwhile."""
    mine = (plugin_actions.c.id == row.id, plugin_actions.c.token == token, plugin_actions.c.state == "queued")
    return db.execute(update(plugin_actions).where(*mine).values(values | {"token": None})).rowcount == 1
