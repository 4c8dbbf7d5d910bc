"""Why is this here? Rule by rule, with the condition that failed and the value it saw; agent by agent."""

from __future__ import annotations

from datetime import timedelta

import pytest

from casella.inbox.routing import explaining_italian
from casella.inbox.routing.explaining import Explainer, RunView, lines
from casella.inbox.routing.rule_counts import rule_counts
from casella.store.queries import message_queries
from casella.store.tables import messages
from casella.texts import READER
from casella_rules.engine.chain import HeldBecause
from casella_rules.engine.decision import HeldRule
from casella_rules.engine.explain import Finding, Outcome, RuleTrace
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


def test_field_13_a_rule_that_matched_shows_the_values_it_saw(house: House) -> None:
    """The tag that a rule above has just put on is not among them: rules see what was so before the run."""
    use(
        house,
        rule("tag: vip", name="Tags", condition="{text: {contains_word: [parcel, refund]}}"),
        rule("note: plain", name="Notes", condition="{conversation.tags: {has_none: [vip]}, channel: acme}"),
    )
    house.receive(house.says("where is my parcel"))
    tagged, noted = runs(house)[0].rules
    assert (tagged.outcome, noted.outcome) == ("matched", "matched")
    assert tagged.reasons == ["text contains_word ['parcel', 'refund']: yes, it is 'where is my parcel'"]
    assert noted.reasons[0] == "conversation.tags has_none 'vip': yes, it is empty"
    assert noted.reasons[1].startswith("channel is 'acme': yes, it is [")


def test_whoever_reads_italian_is_told_in_italian(house: House) -> None:
    use(
        house,
        rule("tag: refund", name="Refunds", condition="{text: {contains_word: refund}}"),
        rule("tag: vip", name="Known", condition="{contact.tags: {has: vip}}"),
        rule("close", name="Later", after="2h"),
        rule("tag: order", "stop", name="Stops", condition="{text: {contains_word: parcel}}"),
        rule("tag: order", name="Behind"),
    )
    house.receive(house.says("where is my parcel"))
    reader = READER.set("it")
    try:
        told = {one.name: one for one in runs(house)[0].rules}
    finally:
        READER.reset(reader)
    assert told["Refunds"].reasons == ["text contains_word 'refund': no, è 'where is my parcel'"]
    assert (told["Refunds"].text, told["Known"].text) == ("non corrisponde", "non corrisponde")
    assert told["Known"].reasons[0].endswith("no, è vuoto")
    assert told["Later"].text == "corrisponde, e aspetta 2h"
    assert told["Behind"].text == "non raggiunta: 'Stops' ha fermato le altre"


@pytest.mark.parametrize(
    ("was", "end"),
    [(None, "sì, è 'b'"), ("", "sì, è 'b', e non è cambiato"), ("empty", "sì, è 'b', e prima era vuoto")],
)
def test_what_has_changed_is_told_in_italian(was: str | None, end: str) -> None:
    finding = Finding("contact.name", "contact.name changed", "'b'", True, was)
    assert explaining_italian.reason(finding) == f"contact.name changed: {end}"


@pytest.mark.parametrize("held", list(HeldBecause))
def test_every_reason_for_which_a_rule_is_held_is_told_in_italian(held: HeldBecause) -> None:
    trace = RuleTrace("R", Outcome.HELD, held=HeldRule("R", held, ("A", "B")))
    assert explaining_italian.said(trace).endswith(" (A → B)")


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
    from casella.inbox.background.queues import serve_queues

    use(house, rule("assign: {team: billing}", name="R"), available=())
    house.receive(house.says("hello"))
    house.available("cleo")
    serve_queues(house.rooms)
    assert runs(house)[-1].trigger == "queue_served"
    assert runs(house)[-1].assignments[0].agent == "Cleo"


def test_a_button_and_what_was_quoted_are_seen_as_they_were(house: House) -> None:
    use(
        house,
        rule("note: pressed", name="Pressed", condition="{button: Yes please}"),
        rule("note: quoted", name="Quoted", condition="{quoted: {contains: parcel}}"),
        rule("note: other", name="Other", condition="{button: No}"),
    )
    house.receive(house.says("Hello"))
    sent = house.reply("Your parcel is here. May we bring it?")
    house.deliver()
    theirs = house.one(messages, id=sent)["external_id"]
    more = {"message_kind": "button", "metadata": {"button": "Yes please"}, "reply_to": theirs}
    house.receive(house.says("Yes please", **more))
    run = runs(house)[-1]
    assert [(one.name, one.outcome) for one in run.rules] == [
        ("Pressed", "matched"), ("Quoted", "matched"), ("Other", "not_matched"),
    ]  # fmt: skip
    assert run.rules[2].reasons == ["button is 'No': no, it is 'Yes please'"]


def test_a_reply_that_waited_is_told_as_what_it_is(house: House) -> None:
    use(house, rule("reply: {text: We are back., when_open: support}", condition="{hours: {support: closed}}"))
    house.clock.move(days=5)
    house.receive(house.says())
    house.later(days=2)
    waited = runs(house)[-1]
    assert (waited.rules, waited.others, waited.due, waited.later_of) == ([], 0, None, "R")
    assert [(one.action, one.done) for one in waited.actions] == [("reply", True)]
    assert "an action of 'R' had waited for this moment" in "\n".join(lines(waited, house.clock.now()))
    with house.rooms.store.read() as db:
        assert rule_counts(db, house.clock.now() - timedelta(days=30)).fired == {"R": 1}


@pytest.mark.parametrize("now", [(), (rule("reply: {text: x}", name="R", enabled="false"),)])
def test_a_reply_whose_rule_is_gone_is_not_sent_and_says_so(house: House, now: tuple[str, ...]) -> None:
    use(house, rule("reply: {text: We are back., when_open: support}"))
    house.clock.move(days=5)
    house.receive(house.says())
    house.apply(rules="rules:\n" + "".join(now) if now else "rules: []\n")
    house.later(days=2)
    assert house.rows(messages, direction="out") == []
    [action] = runs(house)[-1].actions
    assert (action.done, action.reason) == (False, "rule_is_gone")
    assert action.text == "its rule was removed or switched off meanwhile"
