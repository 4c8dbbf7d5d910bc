"""CPU seconds of running processes, as the kernel counts them; what they spent on starting is what they had before."""

from __future__ import annotations

import os
from pathlib import Path

import sqlalchemy
from sqlalchemy.pool import NullPool

_TICK = os.sysconf("SC_CLK_TCK")


def cpu_of(pid: int) -> float:
    """Of a process and of its children that have ended; 0 of one that is gone."""
    return sum(map(int, _stat(pid)[11:15])) / _TICK


def cpu_of_tree(pid: int) -> float:
    """Of a process and of everything it has started."""
    return cpu_of(pid) + sum(cpu_of_tree(child) for child in _children(pid))


def postmaster(url: str) -> int:
    """The process of PostgreSQL that serves this database on this machine."""
    engine = sqlalchemy.create_engine(url, poolclass=NullPool)
    with engine.connect() as connection:
        backend = int(connection.exec_driver_sql("SELECT pg_backend_pid()").scalar_one())
        return int(_stat(backend)[1])


def _stat(pid: int) -> list[str]:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return ["0"] * 50


def _children(pid: int) -> list[int]:
    found: list[int] = []
    try:
        for task in Path(f"/proc/{pid}/task").iterdir():
            found += map(int, (task / "children").read_text().split())
    except OSError:
        pass
    return found
