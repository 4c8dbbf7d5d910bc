"""`casella work`: workers only."""

from __future__ import annotations

import signal
import threading

import typer

from casella import app as house
from casella.allocator import share_memory
from casella.commands.shared import settings


def register(cli: typer.Typer) -> None:
    """Add the command."""
    cli.command(name="work")(work)


def work() -> None:
    """Run workers only: lanes, delivery, attachments. Any number of times, on any number of machines.

    Example: casella work
    """
    share_memory()
    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    house.work(house.build(settings(), serves=False), stopping)
