"""What every suite has: tables of cases, each case a test of its own; and running it without pytest."""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import pytest


class Case(Protocol):
    """One row of a table."""

    @property
    def label(self) -> str: ...  # pragma: no cover - a protocol


class Tables:
    """The base of a suite. `_tables`: its cases, by the name of the parameter that takes one."""

    def _tables(self) -> Mapping[str, Sequence[Case]]:
        raise NotImplementedError

    def pytest_generate_tests(self, metafunc: pytest.Metafunc) -> None:
        """Each case of a table is a test of its own, named by its label."""
        for fixture, cases in self._tables().items():
            if fixture in metafunc.fixturenames:
                metafunc.parametrize(fixture, cases, ids=[case.label for case in cases])

    def checks(self) -> Iterator[tuple[str, str]]:
        """Names of the checks, each with the table it goes through, or an empty text."""
        for name, method in inspect.getmembers(type(self), inspect.isfunction):
            if name.startswith("test_"):
                parameters = inspect.signature(method).parameters
                yield name, next((table for table in self._tables() if table in parameters), "")


@dataclass(frozen=True, slots=True)
class Failure:
    """A check that a plugin does not pass. `case`: the label, for checks that go through a table."""

    check: str
    case: str
    error: Exception


def failures(suite: Tables) -> list[Failure]:
    """Runs every check once and gathers what fails: for a host that wants to know a plugin before it trusts it."""
    found = []
    for check, table in suite.checks():
        for case in suite._tables()[table] if table else [None]:
            try:
                getattr(suite, check)(*([case] if case else []))
            except Exception as error:  # noqa: BLE001 - whatever a stranger's code raises is the finding
                found.append(Failure(check, case.label if case else "", error))
    return found
