"""`casella replay`, as a manager calls it; and the page, as it is read."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page
from typer.testing import CliRunner, Result

from casella.cli import cli
from casella.commands.desk.replay_page import page as rendered
from casella.inbox.history.changes import Change
from casella.inbox.history.known import Gap
from casella.inbox.history.report import Example, Group, QueueLine, Report, RuleLine, Summary
from casella.inbox.history.rows import Extent
from casella.inbox.history.waiting import ASSUMPTIONS, TeamWaits
from tests.house import ANNA, BERT, House

OLD = "rules: [{name: All, when: message_received, if: always, then: [{assign: {team: front}}]}]"
NEW = """
rules:
  - name: Money
    when: message_received
    if: {text: {contains_word: refund}}
    then: [{assign: {team: billing}}]
"""


@pytest.fixture
def environment(house: House) -> Mapping[str, str]:
    house.apply(rules=OLD)
    house.available("ann", "cleo")
    house.receive(house.says("I want a <b>refund</b>", ANNA))
    house.receive(house.says("hello", BERT))
    (house.folder / "new.yaml").write_text(NEW)
    return {"CASELLA_DATABASE_URL": house.settings.database_url, "CASELLA_DATA_DIR": str(house.folder / "data")}


def call(environment: Mapping[str, str], *arguments: object) -> Result:
    return CliRunner().invoke(cli, ["replay", *map(str, arguments)], env=environment)


def test_what_a_customer_wrote_gives_the_terminal_no_orders(house: House) -> None:
    house.apply(rules=OLD)
    house.available("ann", "cleo")
    house.receive(house.says("a refund \x1b]0;owned\x07 [red]\x9b2J", contact_name="Ada\x1b[2K\u202e"))
    (house.folder / "new.yaml").write_text(NEW)
    told = call({"CASELLA_DATABASE_URL": house.settings.database_url, "CASELLA_DATA_DIR": str(house.folder / "data")},
                "--rules", house.folder / "new.yaml")  # fmt: skip
    assert told.exit_code == 0, told.output
    assert "owned" in told.output
    assert "Ada" in told.output
    assert not {"\x1b", "\x07", "\x9b", "\u202e"} & set(told.output)


def test_it_shows_the_difference_and_writes_the_page(house: House, environment: Mapping[str, str]) -> None:
    html = house.folder / "difference.html"
    done = call(environment, "--rules", house.folder / "new.yaml", "--since", "2026-01-01", "--html", html)
    assert done.exit_code == 0, done.output
    assert "2 of 2 (100.0%) conversations would have gone differently" in done.output
    assert "assign: team front → team billing" in done.output
    assert "Because of “Money”: 1 conversation\n" in done.output
    written = html.read_text()
    assert "team front → team billing" in written
    assert "&lt;b&gt;refund&lt;/b&gt;" in written
    assert "<b>" not in written


def test_it_prints_json(house: House, environment: Mapping[str, str]) -> None:
    done = call(environment, "--rules", house.folder / "new.yaml", "--since", "2026-01-01", "--json")
    assert done.exit_code == 0, done.output
    found = json.loads(done.stdout)
    assert found["summary"]["elsewhere"] == found["summary"]["no_longer_given"] == 1
    assert found["groups"][0]["examples"][0]["changes"][0]["kind"] == "assign"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--since", "14d"], "--since needs --rules"),
        (["--json"], "--json needs --rules"),
        (["--rules", "x", "--connection", "acme"], "--connection belongs to the kept webhooks"),
        (["--rules", "x", "--since", "soon"], "neither a length (14d, 36h) nor a date"),
        (["--rules", "x", "--since", "2999-01-01"], "--since 2999-01-01 lies in the future"),
    ],
)
def test_what_does_not_belong_together_is_said(arguments: list[str], said: str) -> None:
    done = CliRunner().invoke(cli, ["replay", *arguments], env={"COLUMNS": "200", "TERM": "dumb"})
    assert done.exit_code == 2
    assert said in " ".join(done.output.replace("│", " ").split())


def report() -> Report:
    at = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
    changes = (
        Change("assign", "team front", "team billing", "Money"),
        Change("reply", None, "canned refund_received", "Money"),
        Change("tag", "quiet", None, "All"),
    )
    example = Example("0199a", "Anna <Rossi>", at, "I want my money\nback", changes)
    return Report(
        since=at, until=at, rules="new/", rule_set="abc", old_rule_sets=("def",),
        extent=Extent(1000, 900, 890, 3), decisions=1000, repeated=998, strayed=2, unreadable=0,
        summary=Summary(400, 30, elsewhere=20, replies_new=12),
        rule_lines=(RuleLine("Money", "new", 0, 20, 0, 0), RuleLine("All", "changed", 400, 380, 4, 0)),
        queues=(QueueLine("team billing", 100, 120, TeamWaits(100, 60, 600), TeamWaits(120, 90, 1200, 1)),),
        groups=(Group("Money", 20, [example]), Group("All", 10, [replace(example, contact="")])),
        gaps=(Gap("Regulars", ("contact.is_new",), 7),), limits=("Something is not known.",), assumptions=ASSUMPTIONS,
    )  # fmt: skip


@pytest.mark.browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_can_be_read_by_everybody(page: Page, tmp_path: Path, scheme: str) -> None:
    file = tmp_path / "difference.html"
    file.write_text(rendered(report()), encoding="utf-8")
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    page.goto(file.as_uri())
    assert page.get_by_role("heading", level=1).inner_text() == "What other rules would have done"
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
    page.set_viewport_size({"width": 320, "height": 640})
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
