"""Carrying out what rules decided. One small function per action, in a table by the action's name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from casella.desk.canned import CannedError, first_name
from casella.ids import new_id
from casella.inbox.deskbook import Deskbook
from casella.inbox.directory import TeamEntry
from casella.inbox.duty import DutyRoster
from casella.inbox.entities import ConversationState
from casella.inbox.outbox import outbox_row, outgoing_row
from casella.inbox.permission import Recipient, Way, judge, judge_content
from casella.inbox.rooms import Rooms
from casella.inbox.workspace import Workspace
from casella.store.feed import JsonValue
from casella_rules import PlannedAction
from casella_rules.arguments import Assign, Note, Reply, SetPriority, Tags
from casella_rules.assignment import Choice

MANUAL = "manual"


@dataclass(slots=True, eq=False)
class ActionRun:
    """One decision being carried out on one conversation. `skipped` and `choices` become part of its record."""

    rooms: Rooms
    work: Workspace
    roster: DutyRoster
    book: Deskbook
    conversation: ConversationState
    cause_id: str
    provider_replies: bool
    stopped: bool
    skipped: list[dict[str, JsonValue]] = field(default_factory=list)
    choices: list[dict[str, JsonValue]] = field(default_factory=list)

    def skip(self, action: PlannedAction, reason: str) -> bool:
        self.skipped.append({"rule": action.rule, "index": action.index, "action": action.action, "reason": reason})
        return False

    def chosen(self, action: PlannedAction, team: TeamEntry | None, choice: Choice) -> None:
        self.choices.append(
            {
                "rule": action.rule,
                "team_id": team.id if team else None,
                "agent_id": choice.agent_id,
                "passed_over": [[agent_id, reason.value] for agent_id, reason in choice.passed_over],
            }
        )


def carry_out(run: ActionRun, action: PlannedAction) -> bool:
    """True if it was done; what was not done is on record with the reason."""
    act = ACTIONS.get(action.action)
    if act is None:
        return run.skip(action, "no_such_action")
    return act(run, action)


def assign(run: ActionRun, action: PlannedAction) -> bool:
    """Give the conversation to an agent. One that has an agent keeps him: rules do not take work out of hands."""
    wanted = action.argument
    assert isinstance(wanted, Assign), "checked at load"
    if run.conversation.row["status"] == "closed":
        return run.skip(action, "conversation_closed")
    if run.conversation.assignee_id is not None:
        return run.skip(action, "has_assignee")
    directory = run.rooms.directory.current
    inbox = run.conversation.channel.inbox
    if wanted.agent is not None:
        agent = next((entry for entry in directory.agents.values() if entry.key == wanted.agent), None)
        if agent is None:
            return run.skip(action, "unknown_agent")
        choice = run.roster.check(inbox, agent.id)
        run.chosen(action, None, choice)
        return _give(run, None, choice.agent_id) or run.skip(action, "agent_not_available")
    team = _team(run, wanted.team)
    if team is None:
        return run.skip(action, "unknown_team")
    return _assign_to_team(run, action, wanted, team)


def _assign_to_team(run: ActionRun, action: PlannedAction, wanted: Assign, team: TeamEntry) -> bool:
    inbox = run.conversation.channel.inbox
    strategy = wanted.strategy or run.book.strategy(team.key)
    if strategy == MANUAL:
        run.chosen(action, team, run.roster.choose(inbox, team, strategy, wanted.skills))
        run.conversation.set(team_id=team.id)  # people choose: it is in the team, and in nobody's queue
        return True
    if run.roster.others_wait(team.id):
        run.choices.append({"rule": action.rule, "team_id": team.id, "agent_id": None, "behind": "queue"})
        return _give(run, team, None)
    choice = run.roster.choose(inbox, team, strategy, wanted.skills)
    run.chosen(action, team, choice)
    other = _team(run, wanted.otherwise.team) if wanted.otherwise and not wanted.otherwise.after else None
    if choice.agent_id is None and other is not None:
        choice = run.roster.choose(inbox, other, run.book.strategy(other.key), ())
        run.chosen(action, other, choice)
        team = other if choice.agent_id else team
    return _give(run, team, choice.agent_id)


def _team(run: ActionRun, key: str | None) -> TeamEntry | None:
    return next((entry for entry in run.rooms.directory.current.teams.values() if entry.key == key), None)


def _give(run: ActionRun, team: TeamEntry | None, agent_id: str | None) -> bool:
    """To the agent, or into the team's queue when there is none."""
    conversation = run.conversation
    if agent_id is not None:
        at = run.roster.take(agent_id)
        conversation.set(assignee_id=agent_id, assigned_at=at, queued_at=None)
    elif team is not None and conversation.team_id != team.id:
        conversation.set(queued_at=run.work.now)
    if team is not None:
        conversation.set(team_id=team.id)
    return agent_id is not None or team is not None


def tag(run: ActionRun, action: PlannedAction) -> bool:
    assert isinstance(action.argument, Tags), "checked at load"
    conversation = run.conversation
    added = set(action.argument.tags) - conversation.tags
    conversation.tags |= added
    conversation.new_tags |= added - conversation.lost_tags
    conversation.lost_tags -= added
    if added:
        conversation.set()
    return True


def untag(run: ActionRun, action: PlannedAction) -> bool:
    assert isinstance(action.argument, Tags), "checked at load"
    conversation = run.conversation
    gone = set(action.argument.tags) & conversation.tags
    conversation.tags -= gone
    conversation.lost_tags |= gone - conversation.new_tags
    conversation.new_tags -= gone
    if gone:
        conversation.set()
    return True


def priority(run: ActionRun, action: PlannedAction) -> bool:
    assert isinstance(action.argument, SetPriority), "checked at load"
    run.conversation.set(priority=action.argument.priority)
    return True


def note(run: ActionRun, action: PlannedAction) -> bool:
    assert isinstance(action.argument, Note), "checked at load"
    run.work.add_message(
        run.conversation,
        outgoing_row(
            new_id(), run.conversation.channel.id, action.argument.text, run.work.now, sender_kind="rule",
            sender_id=action.rule, direction="note", state="received",
        ),
    )  # fmt: skip
    return True


def close(run: ActionRun, action: PlannedAction) -> bool:
    conversation = run.conversation
    if conversation.row["status"] == "closed":
        return run.skip(action, "already_closed")
    if conversation.assignee_id is not None:
        run.roster.release(conversation.assignee_id)
    run.work.close(conversation, run.work.now)
    run.work.tell("conversation.updated", conversation, {"by": {"rules": [action.rule]}})
    return True


def reply(run: ActionRun, action: PlannedAction) -> bool:
    """Through the gate like everything else; never on top of an answer the provider gives itself."""
    wanted = action.argument
    assert isinstance(wanted, Reply), "checked at load"
    if run.provider_replies:
        return run.skip(action, "provider_replies")
    conversation, channel = run.conversation, run.conversation.channel
    to = Recipient(conversation.address.address, run.stopped, bool(conversation.row["replyable"]),
                   str(conversation.row["status"]), run.work.now)  # fmt: skip
    permission = judge(run.rooms, channel, to, run.work.now, Way(by_person=False))
    if not permission.allowed:
        return run.skip(action, permission.code or "send_refused")
    try:
        text = _text(run, wanted)
    except CannedError as error:
        return run.skip(action, error.code)
    content = judge_content(run.rooms, channel, text, ())
    if not content.allowed:
        return run.skip(action, content.code or "send_refused")
    row = outgoing_row(
        new_id(), channel.id, text, run.work.now, sender_kind="rule", sender_id=action.rule, state="queued"
    )
    run.work.add_message(conversation, row)
    run.work.outbox.append(outbox_row(row, conversation.id, run.work.now))
    return True


def _text(run: ActionRun, wanted: Reply) -> str:
    variables = _variables(run)
    if wanted.text is not None:
        return run.book.fill_text(wanted.text, variables)
    return run.book.fill_canned(wanted.canned or "", run.conversation.channel.inbox.locale, variables)


def _variables(run: ActionRun) -> dict[str, str | None]:
    agent = run.rooms.directory.current.agents.get(run.conversation.assignee_id or "")
    kind, _, address = run.conversation.address.key
    name = run.conversation.address.contact.name
    return {
        "contact.name": name,
        "contact.first_name": first_name(name),
        "contact.phone": address if kind == "phone" else None,
        "agent.name": agent.name if agent else None,
        "conversation.id": run.conversation.id,
        "inbox.name": run.conversation.channel.inbox.name,
    }


ACTIONS: Mapping[str, Callable[[ActionRun, PlannedAction], bool]] = {
    "assign": assign,
    "close": close,
    "note": note,
    "priority": priority,
    "reply": reply,
    "tag": tag,
    "untag": untag,
}
