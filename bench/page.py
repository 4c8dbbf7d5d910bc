"""The agents' page in a real browser, beside the same screen written by hand without any framework.

    python -m bench.page                  10,000 conversations, 50,000 events: about two minutes
    python -m bench.page --quick          a smoke run, to see that it works
    python -m bench.page --rows 2000      a shorter list
    python -m bench.page --only ours      without the page by hand (no ratio)

Both pages ask a played API in this process (shapes of the real one, no database), so that what is measured is the page:
milliseconds of script, style and layout as Chromium counts them, at full speed and four times slower. Bytes are those
that the server sends, packed. What is opened has 200 messages; of every pair of figures the page's own comes first.
On a machine that has other things to do, believe work and counts rather than what a clock says (open_p95).
"""

from __future__ import annotations

import argparse
import gzip
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from bench.rig import report
from bench.rig.page import session
from bench.rig.page.measuring import Measured, browsing, p95
from bench.rig.page.session import Costs
from bench.rig.page.stage import Stage, staged
from bench.rig.page.world import World
from casella.api.page import STATIC

SLOW = 4
# LibreDesk 948ffd8c, its own build, packed the same way: what is loaded before anything is seen.
LIBREDESK_KB = {"eager_kb": 604.0, "css_kb": 18.0}


@dataclass(frozen=True)
class Size:
    rows: int
    steps: int
    opens: int
    keys: int
    events: int
    day: int
    settle: float  # seconds


FULL = Size(rows=10_000, steps=300, opens=40, keys=120, events=1_000, day=50_000, settle=6)
QUICK = Size(rows=110, steps=8, opens=1, keys=3, events=10, day=250, settle=0.2)


def main(argv: Sequence[str] | None = None) -> int:
    given = _parser().parse_args(argv)
    size = QUICK if given.quick else replace(FULL, rows=given.rows, day=given.events)
    found: dict[str, Costs] = {}
    with browsing() as browser:
        for name in ("ours", "bare"):
            if given.only not in (name, "both"):
                continue
            for slower in (1, SLOW):
                report.progress(f"{name}, {slower} times slower" if slower > 1 else name)
                with staged(World(size.rows)) as stage:
                    path = "/app/i/support" if name == "ours" else "/bare"
                    page = Measured(browser, stage.url + path, slower)
                    found[f"{name}_{slower}x"] = _one(page, stage, size, slower)
                    page.close()
    _table(found)
    report.last_line(_figures(found))
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m bench.page", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rows", type=int, default=FULL.rows, help="conversations of the list (default 10,000)")
    parser.add_argument("--events", type=int, default=FULL.day, help="for the growth of the heap (default 50,000)")
    parser.add_argument("--only", choices=("ours", "bare", "both"), default="both", help="one of the pages only")
    parser.add_argument("--quick", action="store_true", help="110 conversations, few events, to see that it works")
    return parser


def _one(page: Measured, stage: Stage, size: Size, slower: int) -> Costs:
    costs = session.look(page, size.steps)
    session.read(page, costs, stage, size.opens)
    session.write(page, costs, size.keys)
    if slower == 1:
        open_row = str(stage.world.rows[(size.opens - 1) % min(4, size.opens)]["id"])
        report.progress("  events")
        session.watch(page, costs, stage, size.events, open_row, size.settle)
        session.endure(page, costs, stage, size.day, open_row)
    return costs


def packed_kb(folder: Path = STATIC) -> tuple[float, float]:
    """Script and style that are loaded before anything is seen, with the larger of the languages."""
    page = (folder / "index.html").read_text(encoding="utf-8")
    scripts = [folder / name for name in re.findall(r'src="/app/assets/([\w.-]+)"', page)]
    words = max(packed(path) for language in ("en", "it") for path in folder.glob(f"chunk-{language}-*.js"))
    return sum(packed(path) for path in scripts) + words, packed(folder / "app.css")


def packed(path: Path) -> float:
    return len(gzip.compress(path.read_bytes(), 9)) / 1000


def _figures(found: dict[str, Costs]) -> dict[str, object]:
    eager, css = packed_kb()
    figures: dict[str, object] = {"eager_kb": round(eager, 1), "css_kb": round(css, 1)}
    ours, slow, bare = found.get("ours_1x"), found.get(f"ours_{SLOW}x"), found.get("bare_1x")
    if ours and slow:
        growth = ours.heap_after / ours.heap_before - 1
        measured = {
            "first_view_ms_1x": ours.first_view, "first_view_ms_4x": slow.first_view,
            "scroll_ms_per_step_1x": ours.scroll, "scroll_ms_per_step_4x": slow.scroll,
            "open_p95_ms_4x": p95(slow.open), "keystroke_p95_ms": p95(ours.key),
            "requests_per_1000_events": ours.requests, "heap_growth": growth,
        }  # fmt: skip
        figures |= {name: round(value, 3) for name, value in measured.items()}
    if ours and bare:
        figures["ratio_to_bare"] = round(ours.session / bare.session, 2)
    return figures


def _table(found: dict[str, Costs]) -> None:
    heads = ["", *(name.replace("_", " ") for name in found)]
    lines: list[tuple[str, Callable[[Costs], float]]] = [
        ("work until the list shows, ms", lambda one: one.first_view),
        ("rows of the list", lambda one: one.rows),
        ("work per 400 px of scrolling, ms", lambda one: one.scroll),
        ("blank frames", lambda one: one.blank),
        ("most rows in the document", lambda one: one.most_rows),
        ("a conversation of 200 opens, p95 ms", lambda one: p95(one.open)),
        ("  its work, p95 ms", lambda one: p95(one.open_work)),
        ("work per key, p95 ms", lambda one: p95(one.key)),
        ("work per event, ms", lambda one: one.events),
        ("requests per 1,000 events", lambda one: one.requests),
        ("heap before, MB", lambda one: one.heap_before),
        ("heap after all events, MB", lambda one: one.heap_after),
        ("one of each together, ms", lambda one: one.session),
    ]
    rows = [[title, *(round(of(one), 2) for one in found.values())] for title, of in lines]
    report.table("The agents' page and the page by hand", heads, rows)
    report.table("Before anything is seen, kB packed", ("", "ours", "LibreDesk 948ffd8c"), [
        (name, round(kb, 1), LIBREDESK_KB[name]) for name, kb in zip(LIBREDESK_KB, packed_kb(), strict=True)
    ])  # fmt: skip


if __name__ == "__main__":
    raise SystemExit(main())
