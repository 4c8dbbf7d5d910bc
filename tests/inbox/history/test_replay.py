"""The stored history under other rules: what would differ is said, what cannot be known is said, nothing is touched."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import exc, insert, select

from casella.desk import DeskMistaken
from casella.errors import ConfigurationError, StoreUnavailable
from casella.inbox.history.changes import Change
from casella.inbox.history.replay import replay_history
from casella.inbox.history.report import Report
from casella.store.tables import contacts, decisions, metadata
from tests.house import ANNA, BERT, House

OLD = """
rules:
  - name: Refunds
    when: message_received
    if: {text: {contains_word: refund}}
    then:
      - tag: refund
      - assign: {team: billing}
      - reply: {canned: greeting}
  - name: Everybody else
    when: message_received
    if: {conversation.assignee: {is_set: false}}
    then: [{assign: {team: front}}]
"""
CARLA = "+390555000003"


def tell(house: House) -> None:
    """Three people write, one of them twice; one conversation is answered and closed."""
    house.available("ann", "bob", "cleo")
    for sender, text in ((ANNA, "I want a refund"), (BERT, "Where is my order?"), (CARLA, "hello, about my order")):
        house.receive(house.says(text, sender))
        house.clock.move(minutes=5)
    house.receive(house.says("And my refund?", ANNA))
    house.deliver()


@pytest.fixture
def told(house: House) -> House:
    house.apply(rules=OLD)
    tell(house)
    return house


def tried(house: House, rules: str, **more: int) -> Report:
    folder = house.folder / "tried"
    folder.mkdir(exist_ok=True)
    (folder / "rules.yaml").write_text(rules)
    now = house.clock.now()
    return replay_history(
        house.rooms.store, house.rooms.desk.catalogue, folder, now - timedelta(days=14), now, **more  # type: ignore[arg-type]  # only numbers
    )  # fmt: skip


def changes(report: Report) -> dict[str, set[Change]]:
    """By the words of the message that differs first."""
    return {example.text: set(example.changes) for group in report.groups for example in group.examples}


def everything(house: House) -> dict[str, list[tuple[object, ...]]]:
    with house.rooms.store.read() as db:
        return {
            table.name: sorted((tuple(row) for row in db.execute(select(table))), key=repr)
            for table in metadata.sorted_tables
        }


def test_equal_rules_make_no_difference(told: House) -> None:
    report = tried(told, OLD)
    assert report.summary.changed == 0
    assert report.groups == ()
    assert (report.repeated, report.strayed, report.decisions) == (4, 0, 4)
    assert (report.extent.messages, report.extent.heard, report.summary.conversations) == (4, 4, 3)
    assert report.limits == ()
    assert {(line.queue, line.then, line.now) for line in report.queues} == {
        ("team front", 2, 2),
        ("team billing", 1, 1),
    }


def test_it_says_who_would_have_been_assigned_elsewhere_and_which_replies_are_new_or_gone(told: House) -> None:
    report = tried(
        told,
        """
rules:
  - name: Refunds
    when: message_received
    if: {text: {contains_word: refund}}
    then: [{tag: refund}, {assign: {team: front}}, {priority: urgent}]
  - name: Orders
    when: message_received
    if: {text: {contains_word: order}}
    then: [{assign: {team: billing}}, {reply: {text: "We look it up."}}]
""",
    )
    look = Change("reply", None, "“We look it up.”", "Orders")
    elsewhere = Change("assign", "team front", "team billing", "Orders")
    assert changes(report) == {
        "I want a refund": {
            Change("assign", "team billing", "team front", "Refunds"),
            Change("reply", "canned greeting", None, "Refunds"),
            Change("priority", None, "urgent", "Refunds"),
        },
        "Where is my order?": {elsewhere, look},
        "hello, about my order": {elsewhere, look},
    }
    found = report.summary
    assert (found.changed, found.elsewhere, found.replies_new, found.replies_gone, found.priority) == (3, 3, 2, 1, 1)
    assert [(line.rule, line.state, line.then, line.now) for line in report.rule_lines] == [
        ("Refunds", "changed", 2, 2),
        ("Orders", "new", 0, 2),
        ("Everybody else", "gone", 3, 0),
    ]
    assert [(group.rule, group.conversations) for group in report.groups] == [("Orders", 2), ("Refunds", 1)]


def test_examples_are_few_and_counts_are_whole(told: House) -> None:
    report = tried(told, "rules: []", examples=1)
    assert sum(group.conversations for group in report.groups) == report.summary.changed == 3
    assert all(len(group.examples) <= 1 for group in report.groups)
    assert report.summary.no_longer_given == 3


def test_nothing_is_touched(told: House) -> None:
    store, before = told.rooms.store, everything(told)
    files = [Path(str(store.engine.url.database) + end) for end in ("", "-wal")] if store.dialect == "sqlite" else []
    bytes_before = [file.read_bytes() for file in files]
    fed, sent = told.rooms.desk.current.version, told.acme.provider.arrived.copy()
    report = tried(told, OLD.replace("team: front", "team: billing"))
    assert report.summary.changed == 2
    assert everything(told) == before
    assert [file.read_bytes() for file in files] == bytes_before
    assert (told.rooms.desk.current.version, told.acme.provider.arrived.copy()) == (fed, sent)


def test_the_database_itself_refuses_to_be_written_to(told: House) -> None:
    row = {"id": "x", "custom": {}, "created_at": told.clock.now()}
    with pytest.raises((exc.DBAPIError, StoreUnavailable)), told.rooms.store.snapshot() as db:
        db.execute(insert(contacts), row)
    with told.rooms.store.write() as db:
        db.execute(insert(contacts), row)  # the next user of the connection may
    assert told.one(contacts, id="x")


def test_a_field_that_was_not_stored_is_said_and_not_guessed(told: House) -> None:
    report = tried(
        told,
        """
rules:
  - name: Regulars
    when: message_received
    if: {not: {contact.is_new: true}}
    then: [{assign: {team: billing}}]
  - name: Everybody else
    when: message_received
    if: {conversation.assignee: {is_set: false}}
    then: [{assign: {team: front}}]
""",
    )
    assert [(gap.rule, gap.fields, gap.times) for gap in report.gaps] == [("Regulars", ("contact.is_new",), 1)]
    assert any("'Regulars' asks for contact.is_new" in line for line in report.limits)
    assert all(line.now == 0 for line in report.rule_lines if line.rule == "Regulars")


def test_a_field_that_the_rules_of_then_asked_for_is_known(house: House) -> None:
    house.apply(
        rules=OLD.replace("{text: {contains_word: refund}}", "{contact.is_new: true, text: {contains_word: x}}")
    )
    tell(house)
    report = tried(house, OLD.replace("{text: {contains_word: refund}}", "{contact.is_new: true}"))
    assert report.gaps == ()
    assert {(line.rule, line.then, line.now) for line in report.rule_lines} == {
        ("Refunds", 0, 4),
        ("Everybody else", 3, 3),
    }


def test_events_of_which_nothing_is_stored_are_said(told: House) -> None:
    report = tried(
        told,
        OLD
        + """
  - name: Closed
    when: conversation_closed
    if: always
    then: [{tag: quiet}]
""",
    )
    assert report.summary.changed == 0
    assert report.limits == (
        "'Closed' listens to conversation_closed, of which this history holds nothing: it was not tried there.",
    )


def test_open_time_of_which_nothing_is_stored_is_said_too(told: House) -> None:
    rule = "\n  - {name: Late, when: {conversation_waiting: 2h of support}, if: always, then: [{tag: quiet}]}\n"
    assert tried(told, OLD + rule).limits == (
        "'Late' listens to conversation_waiting 2h of support, of which this history holds nothing: it was not tried "
        "there.",
    )


def test_the_opening_of_a_conversation_is_known_although_nobody_listened(told: House) -> None:
    report = tried(
        told,
        OLD
        + """
  - name: Opened
    when: conversation_opened
    if: {text: {contains_word: refund}}
    then: [{priority: high}]
""",
    )
    assert changes(report) == {"I want a refund": {Change("priority", None, "high", "Opened")}}
    assert report.limits == ()


def test_later_decisions_see_what_the_new_rules_made_of_the_conversation(told: House) -> None:
    """Under the new rules Anna's first message assigns nobody, so her second one finds nobody assigned."""
    report = tried(
        told,
        """
rules:
  - name: Again
    when: message_received
    if: {text: {contains_word: and}, conversation.assignee: {is_set: false}}
    then: [{assign: {team: front}}]
  - name: Urgent once
    when: message_received
    if: {text: {contains_word: refund}, conversation.priority: {is_not: urgent}}
    then: [{priority: urgent}, {note: first}]
""",
    )
    [anna] = [found for text, found in changes(report).items() if "refund" in text]
    assert Change("assign", "team billing", "team front", "Again") in anna
    assert len([change for change in anna if change.kind == "note"]) == 1
    assert {line.rule: line.now for line in report.rule_lines}["Urgent once"] == 1


def test_what_people_did_counts_in_both_worlds(house: House) -> None:
    """Billing had it, then Mara gave it to Ann; a rule that asks for Ann finds her under any rules."""
    house.apply(rules=OLD)
    house.available("ann", "bob", "cleo")
    house.receive(house.says("I want a refund", ANNA))
    [conversation] = house.rows(decisions)
    house.assign(conversation["conversation_id"], "ann", expected="cleo")
    house.receive(house.says("one more thing", ANNA))
    report = tried(
        house,
        OLD
        + """
  - name: Ann's
    when: message_received
    if: {conversation.assignee: ann}
    then: [{tag: quiet}]
""",
    )
    assert changes(report) == {"one more thing": {Change("tag", None, "quiet", "Ann's")}}


def test_hours_are_those_of_the_desk_that_is_tried(told: House) -> None:
    """The clock of the tests begins on a Monday at noon or so; a desk that is never open then says closed."""
    folder = told.folder / "whole"
    folder.mkdir()
    for name in ("desk.yaml", "canned.yaml"):
        (folder / name).write_text(
            (told.folder / "desk" / name).read_text().replace("monday-friday: 09:00-18:00", "sunday: 03:00-03:01")
        )
    (folder / "rules.yaml").write_text(
        OLD
        + "  - name: Late\n    when: message_received\n    if: {hours: {support: closed}}\n    then: [{tag: quiet}]\n"
    )
    now = told.clock.now()
    report = replay_history(told.rooms.store, told.rooms.desk.catalogue, folder, now - timedelta(days=1), now)
    assert {line.rule: line.now for line in report.rule_lines}["Late"] == 4


def test_mistaken_or_missing_rules_are_said(told: House) -> None:
    with pytest.raises(DeskMistaken, match="is not in desk"):
        tried(told, OLD.replace("team: front", "team: frnt"))
    now = told.clock.now()
    with pytest.raises(ConfigurationError, match="no rules at"):
        replay_history(told.rooms.store, told.rooms.desk.catalogue, told.folder / "nowhere", now, now)


def test_only_what_happened_since_is_tried(told: House) -> None:
    now = told.clock.now()
    (told.folder / "tried.yaml").write_text("rules: []")
    report = replay_history(
        told.rooms.store, told.rooms.desk.catalogue, told.folder / "tried.yaml", now - timedelta(minutes=6), now
    )
    assert (report.decisions, report.summary.conversations) == (2, 2)


def test_progress_reaches_the_end(told: House) -> None:
    seen: list[tuple[int, int]] = []
    (told.folder / "tried.yaml").write_text("rules: []")
    now = told.clock.now()
    replay_history(
        told.rooms.store, told.rooms.desk.catalogue, told.folder / "tried.yaml", now - timedelta(days=1), now,
        progress=lambda done, total: seen.append((done, total)),
    )  # fmt: skip
    assert seen[0] == (0, 4)
    assert sum(done for done, _ in seen) == 4
