"""Nothing of a desk is missing in silence (numbers: what managers met in the field, docs/complaints.md)."""

from __future__ import annotations

from pathlib import Path

import pytest
from rich.table import Table
from typer.testing import CliRunner

from casella.cli import cli
from casella.commands.shared import err, out
from casella.desk import check_desk, read_desk, reread_desk
from tests.desk.desks import SOUND, catalogue, write_desk

RULE = "rules:\n  - {{name: {}, when: message_received, if: {{text: x}}, then: [close]}}\n"
NOTHING = ["", "\n\n", "# rules come tomorrow\n", "---\n", "\ufeff", "{}:\n", "{}: # none yet\n", "{}: ~\n", "null\n"]


@pytest.mark.parametrize("part", ["rules", "canned", "tests"])
@pytest.mark.parametrize("text", NOTHING)
def test_field_03_a_file_that_says_nothing_is_a_mistake(tmp_path: Path, part: str, text: str) -> None:
    changed = {f"{part}.yaml": text.format(part)}
    if part == "canned":
        changed["rules.yaml"] = "rules: []\n"
    said = [str(problem) for problem in check_desk(write_desk(tmp_path, changed), catalogue())]
    [problem] = [one for one in said if f"{part}.yaml:1:1: this file says nothing" in one]
    assert f"Write '{part}: {'{}' if part == 'canned' else '[]'}' if there shall be none" in problem


@pytest.mark.parametrize("part", ["rules", "canned", "tests"])
def test_field_03_what_the_hint_says_is_right(tmp_path: Path, part: str) -> None:
    changed = {f"{part}.yaml": f"{part}: {'{}' if part == 'canned' else '[]'}\n"}
    if part == "canned":
        changed["rules.yaml"] = "rules: []\n"
    assert check_desk(write_desk(tmp_path, changed), catalogue()) == []


def test_field_03_one_empty_file_among_several_is_told_too(tmp_path: Path) -> None:
    folder = write_desk(tmp_path, {"rules/a.yaml": RULE.format("A"), "rules/b.yaml": "# later\n"})
    (folder / "rules.yaml").unlink()
    [problem] = check_desk(folder, catalogue())
    assert problem.file.endswith("rules/b.yaml")


def test_a_desk_that_was_applied_without_rules_goes_on(tmp_path: Path) -> None:
    desk, problems = reread_desk({**{f"desk/{name}": text for name, text in SOUND.items()}, "desk/rules.yaml": ""},
                                 catalogue())  # fmt: skip
    assert desk is not None, problems


@pytest.mark.parametrize("place", ["rules/night/b.yaml", "rules/a/b/c.yaml", "rule/b.yaml", "Rules/b.yml"])
def test_field_04_files_in_folders_that_are_not_read_are_named(tmp_path: Path, place: str) -> None:
    folder = write_desk(tmp_path, {"rules/a.yaml": RULE.format("A"), place: RULE.format("Night")})
    (folder / "rules.yaml").unlink()
    [problem] = check_desk(folder, catalogue())
    assert str(problem).endswith(f"{place}:1:1: this file is not read. Put it into rules/ itself: "
                                 "folders in it are not read")  # fmt: skip


@pytest.mark.parametrize("part", ["canned", "tests"])
def test_field_04_so_are_those_of_the_other_parts(tmp_path: Path, part: str) -> None:
    folder = write_desk(tmp_path, {f"{part}/deep/b.yaml": "x", f"{part}/a.yaml": f"{part}: []\n"})
    (folder / f"{part}.yaml").unlink(missing_ok=True)
    said = [str(one) for one in check_desk(folder, catalogue())]
    assert any(f"{part}/deep/b.yaml:1:1: this file is not read" in one for one in said)


@pytest.mark.parametrize("name", ["b.yml", "b.YAML", "b.Yml", "b.yaml.txt", "b.yml.TXT"])
def test_field_04_files_with_nearly_the_right_ending_are_named(tmp_path: Path, name: str) -> None:
    folder = write_desk(tmp_path, {"rules/a.yaml": RULE.format("A"), f"rules/{name}": RULE.format("B")})
    (folder / "rules.yaml").unlink()
    [problem] = check_desk(folder, catalogue())
    assert (problem.message, problem.hint) == ("this file is not read", "Call it b.yaml")


def test_other_folders_and_notes_are_left_alone(tmp_path: Path) -> None:
    folder = write_desk(tmp_path, {"secrets/x.yaml": "x", "notes/README.md": "x", "rules.md": "x"})
    assert check_desk(folder, catalogue()) == []


HIDDEN = ["._desk.yaml", "rules/._a.yaml", "rules/.#a.yaml", "rules/.a.yaml.swp", ".rules.yml", "rules/.git/x.yaml",
          "rules/.old/x.yaml", "canned/._b.yaml"]  # fmt: skip


@pytest.mark.parametrize("name", HIDDEN)
def test_field_14_what_begins_with_a_dot_is_left_alone(tmp_path: Path, name: str) -> None:
    folder = write_desk(tmp_path, {"rules/a.yaml": RULE.format("A")})
    (folder / "rules.yaml").unlink()
    desk, _ = read_desk(folder, catalogue())
    if name.startswith("canned/"):
        (folder / "canned").mkdir()
        (folder / "canned.yaml").rename(folder / "canned" / "a.yaml")
    (folder / name).parent.mkdir(exist_ok=True)
    (folder / name).write_bytes(b"\x00\x05\x16\x07")
    again, problems = read_desk(folder, catalogue())
    assert desk is not None
    assert again is not None, problems
    assert [rule.name for rule in again.rules.rules] == ["A"]


def test_field_05_places_and_names_are_printed_as_they_are(tmp_path: Path) -> None:
    """A terminal library that draws `:100:` as a picture hides the line."""
    folder = write_desk(tmp_path, {"rules.yaml": "rules:\n" + "# x\n" * 98 + "  - nam: 'A :smile: :warning:'\n"})
    said = CliRunner().invoke(cli, ["check", str(folder)])
    assert "rules.yaml:100:5: " in said.stderr
    assert "rules.yaml:100:5: unknown key 'nam'" in said.stderr


def test_field_05_no_console_draws_pictures() -> None:
    """Every command prints through these two."""
    words = "Rule :100: says :warning: to :fire:"
    for console in (out, err):
        with console.capture() as captured:
            console.print(words, markup=False)
            console.print(Table("Rule", box=None), words)
        assert captured.get().count(":100: says :warning: to :fire:") == 2
