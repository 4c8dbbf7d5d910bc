"""Complaints about the rules of other systems (numbers as in `docs/complaints.md`), answered by a whole house: what a
rule engine decides alone is in tests/rules; here its decisions are carried out, heard of and remembered."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import orjson
import pytest

from casella import app
from casella.inbox.commands import starting, tagging
from casella.inbox.reading.members import find_member
from casella.inbox.routing.explaining import Explainer, lines
from casella.inbox.sending.outbox import Draft
from casella.plugin import SendRejected
from casella.store.queries import message_queries
from casella.store.tables import conversations, decisions, effects, feed, messages, outbox, surveys_sent
from tests.house import ANNA, BERT, CANNED, DESK, ENVIRONMENT, MAIN, SECOND, House
from tests.inbox.rule_texts import decided, held, matched, rule, skipped, tags, the, use

SHOP = DESK.replace("inboxes:\n", "inboxes:\n  shop: {name: Shop, teams: [front]}\n").replace(
    'inbox: support, address: "+15550002"', 'inbox: shop, address: "+15550002"'
)


@pytest.fixture
def lite(migrated_sqlite_url: str, tmp_path: Path) -> Iterator[House]:
    """For what does not depend on the database."""
    with House(migrated_sqlite_url, tmp_path) as built:
        yield built


def notes(house: House) -> list[str]:
    return [row["text"] for row in house.rows(messages, direction="note")]


def sent(house: House) -> list[str]:
    return [row["text"] for row in house.rows(messages, direction="out")]


def settle(house: House, rounds: int = 12) -> None:
    """Everything that follows from what has happened, and from that."""
    for _ in range(rounds):
        house.deliver()
        house.fire()


def tag_by_hand(house: House, tag: str) -> None:
    with house.rooms.store.write() as db:
        tagging.add_tag(db, house.rooms, the(house)["id"], tag, by=house.agent("mara").id, at=house.clock.now())


def started_by_ann(house: House, text: str = "Hello") -> str:
    with house.rooms.store.write() as db:
        member = find_member(db, house.agent("ann").id)
        assert member is not None
        draft = Draft(text, sender_id=member.id)
        return starting.start(db, house.rooms, member, "main", BERT, None, draft, house.clock.now())[0]


# --- events ---------------------------------------------------------------------------------------------------------


def test_53_what_a_rule_sends_is_a_message_like_any_other_with_its_event(house: House) -> None:
    use(
        house,
        rule("reply: {text: Hi}", name="Hi"),
        rule("note: A rule wrote.", name="Heard", when="message_sent", condition="{sent_by: rule}"),
    )
    house.receive(house.says())
    settle(house)
    reply = house.one(messages, direction="out")
    created = [row for row in house.rows(feed, kind="message.created") if reply["id"] in row["payload"]]
    assert (len(created), notes(house), matched(house, "message_sent")) == (1, ["A rule wrote."], ["Heard"])


def test_54_what_changes_nothing_is_no_event_and_tells_nobody(house: House) -> None:
    listens = "[conversation_tagged, conversation_assigned, conversation_unassigned, conversation_closed]"
    use(
        house,
        rule("tag: vip", "priority: high", "assign: {agent: ann}", name="Same"),
        rule("note: Changed.", name="Heard", when=listens),
    )
    house.receive(house.says())
    before, told = len(notes(house)), len(house.rows(feed, kind="conversation.updated"))
    asked = len(house.rows(decisions, event="conversation_tagged"))
    house.receive(house.says("again"))
    tag_by_hand(house, "vip")
    house.assign(the(house)["id"], "ann", expected="ann")
    assert (before, len(notes(house))) == (1, 1)
    assert len(house.rows(decisions, event="conversation_tagged")) == asked == 1
    news = house.rows(feed, kind="conversation.updated")[told:]
    assert [orjson.loads(row["payload"])["by"] for row in news if "rules" in row["payload"]] == []


def test_55_one_message_makes_one_answer_however_many_events_it_makes(house: House) -> None:
    every = "[conversation_opened, message_received, conversation_tagged, conversation_assigned]"
    use(
        house,
        rule("tag: [vip, order]", "assign: {agent: ann}", "priority: high", name="Edits"),
        rule("reply: {text: Changed.}", "notify: {managers: true, text: Changed.}", name="Mails", when=every),
    )
    said = house.says()
    house.receive(said)
    house.receive(said)  # the provider has not heard our answer, and says it again
    settle(house)
    assert sent(house) == house.acme.provider.texts() == ["Changed."]
    assert len(house.rows(feed, kind="notice")) == 1


def test_56_57_nobody_is_welcomed_to_what_an_agent_began(house: House) -> None:
    use(
        house,
        rule("reply: {text: Welcome!}", name="Welcome", when="[conversation_opened, message_received]"),
        rule("note: Asked for.", name="Asked", when="conversation_opened",
             condition="{conversation.started_by: agent}"),
    )  # fmt: skip
    started_by_ann(house)
    settle(house)
    assert (sent(house), notes(house)) == (["Hello"], ["Asked for."])
    house.receive(house.says("Who is this?", sender=BERT))
    assert sent(house) == ["Hello", "Welcome!"]


# --- conditions -----------------------------------------------------------------------------------------------------


def test_58_the_priority_that_a_rule_has_set_is_seen_by_the_next(house: House) -> None:
    use(
        house,
        rule("priority: urgent", name="Sets", condition="{text: fire}"),
        rule("tag: vip", name="Sees", condition="{conversation.priority: [high, urgent]}"),
        rule("tag: order", name="Sees the usual", condition="{conversation.priority: normal}"),
    )
    house.receive(house.says("fire"))
    assert tags(house) == {"order"}
    house.receive(house.says("hello?"))
    assert tags(house) == {"order", "vip"}


def test_59_what_is_not_known_of_a_contact_hits_nothing(house: House) -> None:
    asked = ["gold", "{is_not: gold}", "{none_of: [gold]}"]
    use(
        house,
        *(rule(f"note: Hit {number}", name=f"R{number}", condition=f"{{contact.custom.plan: {condition}}}")
          for number, condition in enumerate(asked)),
        rule("set: {plan: free}", "note: unknown", name="Last", condition="{contact.custom.plan: {is_set: false}}"),
        desk=DESK + "attributes:\n  plan: {type: word, values: [free, gold]}\n",
    )  # fmt: skip
    house.receive(house.says())
    assert notes(house) == ["unknown"]
    house.receive(house.says("again"))
    assert notes(house) == ["unknown", "Hit 1", "Hit 2"]


@pytest.mark.parametrize("edited", [False, True])
def test_61_a_rule_of_one_inbox_is_asked_in_no_other_also_after_it_was_edited(house: House, edited: bool) -> None:
    events = "[conversation_opened, message_received, conversation_tagged, {conversation_idle: 1h}]"
    shop = rule("note: Shop.", name="Shop", when=events, inboxes="[shop]")
    use(house, shop, desk=SHOP)
    if edited:
        use(house, shop.replace("Shop.", "Shop!"), rule("note: x", name="New", condition="{text: nobody}"), desk=SHOP)
    house.receive(house.says(to=MAIN), house.says(sender=BERT, to=SECOND))
    for row in house.rows(conversations):
        with house.rooms.store.write() as db:
            tagging.add_tag(db, house.rooms, row["id"], "vip", by=house.agent("mara").id, at=house.clock.now())
    house.later(hours=2)
    where = {row["id"]: row["inbox_id"] for row in house.rows(conversations)}
    wrote = [where[row["conversation_id"]] for row in house.rows(messages, direction="note")]
    in_shop = house.one(conversations, channel_id=house.channel(SECOND).id)["inbox_id"]
    assert wrote == [in_shop] * 3  # with the first message, with the tag, with the silence
    assert set(notes(house)) == {"Shop!" if edited else "Shop."}


def test_64_a_text_that_comes_late_in_parts_meets_every_rule_when_it_is_complete(house: House) -> None:
    use(house, rule("tag: refund", condition="{text: {contains_word: refund}}"))
    where = {"group": "7", "total": 2}
    house.receive(house.says("Please ref", part={**where, "number": 1}))
    house.receive(house.says("und me", part={**where, "number": 2}))
    assert tags(house) == {"refund"}


@pytest.mark.parametrize("event", ["conversation_idle", "conversation_waiting"])
def test_65_2a_a_rule_by_time_acts_once_however_often_the_clock_is_looked_at(house: House, event: str) -> None:
    """Its action changes nothing of what it asks, which is where others act again every hour."""
    use(house, rule("note: Three days.", when=f"{{{event}: 3d}}", condition="{conversation.status: open}"))
    house.receive(house.says())
    for _ in range(71):
        house.later(hours=1)
    assert notes(house) == []
    for _ in range(48):
        house.later(hours=1)
    assert notes(house) == ["Three days."]


def test_65_2a_also_in_a_conversation_that_is_older_than_a_month(lite: House) -> None:
    use(lite, rule("close", when="{conversation_idle: 45d}"))
    lite.receive(lite.says())
    lite.later(days=44)
    assert the(lite)["status"] == "open"
    lite.later(days=1, minutes=1)
    assert the(lite)["status"] == "closed"


def test_66_tags_by_hand_and_by_rules_are_conditions_of_what_comes_next(lite: House) -> None:
    use(
        lite,
        rule("tag: order", name="Orders", condition="{text: {contains_word: order}}"),
        rule("note: both", name="Both", condition="{conversation.tags: {has_all: [order, vip]}}"),
        rule("note: neither", name="Neither", condition="{conversation.tags: {has_none: [order, vip]}}"),
    )
    lite.receive(lite.says("my order"))
    tag_by_hand(lite, "vip")
    lite.receive(lite.says("hello?"))
    assert notes(lite) == ["neither", "both"]


# --- the desk is files ----------------------------------------------------------------------------------------------


def test_67_2a_many_files_run_in_the_order_of_their_names_and_rules_in_the_order_written(lite: House) -> None:
    use(lite)
    folder = lite.folder / "desk"
    (folder / "rules.yaml").unlink()
    (folder / "rules").mkdir()
    for file, names in {"20-last": ["A"], "10-first": ["Z", "B"], "15-next": ["M"]}.items():
        text = "rules:\n" + "".join(rule(f"note: {name}", name=name) for name in names)
        (folder / "rules" / f"{file}.yaml").write_text(text)
    app.apply_folder(lite.rooms, folder, ENVIRONMENT)
    lite.receive(lite.says())
    assert notes(lite) == ["Z", "B", "M", "A"]


def test_68_two_installations_of_one_desk_decide_by_the_same_rules(
    lite: House, tmp_path: Path, sqlite_template: Path
) -> None:
    rules = rule("assign: {agent: ann}", "tag: vip", condition="{contact.tags: {has: vip}, inbox: support}")
    use(lite, rules)
    (tmp_path / "production.db").write_bytes(sqlite_template.read_bytes())
    with House(f"sqlite:///{tmp_path}/production.db", tmp_path / "production") as other:
        use(other, rules)
        assert other.agent("ann").id != lite.agent("ann").id
        assert other.rooms.desk.current.ruleset.hash == lite.rooms.desk.current.ruleset.hash
        use(other, rules.replace("has: vip", "has: order"))
        assert other.rooms.desk.current.ruleset.hash != lite.rooms.desk.current.ruleset.hash


# --- what rules cause -----------------------------------------------------------------------------------------------


def test_69_what_one_rule_does_wakes_another_once_and_the_chain_is_on_record(house: House) -> None:
    use(
        house,
        rule("tag: vip", name="A"),
        rule("assign: {agent: ann}", "untag: vip", name="B", when="conversation_tagged",
             condition="{conversation.tags: {has: vip}}"),
        rule("tag: vip", name="C", when="conversation_assigned", condition="{conversation.assignee: ann}"),
    )  # fmt: skip
    house.receive(house.says())
    events = ("message_received", "conversation_tagged", "conversation_assigned")
    assert [matched(house, event) for event in events] == [["A"], ["B"], ["C"]]
    assert decided(house, "conversation_assigned")[0]["chain"] == ["A", "B"]
    assert ["B", "already_fired", ["A", "B", "C"]] in held(house, "conversation_tagged")


@pytest.mark.parametrize("number", [70, 71, 72])
def test_70_71_72_no_rule_answers_answers_for_ever(house: House, number: int) -> None:
    """70: what it sends comes back as undeliverable. 71: so does what it then sends to others. 72: it writes to
    itself, here because what it has sent is an event that it listens to. The cooldown tells the check that this is
    meant; it has long passed each time."""
    event = {70: "message_failed", 71: "[message_failed, message_sent]", 72: "message_sent"}[number]
    use(
        house,
        rule("reply: {text: First.}", name="First"),
        rule("reply: {text: Again.}", "notify: {managers: true, text: Look}", name="Again", when=event, cooldown="1s"),
    )
    if number != 72:
        house.acme.provider.answers[ANNA] = [SendRejected("No such number.") for _ in range(50)]
    house.receive(house.says())
    for _ in range(10):
        house.deliver()
        house.later(minutes=1)
    assert sent(house) == ["First.", "Again."]
    assert len(house.rows(feed, kind="notice")) == 1


def test_70_71_72_a_machine_on_the_other_side_is_answered_once_while_the_rule_rests(house: House) -> None:
    """It answers every answer, at once, with a message of its own: a new cause each time, which only rest can end."""
    use(house, rule("reply: {text: We are away.}", name="Away", cooldown="1h"))
    for number in range(12):
        house.receive(house.says("I am on holiday.", external_id=f"auto-{number}"))
        house.deliver()
        house.clock.move(seconds=10)
    assert sent(house) == ["We are away."]
    house.clock.move(hours=1)
    house.receive(house.says("I am on holiday."))
    assert sent(house) == ["We are away."] * 2


def test_72_two_numbers_of_the_house_do_not_answer_each_other(house: House) -> None:
    use(house, rule("reply: {text: We are away.}", "tag: vip", name="Away"))
    house.receive(house.says(sender=SECOND, to=MAIN), house.says(sender=MAIN, to=SECOND), house.says())
    house.deliver()
    assert [one.message.to for one in house.acme.provider.arrived] == [ANNA]
    assert skipped(house) == [("reply", "own_address")] * 2
    assert len(house.rows(conversations)) == 3


def test_73_rules_may_wake_each_other_eight_times_and_the_ninth_is_told(lite: House) -> None:
    names = [f"t{number}" for number in range(12)]
    steps = [
        rule(f"tag: {after}", name=after, when="conversation_tagged",
             condition=f"{{conversation.tags: {{has: {before}}}}}")
        for before, after in pairwise(names)
    ]  # fmt: skip
    use(
        lite, rule("tag: t0", name="t0"), *reversed(steps), desk=DESK.replace("tags: [", f"tags: [{', '.join(names)}, ")
    )
    lite.receive(lite.says())
    assert tags(lite) == set(names[:8])
    assert ["t8", "chain_too_long", names[:8]] in held(lite, "conversation_tagged")


def test_74_75_76_everything_that_was_done_names_the_rule_that_did_it(house: House) -> None:
    """The history of the conversation, what people are told, the receipts, and the explanation."""
    use(
        house,
        rule("tag: vip", "note: Seen.", "reply: {text: Hi}", "assign: {team: front}", name="At once"),
        rule("priority: high", name="Later", after="10m"),
        rule("note: Other.", name="Other", condition="{text: nothing}"),
    )
    house.receive(house.says())
    house.later(minutes=11)
    wrote = {
        row["text"]: (row["sender_kind"], row["sender_id"]) for row in house.rows(messages) if row["text"] != "Hello"
    }
    assert wrote == {"Seen.": ("rule", "At once"), "Hi": ("rule", "At once")}
    told = [orjson.loads(row["payload"])["by"] for row in house.rows(feed, kind="conversation.updated")]
    assert [by["rules"] for by in told if "rules" in by] == [["At once"], ["Later"]]
    assert {(row["what"], row["rule"]) for row in house.rows(effects)} == {
        ("tag", "At once"), ("note", "At once"), ("reply", "At once"), ("assign", "At once"), ("priority", "Later"),
    }  # fmt: skip
    with house.rooms.store.read() as db:
        runs = message_queries.decisions_of(db, the(house)["id"], None, 50)
        texts = ["\n".join(lines(Explainer(house.rooms).run(db, run), house.clock.now())) for run in reversed(runs)]
    assert "At once" in texts[0]
    assert "Other" in texts[0]
    assert "Later" in texts[-1]


# --- surveys --------------------------------------------------------------------------------------------------------


def test_78_a_survey_is_asked_once_however_often_rules_and_people_close_and_reopen(house: House) -> None:
    use(
        house,
        rule("survey: csat", name="Asks", when="[conversation_closed, survey_answered]"),
        rule("survey: csat", "close", name="Ends", when="message_sent", condition="{sent_by: survey}"),
        rule("reopen", name="Opens", when="survey_answered", condition="{survey.score: {lte: 2}}"),
        desk=DESK + "surveys:\n  csat: {question: how_was_it, thanks: thank_you, highest: 5}\n",
        canned=CANNED + "  how_was_it: {text: How was it?}\n  thank_you: {text: Thank you!}\n",
    )
    house.receive(house.says())
    id = the(house)["id"]
    house.close_conversation(id)
    settle(house, 4)
    house.receive(house.says("1"))
    assert matched(house, "survey_answered") == ["Asks", "Opens"]
    for _ in range(3):
        house.clock.move(hours=1)
        house.close_conversation(id)
        settle(house, 4)
        house.reopen(id)
    assert sent(house).count("How was it?") == sent(house).count("Thank you!") == 1
    assert len(house.rows(surveys_sent)) == 1


# --- §2a: pitfalls of other rule languages --------------------------------------------------------------------------


def test_2a_whatever_waits_is_in_the_database_and_a_restart_drops_nothing(house: House, tmp_path: Path) -> None:
    """Messages, delays and what has happened: taken in by one process, carried out by another."""
    use(
        house,
        rule("reply: {text: Hi}", name="Now"),
        rule("note: Later.", name="Later", after="10m"),
        rule("note: Sent.", name="Heard", when="message_sent"),
    )
    many = 20
    house.post(*(house.webhook(house.says(sender=f"+39055{number:05}")) for number in range(many)))
    with House(house.settings.database_url, tmp_path / "2", desk=None, clock=house.clock) as second:
        assert second.drain() == many
        assert len(second.rows(outbox)) == many
    with House(house.settings.database_url, tmp_path / "3", desk=None, clock=house.clock) as third:
        assert third.deliver() == many
    with House(house.settings.database_url, tmp_path / "4", desk=None, clock=house.clock) as fourth:
        fourth.later(minutes=11)
    assert sorted(notes(house)) == ["Later."] * many + ["Sent."] * many


def test_2a_a_delay_knows_what_had_changed_when_it_began(house: House) -> None:
    changed = "{conversation.assignee: {changed_from: ann, changed_to: bob}}"
    use(house, rule("note: From Ann to Bob.", when="conversation_assigned", condition=changed, after="10m"))
    house.receive(house.says())
    house.assign(the(house)["id"], "ann")
    house.assign(the(house)["id"], "bob", expected="ann")
    house.later(minutes=11)
    assert notes(house) == ["From Ann to Bob."]


def test_2a_editing_rules_loses_no_delay_and_the_new_words_count(house: House) -> None:
    other = rule("note: x", name="Other", condition="{text: nobody}")
    use(house, rule("note: Old.", after="10m"))
    house.receive(house.says())
    use(house, other, rule("note: New.", after="10m", condition="{text: {contains_word: hello}}"))
    house.later(minutes=11)
    assert notes(house) == ["New."]


@pytest.mark.parametrize("then", ["stays off", "on again"])
def test_2a_a_rule_that_is_off_when_its_time_comes_does_nothing(house: House, then: str) -> None:
    late = rule("note: Late.", after="10m")
    use(house, late)
    house.receive(house.says())
    use(house, late.replace("    if:", "    enabled: false\n    if:"))
    if then == "on again":
        use(house, late)
    house.later(minutes=11)
    assert notes(house) == (["Late."] if then == "on again" else [])
