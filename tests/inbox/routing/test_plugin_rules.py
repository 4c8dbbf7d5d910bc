"""Fields, actions and strategies of plugins in a running house: gathered, done, traced. When the plugin misbehaves or
is not there, the message is never lost."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import Field

from casella.desk import DeskMistaken
from casella.inbox.background.plugin_actions import prune, run_due
from casella.inbox.routing.explaining import Explainer, lines
from casella.plugin import ActionArgument, ActionFailed, ActionResult, FieldUnavailable, RuleAdditions, RuleStrategy
from casella.store.tables import agents, decisions, effects, messages, plugin_actions
from tests.crm import Crm
from tests.house import ANNA, DESK, House
from tests.inbox.rule_texts import decided, matched, rule, tags, the, use

GOLD = rule("tag: vip", name="Gold", condition="{crm.tier: gold}")
OPEN = rule("crm.open_case: {subject: Refund, level: high}", name="Opens")
BY_CRM = rule("assign: {team: front, strategy: crm.last_first}", name="Assigns")
ATTRIBUTES = DESK + "attributes:\n  case: {type: word}\n  vip: {type: flag}\n"


@pytest.fixture
def crm() -> Crm:
    return Crm()


@pytest.fixture
def house(migrated_sqlite_url: str, tmp_path: Path, crm: Crm) -> Iterator[House]:
    with House(migrated_sqlite_url, tmp_path, rules={"crm": crm.additions()}) as built:
        yield built


def act(house: House) -> int:
    """Do what plugins' actions are due."""
    return run_due(house.rooms, house.http)


def told(house: House) -> str:
    """Everything that is told of the newest conversation."""
    with house.rooms.store.read() as db:
        explainer = Explainer(house.rooms)
        rows = db.execute(decisions.select().order_by(decisions.c.at, decisions.c.id)).all()
        return "\n".join(line for row in rows for line in lines(explainer.run(db, row), row.at))


def assignee(house: House) -> str | None:
    found = the(house)["assignee_id"]
    return str(house.one(agents, id=found)["key"]) if found else None


# --- fields -------------------------------------------------------------------------------------------------------


def test_a_field_is_asked_where_a_rule_asks_for_it_and_stored_with_the_decision(house: House, crm: Crm) -> None:
    house.receive(house.says())
    assert crm.asked == []
    crm.tiers[ANNA] = "gold"
    use(house, GOLD, rule("note: Old.", name="Old", condition="{crm.since: {older_than: 30d}, crm.orders: {gte: 3}}"))
    house.receive(house.says("Refund"))
    assert tags(house) == {"vip"}
    [question] = crm.asked
    assert (question.trigger, question.contact_address, question.facts["text"]) == ("message_received", ANNA, "Refund")
    facts = decided(house, "message_received")[-1]["facts"]
    assert (facts["crm.tier"], facts["crm.orders"], facts["crm.since"]) == ("gold", 3, 40 * 86_400)
    assert "text" not in facts


def test_a_field_without_a_value_matches_nothing(house: House, crm: Crm) -> None:
    use(house, GOLD, rule("tag: quiet", name="Not gold", condition="{crm.tier: {is_not: gold}}"))
    house.receive(house.says())
    assert tags(house) == set()
    assert "crm.tier is 'gold': no, it is not set" in told(house)


def hang(_: object) -> object:
    threading.Event().wait(20)
    return None


@pytest.mark.parametrize(
    "way", [lambda _: 1 / 0, lambda _: 7, lambda _: "bronze", hang], ids=["raises", "number", "unlisted", "hangs"]
)
def test_a_field_that_misbehaves_is_not_available_and_the_message_goes_on(
    house: House, crm: Crm, way: Callable[[object], object]
) -> None:
    crm.instead["tier"] = way
    use(house, GOLD, rule("tag: order", name="Others"))
    for number in range(4):
        house.receive(house.says(f"{number}"))
    assert tags(house) == {"order"}
    assert len(house.rows(messages, direction="in")) == 4
    assert house.host.aside_reason("crm rules")
    assert not house.host.aside_reason("crm")
    assert len(crm.asked) == 3  # set aside, it is not asked again
    [first, *_, last] = decided(house, "message_received")
    assert "crm.tier" not in first["facts"]
    assert set(last["unavailable"]) == {"crm.tier"}
    assert "crm.tier was not available: The plugin 'crm' is set aside" in told(house)


def test_a_field_may_say_that_it_does_not_know_just_now(house: House, crm: Crm) -> None:
    def away(_: object) -> object:
        raise FieldUnavailable("The file is being written.")

    crm.instead["tier"] = away
    use(house, GOLD)
    house.receive(house.says())
    assert not house.host.quarantined
    assert "crm.tier was not available: The file is being written." in told(house)


# --- actions ------------------------------------------------------------------------------------------------------


def test_an_action_is_done_once_and_its_wishes_with_it(house: House, crm: Crm) -> None:
    more = rule("note: Tagged.", name="Hears of it", when="conversation_tagged")
    urgency = rule("note: Urgent.", name="And of it", when="conversation_prioritized",
                   condition="{previous.priority: normal, conversation.priority: {changed_to: high}}")  # fmt: skip
    use(house, OPEN, more, urgency, desk=ATTRIBUTES)
    crm.answers = [
        ActionResult(
            "Case 4711", note="See case 4711.", tags=("refund", "unheard"), priority="high", reply="We have {{ it }}.",
            attributes={"case": "4711", "vip": "perhaps", "nothing": 1},
        )
    ]  # fmt: skip
    house.receive(house.says("Money back"))
    assert (crm.requests, tags(house)) == ([], set())  # not in the transaction of the decision
    assert (act(house), act(house)) == (1, 0)
    [request] = crm.requests
    assert (request.argument.subject, request.argument.level, request.attempt) == ("Refund", "high", 1)
    assert request.question.facts["text"] == "Money back"
    assert (tags(house), the(house)["priority"]) == ({"refund"}, "high")
    assert [row["text"] for row in house.rows(messages, direction="note")] == ["See case 4711.", "Tagged.", "Urgent."]
    assert [row["text"] for row in house.rows(messages, direction="out")] == ["We have {{ it }}."]
    row = house.one(plugin_actions)
    assert (row["state"], row["id"]) == ("done", request.id)
    assert row["result"].startswith("Case 4711; tag 'unheard' is not in desk.yaml; 'vip' takes true or false")
    assert {one["what"] for one in house.rows(effects, cause_id=row["id"])} == {
        "tag",
        "priority",
        "set",
        "note",
        "reply",
    }
    assert matched(house, "conversation_tagged") == ["Hears of it"]
    assert matched(house, "conversation_prioritized") == ["And of it"]
    assert decided(house, "conversation_prioritized")[0]["chain"] == ["Opens"]
    assert "→ crm.open_case: subject Refund, level high (Case 4711; tag" in told(house)
    assert "what came of crm.open_case" in told(house)


def test_a_failed_action_is_tried_again_with_the_same_id_then_given_up(house: House, crm: Crm) -> None:
    use(house, OPEN, rule("tag: order", name="Others"))
    crm.answers = [ActionFailed("Busy.", retryable=True, retry_after=90), ActionFailed("Closed for good.")]
    house.receive(house.says())
    assert tags(house) == {"order"}
    assert act(house) == 1
    assert act(house) == 0
    assert "→ crm.open_case: subject Refund, level high (not done: waits: Busy.)" in told(house)
    house.clock.move(seconds=91)
    assert act(house) == 1
    assert [request.attempt for request in crm.requests] == [1, 2]
    assert len({request.id for request in crm.requests}) == 1
    assert "→ crm.open_case: subject Refund, level high (not done: failed: Closed for good.)" in told(house)
    house.clock.move(days=9)
    assert act(house) == 0
    with house.rooms.store.write() as db:
        prune(db, house.clock.now())
    assert house.rows(plugin_actions) == []


def test_a_claim_whose_process_died_is_tried_again_and_what_the_late_one_says_counts_no_more(
    house: House, crm: Crm
) -> None:
    use(house, OPEN)

    def stalls(_: object) -> ActionResult:
        crm.instead.clear()
        house.clock.move(minutes=3)
        assert act(house) == 1  # another process has taken it up meanwhile
        return ActionResult("Too late", tags=("quiet",))

    crm.instead["open_case"] = stalls
    crm.answers = [ActionResult("In time", tags=("refund",))]
    house.receive(house.says())
    act(house)
    assert [request.attempt for request in crm.requests] == [1, 2]
    assert (house.one(plugin_actions)["result"], tags(house)) == ("In time", {"refund"})


@pytest.mark.parametrize("way", [lambda _: 1 / 0, lambda _: "done"], ids=["raises", "nonsense"])
def test_an_action_that_misbehaves_waits_until_its_plugin_is_mended(
    house: House, crm: Crm, way: Callable[[object], object]
) -> None:
    use(house, OPEN, rule("tag: order", name="Others"))
    crm.instead["open_case"] = way
    house.receive(house.says())
    act(house)
    assert tags(house) == {"order"}
    assert "waits: The plugin 'crm' has failed" in told(house)
    crm.instead.clear()
    house.host.release("crm rules")
    house.clock.move(minutes=2)
    act(house)
    assert house.one(plugin_actions)["state"] == "done"


def test_an_action_is_never_run_by_a_rule_that_watches_or_for_a_private_conversation(house: House, crm: Crm) -> None:
    use(house, rule("crm.open_case: Watched", name="Watches", mode="watch"))
    house.receive(house.says())
    assert (act(house), house.rows(plugin_actions)) == (0, [])
    assert decided(house, "message_received")[0]["decision"]["watched"] == ["Watches"]


# --- strategies ---------------------------------------------------------------------------------------------------


def test_a_strategy_chooses_and_who_was_passed_over_is_told(house: House, crm: Crm) -> None:
    use(house, BY_CRM)
    house.receive(house.says())
    [(candidates, _)] = crm.ranked
    assert the(house)["assignee_id"] == max(one.agent for one in candidates)
    assert "was ranked lower by the plugin's strategy" in told(house)


@pytest.mark.parametrize(
    "way", [lambda _: 1 / 0, lambda _: ["zoe"], lambda _: "ann"], ids=["raises", "stranger", "text"]
)
def test_while_a_strategy_cannot_be_asked_the_least_busy_agent_gets_it(
    house: House, crm: Crm, way: Callable[[object], object]
) -> None:
    crm.instead["rank"] = way
    use(house, BY_CRM)
    house.available("ann", "bob")
    house.receive(house.says())
    assert assignee(house) in ("ann", "bob")
    assert decided(house, "message_received")[0]["assignments"][0]["instead"] == "least_busy"
    assert "by least_busy: the plugin's strategy could not be asked" in told(house)


def test_a_strategy_may_leave_it_in_the_queue(house: House, crm: Crm) -> None:
    crm.instead["rank"] = lambda _: []
    use(house, BY_CRM)
    house.receive(house.says())
    assert (assignee(house), the(house)["queued_at"] is not None) == (None, True)
    assert not house.host.quarantined


# --- a plugin that is gone ----------------------------------------------------------------------------------------


class Other(ActionArgument):
    """What the next version takes."""

    number: int


def again(house: House, url: str, folder: Path, **rules: Any) -> House:
    return House(url, folder, desk=None, clock=house.clock, rules=rules)


@pytest.mark.parametrize("what", ["uninstalled", "another version"])
def test_the_last_good_desk_stays_without_its_plugin(
    house: House, migrated_sqlite_url: str, tmp_path: Path, crm: Crm, what: str
) -> None:
    """The rules that need it have nothing to go by; all others go on; the action waits."""
    use(house, GOLD, OPEN, BY_CRM, rule("tag: order", name="Others"))
    rules = {} if what == "uninstalled" else {"crm": Crm().additions(argument=Other)}
    with again(house, migrated_sqlite_url, tmp_path, **rules) as later:
        assert len(later.rooms.desk.current.ruleset.rules) == 4
        later.receive(later.says())
        assert (tags(later), assignee(later) is not None) == ({"order"}, True)
        act(later)
        if what == "uninstalled":
            assert "crm.tier was not available: The plugin 'crm' is not installed." in told(later)
            assert "waits: The plugin 'crm' is not installed." in told(later)
            with pytest.raises(DeskMistaken) as mistaken:
                use(later, GOLD, OPEN, BY_CRM)
            said = [str(problem).partition("rules.yaml:")[2] for problem in mistaken.value.problems]
            assert said == [
                "4:10: unknown field 'crm.tier'. Install the plugin 'crm' if it brings this field",
                "11:9: unknown action 'crm.open_case'. Install the plugin 'crm' if it brings this action",
                "16:41: strategy 'crm.last_first' is not known. Install the plugin 'crm' if it brings this strategy",
            ]
            assert len(later.rooms.desk.current.ruleset.rules) == 4
        else:
            assert "failed: The plugin no longer understands what the rule says." in told(later)
    house.clock.move(minutes=5)
    act(house)
    assert house.one(plugin_actions)["state"] == ("done" if what == "uninstalled" else "failed")


def test_a_plugin_whose_name_is_taken_is_refused(migrated_sqlite_url: str, tmp_path: Path) -> None:
    taken = RuleAdditions("Contact", "1.1", strategies=(RuleStrategy("contact.best", "The best.", lambda *_: []),))
    with House(migrated_sqlite_url, tmp_path, rules={"contact": taken}) as built:
        assert "the rules have 'contact' already" in built.host.quarantined["contact rules"].reason


def test_what_a_plugin_took_before_it_was_changed_is_still_told(
    house: House, migrated_sqlite_url: str, tmp_path: Path
) -> None:
    class Other(ActionArgument):
        """Open a case in the customer file."""

        title: str = Field(description="What the case is called", examples=["Refund"])

    use(house, OPEN)
    house.receive(house.says("Hello"))
    changed = {"crm": Crm().additions(argument=Other)}
    with House(migrated_sqlite_url, tmp_path / "later", rules=changed, desk=None, clock=house.clock) as later:
        later.apply(rules="rules:\n" + rule("crm.open_case: {title: Refund}", name="Opens"))
        text = told(later)
    assert "crm.open_case: subject Refund, level high" in text
    assert "the stored rules use the action 'crm.open_case' in a form that it no longer has" in text
