"""`casella assist eval`: does the assistant write what it must, and nothing it must not?"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape
from rich.progress import Progress
from rich.table import Table

from casella.commands.shared import err, out, quiet_settings
from casella.desk import Desk, Vault, load_desk, resolve_settings
from casella.desk.parts.assistant import OFFLINE, AssistantPart
from casella.desk.parts.catalogue import Catalogue
from casella.errors import ConfigurationError
from casella.host import Host, find_plugins
from casella.inbox.house import Guest
from casella_assistant import (
    Assistant,
    AssistantError,
    Breaker,
    Languages,
    OfflineProvider,
    Provider,
    Route,
    load_prompts,
)
from casella_assistant.evaluation import Case, Result, read_cases, run_case, shipped_cases

_EXAMPLE = "Example: casella assist eval cases.yaml --desk desk/ --provider main"
assist = typer.Typer(help="The Message Assistant.", no_args_is_help=True, epilog=_EXAMPLE, rich_markup_mode=None)


def register(cli: typer.Typer) -> None:
    cli.add_typer(assist, name="assist")


@assist.callback()
def _several() -> None:
    """The Message Assistant."""


@assist.command(name="eval")
def evaluate(
    file: Annotated[Path | None, typer.Argument(help="A YAML file of cases; without one, the 40 shipped ones.")] = None,
    desk: Annotated[Path | None, typer.Option(help="The desk folder with the providers and prompts to try.")] = None,
    provider: Annotated[str, typer.Option(help="The provider's key in that desk, or offline.")] = OFFLINE,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Show what was written.")] = False,
) -> None:
    """Run cases against a provider and print a table. Exit code 1 if a case fails.

    Example: casella assist eval cases.yaml --desk desk/ --provider main
    """
    cases = _cases(file)
    host = find_plugins()
    found = load_desk(desk, Catalogue.of_host(host)) if desk else None
    part = found.parts.assistant if found else AssistantPart()
    route = Route(provider, _provider(provider, part, found, host, desk), Breaker(lambda: datetime.now(UTC)))
    with Progress(console=err, transient=True) as progress:
        task = progress.add_task("Asking", total=len(cases))
        results = asyncio.run(_run(cases, route, part, lambda: progress.advance(task)))
    _print(results, verbose=verbose)
    if any(result.failures for result in results):
        raise SystemExit(1)


def _cases(file: Path | None) -> Sequence[Case]:
    try:
        return read_cases(file.read_text(encoding="utf-8")) if file else shipped_cases()
    except AssistantError as error:
        raise ConfigurationError(f"{file}: {error.text}") from error
    except UnicodeDecodeError:
        raise ConfigurationError(f"{file} is no text in UTF-8.") from None


def _provider(name: str, part: AssistantPart, desk: Desk | None, host: Host, folder: Path | None) -> Provider:
    """Raises ConfigurationError for one that is not in the desk, SecretMissing for its key."""
    if name == OFFLINE:
        return OfflineProvider(desk.locale if desk else "en")
    written = part.providers.get(name)
    if written is None or folder is None:
        known = ", ".join([*part.providers, OFFLINE])
        raise ConfigurationError(
            f"There is no provider '{name}'. Providers: {known}. Name the desk with --desk FOLDER."
        )
    kind = host.assistants[written.provider_type]
    vault = Vault(os.environ, folder, quiet_settings().variables_for_desks())
    settings = resolve_settings(written.settings, kind.settings_model, vault, name)
    return Guest(name, kind.build(settings))


async def _run(cases: Sequence[Case], route: Route, part: AssistantPart, told: Callable[[], None]) -> list[Result]:
    assistant, prompts = Assistant(Languages()), load_prompts(part.prompts)
    results = []
    for case in cases:
        results.append(await run_case(case, assistant, [route], prompts, seconds=part.time_limit))
        told()
    await route.provider.close()
    return results


def _print(results: Sequence[Result], *, verbose: bool) -> None:
    table = Table("case", "result", "ms", "what is wrong" if not verbose else "what is wrong, and what was written")
    for result in results:
        state = "skipped" if result.skipped else "[red]failed[/]" if result.failures else "[green]passed[/]"
        told = list(result.failures)
        if verbose and result.answer is not None:
            told += [f"» {proposal.text}" for proposal in result.answer.proposals]
        table.add_row(escape(result.case.name), state, f"{result.milliseconds:.0f}", escape("\n".join(told)))
    out.print(table)
    passed, skipped = sum(one.passed for one in results), sum(one.skipped for one in results)
    needing = f", {skipped} skipped because they need a model" if skipped else ""
    out.print(f"{passed} of {len(results)} passed{needing}.")
