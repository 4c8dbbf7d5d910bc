"""What a run prints: a line for everything that happens, a table for each size, and one line of JSON at the end."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Sequence

from rich.console import Console
from rich.table import Table

from tests.faults.movement import Window
from tests.faults.rounds import Outcome

_out = Console(highlight=False, emoji=False, markup=False, width=None if sys.stdout.isatty() else 140)
_began = time.monotonic()


def progress(text: str) -> None:
    minutes, seconds = divmod(int(time.monotonic() - _began), 60)
    sys.stderr.write(f"[{minutes:02}:{seconds:02}] {text}\n")
    sys.stderr.flush()


def tables(outcomes: Sequence[Outcome]) -> None:
    for outcome in outcomes:
        _out.print(_movement(outcome))
        if outcome.growth.messages:
            held = ", ".join(
                f"{name} {first:.0f} to {outcome.growth.last.get(name, 0):.0f} MB"
                for name, first in outcome.growth.first.items()
            )
            _out.print(f"memory over {outcome.growth.messages:,} messages: {held}\n")
        if outcome.left_out:
            _out.print(f"no time for: {', '.join(outcome.left_out)}\n")
    _out.print(_laws(outcomes))
    for outcome in outcomes:
        for problem in outcome.problems:
            _out.print(f"BROKEN, {outcome.size}: {problem}")


def _movement(outcome: Outcome) -> Table:
    heads = ("fault", "lasted s", "shown within s", "bound", "held lanes, within s", "bound", "left within s", "bound",
             "quiet before s")  # fmt: skip
    table = Table(*heads, title=f"{outcome.size}: moving again", title_justify="left")
    for window in outcome.windows:
        table.add_row(*_row(window))
    return table


def _row(window: Window) -> list[str]:
    held = f"{window.held_shown:.1f}" if window.held else "-"
    return [
        f"{window.fault}{' *' if window.broken else ''}",
        f"{window.ended - window.began:.1f}",
        f"{window.shown:.1f}",
        f"{window.bounds.shown:g}",
        held,
        f"{window.bounds.held:g}" if window.held else "-",
        f"{window.left:.1f}",
        f"{window.bounds.left:g}",
        f"{window.quiet:.1f}",
    ]


def _laws(outcomes: Sequence[Outcome]) -> Table:
    heads = ("size", "faults", "messages", "tries", "lost", "twice", "order", "replies", "sends", "sent twice",
             "unsure", "told", "seconds", "broken")  # fmt: skip
    table = Table(*heads, title="exactly once, in order, told right", title_justify="left")
    for outcome in outcomes:
        found = outcome.findings
        figures = (len(outcome.windows), found.acknowledged, found.sent_again, found.lost, found.doubled,
                   found.disordered, found.replies, found.accepted, found.sent_twice, found.unconfirmed,
                   found.feed_events, round(outcome.seconds), len(outcome.problems))  # fmt: skip
        table.add_row(outcome.size, *[f"{figure:,}" for figure in figures])
    return table


def last_line(seed: int, outcomes: Sequence[Outcome], skipped: dict[str, str]) -> None:
    sizes = {
        outcome.size: {
            "faults": len(outcome.windows),
            "acknowledged": outcome.findings.acknowledged,
            "lost": outcome.findings.lost,
            "doubled": outcome.findings.doubled,
            "out_of_order": outcome.findings.disordered,
            "sent_twice": outcome.findings.sent_twice,
            "unconfirmed": outcome.findings.unconfirmed,
            "slowest_shown_s": round(max((w.shown for w in outcome.windows), default=0.0), 1),
            "memory_growth": round(outcome.growth.worst, 3),
            "problems": len(outcome.problems),
        }
        for outcome in outcomes
    }
    sys.stdout.write(json.dumps({"seed": seed, **sizes, "skipped": skipped}) + "\n")
