"""A desk, and its mistakes, as text for a terminal."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from casella.desk.model import Desk
from casella_rules import Problem

#: More of one file are counted, not shown.
LISTED_PROBLEMS = 200


def problems_text(problems: Sequence[Problem]) -> str:
    """One line for each problem, then how many there are. Of a file with very many the first ones are enough to see
    what is wrong with it."""
    count, by_file = len(problems), Counter(problem.file for problem in problems)
    lines: list[str] = []
    for file, number in by_file.items():
        told = [str(problem) for problem in problems if problem.file == file][:LISTED_PROBLEMS]
        more = f"{file}: and {number - LISTED_PROBLEMS:,} problems more"
        lines += [*told, more] if number > LISTED_PROBLEMS else told
    return "\n".join([*lines, "", f"{count} problem{'' if count == 1 else 's'} found. The desk was not changed."])


def desk_text(desk: Desk) -> str:
    """What a sound desk holds, in a few lines."""
    parts = desk.parts
    watching = sum(1 for rule in desk.rules.rules if rule.enabled and rule.watch)
    off = sum(1 for rule in desk.rules.rules if not rule.enabled)
    notes = [f"{watching} only watching" if watching else "", f"{off} switched off" if off else ""]
    note = ", ".join(text for text in notes if text)
    rows = [
        ("Inboxes", _named(parts.inboxes)),
        ("Channels", ", ".join(f"{key} ({channel.address})" for key, channel in parts.channels.items()) or "none"),
        ("Teams", _named(parts.teams)),
        ("Agents", _named(parts.agents)),
        ("Office hours", _named(parts.hours)),
        ("Rules", f"{len(desk.rules.rules)}{f' ({note})' if note else ''}, rule set {desk.rules.hash}"),
        ("Canned messages", str(len(desk.canned))),
    ]
    width = max(len(label) for label, _ in rows) + 2
    return "\n".join([f"{parts.desk}: no mistakes.", *(f"  {label:<{width}}{text}" for label, text in rows)])


def _named(section: Iterable[str]) -> str:
    return ", ".join(section) or "none"
