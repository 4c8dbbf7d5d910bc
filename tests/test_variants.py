"""What the second part of the suite says again, the first part has said; and every process calls a test the same."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from tests.variants import AGAIN, COLLECTED, DATABASES, names_of_the_moment, only_said_again, share_out_databases

ROOT = Path(__file__).parents[1]


class Named(pytest.Item):
    """A test of this name that does nothing."""

    def runtest(self) -> None:
        raise AssertionError("only collected")


@pytest.fixture
def named(request: pytest.FixtureRequest) -> list[pytest.Item]:
    names = [f"test_{law}[{database}-{law}]" for law in "abcdefghijklmnop" for database in DATABASES]
    return [Named.from_parent(request.node.parent, name=name) for name in [*names, "test_z[postgres]", "test_plain"]]


def test_the_suite_has_two_parts_and_names_that_stay(request: pytest.FixtureRequest) -> None:
    collected = request.config.stash[COLLECTED]
    assert names_of_the_moment(collected) == []
    if request.config.args == request.config.getini("testpaths"):  # else the sibling may not have been looked for
        assert only_said_again(collected) == []


def test_of_two_databases_one_is_said_again_always_the_same_and_not_always_one(named: list[pytest.Item]) -> None:
    share_out_databases(named, ROOT)
    again = [item.name for item in named if item.get_closest_marker("again")]
    assert len(again) == 16
    assert len({name.partition("[")[0] for name in again}) == 16
    assert {name.partition("[")[2].partition("-")[0] for name in again} == set(DATABASES)
    assert only_said_again(named) == []


def test_what_nothing_says_in_the_first_part_is_named(named: list[pytest.Item]) -> None:
    named[-1].add_marker(AGAIN)
    named[0].add_marker(AGAIN("test_b"))
    named[1].add_marker(AGAIN("test_b"))
    assert only_said_again(named) == [named[-1].nodeid]


@pytest.mark.parametrize("made_of", ["now={now:.0f}", "<object at 0x7f3a5c1d2e80>"], ids=["moment", "place"])
def test_a_name_made_of_the_moment_is_found(request: pytest.FixtureRequest, made_of: str) -> None:
    item = Named.from_parent(request.node.parent, name=f"test_x[{made_of.format(now=time.time())}]")
    assert names_of_the_moment([item]) == [item.nodeid]


def test_ci_runs_both_parts() -> None:
    commands = {name: (ROOT / "Makefile").read_text().partition(f"\n{name}: ")[2] for name in ("test", "test-again")}
    assert '-m "not again"' in commands["test"].partition("\n\n")[0]
    assert "-m again" in commands["test-again"].partition("\n\n")[0]
    assert "for part in test test-again;" in (ROOT / ".ci/run").read_text()
