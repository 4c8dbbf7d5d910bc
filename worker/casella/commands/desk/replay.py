"""`casella replay`: kept webhooks again, or the stored history under other rules (docs/decisions/0010)."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated

import orjson
import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from casella import app as house
from casella.commands.desk.replay_page import page
from casella.commands.desk.replay_text import show
from casella.commands.shared import err, out, quiet_settings
from casella.desk.parts.catalogue import Catalogue
from casella.errors import ConfigurationError
from casella.host import find_plugins
from casella.inbox.history import Report, replay_history
from casella.inbox.receiving import replay_kept
from casella.store import Store, migrate
from casella_rules.language.durations import seconds_of

_WINDOW = "14d"


def register(cli: typer.Typer) -> None:
    """Add the command."""
    cli.command(name="replay")(replay)


def replay(
    rules: Annotated[
        Path | None,
        typer.Option(help="Try these rules on the stored history: a desk folder, a folder of rules, or one file."),
    ] = None,
    since: Annotated[
        str | None, typer.Option(help=f"From when on: 14d, 36h, or a date. With --rules; {_WINDOW} if not said.")
    ] = None,
    html: Annotated[Path | None, typer.Option(help="Write the difference as a web page as well. With --rules.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the difference as JSON. With --rules.")] = False,
    examples: Annotated[
        int, typer.Option(min=0, max=1000, help="How many conversations to show of each kind. With --rules.")
    ] = 10,
    connection: Annotated[str | None, typer.Option(help="Only this connection's webhooks. Without --rules.")] = None,
) -> None:
    """See what other rules would have done; or, without --rules, bring in webhooks that were kept.

    With --rules: the stored history is decided again under other rules, and the difference is shown: who would have
    been assigned elsewhere, which replies would be new or gone, how waiting would move. Nothing is sent, nothing is
    written: the database is read in one read-only transaction.

    Without --rules: webhooks that were kept while a plugin was broken are brought in, and events that could not be
    applied are tried again.

    Example: casella replay --since 14d --rules new-desk/

    Example: casella replay --since 2026-11-01 --rules rules.yaml --html difference.html

    Example: casella replay --connection twilio
    """
    if rules is None:
        given = {"--since": since, "--html": html, "--json": as_json or None}
        if lonely := [name for name, value in given.items() if value is not None]:
            raise typer.BadParameter(f"{', '.join(lonely)} needs --rules: which rules to try on the history?")
        _kept(connection)
        return
    if connection is not None:
        raise typer.BadParameter("--connection belongs to the kept webhooks; it cannot stand with --rules.")
    _history(rules, since or _WINDOW, html, as_json, examples)


def _kept(connection: str | None) -> None:
    built = house.build(quiet_settings(), serves=False, works=False)
    with Progress(console=err, transient=True) as progress:
        task = progress.add_task("Replaying", total=None)
        report = replay_kept(built.rooms, connection, lambda done: progress.advance(task, done))
    out.print(
        f"{report.accepted} brought in, {report.refused} not authentic and dropped, {report.kept} still kept, "
        f"{report.retried} parked events tried again."
    )
    built.close()
    if report.kept:
        err.print("Some could not be translated; `casella doctor` says why.")
        raise SystemExit(1)


def _history(rules: Path, since: str, html: Path | None, as_json: bool, examples: int) -> None:
    """The house is not built for this: that would write."""
    now = datetime.now(UTC)
    start = moment(since, now)
    if start > now:
        raise typer.BadParameter(f"--since {since} lies in the future, and nothing has happened since then.")
    store = Store(quiet_settings().effective_database_url)
    with store.read() as db:
        found = migrate.current(db)
    if found != migrate.newest():
        raise ConfigurationError(
            "The database has the tables of another version. Bring it to this one: casella migrate"
        )
    with _progress() as progress:
        report = replay_history(
            store, Catalogue.of_host(find_plugins()), rules, start, now, examples=examples, progress=progress
        )
    store.close()
    _print(report, as_json)
    if html is not None:
        html.write_text(page(report), encoding="utf-8")
        err.print(f"The difference as a page: {html}", soft_wrap=True)


def _print(report: Report, as_json: bool) -> None:
    if as_json:
        sys.stdout.write(orjson.dumps(report.as_json(), option=orjson.OPT_INDENT_2).decode() + "\n")
    else:
        show(report, out)


def moment(since: str, now: datetime) -> datetime:
    """`14d` before now, or the beginning of a date in UTC. Raises typer.BadParameter for anything else."""
    seconds = seconds_of(since)
    if seconds is not None:
        return now - timedelta(seconds=seconds)
    try:
        return datetime.fromisoformat(since).replace(tzinfo=UTC)
    except ValueError:
        raise typer.BadParameter(f"'{since}' is neither a length (14d, 36h) nor a date (2026-11-01).") from None


@contextmanager
def _progress() -> Iterator[Callable[[int, int], None]]:
    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()
    with Progress(*columns, console=err, transient=True) as progress:
        task = progress.add_task("Deciding again", total=None)
        done = 0

        def advance(by: int, total: int) -> None:
            nonlocal done
            done += by
            if by == 0 or done % 100 == 0 or done >= total:
                progress.update(task, completed=done, total=total)

        yield advance
