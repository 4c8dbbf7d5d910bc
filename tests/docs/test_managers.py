"""The tables of the manager's page are those of the running program, and say only what it does."""

from __future__ import annotations

import json

from casella.inbox.queues import serve_queues
from casella.store.tables import conversations, decisions, messages
from tests.docs.vocabulary import (
    LANGUAGE,
    LATER_FIELDS,
    NOTES,
    PAGE,
    RAISED,
    SIMPLER,
    TABLES,
    fields,
    operators,
    renewed,
)
from tests.house import DESK, House

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
    assert all(any(one.name in LANGUAGE.operators_for(field) for field in fields()) for one in operators())


def test_rules_wake_for_the_events_on_the_page_and_for_no_others(house: House) -> None:
    """A conversation's whole life, with a rule waiting for every event there is."""
    house.apply(rules=f"rules:\n{_EVERY_EVENT}\n")
    house.available("ann")
    house.receive(house.says("Hello"))
    [conversation] = house.rows(conversations)
    house.assign(conversation["id"], "ann")
    house.reply()
    house.deliver()
    sent = house.one(messages, direction="out")
    house.receive(house.receipt(sent["external_id"], "failed", problem={"code": "30003", "text": "Gone."}))
    house.receive(house.says("STOP"))
    house.receive(house.says("START"))
    house.close_conversation(conversation["id"])
    house.reopen(conversation["id"])
    house.drain()
    assert {row["event"] for row in house.rows(decisions)} == set(RAISED)


def test_rules_are_given_the_fields_on_the_page(house: House) -> None:
    house.apply(rules=f"rules:\n{_FACTS}\n")
    house.available("ann")
    house.receive(house.says("Hello", contact_name="Ada Lovelace"))
    house.receive(house.says("Are you there?"))
    _, facts = json.loads(house.rows(decisions)[-1]["facts"])
    given = {name if LANGUAGE.fields.get(name) else f"{name.partition('.')[0]}.*" for name in facts}
    assert given | {"event", "text"} == set(LANGUAGE.fields) - set(
        LATER_FIELDS
    )  # the text is in the message, not in the facts as stored


def test_what_the_page_says_is_not_there_yet_is_not_there(house: House) -> None:
    house.receive(house.says("Hello"))
    house.close_conversation(house.one(conversations)["id"])
    house.apply(rules=f"rules:\n{_FACTS}\n")
    house.receive(house.says("Hello again"))
    _, facts = json.loads(house.rows(decisions)[-1]["facts"])
    assert "contact.name" not in facts
    assert (facts["contact.tags"], facts["conversation.status"]) == ([], "open")
    assert set(NOTES) == {"contact.name", "contact.tags", "conversation.status"}


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


def test_an_else_that_waits_does_nothing_yet(house: House) -> None:
    otherwise = "{team: billing, after: 5m}"
    rule = f"{{name: A, when: message_received, if: always, then: [assign: {{team: front, else: {otherwise}}}]}}"
    house.apply(rules=f"rules:\n  - {rule}\n")
    house.available("cleo")
    house.receive(house.says("Hello"))
    house.clock.move(minutes=10)
    serve_queues(house.rooms)
    assert house.one(conversations)["assignee_id"] is None


def test_sticky_does_not_know_who_served_last_yet(house: House) -> None:
    assert SIMPLER["sticky"] == "least_busy"
    assert _shares(house, "sticky", count=1) in ({"ann": 1, "bob": 0}, {"ann": 0, "bob": 1})
    [first] = house.rows(conversations)
    house.close_conversation(first["id"])
    house.receive(house.says("Hello again", "+390555000100"))
    again = house.rows(conversations)[-1]
    assert again["assignee_id"] not in (None, first["assignee_id"])


def test_manual_leaves_it_to_people(house: House) -> None:
    assert _shares(house, "manual", count=2) == {"ann": 0, "bob": 0}
