"""Disks that are full, or nearly: said by that name wherever it shows."""

from __future__ import annotations

import errno
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from casella.errors import DiskFull

MEGABYTE = 1024 * 1024
_FULL = frozenset({errno.ENOSPC, errno.EDQUOT})


@contextmanager
def naming_full_disk() -> Iterator[None]:
    """Raises DiskFull for what the system says of a disk or a quota that is used up."""
    try:
        yield
    except OSError as error:
        if error.errno in _FULL:
            raise DiskFull from error
        raise


def free_bytes(path: Path) -> int | None:
    """How much may still be written where `path` is, or will be. None where the system does not say."""
    there = next((one for one in (path, *path.absolute().parents) if one.exists()), None)
    try:
        return shutil.disk_usage(there).free if there is not None else None
    except OSError:
        return None
