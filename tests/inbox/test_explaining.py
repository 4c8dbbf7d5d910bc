"""Why is this here? Rule by rule, with the condition that failed and the value it saw; agent by agent."""

from __future__ import annotations

from casella.inbox.explaining import Explainer, RunView, lines
from casella.store import message_queries
from tests.house import House
from tests.inbox.rule_texts import rule, the, use


def runs(house: House) -> list[RunView]:
    with house.rooms.store.read() as db:
        rows = message_queries.decisions_of(db, the(house)["id"], None, 50)
        explainer = Explainer(house.rooms)
        return [explainer.run(db, row) for row in reversed(rows)]


def test_rule_by_rule_with_the_value_each_condition_saw(house: House) -> None:
    use(
        house,
        rule("tag: refund", name="Refunds", condition="{text: {contains_word: refund}}"),
        rule("tag: vip", "close", name="Acts"),
        rule("note: x", name="Other", when="conversation_closed"),
    )
    house.receive(house.says("where is my parcel"))
    first, second = runs(house)
    refunds, acts = first.rules
    assert (refunds.name, refunds.outcome) == ("Refunds", "not_matched")
    assert "where is my parcel" in refunds.reasons[0]
    assert (acts.outcome, first.others) == ("matched", 1)
    assert [(one.action, one.done) for one in first.actions] == [("tag", True), ("close", True)]
    assert (second.trigger, list(second.chain)) == ("conversation_closed", ["Acts"])


def test_the_rules_as_they_were_then(house: House) -> None:
    use(house, rule("tag: refund", name="Old", condition="{text: {contains_word: refund}}"))
    house.receive(house.says("hello"))
    use(house, rule("tag: vip", name="New"))
    [run] = runs(house)
    assert [one.name for one in run.rules] == ["Old"]


def test_agent_by_agent_and_what_was_not_done(house: House) -> None:
    use(house, rule("assign: {team: front}", "reply: {canned: signed}", name="R"), available=("bob",))
    house.receive(house.says("hello"))
    [run] = runs(house)
    [choice] = run.assignments
    assert (choice.team, choice.agent) == ("Front desk", "Bob")
    assert [(one.agent, one.reason) for one in choice.passed_over] == [("Ann", "queue_off")]
    text = "\n".join(lines(run, house.clock.now()))
    assert "not Ann: has the queue switched off" in text
    assert "message_received" in text


def test_a_run_of_a_queue_names_whom_it_chose(house: House) -> None:
    from casella.inbox.queues import serve_queues

    use(house, rule("assign: {team: billing}", name="R"), available=())
    house.receive(house.says("hello"))
    house.available("cleo")
    serve_queues(house.rooms)
    assert runs(house)[-1].trigger == "queue_served"
    assert runs(house)[-1].assignments[0].agent == "Cleo"
