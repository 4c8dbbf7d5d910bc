"""`casella test`: one line when all is well; what failed and why, and exit code 1, when not."""

from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from casella.commands.desk import test
from tests.desk.desks import SOUND

EXAMPLE = Path(__file__).parents[2] / "examples" / "desk"


def run(*arguments: object) -> tuple[int, str]:
    cli = typer.Typer()
    test.register(cli)
    done = CliRunner().invoke(cli, [str(argument) for argument in arguments])
    return done.exit_code, done.output


@pytest.fixture
def desk(tmp_path: Path) -> Path:
    """A small sound desk, with one test that passes."""
    (tmp_path / "desk.yaml").write_text("desk: Small\ninboxes:\n  support: {name: Support}\n")
    for name in ("rules.yaml", "canned.yaml"):
        (tmp_path / name).write_text(SOUND[name])
    (tmp_path / "tests.yaml").write_text(
        "tests:\n  - {name: Greeted, given: {message: Hello}, expect: {rules: [Greeting]}}\n"
    )
    return tmp_path


def test_the_tests_of_the_example_desk_pass() -> None:
    code, output = run(EXAMPLE)
    assert (code, output.strip()) == (0, "8 tests passed")


def test_a_failure_is_told_with_what_decided_and_ends_with_one(desk: Path, tmp_path: Path) -> None:
    with (desk / "tests.yaml").open("a") as file:
        file.write("  - {name: Not greeted, given: {message: Goodbye}, expect: {rules: [Greeting]}}\n")
    report = tmp_path / "report.xml"
    code, output = run(desk, "--junit", report)
    assert code == 1
    assert f"{desk / 'tests.yaml'}:3:5: Not greeted" in output
    assert "text contains_word 'hello': no, it is 'Goodbye'" in output
    assert "1 of 2 tests passed" in output
    assert b'failures="1"' in report.read_bytes()


def test_a_report_that_cannot_be_written_loses_no_results(desk: Path, tmp_path: Path) -> None:
    report = tmp_path / "nowhere" / "report.xml"
    code, output = run(desk, "--junit", report)
    assert code == 1
    assert "1 test passed" in output
    assert f"could not be written to {report}: No such file or directory" in output


def test_some_tests_are_chosen_by_their_name(desk: Path) -> None:
    assert run(desk, "-k", "GREET") == (0, "1 test passed\n")
    code, output = run(desk, "-k", "no such")
    assert code == 1
    assert "No test has 'no such' in its name." in output


def test_a_desk_without_tests_is_told_so(desk: Path) -> None:
    (desk / "tests.yaml").unlink()
    code, output = run(desk)
    assert code == 1
    assert "write them into tests.yaml" in output
