"""How the C library hands out memory. By itself glibc gives each thread an arena of its own, up to eight for each core.

Dozens of threads that take turns with Python's lock gain nothing by it, and what one of them has freed the others
cannot have: the embedded process held 246 MB after an hour's messages instead of 184, and went on growing.
"""

from __future__ import annotations

import ctypes
import os
from contextlib import suppress

_MOST_ARENAS = -8  # M_ARENA_MAX of malloc.h


def share_memory() -> None:
    """One arena for all threads that begin after this. Nothing where the operator has chosen (`MALLOC_ARENA_MAX`), or
    the C library is another one."""
    if "MALLOC_ARENA_MAX" not in os.environ:
        with suppress(OSError, AttributeError):
            ctypes.CDLL(None).mallopt(_MOST_ARENAS, 1)
