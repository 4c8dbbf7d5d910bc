"""What is suspicious is told, keeps nobody from applying, and is never told of a desk that is well."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from typer.testing import CliRunner

from casella.cli import cli
from casella.desk import load_desk
from casella.desk.checks.hints import hints
from casella.desk.parts.catalogue import Catalogue
from casella.host import find_plugins
from tests.desk.desks import SOUND, catalogue, write_desk
from tests.docs.pages import ROOT

TODAY = date(2026, 11, 28)
NASTY = {
    "desk.yaml": SOUND["desk.yaml"].replace("teams: [billing], inboxes", "inboxes")
    + """  never:
    week: {monday: 09:00-10:00}
webhooks:
  crm: {url: "https://crm.example/hook"}
surveys:
  csat: {question: greeting}
""",
    "rules.yaml": """\
rules:
  - name: Twice
    when: message_received
    if: {hours: {support: open}}
    then: [{assign: {team: billing}}, {note: x}, {assign: {team: front-desk}}]
""",
}


def test_each_suspicion_is_told_with_its_place(tmp_path: Path) -> None:
    desk = load_desk(write_desk(tmp_path, NASTY), catalogue())
    said = [str(hint).partition("desk/")[2] for hint in hints(desk, TODAY)]
    assert said == [
        "desk.yaml:1:1: nothing uses the office hours 'never'. Name it in a rule, or take it out",
        "desk.yaml:1:1: nothing uses the survey 'csat'. Name it in a rule, or take it out",
        "desk.yaml:1:1: nothing uses the webhook 'crm'. Name it in a rule, or take it out",
        "desk.yaml:1:1: rules give conversations to the team 'billing', and nobody is in it. "
        "Add billing to the 'teams' of an agent",
        "rules.yaml:2:5: only the first 'assign' of 'Twice' ever acts. Write one with 'else', or make two rules of it",
    ]


def test_assigns_that_leave_each_other_no_chance_are_told_and_others_are_not(tmp_path: Path) -> None:
    rules = """\
rules:
  - name: Sender, or the team
    when: message_sent
    if: {hours: {support: open}}
    then: [{assign: {to: sender}}, {assign: {team: front-desk}}]
  - name: The team, and never the sender
    when: message_sent
    if: {hours: {support: closed}}
    then: [{assign: {team: front-desk}}, {assign: {to: sender}}]
  - name: Nowhere to wait
    when: message_received
    if: {hours: {support: closed}}
    then: [{assign: {agent: ann, else: {team: front-desk, after: 5m}}}]
"""
    desk = load_desk(write_desk(tmp_path, {"rules.yaml": rules}), catalogue())
    said = [str(hint).partition("desk/")[2] for hint in hints(desk, TODAY) if "rules.yaml" in str(hint)]
    assert said == [
        "rules.yaml:6:5: only the first 'assign' of 'The team, and never the sender' ever acts. "
        "Write one with 'else', or make two rules of it",
        "rules.yaml:10:5: the 'after' in the 'else' of 'Nowhere to wait' does nothing: "
        "an agent has no queue to wait in. Drop it, or write {team: …} instead of the agent",
    ]


def test_the_example_desk_is_beyond_suspicion() -> None:
    assert hints(load_desk(ROOT / "examples" / "desk", Catalogue.of_host(find_plugins())), TODAY) == ()


def test_only_strict_fails_for_them(tmp_path: Path) -> None:
    desk = tmp_path / "desk"
    desk.mkdir()
    for file in (ROOT / "examples" / "desk").glob("*.yaml"):
        (desk / file.name).write_text(file.read_text())
    with (desk / "desk.yaml").open("a") as written:
        written.write('webhooks:\n  crm: {url: "https://crm.example/hook"}\n')
    plain, strict = (CliRunner().invoke(cli, ["check", str(desk), *more]) for more in ([], ["--strict"]))
    assert (plain.exit_code, strict.exit_code) == (0, 1)
    assert "hint: " in plain.output
    assert "nothing uses the webhook 'crm'" in plain.output
