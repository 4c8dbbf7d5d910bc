"""The stored history under other rules: `casella replay --rules` over 100,000 messages.

    python -m bench.replay                   SQLite and PostgreSQL, 100,000 messages each, about two minutes
    python -m bench.replay --quick           2,000 messages on SQLite
    python -m bench.replay --messages 20000 --only sqlite --rules 1000

The history is written into the tables first, every message decided by the rules of then (100 by default). The new rules
send one topic to another team and add a reply. The command runs as a process of its own, whose memory is its own.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path

import yaml

from bench.rig import desk, report
from bench.rig.history import fill
from bench.rig.processes import Ground, JsonObject, ground, postgresql
from casella import app as house


def main(argv: Sequence[str] | None = None) -> int:
    given = _parser().parse_args(argv)
    if given.quick:
        given.messages, given.only = min(given.messages, 2_000), "sqlite"
    results: dict[str, JsonObject] = {}
    for database in ("sqlite", "postgresql") if given.only == "both" else (given.only,):
        try:
            results[database] = _database(database, given)
        except LookupError as missing:
            report.progress(f"no {database} here: {missing}")
    rows = [
        (name, r["messages"], r["conversations"], r["changed"], r["seconds"], r["decisions_per_second"], r["rss_mb"])
        for name, r in results.items()
    ]
    heads = ("store", "messages", "conversations", "changed", "seconds", "decisions/s", "peak MB")
    report.table(f"The history under other rules, {given.rules} rules", heads, rows)
    first = results.get("sqlite") or next(iter(results.values()), {})
    figures = {key: first.get(key) for key in ("messages", "seconds", "decisions_per_second", "rss_mb", "repeated")}
    if "postgresql" in results:
        figures |= {
            f"postgres_{key}": results["postgresql"][key] for key in ("seconds", "decisions_per_second", "rss_mb")
        }
    report.last_line(figures)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m bench.replay", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--messages", type=int, default=100_000, help="in the history (default 100,000)")
    parser.add_argument("--rules", type=int, default=100, help="in the rule set (default 100)")
    parser.add_argument("--only", choices=("both", "sqlite", "postgresql"), default="both", help="one store only")
    parser.add_argument("--quick", action="store_true", help="2,000 messages on SQLite, to see that it works")
    parser.add_argument("--html", type=Path, default=None, help="keep the page of the last run here")
    return parser


def _database(name: str, given: argparse.Namespace) -> JsonObject:
    with ExitStack() as stack:
        url = stack.enter_context(postgresql()) if name == "postgresql" else ""
        place = stack.enter_context(ground(url))
        report.progress(f"{name}: preparing the desk")
        place.furnish(rules=given.rules)
        report.progress(f"{name}: writing {given.messages:,} messages with their decisions")
        built = house.build(place.settings, serves=False, works=False)
        fill(built, given.messages, datetime.now(UTC))
        built.close()
        report.progress(f"{name}: replaying")
        return _replayed(place, _changed_rules(place.folder), given.html)


def _changed_rules(folder: Path) -> Path:
    """The desk's own rules, with one topic for another team, and a reply more."""
    rules = yaml.safe_load((folder / "desk" / "rules.yaml").read_text())["rules"]
    for rule in rules:
        for action in rule["then"]:
            if desk.TOPICS[1] in str(rule["if"]) and isinstance(action, dict) and "assign" in action:
                action["assign"] = {"team": desk.TEAMS[0]}
        if desk.TOPICS[0] in str(rule["if"]):
            rule["then"].insert(0, {"reply": {"text": "We are looking into it."}})
    changed = folder / "changed.yaml"
    changed.write_text(yaml.safe_dump({"rules": rules}, sort_keys=False))
    return changed


def _replayed(place: Ground, rules: Path, html: Path | None) -> JsonObject:
    page = html or place.folder / "difference.html"
    command = ["replay", "--since", "14d", "--rules", str(rules), "--json", "--html", str(page)]
    began = time.perf_counter()
    output = place.folder / "difference.json"
    with output.open("wb") as stdout:
        process = subprocess.Popen(
            [sys.executable, "-c", "from casella.cli import main; main()", *command],
            env=place.environment, stdout=stdout, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        _, status, used = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - began
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"casella replay ended with {process.returncode}")
    found = json.loads(output.read_bytes())
    return {
        "messages": found["extent"]["messages"],
        "conversations": found["summary"]["conversations"],
        "changed": found["summary"]["changed"],
        "repeated": found["repeated"],
        "seconds": round(seconds, 1),
        "decisions_per_second": round(found["decisions"] / seconds),
        "rss_mb": round(used.ru_maxrss / 1024),
    }


if __name__ == "__main__":
    raise SystemExit(main())
