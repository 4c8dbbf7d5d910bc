"""The runner says what it can do, and refuses what it cannot."""

from __future__ import annotations

import pytest

from tests.faults.__main__ import main
from tests.faults.catalogue import FAULTS


def test_every_fault_has_a_name_of_its_own_and_is_listed(capsys: pytest.CaptureFixture[str]) -> None:
    names = [fault.name for fault in FAULTS]
    assert len(names) == len(set(names))
    assert main(["--list"]) == 0
    listed = capsys.readouterr().out
    assert all(name in listed for name in [*names, "upgraded"])


def test_help_shows_examples(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--help"])
    assert 'make faults ARGS="--minutes 3"' in capsys.readouterr().out


def test_an_unknown_fault_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--only", "earthquake"])
    assert "invalid choice: 'earthquake'" in capsys.readouterr().err
