"""What rules decide is done in the message's own transaction, once, and is on record with its reasons."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from casella.store.tables import (
    agents,
    conversation_tags,
    conversations,
    decisions,
    effects,
    feed,
    messages,
    outbox,
    rule_sets,
    teams,
)
from tests.house import ANNA, BERT, House


def rule(*then: str, name: str = "R", when: str = "message_received", condition: str = "always") -> str:
    actions = "".join(f"      - {action}\n" for action in then)
    return f"  - name: {name}\n    when: {when}\n    if: {condition}\n    then:\n{actions}"


def use(house: House, *rules: str, available: tuple[str, ...] = ("ann", "bob", "cleo")) -> None:
    house.apply(rules="rules:\n" + "".join(rules))
    house.available(*available)


def conversation(house: House) -> dict[str, Any]:
    return house.rows(conversations)[-1]


def assignee(house: House) -> str | None:
    found = conversation(house)["assignee_id"]
    return str(house.one(agents, id=found)["key"]) if found else None


def team(house: House) -> str | None:
    found = conversation(house)["team_id"]
    return str(house.one(teams, id=found)["key"]) if found else None


def tags(house: House) -> set[str]:
    return {row["tag"] for row in house.rows(conversation_tags, conversation_id=conversation(house)["id"])}


def skipped(house: House) -> list[tuple[str, str]]:
    """What was not done, and why."""
    outcomes = [orjson.loads(row["outcome"]) for row in house.rows(decisions)]
    return [(item["action"], item["reason"]) for outcome in outcomes for item in outcome["skipped"]]


def outcome_of(row: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = orjson.loads(row["outcome"])
    return found


def sent(house: House) -> list[str]:
    return [row["text"] for row in house.rows(messages, direction="out")]


# --- each action ----------------------------------------------------------------------------------------------------


def test_tag_untag_and_priority(house: House) -> None:
    use(
        house,
        rule("tag: [vip, refund]", "priority: high", name="first", condition="{text: {contains_word: one}}"),
        rule("untag: refund", "tag: order", name="second", condition="{text: {contains_word: two}}"),
    )
    house.receive(house.says("one"))
    assert (tags(house), conversation(house)["priority"]) == ({"vip", "refund"}, "high")
    version = conversation(house)["version"]
    house.receive(house.says("two"))

    assert tags(house) == {"vip", "order"}
    assert conversation(house)["version"] == version + 1


def test_a_tag_set_and_taken_away_in_one_batch_was_never_there(house: House) -> None:
    use(house, rule("tag: vip", name="on", condition="{text: {contains_word: one}}"),
        rule("untag: vip", name="off", condition="{text: {contains_word: two}}"))  # fmt: skip
    house.receive(house.says("one"), house.says("two"), house.says("one"), house.says("two"))
    assert tags(house) == set()
    house.receive(house.says("one"))
    house.receive(house.says("two"), house.says("one"))
    assert tags(house) == {"vip"}


def test_a_note_is_for_agents_only(house: House) -> None:
    use(house, rule("note: Look at this."))
    house.receive(house.says())
    house.deliver()

    note = house.one(messages, direction="note")
    assert (note["text"], note["sender_kind"], note["sender_id"]) == ("Look at this.", "rule", "R")
    assert house.acme.provider.arrived == []
    assert conversation(house)["message_count"] == 2


def test_a_reply_goes_out_behind_the_message_it_answers(house: House) -> None:
    use(house, rule("reply: {canned: greeting}"))
    house.receive(house.says(contact_name="Anna Verdi"))
    house.deliver()

    assert house.acme.provider.texts(ANNA) == ["Hello Anna!"]
    row = house.one(messages, direction="out")
    assert (row["sender_kind"], row["sender_id"], row["sequence"]) == ("rule", "R", 2)


def test_closing_ends_it_and_the_next_message_begins_anew(house: House) -> None:
    use(house, rule("close", condition="{text: {contains_word: bye}}"))
    house.receive(house.says("hello"), house.says("bye"), house.says("one more thing"))

    assert [row["status"] for row in house.rows(conversations)] == ["closed", "open"]
    assert [row["message_count"] for row in house.rows(conversations)] == [2, 1]


def test_closing_frees_the_agent(house: House) -> None:
    use(house, rule("assign: {agent: ann}", name="give", condition="{text: {contains_word: hello}}"),
        rule("close", name="end", condition="{text: {contains_word: bye}}"))  # fmt: skip
    house.receive(house.says("hello"))
    assert house.one(agents, key="ann")["open_conversations"] == 1
    house.receive(house.says("bye"))
    assert house.one(agents, key="ann")["open_conversations"] == 0
    assert assignee(house) == "ann"


def test_what_is_closed_is_given_to_nobody(house: House) -> None:
    use(house, rule("close", "assign: {team: front}", "reply: {text: Too late.}"))
    house.receive(house.says())

    assert skipped(house) == [("assign", "conversation_closed"), ("reply", "conversation_closed")]
    assert {row["open_conversations"] for row in house.rows(agents)} == {0}


# --- assigning ------------------------------------------------------------------------------------------------------


def test_round_robin_takes_turns(house: House) -> None:
    use(house, rule("assign: {team: front}"))
    took = []
    for number in range(4):
        house.receive(house.says(sender=f"+39055{number:04}"))
        took.append(assignee(house))

    assert set(took[:2]) == set(took[2:]) == {"ann", "bob"}
    assert team(house) == "front"


def test_who_has_an_agent_keeps_him_and_the_first_rule_wins(house: House) -> None:
    use(house, rule("assign: {agent: bob}", name="first"), rule("assign: {agent: ann}", name="second"))
    house.receive(house.says("one"))
    house.receive(house.says("two"))

    assert assignee(house) == "bob"
    assert ("assign", "has_assignee") in skipped(house)
    assert house.one(agents, key="ann")["open_conversations"] == 0


def test_an_agent_at_capacity_gets_no_more_and_the_queue_keeps_the_rest(house: House) -> None:
    use(house, rule("assign: {team: billing}"))
    for number in range(4):
        house.receive(house.says(sender=f"+39055{number:04}"))

    given = [row["assignee_id"] for row in house.rows(conversations)]
    assert [agent is not None for agent in given] == [True, True, False, False]
    assert house.one(agents, key="cleo")["open_conversations"] == 2
    assert all(row["queued_at"] for row in house.rows(conversations) if row["assignee_id"] is None)


def test_otherwise_another_team(house: House) -> None:
    use(house, rule("assign: {team: billing, else: {team: front}}"), available=("ann",))
    house.receive(house.says())

    assert (assignee(house), team(house)) == ("ann", "front")


def test_nobody_anywhere_waits_in_the_first_teams_queue(house: House) -> None:
    use(house, rule("assign: {team: billing, else: {team: front}}"), available=())
    house.receive(house.says())

    assert (assignee(house), team(house)) == (None, "billing")
    assert conversation(house)["queued_at"] is not None


def test_skills_are_asked_for(house: House) -> None:
    use(house, rule("assign: {team: front, skills: [italian]}"))
    for number in range(3):
        house.receive(house.says(sender=f"+39055{number:04}"))

    assert {row["assignee_id"] for row in house.rows(conversations)} == {house.agent("bob").id}
    outcome = orjson.loads(house.rows(decisions)[0]["outcome"])
    assert [house.agent("ann").id, "lacks_skills"] in outcome["assignments"][0]["passed_over"]


def test_an_agent_who_is_away_is_not_forced(house: House) -> None:
    use(house, rule("assign: {agent: ann}"), available=("bob",))
    house.receive(house.says())

    assert (assignee(house), skipped(house)) == (None, [("assign", "agent_not_available")])


def test_an_agent_outside_the_inbox_gets_nothing(house: House) -> None:
    from tests.house import DESK

    desk = DESK.replace("teams: [front, billing]}\nconnections", "teams: [billing]}\nconnections")
    house.apply(desk=desk, rules="rules:\n" + rule("assign: {team: front}"))
    house.available("ann", "bob")
    house.receive(house.says())

    assert assignee(house) is None


# --- replies that are not sent --------------------------------------------------------------------------------------


def test_nobody_answers_where_the_provider_does_or_where_the_contact_has_stopped(house: House) -> None:
    use(house, rule("reply: {text: Automatic.}"))
    stop = {"kind": "consent", "channel_address": "+15550001", "contact_address": ANNA, "state": "opted_out",
            "source": "keyword", "evidence": "STOP", "external_id": "s1"}  # fmt: skip
    house.receive(stop, house.says("STOP", provider_replies=True))
    house.receive(house.says("hello?"))
    house.receive(house.says("hello", sender=BERT))

    assert skipped(house) == [("reply", "provider_replies"), ("reply", "contact_stopped")]
    assert sent(house) == ["Automatic."]
    start = {**stop, "state": "opted_in", "evidence": "START", "external_id": "s2"}
    house.receive(start, house.says("START", provider_replies=True))
    house.receive(house.says("and now?"))
    assert sent(house) == ["Automatic.", "Automatic."]


@pytest.mark.parametrize(
    ("action", "fields", "reason"),
    [
        ("reply: {text: Hello.}", {"replyable": False}, "not_replyable"),
        ("reply: {canned: signed}", {}, "inputs_missing"),
        ("reply: {text: '" + "x" * 501 + "'}", {}, "text_too_long"),
    ],
)
def test_why_a_reply_was_not_sent_is_on_record(house: House, action: str, fields: dict[str, Any], reason: str) -> None:
    use(house, rule(action))
    house.receive(house.says(**fields))

    found = skipped(house)
    assert [item[0] for item in found] == ["reply"]
    assert reason.split("_")[0] in found[0][1]
    assert (sent(house), house.rows(outbox), house.rows(effects)) == ([], [], [])


def test_what_rules_answer_waits_while_a_plugin_is_set_aside(house: House) -> None:
    use(house, rule("reply: {text: Hello.}", "tag: vip"))
    house.post(house.webhook(house.says()))
    for number in range(3):
        house.host.breakers.failed("acme", "refusal", "raised KeyError", f"{number}")
    house.drain()

    assert tags(house) == {"vip"}
    house.deliver()
    assert house.one(messages, direction="out")["state"] == "queued"
    house.host.release("acme")
    house.deliver()
    assert house.one(messages, direction="out")["state"] == "sent"


# --- records --------------------------------------------------------------------------------------------------------


def test_a_rule_that_listens_to_both_events_of_a_first_message_fires_once(house: House) -> None:
    use(house, rule("note: Seen.", when="[conversation_opened, message_received]"))
    house.receive(house.says())
    assert len(house.rows(messages, direction="note")) == 1
    assert [row["event"] for row in house.rows(decisions)] == ["conversation_opened", "message_received"]
    assert [held for row in house.rows(decisions) for held in outcome_of(row)["decision"].get("held", [])] == [
        ["R", "already_fired", []]
    ]

    house.receive(house.says("again"))
    assert len(house.rows(messages, direction="note")) == 2


def test_every_effect_has_its_receipt(house: House) -> None:
    use(house, rule("tag: vip", "priority: high", "reply: {text: Hello.}", "assign: {team: front}"))
    house.receive(house.says())

    message = house.one(messages, direction="in")
    found = house.rows(effects)
    assert [(row["cause_id"], row["rule"], row["action"], row["what"]) for row in found] == [
        (message["id"], "R", 0, "tag"),
        (message["id"], "R", 1, "priority"),
        (message["id"], "R", 2, "reply"),
        (message["id"], "R", 3, "assign"),
    ]


def test_a_decision_is_kept_with_its_facts_but_not_the_customers_words(house: House) -> None:
    use(house, rule("tag: vip", condition="{text: {contains_word: refund}}"))
    house.receive(house.says("a refund, and my card is 4111"))

    row = house.one(decisions)
    assert row["rule_set"] == house.one(rule_sets)["digest"] == house.rooms.desk.current.ruleset.hash
    assert "4111" not in row["facts"] + row["outcome"]
    assert "acme" in row["facts"]
    assert row["cause_id"] == house.one(messages)["id"]


def test_without_a_rule_that_listens_nothing_is_recorded(house: House) -> None:
    use(house, rule("tag: vip", when="conversation_opened"))
    house.receive(house.says("one"))
    house.receive(house.says("two"))

    assert [row["event"] for row in house.rows(decisions)] == ["conversation_opened"]


def test_a_lane_that_fails_half_way_repeats_nothing(house: House) -> None:
    """All of it or nothing: the poisoned row behind rolls the rules' work back, the second try does it once."""
    from casella.store.tables import journal

    use(house, rule("note: Seen.", "reply: {text: Hello.}", "assign: {team: front}"))
    house.post(house.webhook(house.says("good", external_id="m1"), house.says("bad", external_id="m2")))
    with house.rooms.store.write() as db:
        db.execute(journal.update().where(journal.c.identity == "m2").values(event="{"))
    house.drain()

    assert len(house.rows(messages, direction="note")) == len(house.rows(outbox)) == 1
    assert sum(row["open_conversations"] for row in house.rows(agents)) == 1


def test_people_are_told_of_what_rules_changed(house: House) -> None:
    use(house, rule("assign: {team: front}"))
    house.receive(house.says())

    told = orjson.loads(house.one(feed, kind="conversation.updated")["payload"])
    assert told["by"] == {"rules": ["R"]}
    assert told["conversation"]["assignee"]["id"] == conversation(house)["assignee_id"]


def test_facts_of_contact_and_conversation(house: House) -> None:
    use(
        house,
        rule("tag: vip", name="new", condition="{contact.is_new: true}"),
        rule("tag: order", name="known", condition="{contact.is_new: false}"),
        rule("tag: quiet", name="hours", condition="{hours: {support: open}}"),
        rule("tag: refund", name="assigned", condition="{conversation.assignee: ann}"),
    )
    house.receive(house.says("first"))
    assert tags(house) == {"vip", "quiet"}
    house.assign(conversation(house)["id"], "ann")
    house.receive(house.says("second"))
    assert "refund" in tags(house)
    house.close_conversation(conversation(house)["id"])
    house.receive(house.says("third"))
    assert tags(house) == {"order", "quiet"}
