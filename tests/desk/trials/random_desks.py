"""Random rules and random stories, written as a manager would write them."""

from __future__ import annotations

from hypothesis import strategies as st

_WHEN = (
    "message_received", "message_received", "message_received", "conversation_opened", "message_sent",
    "conversation_assigned", "conversation_unassigned", "{conversation_waiting: 7m}", "{conversation_waiting: 47m}",
    "{conversation_idle: 2h}", "conversation_closed", "conversation_reopened", "conversation_tagged",
    "conversation_prioritized",
    "contact_opted_out", "survey_answered", "queue_full", '{schedule: "13 * * * *"}',
    "[message_received, conversation_opened]", "[message_received, message_sent]",
)  # fmt: skip
_IF = (
    "always", "always", "{text: {contains: a}}", "{conversation.tags: {has: vip}}",
    "{conversation.tags: {has_none: [late]}}",
    "{conversation.priority: urgent}", "{conversation.priority: {changed_to: urgent}}", "{previous.priority: normal}",
    "{conversation.assignee: {is_set: false}}", "{conversation.status: open}",
    "{previous.status: {is_set: true}}", "{previous.team: front}", "{previous.assignee: {is_set: true}}",
    "{hours: {support: open}}", "{sent_by: rule}", "{conversation.messages: {gte: 3}}",
    "{conversation.waiting: {older_than: 5m}}", "{team.billing.available: {gte: 1}}",
    "{team.billing.waiting: {gte: 1}}",
    "{agent.open: {gte: 2}}", "{agent.available: true}", "{contact.is_new: true}", "{contact.opted_out: false}",
    "{contact.custom.plan: gold}", "{contact.conversations: {gte: 2}}", "{survey.score: {lte: 3}}",
    "{conversation.is_new: true}", "{time.hour: {gte: 12}}", "{conversation.idle: {newer_than: 1h}}",
    "{conversation.team: [front, billing]}", "{inbox: support}", "{conversation.age: {older_than: 20m}}",
    "{agent.teams: {has: front}}", "{not: {conversation.tags: {has: refund}}}",
)  # fmt: skip
_THEN = (
    "{priority: urgent}", "{priority: low}", "{tag: vip}", "{tag: [late, refund]}", "{untag: vip}", "{note: n}",
    "{reply: {canned: greeting}}", "{reply: {canned: signed}}", "{reply: {text: words}}",
    "{reply: {text: soon, when_open: support}}", "close", "reopen", "{snooze: 37m}", "{snooze: {until_open: support}}",
    "{move: sales}", "{move: support}", "{notify: {managers: true, text: m}}", "{notify: {assignee: true, text: s}}",
    "{webhook: crm}", "survey", "{set: {plan: gold}}", "{set: {plan: null, seats: 2}}", "opt_out", "draft", "unassign",
    "{unassign: {team: true}}", "{assign: {team: front}}", "{assign: {team: billing}}", "{assign: {team: night}}",
    "{assign: {team: sticky}}", "{assign: {team: heavy}}", "{assign: {team: people}}", "{assign: {agent: ann}}",
    "{assign: {agent: ann, else: {team: billing}}}",
    "{assign: {team: front, skills: [italian], else: {team: billing}}}",
    "{assign: {team: night, else: {team: front, after: 19m}}}", "{assign: {team: billing, strategy: round_robin}}",
)  # fmt: skip
_TO_SENDER = ("{assign: {to: sender}}",) * 9
_MORE = (
    "", "", "", "", "after: 11m, ", "after: 23m, unless: [message_sent, closed], ", "cooldown: 29m, ", "mode: watch, ",
    "enabled: false, ", "inboxes: [support], ",
)  # fmt: skip
_HAPPENS = (
    "message: a", "message: a", "message: hello", 'message: "2"', "agent_replies: hi", "agent_replies: hi, by: zoe",
    "agent_replies: hi, by: cleo", "takes: zoe", "takes: cleo",
    "closes: true", "prioritizes: urgent", "prioritizes: low", "event: contact_opted_out", "event: contact_opted_in",
    "",
)  # fmt: skip
_WAIT = ("1m", "1m", "8m", "41m", "3h", "17h")
_GIVEN = (
    "", "", "contact: {name: Ada Lovelace, tags: [vip], custom: {plan: gold}}", "agents: {ann: {}, cleo: {open: 2}}",
    "agents: {}", "at: 2026-11-23T20:00", "at: 2026-11-22T03:00", "contact: {opted_out: true}",
    "conversation: {assignee: ann, team: front, messages: 2}",
    "conversation: {team: billing, waiting: 5m, tags: [vip]}",
    "agents: {cleo: {open: 2}, bob: {open: 1, capacity: 1}}, queues: {billing: 1}",
    "agents: {zoe: {open: 1}, ann: {available: false}, nick: {}, bob: {}}, contact: {conversations: 2}",
)  # fmt: skip


@st.composite
def random_desks(draw: st.DrawFn) -> tuple[str, str]:
    """rules.yaml, and the tests below `tests:`."""
    rules = []
    for number in range(draw(st.integers(1, 4))):
        when, condition, more = draw(st.sampled_from(_WHEN)), draw(st.sampled_from(_IF)), draw(st.sampled_from(_MORE))
        deeds = _THEN + _TO_SENDER if "message_sent" in when else _THEN
        then = draw(st.lists(st.sampled_from(deeds), min_size=1, max_size=3))
        if not more.startswith("after") and draw(st.integers(0, 3)) == 3:
            then.append("stop")
        rules.append(f"  - {{name: R{number}, {more}when: {when}, if: {condition}, then: [{', '.join(then)}]}}")
    steps = ["      - {message: a b c}"]
    for _ in range(draw(st.integers(1, 5))):
        happens, wait = draw(st.sampled_from(_HAPPENS)), draw(st.sampled_from(_WAIT))
        steps.append(f"      - {{wait: {wait}{', ' if happens else ''}{happens}}}")
    given = draw(st.sampled_from(_GIVEN))
    test = f"  - name: T\n    given: {{{given}}}\n    steps:\n" + "\n".join(steps) + "\n    expect: {}\n"
    return "rules:\n" + "\n".join(rules) + "\n", test
