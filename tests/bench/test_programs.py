"""Every benchmark runs in a tiny setting and ends with its line of JSON. How fast it was is nobody's business here."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
KEYS = {
    "intake": ["requests_per_second", "ratio_to_no_store", "ratio_to_bare_group_commit", "p99_ms"],
    "pipeline": ["messages_per_second", "visible_p50_ms", "visible_p99_ms", "rss_mb"],
    "delivery": ["sends_per_second", "p99_ms"],
}
SIZES = [
    ("intake", "sqlite"),
    ("intake", "postgresql"),
    ("pipeline", "embedded"),
    ("pipeline", "postgresql"),
    ("delivery", "embedded"),
    ("delivery", "postgres"),
]


def run(name: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", f"bench.{name}", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=110)


@pytest.mark.slow
@pytest.mark.parametrize(("name", "size"), SIZES, ids=lambda value: value)
def test_it_runs_and_its_last_line_has_the_keys(name: str, size: str) -> None:
    workers = ["--workers", "1"] if name == "pipeline" else []
    done = run(name, "--quick", "--only", size, *workers)
    assert done.returncode == 0, done.stdout + done.stderr
    figures = json.loads(done.stdout.splitlines()[-1])
    assert list(figures)[: len(KEYS[name])] == KEYS[name]
    assert all(figures[key] > 0 for key in KEYS[name])
    assert "thread" in done.stdout, "it shows where the time goes"
    assert done.stderr.count("…") >= 3, "it says what it is doing"


@pytest.mark.parametrize("name", KEYS)
def test_it_explains_itself(name: str) -> None:
    done = run(name, "--help")
    assert done.returncode == 0
    assert f"python -m bench.{name}" in done.stdout
    assert "--quick" in done.stdout
