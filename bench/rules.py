"""A decision of the rules: microseconds with 10 to 10,000 rules, beside four rivals on the same rules and messages.

    python -m bench.rules                    everything, about two minutes
    python -m bench.rules --quick            a smoke run: few messages, rivals up to 100 rules
    python -m bench.rules --sizes 10 1000 --rival-seconds 5

A rule asks for a channel, any of some words or a pattern in the text, any of some tags, and office hours. The rivals
(common-expression-language, zen-engine, panzi-json-logic, rule-engine) get every rule compiled beforehand, its cheapest
question first, and the message in their own form; what they find is checked against what Casella finds. A rival that
would need more than its seconds for one size gets fewer messages, and is left out where three are too many.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.rig import report
from bench.rig.rules.rivals import RIVALS, Rival
from bench.rig.rules.rule_mix import Message, Spec, expected, messages, specs

SIZES = (10, 100, 1_000, 10_000)
_LEAST = 3  # messages that a rival is measured with at least
_CHECKED = 100  # messages whose result is compared with the plain search as well


@dataclass(frozen=True)
class Own:
    """What `bench.rig.rules.rule_run` measured."""

    us: float
    pass_us: float
    facts_us: float
    store_us: float
    load_s: float
    rss_mb: float
    matched: list[list[int]]


def main(argv: Sequence[str] | None = None) -> int:
    given = _parser().parse_args(argv)
    if given.quick:
        given.messages, given.rival_seconds = 100, 0.2
    own: dict[int, Own] = {}
    rivals: dict[str, dict[int, float]] = {name: {} for name in RIVALS}
    for size in given.sizes:
        rules = specs(size)
        asked = messages(given.messages, rules)
        report.progress(f"{size:,} rules: Casella")
        own[size] = _own(size, given.messages)
        _agree("Casella", own[size].matched[:_CHECKED], [expected(rules, message) for message in asked[:_CHECKED]])
        if given.quick and size > 100:
            report.progress(f"{size:,} rules: the rivals are left out of a smoke run")
            continue
        _against_rivals(rules, asked, own[size].matched, given.rival_seconds, rivals)
    _show(given.sizes, own, rivals)
    report.last_line(_figures(own, rivals))
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m bench.rules", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES, help="how many rules (default 10 … 10,000)")
    parser.add_argument("--messages", type=int, default=2_000, help="messages of each size (default 2,000)")
    parser.add_argument("--rival-seconds", type=float, default=8.0, help="for each rival and size (default 8)")
    parser.add_argument("--quick", action="store_true", help="a smoke run")
    return parser


def _own(size: int, many: int) -> Own:
    command = [sys.executable, "-m", "bench.rig.rules.rule_run", str(size), str(many)]
    done = subprocess.run(command, cwd=Path(__file__).parents[1], stdout=subprocess.PIPE, check=True)
    return Own(**json.loads(done.stdout))


def _against_rivals(
    rules: Sequence[Spec],
    asked: Sequence[Message],
    matched: list[list[int]],
    seconds: float,
    found: dict[str, dict[int, float]],
) -> None:
    for name, compiled in RIVALS.items():
        report.progress(f"{len(rules):,} rules: {name}")
        began = time.process_time()
        rival = compiled(rules)
        took = time.process_time() - began
        one = _microseconds(rival, asked[:1], matched)
        many = int((seconds - took) / 2 / (one / 1e6))
        if many < _LEAST:
            report.progress(
                f"{len(rules):,} rules: {name} left out: {took:.1f} s to compile, {one / 1e6:.1f} s a message"
            )
            continue
        part = asked[: min(many, len(asked))]
        found[name][len(rules)] = min(_microseconds(rival, part, matched) for _ in range(2))


def _microseconds(rival: Rival, asked: Sequence[Message], matched: list[list[int]]) -> float:
    prepared = [rival.prepare(message) for message in asked]
    began = time.process_time_ns()
    found = [rival.decide(one) for one in prepared]
    took = time.process_time_ns() - began
    _agree(type(rival).__name__, found, matched[: len(asked)])
    return took / len(asked) / 1_000


def _agree(name: str, found: list[list[int]], wanted: list[list[int]]) -> None:
    for number, (one, other) in enumerate(zip(found, wanted, strict=True)):
        if one != other:
            raise SystemExit(f"{name} found {one} for message {number}, not {other}: no figures without agreement")


def _show(sizes: Sequence[int], own: dict[int, Own], rivals: dict[str, dict[int, float]]) -> None:
    heads = ("engine", *(f"{size:,} rules" for size in sizes))
    rows = [("Casella", *(own[size].us for size in sizes))]
    rows += [(name, *(by_size.get(size, "-") for size in sizes)) for name, by_size in rivals.items()]
    report.table("One decision, µs of CPU", heads, rows)
    parts = [
        ("words and patterns of all rules, RE2 alone", *(own[size].pass_us for size in sizes)),
        ("index, what is left to ask, the plan", *(max(0.0, own[size].us - own[size].pass_us) for size in sizes)),
        ("beside the decision: making the facts", *(own[size].facts_us for size in sizes)),
        ("beside the decision: facts and decision as JSON", *(own[size].store_us for size in sizes)),
    ]
    report.table("Where it goes, µs of CPU", ("part", *heads[1:]), parts)
    loads = [(f"{size:,} rules", own[size].load_s, own[size].rss_mb) for size in sizes]
    report.table("Loading the desk folder", ("size", "CPU seconds", "MB"), loads)


def _figures(own: dict[int, Own], rivals: dict[str, dict[int, float]]) -> dict[str, object]:
    nothing = Own(0.0, 0.0, 0.0, 0.0, 0.0, 0.0, matched=[])
    at = {size: own.get(size, nothing) for size in SIZES}
    fastest = min((by_size[1_000] for by_size in rivals.values() if 1_000 in by_size), default=0.0)
    growth = at[10_000].us / at[10].us if at[10].us else 0.0
    ratio = fastest / at[1_000].us if at[1_000].us else 0.0
    return {
        **{f"us_{size}": one.us for size, one in at.items()},
        "growth_10_to_10000": round(growth, 2),
        "ratio_to_fastest_rival_1000": round(ratio, 1),
        "load_s_10000": at[10_000].load_s,
        "rss_mb_10000": at[10_000].rss_mb,
    }


if __name__ == "__main__":
    raise SystemExit(main())
