"""A test that passes beside the rules passes in the house: whatever rules and people do, `casella test` and a house on
a database come to the same, step by step."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings

from casella.desk import Desk, read_desk
from casella.desk.parts.catalogue import Catalogue
from tests.desk.trials.corpus import CASES, TWIN_DESK
from tests.desk.trials.random_desks import random_desks
from tests.desk.trials.twin import AnyTime, HouseTwin, seen_in_memory, twin_desk
from tests.fakes import AcmeChannel
from tests.house import House

pytestmark = pytest.mark.filterwarnings("error")


@pytest.fixture(scope="module")
def twin(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[HouseTwin]:
    folder = tmp_path_factory.mktemp("twin")
    (folder / "casella.db").write_bytes(sqlite_template.read_bytes())
    clock = AnyTime()
    with House(f"sqlite:///{folder / 'casella.db'}", folder, clock=clock, desk=None) as house:
        yield HouseTwin(house, clock)


def written(folder: Path, rules: str, tests: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in {**TWIN_DESK, "rules.yaml": rules, "tests.yaml": "tests:\n" + tests}.items():
        (folder / name).write_text(text)
    return folder


def same(twin: HouseTwin, desk: Desk) -> None:
    for test in desk.tests:
        in_memory, in_the_house = seen_in_memory(desk, test), twin.seen(desk, test)
        for number, (memory, house) in enumerate(zip(in_memory, in_the_house, strict=True)):
            assert memory == house, f"{test.part.name}, step {number}"


@pytest.mark.parametrize("name", CASES)
def test_what_was_thought_of(name: str, twin: HouseTwin, tmp_path: Path) -> None:
    rules, tests = CASES[name]
    desk = twin_desk(written(tmp_path / "desk", rules, tests))
    same(twin, desk)


@given(random_desks())
@settings(
    max_examples=25, deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.filter_too_much],
)  # fmt: skip
def test_and_what_was_not(twin: HouseTwin, tmp_path: Path, files: tuple[str, str]) -> None:
    folder = written(tmp_path / "desk", *files)
    desk, problems = read_desk(folder, Catalogue({"acme": AcmeChannel.settings_model}))
    if desk is None:
        assert not [one for one in problems if one.file.endswith("tests.yaml")], problems
        return  # the check refuses loops and rules that can never act
    same(twin, desk)
