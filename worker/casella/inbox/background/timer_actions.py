"""What each kind of timer does when its time has come. First it looks whether what it was armed for still holds; a
conversation that was answered, given away or closed meanwhile is left alone."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import select, update

from casella.ids import new_id
from casella.inbox.assignment import wake
from casella.inbox.commands import ConversationChange, assign_from_queue, put_back
from casella.inbox.state import EVENT, FAILED, IDLE, OPENED, SENT, following, message_values, silence_timer, since_when
from casella.store.rows import TableRow
from casella.store.tables import messages, timers
from casella_rules import Chain, PlannedAction
from casella_rules.language.arguments import Reply
from casella_rules.language.durations import written


def event(turn: ConversationChange, timer: TableRow) -> bool:
    """Something that was noticed where the conversation could not be held, a moment ago."""
    payload = timer.payload
    message = message_values(turn.db, payload.get("message_id"))
    details = (message or {}).get("details")
    chain = _chain(
        details if isinstance(details, dict) else {}, timer.cause_id
    )  # of the rule that wrote it, if one did
    about = message if payload["trigger"] in (SENT, FAILED, OPENED) else None
    turn.happen(payload["trigger"], cause_id=timer.cause_id, chain=chain, message=about)
    return True


def rule(turn: ConversationChange, timer: TableRow) -> bool:
    """A rule that waited is asked again; one that waited for its office hours, if the customer waits still."""
    payload, name = timer.payload, timer.kind.partition(":")[2]
    if "lull" in payload:
        since = since_when(payload["lull"], turn.db, turn.held)
        if (
            turn.held.row["status"] == "closed"
            or not isinstance(since, datetime)
            or since.isoformat() != payload["since"]
        ):
            return False
    turn.router.due(
        turn.happening(
            payload["trigger"],
            timer.cause_id,
            _chain(payload, timer.cause_id),
            payload.get("previous") or {},
            message_values(turn.db, payload.get("message_id")),
            payload.get("more") or {},
        ),
        name,
    )
    return True


def silence(turn: ConversationChange, timer: TableRow) -> bool:
    """A customer still waits, or nobody has written, for as long as a rule has named; then for the next longer time."""
    kind, payload = timer.kind, timer.payload
    if "span" in payload:
        return _open_silence(turn, timer)
    conversation, silences = turn.held, turn.rooms.desk.current.silences.get(timer.kind, ())
    since, seconds = since_when(kind, turn.db, conversation), int(payload["seconds"])
    if conversation.row["status"] == "closed" or not isinstance(since, datetime):
        return False
    if since.isoformat() != payload["since"]:
        if kind == IDLE and silences:  # somebody has written since: it follows the last message
            _again(turn, timer, since, silences[0], 0)
        return False
    if longer := following(silences, seconds):
        _again(turn, timer, since, longer, seconds)
    if seconds in silences:
        turn.happen(
            f"{EVENT[kind]} {written(seconds)}", cause_id=f"{conversation.id}/{kind}/{payload['since']}/{seconds}"
        )
    return seconds in silences


def _open_silence(turn: ConversationChange, timer: TableRow) -> bool:
    """The same, of a time that is counted while office hours are open."""
    kind, payload, book = timer.kind, timer.payload, turn.rooms.desk.current
    span = next((one for one in book.open_silences.get(kind, ()) if str(one) == payload["span"]), None)
    since = since_when(kind, turn.db, turn.held)
    if span is None or turn.held.row["status"] == "closed" or not isinstance(since, datetime):
        return False
    followed = since.isoformat() != payload["since"]
    if followed and kind != IDLE:
        return False
    due_at = book.over_at(span, since)
    if due_at is None:
        return False
    if followed or due_at > turn.now:  # somebody has written since, or the office hours are others by now
        turn.armed_again = True
        values = {"due_at": due_at, "payload": {**payload, "since": since.isoformat()}}
        turn.db.execute(update(timers).where(timers.c.id == timer.id).values(values))
        return False
    turn.happen(f"{EVENT[kind]} {span}", cause_id=f"{turn.held.id}/{kind}/{payload['since']}/{span}")
    return True


def _again(turn: ConversationChange, timer: TableRow, since: datetime, seconds: int, done: int) -> None:
    following_one = silence_timer(timer.kind, turn.held.id, since, seconds, done)
    if timer.kind != IDLE:
        turn.router.timers.arm(following_one)
        return
    turn.armed_again = True  # the same row waits on
    values = {"due_at": following_one.due_at, "payload": dict(following_one.payload)}
    turn.db.execute(update(timers).where(timers.c.id == timer.id).values(values))


def snooze(turn: ConversationChange, timer: TableRow) -> bool:
    """It comes back as it was: to its agent if he is there, else to the queue."""
    conversation = turn.held
    until = conversation.row["snoozed_until"]
    same = isinstance(until, datetime) and until.isoformat() == timer.payload["until"]
    if conversation.row["status"] != "snoozed" or not same:
        return False
    was, chain, router = turn.was(), _chain(timer.payload, new_id()), turn.router
    holder = wake(router.roster, router.timers, conversation, turn.now, chain)
    turn.tell({"timer": "snooze"})
    if holder is not None:
        turn.happen("conversation_unassigned", chain=chain, previous=was)
    turn.happen("conversation_reopened", chain=chain, previous={"previous.status": "snoozed"})
    return True


def overflow(turn: ConversationChange, timer: TableRow) -> bool:
    """Nobody of the team came in time: the team of `else` gets it, or it waits in that team's queue, in the place
    that its waiting has earned."""
    conversation, payload = turn.held, timer.payload
    queued_at = conversation.row["queued_at"]
    waits = conversation.assignee_id is None and conversation.row["status"] == "open"
    if not waits or not isinstance(queued_at, datetime) or queued_at.isoformat() != payload["queued_at"]:
        return False
    if payload.get("of", conversation.team_id) != conversation.team_id:
        return False
    team = turn.rooms.directory.current.team(payload["team"])
    if team is None:
        return False
    assign_from_queue(turn, team, "queue_overflow", _chain(payload, new_id()))
    return True


def reassign(turn: ConversationChange, timer: TableRow) -> bool:
    """The agent has not answered in the team's time: back to the queue, with a note that says so."""
    conversation, payload = turn.held, timer.payload
    assigned_at = conversation.row["assigned_at"]
    same = isinstance(assigned_at, datetime) and assigned_at.isoformat() == payload["assigned_at"]
    if conversation.assignee_id != payload["agent_id"] or not same or conversation.row["status"] != "open":
        return False
    if conversation.row["waiting_since"] is None or _has_answered(turn, conversation.id, assigned_at):
        return False
    put_back(turn, int(payload["seconds"]), _chain(payload, new_id()))
    return True


def _has_answered(turn: ConversationChange, conversation_id: str, since: object) -> bool:
    ours = (messages.c.direction == "out") & messages.c.sender_kind.in_(("agent", "other_client"))
    query = select(messages.c.id).where(messages.c.conversation_id == conversation_id, ours)
    return turn.db.execute(query.where(messages.c.received_at >= since).limit(1)).first() is not None


def reply(turn: ConversationChange, timer: TableRow) -> bool:
    """A reply that waited for office hours."""
    payload = timer.payload
    argument = Reply.model_validate(payload["argument"])
    action = PlannedAction(payload["rule"], int(payload["index"]), "reply", argument)
    chain = _chain(payload, payload["cause_id"])
    turn.router.later(turn.happening(payload["trigger"], f"{payload['cause_id']}/opened", chain), action)
    return True


def _chain(payload: Mapping[str, object], cause_id: str) -> Chain:
    stored = payload.get("chain")
    return Chain.from_json(stored) if isinstance(stored, str) else Chain(cause_id)
