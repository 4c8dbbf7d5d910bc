"""The difference between two rule sets, for the terminal."""

from __future__ import annotations

from collections.abc import Iterable

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from casella.inbox.history import Change, Example, Group, Report, Summary
from casella_rules.language.durations import written
from casella_rules.yaml.problems import printable


def show(report: Report, out: Console) -> None:
    """Print it: the sum of it, teams, rules, conversations, and what it does not say."""
    for line in headlines(report):
        out.print(_shown(line), soft_wrap=True)
    if report.queues:
        out.print(_queues(report))
    if report.rule_lines:
        out.print(_rules(report))
    for group in report.groups:
        _group(group, out)
    _list("What this history cannot answer", report.limits, out)
    if report.queues:
        _list("How the waits were modelled", report.assumptions, out)


def _shown(text: str) -> str:
    """Names and words come from customers: neither Rich nor the terminal may take them for orders."""
    return escape(printable(text))


def headlines(report: Report) -> list[str]:
    """What there was, and what would be different, in two sentences."""
    extent, found = report.extent, report.summary
    return [
        f"{report.since:%d %B %Y %H:%M} to {report.until:%d %B %Y %H:%M} UTC: {extent.messages:,} messages, "
        f"{report.decisions:,} decisions, {found.conversations:,} conversations, under the rules of {report.rules}.",
        f"{_of(found.changed, found.conversations)} conversations would have gone differently{_kinds(found)}.",
        f"{_of(report.repeated, report.decisions)} stored decisions come out again exactly as they were stored.",
    ]


def _of(part: int, whole: int) -> str:
    return f"{part:,} of {whole:,}" + (f" ({part / whole:.1%})" if whole else "")


def _kinds(found: Summary) -> str:
    kinds = {
        "would have been assigned elsewhere": found.elsewhere,
        "assigned where nobody was before": found.first_given,
        "not assigned any more": found.no_longer_given,
        "with a new reply": found.replies_new,
        "with a reply gone": found.replies_gone,
        "of another priority": found.priority,
        "with other tags": found.tags,
        "with other actions": found.other,
    }
    said = ", ".join(f"{count:,} {what}" for what, count in kinds.items() if count)
    return f": {said}" if said else ""


def moved(then: float, now: float) -> str:
    """`12 → 20`, or `12` when nothing moves."""
    return f"{then:,}" if then == now else f"{then:,} → {now:,}"


def waits(then: float, now: float) -> str:
    """The same for lengths of time."""
    return written(then) if written(then) == written(now) else f"{written(then)} → {written(now)}"


def sentence(change: Change) -> str:
    """One difference in words."""
    match change.kind, change.old, change.new:
        case kind, None, new:
            return f"new: {kind} {new}".rstrip()
        case kind, old, None:
            return f"gone: {kind} {old}".rstrip()
        case kind, old, new:
            return f"{kind}: {old} → {new}"


def _queues(report: Report) -> Table:
    table = Table("team", "first given", "modelled wait, median", "nine in ten", "never served")
    table.title, table.title_justify = "Teams", "left"
    for line in report.queues:
        then, now = line.waits_then, line.waits_now
        table.add_row(
            _shown(line.queue), moved(line.then, line.now), waits(then.median, now.median),
            waits(then.nine_in_ten, now.nine_in_ten), moved(then.never, now.never),
        )  # fmt: skip
    return table


def _rules(report: Report) -> Table:
    table = Table("rule", "", "acted")
    table.title, table.title_justify = "Rules", "left"
    for line in (line for line in report.rule_lines if line.moves):
        more = f", would act {line.watched:,} (watch)" if line.watched else ""
        table.add_row(_shown(line.rule), line.state, moved(line.then, line.now) + more)
    if steady := steady_rules(report):
        table.caption, table.caption_justify = steady, "left"
    return table


def steady_rules(report: Report) -> str:
    """A sentence for all the rules about which there is nothing to see."""
    count = sum(not line.moves for line in report.rule_lines)
    return f"{count:,} more act as often as they did." if count else ""


def several(count: int) -> str:
    """`1 conversation`, `2 conversations`."""
    return f"{count:,} conversation{'' if count == 1 else 's'}"


def _group(group: Group, out: Console) -> None:
    out.print(f"\n[bold]{_shown(f'Because of “{group.rule}”')}[/]: {several(group.conversations)}")
    for example in group.examples:
        _example(example, out)
    if group.conversations > len(group.examples):
        out.print(f"  … and {group.conversations - len(group.examples):,} more (--examples shows more of them)")


def _example(example: Example, out: Console) -> None:
    at = f"{example.at:%d %b %H:%M}" if example.at else ""
    out.print(_shown(f"  {example.conversation}  {at}  {example.contact}  {one_line(example.text)}"), soft_wrap=True)
    for change in example.changes:
        out.print(_shown(f"      {sentence(change)}"), soft_wrap=True)


def one_line(text: str) -> str:
    """The words of a message, quoted, without its line breaks."""
    words = " ".join(printable(text).split())
    return f"“{words}”" if words else ""


def _list(title: str, lines: Iterable[str], out: Console) -> None:
    lines = list(lines)
    if lines:
        out.print(f"\n[bold]{title}[/]")
    for line in lines:
        out.print(_shown(f"  - {line}"), soft_wrap=True)
