"""Scratch folders of tests in memory, where the machine has room for them.

Casella writes SQLite as durably as it can (`synchronous=FULL`), and so it does in tests: each commit waits for the
disk, 3 to 10 ms on a virtual machine, twenty times in an ordinary test. In memory that costs nothing, and nothing is
given up: a process that is killed loses what it had not yet given to the operating system, there and here.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

MEMORY = Path("/dev/shm")  # Linux; elsewhere, and in containers that get 64 MiB of it, everything stays on the disk
ENOUGH = 4 << 30  # bytes; a whole run was seen to use half of one GiB at a time


def keep_scratch_in_memory() -> None:
    """Let this process and its children make their temporary folders in memory. Who has chosen a place keeps it."""
    if "TMPDIR" not in os.environ and suits(MEMORY, ENOUGH):
        os.environ["TMPDIR"] = str(MEMORY)
        tempfile.tempdir = None  # forget the one that was found before


def suits(folder: Path, enough: int) -> bool:
    """Room for so many bytes, ours to write, and programs may be started there (of an environment or of a server)."""
    return (
        os.access(folder, os.W_OK | os.X_OK)
        and not os.statvfs(folder).f_flag & os.ST_NOEXEC
        and shutil.disk_usage(folder).free >= enough
    )
