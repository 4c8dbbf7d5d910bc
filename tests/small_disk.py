"""A file system that is really full: a small tmpfs of its own. Only root may mount one."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.conftest import ABSENT

_CHUNK = 64 * 1024


@dataclass(frozen=True, slots=True)
class SmallDisk:
    folder: Path

    def fill(self) -> None:
        """To the last byte."""
        with suppress(OSError), (self.folder / "filler").open("ab", buffering=0) as file:
            for size in (_CHUNK, 1):
                with suppress(OSError):
                    while True:
                        file.write(b"\0" * size)

    def make_room(self) -> None:
        (self.folder / "filler").unlink(missing_ok=True)


@contextmanager
def small_disk(at: Path, megabytes: int, options: str = "") -> Iterator[SmallDisk]:
    """Mounted at a folder. Skips, loudly, where nobody may mount anything."""
    at.mkdir(parents=True, exist_ok=True)
    command = ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m{options}", "tmpfs", str(at)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    except FileNotFoundError as missing:
        pytest.skip(f"{ABSENT}a small disk: {missing}")
    if done.returncode:
        pytest.skip(f"{ABSENT}a small disk: {done.stderr.strip()}")
    try:
        yield SmallDisk(at)
    finally:
        subprocess.run(["umount", "--lazy", str(at)], check=True)
