"""The built-in events."""

from __future__ import annotations

from casella_rules.language.vocabulary import EventSpec, Parameter

EVENTS = (
    EventSpec("conversation_opened", "A conversation begins, by the customer or by an agent."),
    EventSpec("message_received", "The customer has written."),
    EventSpec("message_sent", "A message has left for the customer, written by an agent, a rule or a campaign."),
    EventSpec("message_failed", "A message could not be delivered, for good."),
    EventSpec("conversation_assigned", "The conversation got an agent or a team."),
    EventSpec("conversation_unassigned", "The conversation lost its agent."),
    EventSpec(
        "conversation_waiting",
        "The customer has been without an answer for so long (`30m`, or `2h of support` in these office hours).",
        Parameter.DURATION,
        "conversation_waiting: 30m",
    ),
    EventSpec(
        "conversation_idle",
        "Nobody has written for so long (`3d`, or `8h of support`).",
        Parameter.DURATION,
        "conversation_idle: 3d",
    ),
    EventSpec("conversation_closed", "The conversation was closed."),
    EventSpec("conversation_reopened", "A closed conversation was opened again."),
    EventSpec("conversation_tagged", "The conversation got a tag or lost one."),
    EventSpec("conversation_prioritized", "The conversation's priority was changed."),
    EventSpec("contact_opted_out", "The customer wants no more messages."),
    EventSpec("contact_opted_in", "The customer wants messages again."),
    EventSpec("survey_answered", "The customer has answered a survey."),
    EventSpec("agent_available", "An agent can take work.", about="agent"),
    EventSpec("queue_full", "The conversation came into a queue that has reached its team's limit."),
    EventSpec(
        "schedule",
        "A time of the calendar has come; asked of every conversation that is not closed.",
        Parameter.CRON,
        'schedule: "0 9 * * mon-fri"',
    ),
)
