"""One rule set in a process of its own: loaded as a desk folder is, decided many times, measured.

    python -m bench.rig.rules.rule_run 1000 2000        1,000 rules, 2,000 messages; prints JSON

Decisions are counted in CPU time of this process, because other work on the machine is not their cost. The facts of a
message are made before the clock starts, as the rivals' contexts are; making them is measured for itself.
"""

from __future__ import annotations

import gc
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

import orjson
import yaml
from pydantic import BaseModel

from bench.rig.rules.rule_mix import CHANNELS, TAGS, TEAMS, Message, Spec, messages, specs, yaml_files
from casella.desk import Catalogue, Desk, load_desk
from casella_rules import Facts, RuleSet, ValueType, decide
from casella_rules.engine.compiled_tests import form_of, pattern_of
from casella_rules.engine.patterns import PatternSet, literal
from casella_rules.language.model import conditions_of

_ROUNDS = 7
Element = TypeVar("Element")


def main(arguments: Sequence[str]) -> None:
    count, many = int(arguments[0]), int(arguments[1])
    rules = specs(count)
    asked = messages(many, rules)
    desk, load_seconds, megabytes = _loaded(rules)
    given = [facts_of(message) for message in asked]
    found = [decide(desk.rules, facts).matched for facts in given]
    decisions = [decide(desk.rules, facts) for facts in given]
    texts = [message.text for message in asked]
    report = {
        "us": _microseconds(lambda facts: decide(desk.rules, facts), given),
        "pass_us": _microseconds(_one_pass(desk.rules).matches, texts),
        "facts_us": _microseconds(facts_of, asked),
        "store_us": _microseconds(Facts.as_json, given) + _microseconds(lambda d: d.as_json(), decisions),
        "load_s": round(load_seconds, 2),
        "rss_mb": round(_resident() - megabytes),
        "matched": [[int(name.removeprefix("Rule ")) for name in names] for names in found],
    }
    sys.stdout.write(orjson.dumps(report).decode() + "\n")


def facts_of(message: Message) -> Facts:
    """A message as the rules see it."""
    return Facts(
        "message_received",
        {
            "channel": frozenset((message.channel, f"{message.channel}-1")),
            "text": message.text,
            "contact.tags": frozenset(message.tags),
            "hours.support": message.hours,
        },
    )


def _loaded(rules: Sequence[Spec]) -> tuple[Desk, float, float]:
    """The desk, the CPU seconds of loading it, and the megabytes this process had before."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        (folder / "rules").mkdir()
        (folder / "desk.yaml").write_text(yaml.safe_dump(_DESK))
        for name, source in yaml_files(rules):
            (folder / name).write_bytes(source)
        catalogue = Catalogue(dict.fromkeys(CHANNELS, BaseModel))
        gc.collect()
        before, began = _resident(), time.process_time()
        desk = load_desk(folder, catalogue)
        return desk, time.process_time() - began, before


_DESK = {
    "desk": "Benchmark",
    "timezone": "Europe/Rome",
    "locales": ["en"],
    "tags": list(TAGS),
    "inboxes": {"support": {"name": "Support", "teams": list(TEAMS)}},
    "teams": {team: {"name": team} for team in TEAMS},
    "hours": {"support": {"week": {"monday-friday": "09:00-18:00"}}},
}


def _one_pass(ruleset: RuleSet) -> PatternSet:
    """Nothing but the words and patterns of all rules: what no decision can do without."""
    patterns: dict[str, None] = {}
    for rule in ruleset.rules:
        for condition in (found for found in conditions_of(rule.test) if found.value is ValueType.TEXT):
            form = form_of(condition)
            matching = condition.operator == "matches"
            for value in condition.operand:
                patterns[pattern_of(condition, str(value)) if matching else literal(form(str(value)))] = None
    return PatternSet(list(patterns))


def _microseconds(call: Callable[[Element], object], given: Sequence[Element]) -> float:
    """Median CPU time of one call."""
    rounds = []
    for _ in range(_ROUNDS):
        began = time.process_time_ns()
        for one in given:
            call(one)
        rounds.append((time.process_time_ns() - began) / len(given) / 1_000)
    return round(statistics.median(rounds), 2)


def _resident() -> float:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


if __name__ == "__main__":
    main(sys.argv[1:])
