"""`casella test`: the tests that stand beside the rules, run by the house itself, in memory."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from casella.commands.shared import complain, out
from casella.desk import load_desk
from casella.desk.parts.catalogue import Catalogue
from casella.host import find_plugins
from casella.inbox.rule_tests import RuleTests, Verdict, junit


def register(cli: typer.Typer) -> None:
    """Add the command."""
    cli.command(name="test")(run_tests)


def run_tests(
    folder: Annotated[
        Path, typer.Argument(help="The desk folder, with tests.yaml or a folder tests/.", show_default=False)
    ],
    name: Annotated[str, typer.Option("--name", "-k", help="Only tests with these words in their name.")] = "",
    report: Annotated[Path | None, typer.Option("--junit", help="Write the results as JUnit XML to this file.")] = None,
) -> None:
    """Run the tests written beside the rules. Needs no database, sends nothing; exit code 1 if one fails.

    Example: casella test desk/ --junit report.xml
    """
    host = find_plugins()
    desk = load_desk(folder, Catalogue.of_host(host))
    chosen = [test for test in desk.tests if name.casefold() in test.part.name.casefold()]
    if not chosen:
        _none(folder, name)
        raise SystemExit(1)
    tests = RuleTests(desk, host)
    verdicts = [tests.run(test) for test in chosen]
    _print(verdicts)
    written = report is None or _write(report, junit(verdicts))
    if not written or not all(verdict.passed for verdict in verdicts):
        raise SystemExit(1)


def _write(report: Path, results: bytes) -> bool:
    try:
        report.write_bytes(results)
    except OSError as error:
        complain(f"The results could not be written to {report}: {error.strerror or type(error).__name__}.")
        return False
    return True


def _none(folder: Path, name: str) -> None:
    if name:
        complain(f"No test has '{name}' in its name.")
    else:
        complain(f"There are no tests in {folder}; write them into tests.yaml; `casella docs managers` says how.")


def _print(verdicts: list[Verdict]) -> None:
    failed = [verdict for verdict in verdicts if not verdict.passed]
    for verdict in failed:
        out.print(verdict.as_text(), markup=False, soft_wrap=True)
        out.print()
    count = len(verdicts)
    passed = f"{count - len(failed)} of {count} tests passed" if failed else f"{count} tests passed"
    out.print(passed if count > 1 or failed else "1 test passed", markup=False)
