"""Where scratch folders lie."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.services.memory import suits

ASK = (
    "import tempfile; from tests.services import memory; memory.keep_scratch_in_memory(); print(tempfile.gettempdir())"
)


def test_a_place_that_was_chosen_is_kept(tmp_path: Path) -> None:
    environment = {**os.environ, "TMPDIR": str(tmp_path)}
    found = subprocess.run([sys.executable, "-c", ASK], env=environment, capture_output=True, text=True, check=True)
    assert found.stdout.strip() == str(tmp_path)


def test_a_place_without_room_or_not_ours_is_not_taken(tmp_path: Path) -> None:
    assert suits(tmp_path, 1)
    assert not suits(tmp_path, 1 << 60)
    assert not suits(tmp_path / "missing", 1)
