"""The tables of the manager's page are those of the running program, and say only what it does."""

from __future__ import annotations

import json

from casella.inbox.background.schedules import arm_schedules
from casella.inbox.commands import tagging
from casella.inbox.commands.availability import set_available
from casella.inbox.house.directory import AgentEntry
from casella.inbox.reading.members import find_member
from casella.store.tables import contacts, conversations, decisions, messages
from tests.docs.vocabulary import (
    LANGUAGE,
    NOTES,
    PAGE,
    TABLES,
    operators,
    renewed,
)
from tests.house import ANNA, DESK, MAIN, House

_EVERY_EVENT = "\n".join(
    f"  - {{name: On {event.name}, when: {f'{{{event.example}}}' if event.example else event.name}, if: always, "
    f"then: [{'stop' if event.about == 'agent' else f'note: seen {event.name}'}]}}"
    for event in LANGUAGE.events.values()
)
_FACTS = "  - {name: Give it away, when: message_received, if: always, then: [tag: vip, assign: {team: front}]}"


def test_the_tables_are_those_of_the_live_vocabulary() -> None:
    page = PAGE.read_text()
    assert page == renewed(page), "run: python -m tests.docs.vocabulary"
    for name in TABLES:
        assert page.count(f"<!-- table: {name} -->") == 1


def test_every_operator_on_the_page_fits_a_field() -> None:
    assert all(
        any(one.name in LANGUAGE.operators_for(field) for field in LANGUAGE.fields.values()) for one in operators()
    )


def test_rules_wake_for_every_event_on_the_page(house: House) -> None:
    """A conversation's whole life, with a rule waiting for every event there is."""
    desk = DESK.replace("strategy: least_busy}", "strategy: least_busy, queue_limit: 1}")
    canned = "canned: {how: {text: How was it? 1 to 5}}\n"
    then = "[assign: {team: billing}, survey: how, priority: high]"
    rule = f"  - {{name: To billing, when: message_received, if: always, then: {then}}}"
    house.apply(desk=f"{desk}surveys: {{how: {{question: how}}}}\n", rules=f"rules:\n{_EVERY_EVENT}\n{rule}\n",
                canned=canned)  # fmt: skip
    house.available()
    house.receive(house.says("Hello"))
    [conversation] = house.rows(conversations)
    house.deliver()
    house.assign(conversation["id"], "ann")
    house.assign(conversation["id"], None, expected="ann")
    house.receive(house.says("5"))
    sent = house.rows(messages, direction="out")[0]
    house.receive(house.receipt(sent["external_id"], "failed", problem={"code": "30003", "text": "Gone."}))
    for number, state in enumerate(("opted_out", "opted_in")):
        house.receive({"kind": "consent", "channel_address": MAIN, "contact_address": ANNA, "state": state,
                       "source": "keyword", "evidence": "STOP", "external_id": f"s{number}"})  # fmt: skip
    house.close_conversation(conversation["id"])
    house.reopen(conversation["id"])
    with house.rooms.store.write() as db:
        tagging.add_tag(db, house.rooms, conversation["id"], "vip", by=house.agent("mara").id, at=house.clock.now())
        member = find_member(db, house.agent("ann").id)
        assert member is not None
        set_available(db, house.rooms, member, house.clock.now(), available=True)
    house.receive(house.says("Are you there?"))
    arm_schedules(house.rooms)
    for _ in range(4):
        house.later(days=1)
    assert {row["event"] for row in house.rows(decisions)} >= set(LANGUAGE.events)


def test_rules_are_given_the_fields_on_the_page(house: House) -> None:
    """Fields that cost something are given where a rule asks for them; a rule asks for every one."""
    asked = {"contact.custom.*": "contact.custom.plan", "hours.*": "hours.support", "team.*.available":
             "team.front.available", "team.*.waiting": "team.front.waiting"}  # fmt: skip
    names = [asked.get(name, name) for name in LANGUAGE.fields if not name.startswith("survey")]
    told_by = {name: ("message_received", *spec.limits.known_with[:1]) for name, spec in LANGUAGE.fields.items()}
    rules = "".join(
        f"  - {{name: Asks for {name}, when: [{', '.join(dict.fromkeys(told_by.get(name, ('message_received',))))}], "
        f"if: {{{name}: {{is_set: true}}}}, then: [tag: vip]}}\n"
        for name in names
    )
    attributes = "attributes: {plan: {type: word}}\n"
    desk = DESK.replace("ann@desk.example,", "ann@desk.example, languages: [it],")
    house.apply(desk=desk + attributes, rules=f"rules:\n{rules}{_FACTS}\n")
    house.available("ann")
    house.receive(house.says("Hello", contact_name="Ada Lovelace"))
    with house.rooms.store.write() as db:
        db.execute(contacts.update().values(custom={"plan": "gold"}, locale="it"))
    text = "Are you there? I have been waiting for my order since Monday."
    house.receive(house.says(text, reply_to="in-1", metadata={"referral.source": "ad"}))
    _, facts = json.loads(house.rows(decisions)[-1]["facts"])
    words = {"text", "quoted", "button"}  # they are in the message, not in the facts as stored
    absent = {"event", "conversation.subject", "conversation.campaign", "previous.status", "previous.assignee",
              "previous.team", "previous.priority"}  # fmt: skip
    assert set(facts) | absent | words >= set(names)


def test_what_the_page_says_of_fields_is_so(house: House) -> None:
    house.apply(rules=f"rules:\n{_FACTS}\n")
    house.receive(house.says("Hello"))
    _, facts = json.loads(house.rows(decisions)[-1]["facts"])
    assert "contact.name" not in facts
    assert facts["conversation.status"] == "open"
    assert set(NOTES) == {"contact.name", "conversation.status"}


def _shares(house: House, strategy: str, count: int = 8, *, bob: str = "weight: 3") -> dict[str, int]:
    """How many of so many new conversations each agent of the front desk gets."""
    desk = DESK.replace("bob@desk.example,", f"bob@desk.example, {bob},")
    action = f"assign: {{team: front, strategy: {strategy}}}"
    rule = f"{{name: Share, when: conversation_opened, if: always, then: [{action}]}}"
    house.apply(desk=desk, rules=f"rules:\n  - {rule}\n")
    house.available("ann", "bob")
    for number in range(count):
        house.receive(house.says("Hello", f"+3905550001{number:02}"))
    owners = [row["assignee_id"] for row in house.rows(conversations)]
    return {key: owners.count(house.agent(key).id) for key in ("ann", "bob")}


def test_weights_count(house: House) -> None:
    assert _shares(house, "weighted") == {"ann": 2, "bob": 6}


def test_nobody_gets_work_outside_his_own_hours(house: House) -> None:
    house.clock.move(days=6)  # from Monday to Sunday
    assert _shares(house, "round_robin", bob="hours: support") == {"ann": 8, "bob": 0}


def test_sticky_goes_to_whoever_served_last(house: House) -> None:
    _shares(house, "sticky", count=1)
    [first] = house.rows(conversations)
    house.close_conversation(first["id"])
    house.receive(house.says("Hello again", "+390555000100"))
    again = house.rows(conversations)[-1]
    assert (again["id"] != first["id"], again["assignee_id"]) == (True, first["assignee_id"])
    house.close_conversation(again["id"])
    house.available(*({"ann", "bob"} - {agent.key for agent in [_agent(house, again["assignee_id"])]}))
    house.receive(house.says("And again", "+390555000100"))
    assert house.rows(conversations)[-1]["assignee_id"] not in (None, first["assignee_id"])


def _agent(house: House, agent_id: str) -> AgentEntry:
    return house.rooms.directory.current.agents[agent_id]


def test_manual_leaves_it_to_people(house: House) -> None:
    assert _shares(house, "manual", count=2) == {"ann": 0, "bob": 0}
