"""The benchmark of the agents' page, small: it runs both pages, and its last line says what was measured."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from bench.page import main

from tests.browser import driver_node
from tests.conftest import ABSENT

ROOT = Path(__file__).parents[2]
KEYS = ["eager_kb", "css_kb", "first_view_ms_1x", "first_view_ms_4x", "scroll_ms_per_step_1x", "scroll_ms_per_step_4x",
        "open_p95_ms_4x", "keystroke_p95_ms", "requests_per_1000_events", "heap_growth",
        "ratio_to_bare"]  # fmt: skip
BUDGETS = {"eager_kb": 60, "css_kb": 12}  # what no load of the machine changes


@pytest.mark.slow
@pytest.mark.browser
def test_both_pages_are_measured_and_the_last_line_has_the_keys(chromium_path: Path) -> None:
    try:
        node = driver_node()
    except LookupError as missing:
        if os.environ.get("REQUIRE_BROWSER"):
            pytest.fail(f"{ABSENT}{missing}", pytrace=False)
        pytest.skip(f"{ABSENT}{missing}")
    environment = {
        **os.environ, "CASELLA_TEST_CHROMIUM": str(chromium_path), "PLAYWRIGHT_NODEJS_PATH": str(node)
    }  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-m", "bench.page", "--quick"],
        cwd=ROOT, env=environment, capture_output=True, text=True, timeout=200,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    figures = json.loads(done.stdout.splitlines()[-1])
    assert list(figures) == KEYS
    assert all(figures[name] > 0 for name in KEYS if name not in ("requests_per_1000_events", "heap_growth"))
    assert all(figures[name] <= most for name, most in BUDGETS.items())
    blank = next(line for line in done.stdout.splitlines() if "blank frames" in line)
    assert set(blank.replace("blank frames", "")) <= set("│ 0"), "no frame may show a gap in the list"


def test_it_explains_itself(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--help"])
    assert "python -m bench.page --quick" in capsys.readouterr().out
