"""A history in which plugins had their say, replayed: stored values count, no plugin is asked, nothing is done."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from casella.inbox.background.plugin_actions import run_due
from casella.inbox.background.queues import serve_queues
from casella.inbox.history.replay import replay_history
from casella.inbox.history.report import Report
from casella.store.tables import plugin_actions
from tests.crm import Crm
from tests.house import ANNA, BERT, House
from tests.inbox.rule_texts import rule, use

GOLD = rule("crm.open_case: Refund", "tag: vip", name="Gold", condition="{crm.tier: gold}")
OTHER = rule("crm.open_case: Another", "tag: order", name="Gold", condition="{crm.tier: gold}")


@pytest.fixture
def crm() -> Crm:
    return Crm(tiers={ANNA: "gold", BERT: "silver"})


@pytest.fixture
def house(migrated_sqlite_url: str, tmp_path: Path, crm: Crm) -> Iterator[House]:
    with House(migrated_sqlite_url, tmp_path, rules={"crm": crm.additions()}) as built:
        yield built


def replayed(house: House, *rules: str) -> Report:
    folder = house.folder / "tried"
    folder.mkdir(exist_ok=True)
    (folder / "rules.yaml").write_text("rules:\n" + "".join(rules))
    now = house.clock.now()
    return replay_history(house.rooms.store, house.rooms.desk.catalogue, folder, now - timedelta(days=14), now)


def test_what_a_field_was_is_what_was_stored_and_no_plugin_is_asked(house: House, crm: Crm) -> None:
    use(house, GOLD)
    house.receive(house.says("one"), house.says("two", BERT))
    run_due(house.rooms, house.http)
    before = len(crm.asked), len(crm.requests), len(house.rows(plugin_actions))
    crm.tiers = {ANNA: "silver", BERT: "gold"}
    same = replayed(house, GOLD)
    assert (same.decisions, same.repeated, same.strayed, same.summary.changed) == (2, 2, 0, 0)
    changed = replayed(house, OTHER)
    found = {
        (one.kind, one.old, one.new) for group in changed.groups for each in group.examples for one in each.changes
    }
    assert found == {
        ("tag", "vip", None), ("tag", None, "order"),
        ("crm.open_case", "subject Refund", None), ("crm.open_case", None, "subject Another"),
    }  # fmt: skip
    assert (len(crm.asked), len(crm.requests), len(house.rows(plugin_actions))) == before


def test_a_value_that_was_not_available_then_is_not_guessed_at_now(house: House, crm: Crm) -> None:
    use(house, GOLD)
    crm.instead["tier"] = lambda _: 1 / 0
    house.receive(house.says("one"))
    report = replayed(house, rule("tag: quiet", name="Not gold", condition="{not: {crm.tier: gold}}"))
    assert report.summary.changed == 0
    assert [(gap.rule, gap.fields, gap.times) for gap in report.gaps] == [("Not gold", ("crm.tier",), 1)]


def test_queues_that_were_served_and_results_of_actions_are_no_decisions_of_rules(house: House) -> None:
    use(house, GOLD, rule("assign: {team: front}", name="All"), available=())
    house.receive(house.says("one"))
    run_due(house.rooms, house.http)
    house.available("ann")
    assert serve_queues(house.rooms) == 1
    report = replayed(house, GOLD, rule("assign: {team: front}", name="All"))
    assert (report.decisions, report.strayed, report.summary.changed) == (1, 0, 0)
