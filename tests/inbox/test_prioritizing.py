"""Rules hear that a priority was changed, from what to what, and by which rules."""

from __future__ import annotations

from casella.store.tables import decisions, messages
from tests.house import House
from tests.inbox.rule_texts import decided, matched, rule, tags, the, use

ESCALATED = rule("note: Escalated.", name="escalated", when="conversation_prioritized",
                 condition="{conversation.priority: {changed_to: urgent}}")  # fmt: skip


def test_a_rule_that_changes_the_priority_wakes_others_with_its_chain(house: House) -> None:
    use(house, rule("priority: urgent", name="first"), ESCALATED)
    house.receive(house.says())
    [heard] = decided(house, "conversation_prioritized")
    assert (heard["facts"]["previous.priority"], heard["facts"]["conversation.priority"]) == ("normal", "urgent")
    assert (heard["chain"], heard["decision"]["matched"]) == (["first"], ["escalated"])
    assert [row["text"] for row in house.rows(messages, direction="note")] == ["Escalated."]


def test_the_priority_it_has_already_is_no_change(house: House) -> None:
    use(house, rule("priority: normal", name="first"), rule("tag: vip", when="conversation_prioritized"))
    house.receive(house.says())
    version = the(house)["version"]
    house.receive(house.says())
    assert tags(house) == set()
    assert [row["event"] for row in house.rows(decisions)] == ["message_received"] * 2
    assert the(house)["version"] == version + 1


def test_changed_from_and_to_look_at_this_very_change(house: House) -> None:
    use(
        house,
        rule("priority: high", name="up", condition="{text: {contains: now}}"),
        rule("priority: low", name="down", condition="{text: {contains: later}}"),
        rule("tag: quiet", name="calmed", when="conversation_prioritized",
             condition="{conversation.priority: {changed_from: [high, urgent]}}"),
        rule("tag: vip", name="raised", when="conversation_prioritized",
             condition="{conversation.priority: {changed_to: [high, urgent]}}"),
    )  # fmt: skip
    house.receive(house.says("now"))
    assert tags(house) == {"vip"}
    house.receive(house.says("later"))
    assert matched(house, "conversation_prioritized") == ["raised", "calmed"]
