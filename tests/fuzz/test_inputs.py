"""What fuzzing found worth keeping is read again, always; and the program that finds it is in order."""

from __future__ import annotations

import pytest

from tests.fuzz.subjects import INPUTS, SUITES, Subject, recorded
from tests.fuzz.targets import NAMES


def test_every_channel_is_fuzzed_and_recorded() -> None:
    assert tuple(SUITES) == NAMES
    assert {path.stem for path in INPUTS.iterdir()} == set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_recorded_inputs_raise_nothing(name: str) -> None:
    subject, inputs = Subject(name), recorded(name)
    assert len(inputs) >= 10
    for given in (*subject.seeds(), *inputs, b""):
        subject.take(given)
