"""What the benchmarks print: progress to stderr, tables and the last line of JSON to stdout."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence

import orjson
from rich.console import Console
from rich.table import Table

_out = Console(highlight=False, emoji=False, width=None if sys.stdout.isatty() else 150)


def progress(text: str) -> None:
    sys.stderr.write(f"… {text}\n")
    sys.stderr.flush()


def table(title: str, heads: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    built = Table(*heads, title=title, title_justify="left")
    for row in rows:
        built.add_row(
            *[f"{cell:,.2f}".rstrip("0").rstrip(".") if isinstance(cell, float) else str(cell) for cell in row]
        )
    _out.print(built)


def profile(title: str, notes: Mapping[str, object]) -> None:
    """Where the time goes: CPU by thread, and the functions under which it was spent."""
    threads = notes.get("cpu_seconds_by_thread")
    if isinstance(threads, dict):
        total = sum(threads.values()) or 1
        rows = [(name, seconds, f"{seconds / total:.0%}") for name, seconds in threads.items()]
        table(f"{title}: CPU seconds by thread", ("thread", "seconds", "share"), rows)
    for key, head in (("share_with_callees", "with what it calls"), ("share_by_function", "by itself")):
        shares = notes.get(key)
        if isinstance(shares, dict):
            places = [(place, f"{share:.1%}") for place, share in shares.items()]
            table(f"{title}: share of the process's CPU, {head}", ("function", "share"), places)


def last_line(figures: Mapping[str, object]) -> None:
    sys.stdout.write(orjson.dumps(figures).decode() + "\n")
    sys.stdout.flush()
