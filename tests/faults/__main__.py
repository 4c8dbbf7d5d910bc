"""Every fault, one after the other, on both sizes of Casella; then the accounts, a table, and one line of JSON.

    make faults                                       ten minutes, both sizes
    make faults ARGS="--minutes 3"                    the faults there is time for
    make faults ARGS="--minutes 3 --patience 3"       the same where others work: anybody may wait three times as long
    python -m tests.faults --size postgres --only "worker stopped" --only "Redis flushed"
    python -m tests.faults --seed 42                  the order and the choices of another run
    python -m tests.faults --list                     what there is

The exit code is 1 when a law or a bound was broken.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path

from tests.faults import report
from tests.faults.catalogue import FAULTS, Fault
from tests.faults.rounds import Outcome, play
from tests.faults.scene import Scene, Size
from tests.faults.sizes import large, small
from tests.faults.traffic import Weight
from tests.faults.upgrade import UPGRADE, Unavailable, upgrade
from tests.integration.rig.runs import new_seed

Opened = Callable[..., AbstractContextManager[Scene]]
SIZES: dict[Size, Opened] = {"embedded": small, "postgres": large}
ENOUGH_FOR_LONG = 6.0
"""Minutes from which on there is time for the long ones, and to judge memory."""


def main(argv: Sequence[str] | None = None) -> int:
    given = _parser().parse_args(argv)
    if given.list:
        for fault in FAULTS:
            sys.stdout.write(f"{fault.name:26}{'+'.join(fault.sizes):20}{fault.does}\n")
        sys.stdout.write(f"{UPGRADE:26}{'embedded+postgres':20}from the last version, under load\n")
        return 0
    seed = new_seed() if given.seed is None else given.seed
    report.progress(f"seed {seed}, {given.minutes:g} minutes")
    sizes: list[Size] = ["embedded", "postgres"] if given.size == "both" else [given.size]
    outcomes: list[Outcome] = []
    skipped: dict[str, str] = {}
    for size in sizes:
        _play(size, seed, given, given.minutes * 60 / len(sizes), outcomes, skipped)
    report.tables(outcomes)
    for what, reason in skipped.items():
        report.progress(f"SKIPPED {what}: {reason}")
    report.last_line(seed, outcomes, skipped)
    return 1 if any(outcome.problems for outcome in outcomes) else 0


def _play(
    size: Size,
    seed: int,
    given: argparse.Namespace,
    seconds: float,
    outcomes: list[Outcome],
    skipped: dict[str, str],
) -> None:
    """The faults of one size in one house, then the upgrade in another."""
    only: list[str] = given.only
    dice, say = random.Random(f"{seed} {size}"), report.progress
    has_time = seconds * 2 >= ENOUGH_FOR_LONG * 60
    chosen = [
        replace(fault, bounds=fault.bounds.times(given.patience)) for fault in _chosen(size, only, dice, has_time)
    ]
    try:
        if chosen:
            with tempfile.TemporaryDirectory(prefix="casella-faults-") as name:
                say(f"{size}: {len(chosen)} faults")
                with SIZES[size](Path(name), dice, Weight()) as scene:
                    memory = 0.0 if only else seconds * 0.25
                    outcomes.append(play(scene, chosen, seconds * 0.55, memory, say))
        if not only or UPGRADE in only:
            with tempfile.TemporaryDirectory(prefix="casella-faults-") as name:
                outcomes.append(upgrade(Path(name), size, SIZES[size], dice, say, given.patience))
    except AssertionError as error:  # a house that does not come up
        outcomes.append(Outcome(size, problems=[str(error)]))
    except Unavailable as missing:
        skipped[f"{UPGRADE}, {size}"] = str(missing)
    except LookupError as missing:
        skipped[size] = str(missing)


def _chosen(size: Size, only: list[str], dice: random.Random, has_time: bool) -> list[Fault]:
    here = [fault for fault in FAULTS if size in fault.sizes]
    if only:
        return [fault for name in only for fault in here if fault.name == name]
    fitting = [fault for fault in here if has_time or not fault.long]
    return dice.sample(fitting, k=len(fitting))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m tests.faults", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    names = [fault.name for fault in FAULTS] + [UPGRADE]
    parser.add_argument("--minutes", type=float, default=10.0, help="for both sizes together (default 10)")
    parser.add_argument("--seed", type=int, help="the same order and choices as the run that printed it")
    parser.add_argument("--size", choices=("embedded", "postgres", "both"), default="both", help="one size only")
    parser.add_argument(
        "--only", action="append", default=[], choices=names, metavar="NAME", help="this fault; again for more"
    )
    parser.add_argument(
        "--patience", type=float, default=1.0, help="how many times longer than its bound anything may take (default 1)"
    )
    parser.add_argument("--list", action="store_true", help="every fault, and what it does")
    return parser


if __name__ == "__main__":
    raise SystemExit(main())
