"""`casella apply`, as a manager calls it: what will change is shown first, and nothing is lost by mistake."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import Table
from typer.testing import CliRunner, Result

from casella.cli import cli
from casella.store import Store
from casella.store.tables import channels, desk_versions
from tests.commands.demo_secrets import demo_environment
from tests.docs.pages import ROOT

Apply = Callable[..., Result]


@pytest.fixture
def desk(tmp_path: Path) -> Path:
    return Path(shutil.copytree(ROOT / "examples" / "desk", tmp_path / "desk"))


@pytest.fixture
def apply(desk: Path, migrated_sqlite_url: str, tmp_path: Path) -> Apply:
    environment = demo_environment(migrated_sqlite_url, tmp_path)
    return lambda *options, **other: CliRunner().invoke(cli, ["apply", str(desk), *options], env=environment | other)


def rows(url: str, table: Table) -> int:
    store = Store(url)
    with store.read() as db:
        count = len(db.execute(table.select()).all())
    store.close()
    return count


def without_webchat(desk: Path) -> None:
    kept, skipping = [], False
    for line in (desk / "desk.yaml").read_text().splitlines(keepends=True):
        if line.startswith("  demo-webchat:"):
            skipping = True
        elif not line.startswith("    "):
            skipping = False
        if not skipping:
            kept.append(line)
    (desk / "desk.yaml").write_text("".join(kept))


def test_a_dry_run_shows_everything_and_changes_nothing(apply: Apply, migrated_sqlite_url: str) -> None:
    shown = apply("--dry-run")
    assert shown.exit_code == 0, shown.output
    assert "created   inbox support" in shown.output
    assert "this was a dry run" in shown.output
    assert rows(migrated_sqlite_url, desk_versions) == rows(migrated_sqlite_url, channels) == 0


def test_what_is_new_needs_no_yes_and_what_is_removed_does(apply: Apply, desk: Path, migrated_sqlite_url: str) -> None:
    assert apply().exit_code == 0
    assert apply("--dry-run").output.splitlines()[0] == "Nothing differs from the desk in use."
    assert "Desk version 1 is in use; nothing was to be done." in apply().output
    assert rows(migrated_sqlite_url, desk_versions) == 1
    without_webchat(desk)
    refused = apply()
    assert refused.exit_code == 1
    assert "removed   channel demo-webchat" in refused.output
    assert "say --yes" in refused.output
    assert rows(migrated_sqlite_url, desk_versions) == 1
    agreed = apply("--yes")
    assert agreed.exit_code == 0, agreed.output
    assert "Desk version 2 is in use" in agreed.output


def test_the_plan_says_everything_that_changes(apply: Apply, desk: Path) -> None:
    assert apply("--yes").exit_code == 0
    for name, old, new in (
        ("desk.yaml", "saturday: 09:00-13:00 ", "saturday: closed "),
        ("desk.yaml", "strategy: least_busy ", "strategy: manual "),
        ("desk.yaml", "  demo-sms:\n", "  demo-number:\n"),
        ("rules.yaml", "- priority: urgent", "- priority: high"),
    ):
        text = (desk / name).read_text()
        assert old in text
        (desk / name).write_text(text.replace(old, new))
    told = apply("--dry-run", CASELLA_DEMO_TWILIO_AUTH_TOKEN="u" * 32).output

    assert told.splitlines() == [
        "changed   connection twilio: a value kept outside the desk (a secret, a variable) is another one",
        "changed   channel demo-number: its key was demo-sms",
        "changed   team billing: strategy least_busy → manual",
        "changed   office hours support: saturday 09:00-13:00 → closed",
        "changed   rule Refunds from VIPs go first: then",
        "Nothing was changed: this was a dry run.",
    ]


def test_other_comments_are_kept_and_change_nothing(apply: Apply, desk: Path) -> None:
    assert apply("--yes").exit_code == 0
    (desk / "rules.yaml").write_text("# Rules\n" + (desk / "rules.yaml").read_text())
    told = apply().output
    assert "Nothing works differently: only comments, order or layout have changed." in told
    assert "Desk version 2 is in use" in told


def test_a_broken_desk_leaves_the_last_good_one_in_use(apply: Apply, desk: Path, migrated_sqlite_url: str) -> None:
    assert apply("--yes").exit_code == 0
    (desk / "rules.yaml").write_text("rules:\n  - {name: A, when: message_received, if: always, then: [asign]}\n")
    refused = apply("--yes", "--even-in-use")
    assert refused.exit_code == 1
    assert "rules.yaml:2:58: unknown action 'asign'. Did you mean 'assign'?" in str(refused.exception)
    assert rows(migrated_sqlite_url, desk_versions) == 1


def test_secrets_are_never_printed(apply: Apply) -> None:
    for shown in (apply("--dry-run"), apply("--yes")):
        assert "t" * 32 not in shown.output
        assert "w" * 40 not in shown.output
