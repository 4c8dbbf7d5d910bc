"""A distribution of others that adds to the rules: installed, at work in a house, broken, removed, installed again."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from casella.cli import cli
from casella.host import find_plugins
from casella.inbox.background.plugin_actions import run_due
from casella.store.tables import messages, plugin_actions
from tests.house import CANNED, DESK, House
from tests.inbox.rule_texts import rule, tags, use

PLUGIN = """
from pydantic import Field

from casella.plugin import ActionArgument, ActionResult, RuleAction, RuleAdditions, RuleField, RuleStrategy, hookimpl


class Stamp(ActionArgument):
    colour: str = Field(description="Which colour", examples=["red"])


def long(question):
    return len(question.facts.get("text") or "") > 10


def stamp(request, http):
    return ActionResult(f"Stamped {request.argument.colour}", tags=("quiet",))


@hookimpl
def register_rules(register):
    register(
        RuleAdditions(
            "The post office", "1.1",
            fields=(RuleField("post.long", "flag", "Whether it is long.", "post.long: true", long),),
            actions=(RuleAction("post.stamp", Stamp, "Stamp it.", "post.stamp: red", stamp, shorthand="colour"),),
            strategies=(RuleStrategy("post.first", "By name.", lambda some, _: sorted(one.agent for one in some)),),
        )
    )
"""
RULES = (
    rule("post.stamp: red", "tag: order", name="Long letters", condition="{post.long: true}"),
    rule("assign: {team: front, strategy: post.first}", name="Assigns"),
    rule("tag: refund", name="Plain"),
)


class Shelf:
    """A folder on the path into which the distribution is laid, as pip would."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir()

    def install(self, source: str = PLUGIN) -> None:
        about = self.folder / "post_rules-1.0.dist-info"
        about.mkdir(exist_ok=True)
        (about / "METADATA").write_text("Metadata-Version: 2.1\nName: post-rules\nVersion: 1.0\n")
        (about / "entry_points.txt").write_text("[casella]\npost = post_rules\n")
        (self.folder / "post_rules.py").write_text(source)
        self._forget()

    def remove(self) -> None:
        for name in ("METADATA", "entry_points.txt"):
            (self.folder / "post_rules-1.0.dist-info" / name).unlink()
        (self.folder / "post_rules-1.0.dist-info").rmdir()
        (self.folder / "post_rules.py").unlink()
        self._forget()

    def _forget(self) -> None:
        sys.modules.pop("post_rules", None)
        importlib.invalidate_caches()


@pytest.fixture
def shelf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Shelf]:
    made = Shelf(tmp_path / "site")
    monkeypatch.syspath_prepend(str(made.folder))
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setenv("CASELLA_DATA_DIR", str(tmp_path / "none"))
    monkeypatch.setattr(sys, "dont_write_bytecode", True)  # two versions within one second are one to the cache
    yield made
    made._forget()


@pytest.fixture
def house(shelf: Shelf, migrated_sqlite_url: str, tmp_path: Path) -> Iterator[House]:
    shelf.install()
    with House(migrated_sqlite_url, tmp_path, host=find_plugins()) as built:
        use(built, *RULES)
        yield built


def checked(house: House) -> tuple[int, str]:
    """What `casella check` says of the desk, whose channel type nobody has installed: its rules alone."""
    folder = house.folder / "checked"
    folder.mkdir(exist_ok=True)
    desk = DESK.replace("type: acme, settings: {secret", "type: webchat, settings: {identity_secret")
    for name, text in {"desk.yaml": desk, "rules.yaml": "rules:\n" + "".join(RULES), "canned.yaml": CANNED}.items():
        (folder / name).write_text(text)
    done = CliRunner().invoke(cli, ["check", str(folder)])
    return done.exit_code, done.output + done.stderr


def test_it_is_found_works_and_goes_without_taking_anything_along(
    house: House, shelf: Shelf, migrated_sqlite_url: str, tmp_path: Path
) -> None:
    house.receive(house.says("A long letter about something"))
    assert tags(house) == {"order", "refund"}
    assert house.rows(messages)[0]["text"] == "A long letter about something"
    assert run_due(house.rooms, house.http) == 1
    assert tags(house) == {"order", "refund", "quiet"}
    shelf.remove()
    with House(migrated_sqlite_url, tmp_path, desk=None, clock=house.clock, host=find_plugins()) as without:
        assert "post" not in without.host.rules.additions
        without.receive(without.says("Another long letter about it", sender="+390555000009", external_id="b1"))
        assert tags(without) == {"refund"}
        without.receive(without.says("short", sender="+390555000008", external_id="b2"))
        assert tags(without) == {"refund"}
    shelf.install()
    with House(migrated_sqlite_url, tmp_path, desk=None, clock=house.clock, host=find_plugins()) as again:
        again.receive(again.says("A third long letter", sender="+390555000007", external_id="c1"))
        assert tags(again) == {"order", "refund"}
        assert [row["state"] for row in again.rows(plugin_actions)] == ["done", "queued"]


def test_check_and_channels_say_what_is_there_and_what_is_not(house: House, shelf: Shelf) -> None:
    run = CliRunner().invoke
    assert "post.stamp" in run(cli, ["channels"]).output
    code, said = checked(house)
    assert "post." not in said, said
    shelf.remove()
    code, said = checked(house)
    assert code == 1
    assert "unknown field 'post.long'. Install the plugin 'post' if it brings this field" in said
    assert "unknown action 'post.stamp'. Install the plugin 'post' if it brings this action" in said
    assert "strategy 'post.first' is not known. Install the plugin 'post' if it brings this strategy" in said


@pytest.mark.parametrize(
    ("source", "why"),
    [
        ("import a_module_that_is_not_there\n", "could not be loaded: ModuleNotFoundError"),
        (PLUGIN.replace('"1.1"', '"2.0"'), "is made for plugin contract 2.0"),
        (PLUGIN.replace('"post.long", "flag"', '"letters.long", "flag"'), "not under its own name"),
        (PLUGIN.replace("def register_rules(register)", "def register_rule(register)"), "unknown hook 'register_rule'"),
    ],
)
def test_a_broken_version_is_set_aside_and_named_wherever_people_look(
    house: House, shelf: Shelf, migrated_sqlite_url: str, tmp_path: Path, source: str, why: str
) -> None:
    shelf.install(source)
    code, said = checked(house)
    assert (code, "The plugin 'post' is set aside: " in said, why in said) == (1, True, True), said
    listed = CliRunner().invoke(cli, ["channels"])
    assert (listed.exit_code, why[:20] in listed.output) == (1, True)
    with House(migrated_sqlite_url, tmp_path, desk=None, clock=house.clock, host=find_plugins()) as later:
        later.receive(later.says("A long letter about something", external_id="d1"))
        assert tags(later) == {"refund"}
