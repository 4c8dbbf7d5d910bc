"""Every benchmark runs in a tiny setting and ends with its line of JSON. How fast it was is nobody's business here."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from bench.rig.inbox.kept import kept

from tests.budget import LONG
from tests.services.server_process import scratch_folder
from tests.variants import AGAIN

pytestmark = pytest.mark.timeout(300)
ROOT = Path(__file__).parents[2]
PATIENCE = 280  # seconds; no program takes ten on an idle machine
KEYS = {
    "intake": ["requests_per_second", "ratio_to_no_store", "ratio_to_bare_group_commit", "p99_ms"],
    "pipeline": ["messages_per_second", "visible_p50_ms", "visible_p99_ms", "rss_mb", "cpu_us_per_message"],
    "delivery": ["sends_per_second", "p99_ms"],
}
SIZES = [
    pytest.param("intake", "sqlite", id="intake-sqlite"),
    pytest.param("pipeline", "postgresql", id="pipeline-postgresql", marks=AGAIN),
    pytest.param("delivery", "embedded", id="delivery-embedded", marks=AGAIN),
]
"""Each program once, and each kind of house; a long run tries every program in both."""
if LONG:
    SIZES += [
        pytest.param("intake", "postgresql"), pytest.param("pipeline", "embedded"),
        pytest.param("delivery", "postgres"),
    ]  # fmt: skip


def run(name: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", f"bench.{name}", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=PATIENCE)


@pytest.mark.slow
@pytest.mark.parametrize(("name", "size"), SIZES)
def test_it_runs_and_its_last_line_has_the_keys(name: str, size: str) -> None:
    workers = ["--workers", "1"] if name == "pipeline" else []
    done = run(name, "--quick", "--only", size, *workers)
    assert done.returncode == 0, done.stdout + done.stderr
    figures = json.loads(done.stdout.splitlines()[-1])
    assert list(figures)[: len(KEYS[name])] == KEYS[name]
    assert all(figures[key] > 0 for key in KEYS[name])
    assert "thread" in done.stdout, "it shows where the time goes"
    assert done.stderr.count("…") >= 3, "it says what it is doing"


@pytest.mark.slow
def test_workers_drain_a_full_journal() -> None:
    """One worker, because each takes seconds to start; the proxy and the locks have tests of their own."""
    done = run("scale", "--quick", "--workers", "1", "--commit", "0")
    assert done.returncode == 0, done.stdout + done.stderr
    figures = json.loads(done.stdout.splitlines()[-1])
    assert list(figures)[:4] == ["ratio_4_to_1", "ratio_4_to_1_slow_commit", "lock_share", "us_under_lock"]
    assert 0 < figures["lock_share"] < 1
    assert figures["us_under_lock"] > 0
    assert {"lanes", "agents", "turns"} <= set(figures["workers_1_locks"])


RULES = ["us_10", "us_100", "us_1000", "us_10000", "growth_10_to_10000", "ratio_to_fastest_rival_1000",
         "load_s_10000", "rss_mb_10000"]  # fmt: skip


@pytest.mark.slow
def test_rivals_find_what_casella_finds() -> None:
    """The program compares every answer itself and gives no figures without agreement."""
    done = run("rules", "--quick", "--sizes", "10", "100")
    assert done.returncode == 0, done.stdout + done.stderr
    figures = json.loads(done.stdout.splitlines()[-1])
    assert list(figures) == RULES
    assert figures["us_10"] > 0
    assert figures["us_100"] > 0
    for engine in ("Casella", "common-expression-language", "zen-engine", "panzi-json-logic", "rule-engine"):
        row = next(line for line in done.stdout.splitlines() if engine in line)
        assert "-" not in row.replace(engine, ""), f"{engine} was measured with 10 and with 100 rules"


@pytest.mark.slow
def test_a_history_is_written_and_replayed() -> None:
    done = run("replay", "--quick", "--messages", "400", "--rules", "30")
    assert done.returncode == 0, done.stdout + done.stderr
    figures = json.loads(done.stdout.splitlines()[-1])
    assert figures["messages"] == figures["repeated"] == 400
    assert figures["decisions_per_second"] > 0


EXPLAIN = """
import contextlib, runpy, sys
for name in sys.argv[1:]:
    sys.argv = [name, "--help"]
    with contextlib.suppress(SystemExit):
        runpy.run_module(f"bench.{name}", run_name="__main__")
    print("end of", name)
"""


def test_they_explain_themselves() -> None:
    """All of them in one process: each loads half of the house."""
    names = [*KEYS, "scale", "rules", "replay", "translate", "assistant", "desk_tests", "inbox"]
    done = subprocess.run(
        [sys.executable, "-c", EXPLAIN, *names], cwd=ROOT, capture_output=True, text=True, timeout=PATIENCE
    )
    assert done.returncode == 0, done.stderr
    pages = done.stdout
    for name in names:
        page, end, pages = pages.partition(f"end of {name}\n")
        assert end, name
        assert f"python -m bench.{name}" in page
        assert "--quick" in page, name


@pytest.mark.slow
def test_the_assistants_runs_and_its_last_line_has_the_keys() -> None:
    done = run("assistant", "--quick")
    assert done.returncode == 0, done.stdout + done.stderr
    figures = json.loads(done.stdout.splitlines()[-1])
    assert list(figures)[:4] == ["overhead_p50_ms", "first_token_p50_ms", "streams", "offline_ms"]
    assert figures["streams"] == 12
    assert done.stderr.count("…") >= 3, "it says what it is doing"


@pytest.mark.slow
def test_reading_webhooks() -> None:
    done = run("translate", "--quick")
    assert done.returncode == 0, done.stdout + done.stderr
    figures = json.loads(done.stdout.splitlines()[-1])
    assert list(figures)[:3] == ["us_per_webhook", "us_per_webhook_max", "batch_1000_ms"]
    assert {"sms", "sms_vonage", "sms_telnyx", "sms_bandwidth", "whatsapp", "messenger", "instagram", "webchat"} == set(
        figures["us_per_webhook"]
    )
    assert all(took > 0 for took in figures["us_per_webhook"].values())


@pytest.mark.slow
def test_tests_beside_the_rules() -> None:
    done = run("desk_tests", "--quick")
    assert done.returncode == 0, done.stdout + done.stderr
    figures = json.loads(done.stdout.splitlines()[-1])
    assert list(figures)[:3] == ["tests_per_second", "first_test_ms", "ms_per_test"]
    assert all(figure > 0 for figure in figures.values())
    assert done.stderr.count("…") >= 3, "it says what it is doing"


INBOX = ["list_p95_ms", "list_p99_ms", "counts_p95_ms", "search_p95_ms", "open_p95_ms", "start_p95_ms", "stream_p99_ms",
         "rss_per_client_kb", "ratio_to_bare", "growth_1e4_to_1e6"]  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("database", ["sqlite", "postgres"] if LONG else ["sqlite"])
def test_a_large_inbox_is_made_read_and_watched(database: str, capfd: pytest.CaptureFixture[str]) -> None:
    with scratch_folder("bench") as folder:
        done = run("inbox", "--quick", "--database", database, "--cache", str(folder))
        assert done.returncode == 0, done.stdout + done.stderr
        if database == "sqlite":  # what was made is kept
            capfd.readouterr()
            with kept("sqlite", folder) as keeper:
                assert keeper.house(400).conversations == 400
            assert "making a house" not in capfd.readouterr().err
    figures = json.loads(done.stdout.splitlines()[-1])
    assert list(figures)[: len(INBOX)] == INBOX
    asked = ("list_p95_ms", "search_p95_ms", "open_p95_ms", "stream_p99_ms", "ratio_to_bare", "growth_1e4_to_1e6")
    assert all(figures[name] > 0 for name in asked)
    assert done.stderr.count("making a house") == 2
