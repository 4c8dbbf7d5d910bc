"""Cases that were thought of: rules, and tests whose steps are played in memory and in a house."""

from __future__ import annotations

from collections.abc import Mapping

TWIN_DESK: Mapping[str, str] = {
    "desk.yaml": """\
desk: Twin desk
timezone: Europe/Rome
locales: [en, it]
tags: [vip, refund, late]
inboxes:
  support: {name: Support, teams: [front, billing, night, sticky, heavy, people, slow]}
  sales: {name: Sales, teams: [front], timezone: America/New_York, locale: it}
connections:
  acme: {type: acme, settings: {secret: "${ACME_SECRET}"}}
channels:
  main: {connection: acme, inbox: support, address: "+15550001", name: Main number}
teams:
  front: {name: Front desk, strategy: round_robin, reassign_after: 31m}
  billing: {name: Billing, strategy: least_busy, queue_limit: 2}
  night: {name: Night, strategy: longest_idle}
  sticky: {name: Sticky, strategy: sticky}
  heavy: {name: Heavy, strategy: weighted}
  people: {name: People choose, strategy: manual}
  slow: {name: Slow, strategy: least_busy, reassign_after: 45m}
agents:
  zoe: {name: Zoe, email: zoe@desk.example, teams: [front, heavy, sticky], skills: [italian]}
  ann: {name: Ann, email: ann@desk.example, teams: [front, heavy, sticky], weight: 3}
  cleo: {name: Cleo, email: cleo@desk.example, teams: [billing], capacity: 2}
  bob: {name: Bob, email: bob@desk.example, teams: [billing, night], hours: support, languages: [it]}
  nick: {name: Nick, email: nick@desk.example, teams: [night], hours: nights}
  ken: {name: Ken, email: ken@desk.example, teams: [slow], hours: support}
  mute: {name: Mute, email: mute@desk.example, teams: [billing, people], may_reply: false}
  mara: {name: Mara, email: mara@desk.example, role: manager, inboxes: [support, sales]}
hours:
  support: {week: {monday-friday: 09:00-18:00}}
  nights: {week: {monday-sunday: 22:00-04:00}}
attributes:
  plan: {type: word, values: [free, gold]}
  seats: {type: number}
  until: {type: date}
webhooks:
  crm: {url: "https://crm.example/hook"}
surveys:
  csat: {question: how_was_it, open_for: 2d}
""",
    "canned.yaml": """\
canned:
  greeting: {phrase: hello, text: {en: "Hello {{ contact.first_name | default('there') }}!", it: Ciao!}}
  signed: {phrase: signed, text: "Regards, {{ agent.name }}"}
  how_was_it: {phrase: how was it, text: "How was it, from 1 to 5?"}
""",
}

_ASSIGN = "rules:\n  - {{name: R, when: message_received, if: always, then: [{{assign: {{{0}}}}}]}}\n"
_STEPS = """
  - name: A
    given: {{{given}}}
    steps:
{steps}
"""


def steps(*each: str, given: str = "") -> str:
    return _STEPS.format(given=given, steps="\n".join(f"      - {{{one}, expect: {{}}}}" for one in each))


def one(rule: str, *each: str, given: str = "") -> tuple[str, str]:
    return f"rules:\n{rule}", steps(*each, given=given)


CASES: Mapping[str, tuple[str, str]] = {
    **{
        f"each strategy: {team}": (
            _ASSIGN.format(f"team: {team}"),
            steps("message: one", "closes: true, wait: 1m", "message: two, wait: 1m", "closes: true, wait: 1m",
                  "message: three, wait: 1m"),
        )
        for team in ("front", "billing", "night", "sticky", "heavy", "people")
    },
    "nobody is there, then somebody's hours begin": (
        _ASSIGN.format("team: night"),
        steps("message: hello", "wait: 3h", "wait: 3h", given="at: 2026-11-23T18:30"),
    ),
    "skills, and another team": (
        _ASSIGN.format("team: front, skills: [italian], else: {team: billing}"),
        steps("message: hello", given="agents: {ann: {}, cleo: {open: 1}}"),
    ),
    "another team after a time": (
        _ASSIGN.format("team: front, else: {team: billing, after: 10m}"),
        steps("message: hello", "wait: 9m", "wait: 1m", given="agents: {cleo: {}}"),
    ),
    "a time that is asked for later, and again when it is let go": (
        """rules:
  - {name: A, when: message_received, if: {text: one}, then: [{assign: {team: front}}]}
  - name: B
    when: message_received
    if: {text: two}
    then: [{assign: {team: front, else: {team: billing, after: 10m}}}]
  - {name: C, when: message_received, if: {text: three}, then: [unassign, {snooze: 30m}]}
""",
        steps("message: one, wait: 1m", "message: two, wait: 4m", "wait: 6m", "closes: true, wait: 1m",
              "message: one, wait: 1m", "message: two, wait: 20m", "closes: true", "message: two", "wait: 3m",
              "message: three", "wait: 20m", "wait: 11m", given="agents: {cleo: {}}"),
    ),
    "given back when its time was over before": (
        """rules:
  - name: B
    when: conversation_opened
    if: always
    then: [{assign: {team: front, else: {team: billing, after: 10m}}}]
  - {name: C, when: conversation_waiting: 7m, if: always, then: [unassign]}
  - {name: O, when: conversation_closed, if: always, then: [reopen]}
""".replace("when: conversation_waiting: 7m", "when: {conversation_waiting: 7m}"),
        steps("message: one", "wait: 8m", "wait: 3m", "wait: 10m", "closes: true", "wait: 20m",
              given="agents: {cleo: {open: 2}}"),
    ),
    "a full queue": (
        """rules:
  - {name: R, when: message_received, if: always, then: [{assign: {team: billing}}]}
  - {name: F, when: queue_full, if: always, then: [{notify: {managers: true, text: full}}]}
""",
        steps("message: hello", given="agents: {cleo: {open: 2}}, queues: {billing: 1}"),
    ),
    "who does not answer loses it": (
        """rules:
  - {name: R, when: conversation_opened, if: always, then: [{assign: {team: front}}]}
  - {name: U, when: conversation_unassigned, if: {previous.team: front}, then: [{tag: late}]}
""",
        steps("message: hello", "wait: 30m", "wait: 2m", "wait: 40m"),
    ),
    "who does not answer is not given it again and again": (
        """rules:
  - {name: R, when: conversation_opened, if: always, then: [{assign: {team: front}}]}
  - {name: U, when: conversation_unassigned, if: always, then: [{reply: {text: sorry}}]}
""",
        steps("message: hello", "wait: 32m", "wait: 5h", "message: hello?, wait: 1h", "takes: zoe", "wait: 5h",
              given="agents: {zoe: {}}"),
    ),
    "who was away in between is given it again": (
        """rules:
  - {name: R, when: conversation_opened, if: always, then: [{assign: {team: slow}}]}
""",
        steps("message: hello", "wait: 1h", "wait: 2h", "wait: 12h", "wait: 2h", "wait: 1d",
              given="at: 2026-11-23T16:30, agents: {ken: {}}"),
    ),
    "who answers keeps it": (
        _ASSIGN.format("team: front"),
        steps("message: hello", "wait: 10m, agent_replies: hi", "wait: 10m, message: more", "wait: 2h"),
    ),
    "an answer by rule is none to who waits": (
        """rules:
  - {name: R, when: message_received, if: always, then: [{reply: {canned: greeting}}]}
  - {name: W, when: {conversation_waiting: 10m}, if: always, then: [{priority: high}]}
  - {name: S, when: message_sent, if: {sent_by: rule}, then: [{note: sent}]}
""",
        steps("message: hello", "wait: 11m", "wait: 1m, agent_replies: hi", "wait: 1h"),
    ),
    "idleness follows what is said last": (
        """rules:
  - {name: I, when: {conversation_idle: 1h}, if: always, then: [{note: quiet}]}
  - {name: J, when: {conversation_idle: 3h}, if: always, then: [close]}
""",
        steps("message: hello", "wait: 50m, agent_replies: hi", "wait: 30m", "wait: 31m", "wait: 3h"),
    ),
    "surveys, also when it is over": (
        """rules:
  - {name: C, when: conversation_closed, if: always, then: [survey, {reply: {text: bye}}, webhook: crm]}
  - {name: A, when: survey_answered, if: {survey.score: {lte: 2}}, then: [{set: {plan: gold, until: 2026-12-24}}]}
  - {name: L, when: survey_answered, after: 5m, if: {survey.score: {lte: 2}}, then: [{note: Call.}]}
""",
        steps("message: hello", "wait: 1m, closes: true", 'wait: 1m, message: "7"', 'wait: 1m, message: "2"',
              'wait: 1m, message: "2"', "wait: 10m"),
    ),
    "the answer to a survey opens nothing again that is closed": (
        """rules:
  - {name: C, when: message_received, if: always, then: [close]}
  - {name: Q, when: message_received, if: {text: ask}, then: [survey]}
  - {name: A, when: survey_answered, if: {conversation.status: closed}, then: [{tag: late}]}
""",
        steps("message: ask", 'wait: 1m, message: "2"', 'wait: 1m, message: "2"', "wait: 1m, message: ask",
              "wait: 1m, message: hello", 'wait: 1m, message: "3"'),
    ),
    "a new message wakes what sleeps": (
        """rules:
  - {name: S, when: message_received, if: {text: {contains: later}}, then: [{snooze: 2h}]}
  - {name: W, when: conversation_reopened, if: {previous.status: snoozed}, then: [{tag: late}]}
""",
        steps("message: later", "wait: 1h, message: hello", "wait: 2h", "wait: 1m, message: later", "wait: 2h"),
    ),
    "what timers bring about belongs to the chain of the rule that armed them": (
        """rules:
  - {name: S, when: message_received, if: {text: later}, then: [{snooze: 10m}]}
  - name: A
    when: [conversation_reopened, conversation_unassigned]
    if: always
    cooldown: 1m
    then: [{note: there?}, {snooze: 10m}]
  - name: B
    when: message_received
    if: {text: hello}
    then: [{assign: {team: billing, else: {team: front, after: 10m}}}]
  - name: C
    when: conversation_assigned
    if: always
    cooldown: 1m
    then: [{note: again}, {assign: {team: billing, else: {team: front, after: 10m}}}, unassign]
""",
        steps("message: later", "wait: 15m", "wait: 15m", "wait: 15m", "message: hello", "wait: 15m", "wait: 40m",
              "wait: 40m", given="agents: {ann: {}}"),
    ),
    "office hours": (
        """rules:
  - name: R
    when: message_received
    if: always
    then: [{reply: {text: Good morning, when_open: support}}, {snooze: {until_open: support}}]
""",
        steps("message: hello", "wait: 12h", "wait: 1h, message: again", given="at: 2026-11-23T20:00"),
    ),
    "moved to where its agent is no member": (
        """rules:
  - {name: R, when: conversation_opened, if: always, then: [{assign: {team: billing}}]}
  - {name: M, when: message_received, if: {text: buy}, then: [{move: sales}, {move: sales}]}
  - {name: U, when: conversation_unassigned, if: {inbox: sales}, then: [{assign: {team: front}}]}
""",
        steps("message: hello", "wait: 1m, message: buy", "wait: 1m, message: buy"),
    ),
    "closed and opened again": (
        """rules:
  - {name: R, when: conversation_opened, if: always, then: [{assign: {team: front}}]}
  - {name: O, when: conversation_closed, if: {previous.status: open}, then: [reopen, reopen]}
  - name: P
    when: conversation_reopened
    if: {previous.status: closed}
    then: [{note: again}, {assign: {agent: cleo}}]
""",
        steps("message: hello", "wait: 1m, closes: true"),
    ),
    "too late": one(
        "  - {name: R, when: message_received, if: always, then: [close, close, {reply: {text: x}}, draft, "
        "{assign: {team: front}}, {snooze: 1h}, {note: n}, survey]}\n",
        "message: hello",
    ),
    "nobody wants anything": one(
        "  - {name: R, when: message_received, if: always, then: [opt_out, opt_out, {reply: {text: x}}, survey]}\n"
        "  - {name: O, when: contact_opted_out, if: always, then: [{tag: late}]}\n",
        "message: hello",
    ),
    "who wants nothing any more is not sent what was written before": one(
        "  - {name: R, when: message_received, if: always, then: [{reply: {text: x}}, opt_out]}\n"
        "  - {name: S, when: message_sent, if: always, then: [{tag: late}]}\n"
        "  - {name: F, when: message_failed, if: {sent_by: rule}, then: [{tag: vip}]}\n",
        "message: hello",
    ),
    "a canned message without its values": one(
        "  - {name: R, when: message_received, if: always, then: [{reply: {canned: signed}}, "
        "{reply: {canned: greeting}}]}\n",
        "message: hello", given="contact: {name: Ada Lovelace}",
    ),
    "told to who may see it": one(
        "  - {name: R, when: message_received, if: always, then: [{notify: {assignee: true, text: a}}, "
        "{notify: {teams: [night], text: b}}, {move: sales}, {notify: {teams: [night], text: c}}]}\n",
        "message: hello",
    ),
    "what fired once in a chain does not fire again in it": (
        """rules:
  - {name: A, when: message_received, if: always, then: [{reply: {text: x}}]}
  - {name: B, when: [message_received, message_sent], if: always, then: [{note: b}]}
  - {name: C, when: message_received, if: always, after: 5m, then: [{tag: late}]}
  - {name: D, when: [message_received, conversation_tagged], if: always, then: [{priority: high}]}
""",
        steps("message: hello", "wait: 6m"),
    ),
    "priorities that change, and those that do not": (
        """rules:
  - {name: L, when: message_received, if: {text: later}, then: [{priority: low}, {priority: high}, {priority: low}]}
  - {name: U, when: message_received, if: {text: now}, then: [{priority: urgent}, {priority: urgent}]}
  - {name: C, when: conversation_prioritized, if: {conversation.priority: {changed: true}}, then: [{tag: late}]}
  - {name: F, when: conversation_prioritized, if: {conversation.priority: {changed_from: low}}, then: [{note: risen}]}
  - {name: P, when: conversation_prioritized, if: {previous.priority: normal}, then: [{tag: vip}]}
  - {name: W, when: conversation_prioritized, after: 5m, if: {conversation.priority: {changed_to: urgent}},
     then: [{assign: {team: front}}]}
""",
        steps("message: hello", "message: later", "wait: 1m, message: later", "wait: 1m, message: now",
              "wait: 1m, message: now", "wait: 6m"),
    ),
    "people say how urgent it is": (
        """rules:
  - {name: R, when: conversation_opened, if: always, then: [{assign: {team: billing}}]}
  - {name: U, when: conversation_prioritized, if: {conversation.priority: {changed_to: urgent}},
     then: [{note: urgent}, {priority: high}]}
  - {name: L, when: conversation_prioritized, if: {previous.priority: high, conversation.status: closed},
     then: [reopen]}
""",
        steps("message: hello", "wait: 1m, prioritizes: low", "wait: 1m, prioritizes: urgent",
              "wait: 1m, prioritizes: high", "wait: 1m, closes: true", "wait: 1m, prioritizes: normal",
              given="agents: {cleo: {open: 2}}, queues: {billing: 1}"),
    ),
    "cooldowns are each conversation's own": one(
        "  - {name: R, when: message_received, cooldown: 1h, if: always, then: [{note: n}]}\n",
        "message: one", "wait: 1m, message: two", "wait: 1m, closes: true", "wait: 1m, message: three",
    ),
    "schedules of both time zones": (
        """rules:
  - {name: S, when: {schedule: "0 12 * * *"}, if: always, then: [{note: noon}]}
  - {name: M, when: message_received, if: {text: buy}, then: [{move: sales}]}
""",
        steps("message: hello", "wait: 3h", "wait: 1m, message: buy", "wait: 3h", "wait: 20h"),
    ),
    "where the customer is from": one(
        "  - {name: R, when: message_received, if: {contact.country: IT, language: it}, then: [{tag: vip}]}\n",
        "message: Buongiorno vorrei sapere dove si trova il mio pacco grazie",
        given="contact: {phone: '+390612345678'}",
    ),
    "not the first time": one(
        "  - {name: R, when: message_received, if: {contact.conversations: {gte: 3}, contact.is_new: false}, "
        "then: [{assign: {team: sticky}}]}\n",
        "message: hello",
        given="contact: {conversations: 3, phone: '+390612345678'}, agents: {zoe: {}, ann: {served_last: true}}",
    ),
    "whoever answers first has it": one(
        "  - {name: R, when: message_received, if: always, then: [{assign: {team: people}}]}\n"
        "  - {name: S, when: message_sent, if: {sent_by: agent}, then: [{assign: {to: sender}}]}\n"
        "  - {name: C, when: conversation_assigned, if: {conversation.assignee: cleo}, then: [{tag: vip}]}\n",
        "message: hello", "agent_replies: hi, by: mute", "agent_replies: hi, by: cleo", "agent_replies: hi, by: zoe",
        "closes: true", "wait: 1m, message: again", "agent_replies: hi, by: nick", "closes: true",
        "agent_replies: you again, by: mara",
        given="agents: {cleo: {open: 7, available: false}, zoe: {}}",
    ),
    "whoever answers first, out of a queue, and what others write": one(
        "  - {name: R, when: message_received, if: always, then: [{assign: {team: night, else: {team: front, "
        "after: 10m}}}, {reply: {text: soon}}]}\n"
        "  - {name: S, when: [message_sent, message_failed], if: always, then: [{assign: {to: sender}}]}\n",
        "message: hello", "wait: 5m, agent_replies: hi, by: ann", "wait: 10m", "wait: 2h, message: more", "wait: 2h",
        given="agents: {}",
    ),
    "whoever answers, a while later": one(
        "  - {name: S, when: message_sent, after: 5m, if: {sent_by: agent}, then: [{assign: {to: sender}}]}\n"
        "  - {name: N, when: message_sent, if: {sent_by: agent, conversation.assignee: {is_set: true}}, "
        "then: [{note: has it}]}\n",
        "message: hello", "agent_replies: hi, by: ann", "wait: 6m", "wait: 1m, agent_replies: hi, by: ann",
        "wait: 1m, closes: true", "wait: 1m, message: more", "agent_replies: hi, by: zoe", "closes: true", "wait: 6m",
    ),
    "whoever answers, but it is in a queue by then": one(
        "  - {name: S, when: message_sent, after: 5m, if: {sent_by: agent}, then: [{assign: {to: sender}}]}\n"
        "  - {name: R, when: message_received, if: {text: more}, then: [{assign: {team: night}}]}\n",
        "message: hello", "agent_replies: hi, by: ann", "wait: 1m, message: more", "wait: 5m",
    ),
    "whoever answers first, where no agent does, leaves it to a team": one(
        "  - {name: O, when: conversation_opened, if: always, then: [{reply: {text: welcome}}]}\n"
        "  - {name: S, when: message_sent, if: always, then: [{assign: {to: sender}}]}\n"
        "  - {name: T, when: message_sent, if: always, then: [{assign: {team: night}}]}\n",
        "message: hello", "closes: true", "wait: 1m, message: again", "agent_replies: hi, by: ann",
    ),
    "who answers where it was moved to, and who begins anew": (
        "rules:\n  - {name: M, when: message_received, if: {text: buy}, then: [{move: sales}]}\n"
        "  - {name: S, when: message_sent, if: {sent_by: agent}, then: [{assign: {to: sender}}]}\n",
        steps("message: buy", "agent_replies: hi, by: bob", "agent_replies: hi", "closes: true, wait: 1m",
              "wait: 1m, agent_replies: again, by: bob", "closes: true", "wait: 1m, agent_replies: again, by: ann"),
    ),
    "a reply that waits for the morning, and is not wanted any more then": one(
        "  - {name: R, when: message_received, if: always, then: [{reply: {text: soon, when_open: support}}]}\n",
        "message: hello", "wait: 1m, event: contact_opted_out", "wait: 17h", given="at: 2026-11-23T20:00",
    ),
    "one agent, or else a team": one(
        "  - {name: R, when: message_received, if: always, then: [{assign: {agent: bob, else: {team: front}}}]}\n",
        "message: hello", "closes: true", "wait: 9h", "message: again", "wait: 35m",
    ),
    "one agent, or else a team that is not there either": one(
        "  - {name: R, when: message_received, if: always, then: [{assign: {agent: bob, else: {team: billing}}}]}\n",
        "message: hello", "wait: 1m, message: more", given="agents: {bob: {capacity: 0}}",
    ),
    "out of hands": one(
        "  - {name: R, when: message_received, if: always, then: [{unassign: {team: true}}, "
        "{unassign: {team: true}}]}\n"
        "  - {name: U, when: conversation_unassigned, if: {previous.assignee: ann}, then: [{assign: {agent: zoe}}]}\n",
        "message: hello",
        given="conversation: {assignee: ann, team: front}",
    ),
}  # fmt: skip
