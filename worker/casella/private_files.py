"""Files and folders that only their owner may read, whatever the umask says."""

from __future__ import annotations

import os
from pathlib import Path
from typing import BinaryIO

_FOLDER, _FILE = 0o700, 0o600


def private_folder(path: Path) -> None:
    """There afterwards, and closed to others. One that belongs to somebody else stays as he wants it."""
    path.mkdir(mode=_FOLDER, parents=True, exist_ok=True)
    _close(path, _FOLDER)


def private_file(path: Path) -> None:
    """There afterwards, empty if it was not, and closed to others; so is its folder, if that was not there."""
    if not path.parent.exists():
        private_folder(path.parent)
    os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, _FILE))
    _close(path, _FILE)


def create(path: Path) -> BinaryIO:
    """A new file to write into. Raises FileExistsError."""
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, _FILE), "wb")


def _close(path: Path, mode: int) -> None:
    state = path.stat()
    if state.st_uid == os.geteuid() and state.st_mode & 0o077:
        path.chmod(mode)
