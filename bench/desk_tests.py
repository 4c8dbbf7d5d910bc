"""Tests beside the rules: `casella test`, which runs the house itself in memory.

    python -m bench.desk_tests                100 tests, and those of examples/desk
    python -m bench.desk_tests --tests 1000   more of them
    python -m bench.desk_tests --quick        8 tests

The 100 are those of examples/desk again and again. What a command needs until its first verdict, loading included, is
the CPU of a process of its own; how long a test takes is measured in this one, when everything is loaded.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import yaml

from bench.rig import report
from casella.desk import Catalogue, load_desk
from casella.host import find_plugins
from casella.inbox.rule_tests import RuleTests

EXAMPLE = Path(__file__).parents[1] / "examples" / "desk"


def main(argv: Sequence[str] | None = None) -> int:
    given = _parser().parse_args(argv)
    tests = min(given.tests, 8) if given.quick else given.tests
    with TemporaryDirectory() as folder:
        desk, name = _written(Path(folder), tests)
        report.progress("one test, in a process of its own")
        first_ms = _command(str(desk), "-k", name)
        report.progress("the tests of examples/desk, in a process of its own")
        example_ms = _command(str(EXAMPLE))
        report.progress(f"{tests} tests, here")
        house_ms, seconds = _run(desk)
    each_ms = seconds * 1000 / tests
    report.table(
        "Tests beside the rules, milliseconds of CPU", ("what", "ms"),
        [("one test, start to verdict", first_ms), ("examples/desk, start to end", example_ms),
         ("the house of a desk, once", house_ms), (f"each of {tests} tests", each_ms)],
    )  # fmt: skip
    report.last_line(
        {
            "tests_per_second": round(tests / seconds, 1),
            "first_test_ms": round(first_ms),
            "ms_per_test": round(each_ms, 1),
            "tests": tests,
            "example_ms": round(example_ms),
            "house_ms": round(house_ms),
        }
    )
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m bench.desk_tests", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--tests", type=int, default=100, help="of one desk (default 100)")
    parser.add_argument("--quick", action="store_true", help="8 tests, to see that it works")
    return parser


def _written(folder: Path, tests: int) -> tuple[Path, str]:
    """The example desk with so many tests, and the name of one that no other test has."""
    desk = folder / "desk"
    shutil.copytree(EXAMPLE, desk)
    known = yaml.safe_load((desk / "tests.yaml").read_text())["tests"]
    listed = [{**known[number % len(known)], "name": f"No. {number:06}"} for number in range(tests)]
    (desk / "tests.yaml").write_text(yaml.safe_dump({"tests": listed}, sort_keys=False))
    return desk, "No. 000000"


def _command(*arguments: str) -> float:
    """Milliseconds of CPU that `casella test` takes with these, from its start to its end."""
    command = [sys.executable, "-c", "from casella.cli import main; main()", "test", *arguments]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"casella test ended with {process.returncode}")
    return (used.ru_utime + used.ru_stime) * 1000


def _run(folder: Path) -> tuple[float, float]:
    """Milliseconds until the house of the desk stands, and seconds for all its tests; both of CPU."""
    host = find_plugins()
    desk = load_desk(folder, Catalogue.of_host(host))
    began = time.process_time()
    house = RuleTests(desk, host)
    stands = time.process_time()
    failed = [verdict.as_text() for verdict in map(house.run, desk.tests) if not verdict.passed]
    if failed:
        raise SystemExit("\n".join(failed))
    return (stands - began) * 1000, time.process_time() - stands


if __name__ == "__main__":
    raise SystemExit(main())
