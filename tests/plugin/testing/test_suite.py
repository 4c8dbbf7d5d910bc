"""The conformance kit itself: an honest plugin passes, a broken one fails exactly the checks that name its fault."""

from __future__ import annotations

import pytest

from casella.plugin.testing import ChannelConformance, failures
from tests.plugin.testing.toys import BROKEN, Toy, ToyConformance


class TestToy(ToyConformance):
    """The honest toy, by inheritance, as a plugin's author would."""


def suite_of(plugin: type[Toy]) -> ChannelConformance:
    return type("Suite", (ToyConformance,), {"plugin": plugin()})()


def test_an_honest_plugin_passes() -> None:
    assert failures(suite_of(Toy)) == []


@pytest.mark.parametrize("plugin", BROKEN, ids=lambda plugin: plugin.__name__)
def test_a_broken_plugin_fails_the_checks_that_name_its_fault(plugin: type[Toy]) -> None:
    found = {failure.check for failure in failures(suite_of(plugin))}
    assert found == set((plugin.__doc__ or "").split())


def test_most_checks_have_a_plugin_that_fails_them() -> None:
    checks = {name for name, _ in suite_of(Toy).checks()}
    named = {name for plugin in BROKEN for name in (plugin.__doc__ or "").split()}
    assert named <= checks
    assert len(checks - named) < len(checks) / 3, sorted(checks - named)


def test_tables_without_the_needed_cases_are_found() -> None:
    empty = type("Empty", (ToyConformance,), {"webhooks": (), "sends": ()})()
    found = {failure.check for failure in failures(empty)}
    assert {
        "test_the_cases_tell_a_message_and_a_refusal",
        "test_the_cases_tell_success_throttling_and_refusal",
    } <= found
