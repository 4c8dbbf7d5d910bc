"""The built-in actions and strategies."""

from __future__ import annotations

from casella_rules.language.arguments import (
    AskForDraft,
    Assign,
    CallWebhook,
    Move,
    Note,
    Nothing,
    Notify,
    Reply,
    SendSurvey,
    SetAttributes,
    SetPriority,
    Snooze,
    Tags,
    Unassign,
)
from casella_rules.language.vocabulary import ActionSpec, StrategySpec

ACTIONS = (
    ActionSpec("assign", Assign, "Give the conversation to a team or an agent. The first one of a run wins.",
               "assign: {team: billing, strategy: least_busy}", first_wins=True, causes=("conversation_assigned",)),
    ActionSpec("unassign", Unassign, "Take the conversation from its agent, so that others may get it.", "unassign",
               causes=("conversation_unassigned",)),
    ActionSpec("priority", SetPriority, "Say how urgent it is.", "priority: urgent", shorthand="priority",
               causes=("conversation_prioritized",)),
    ActionSpec("tag", Tags, "Put tags on the conversation, or on the contact (`tag: {contact: vip}`).",
               "tag: [refund, urgent]", shorthand="tags",
               causes=("conversation_tagged",)),
    ActionSpec("untag", Tags, "Take tags off the conversation, or off the contact.", "untag: waiting",
               shorthand="tags",
               causes=("conversation_tagged",)),
    ActionSpec("reply", Reply, "Answer the customer, at once or when somebody is there.", "reply: {canned: greeting}",
               causes=("message_sent", "message_failed")),
    ActionSpec("note", Note, "Leave a note for agents.", "note: Asked for money back twice.", shorthand="text"),
    ActionSpec("close", Nothing, "Close the conversation.", "close", causes=("conversation_closed",)),
    ActionSpec("reopen", Nothing, "Open the conversation again.", "reopen", causes=("conversation_reopened",)),
    ActionSpec("snooze", Snooze, "Put the conversation aside for a time; a new message wakes it.", "snooze: 2h",
               shorthand="duration", causes=("conversation_reopened",)),
    ActionSpec("move", Move, "Put the conversation into another inbox.", "move: sales", shorthand="inbox"),
    ActionSpec("notify", Notify, "Tell agents, teams or managers something.",
               "notify: {managers: true, text: A VIP is waiting}", about="any"),
    ActionSpec("webhook", CallWebhook, "Tell another system what has happened.", "webhook: crm", shorthand="to",
               about="any"),
    ActionSpec("survey", SendSurvey, "Ask the customer how it was.", "survey", shorthand="survey",
               causes=("message_sent", "message_failed")),
    ActionSpec("set", SetAttributes, "Note something about the contact.", "set: {plan: gold}",
               shorthand="attributes", always_short=True),
    ActionSpec("opt_out", Nothing, "Note that the customer wants no more messages.", "opt_out",
               causes=("contact_opted_out",)),
    ActionSpec("draft", AskForDraft, "Ask the assistant for a draft; it is never sent by itself.", "draft",
               shorthand="instruction"),
    ActionSpec("stop", Nothing, "Ask no further rules.", "stop", about="any"),
)  # fmt: skip

STRATEGIES = (
    StrategySpec("least_busy", "The agent with the fewest open conversations; among equals, who has waited longest."),
    StrategySpec("round_robin", "One after the other, evenly."),
    StrategySpec("longest_idle", "Whose last assignment is longest ago."),
    StrategySpec("sticky", "The agent who last served this contact; when that one cannot, the least busy."),
    StrategySpec("weighted", "In proportion to the agents' weights."),
    StrategySpec("manual", "Nobody: the conversation waits in the team's queue."),
)
