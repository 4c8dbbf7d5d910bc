"""Secrets never stand in the desk: only where they are kept. `${CASELLA_TWILIO_TOKEN}` or `{file: secrets/token}`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

from casella.desk.files.plain_file import read_plain
from casella.errors import ConfigurationError
from casella_rules.yaml.problems import Problem, in_order

_REFERENCE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]{0,99})\}")

#: The folder of a desk in which files of secrets lie.
SECRETS = "secrets"
_FOR_DESKS = ("CASELLA_SECRET_*", "CASELLA_DEMO_*")
#: What opens Casella itself is no secret of a desk, whatever patterns say.
_NEVER = frozenset({"CASELLA_SECRET_KEY", "CASELLA_DATABASE_URL", "CASELLA_REDIS_URL", "CASELLA_METRICS_TOKEN"})

#: A secret is a token or a key, not a document.
MAX_SECRET_BYTES = 16_384


class FromOutside(ConfigurationError):
    """What a desk takes from outside itself is not there or does not fit; `problems` says where the desk names it."""

    def __init__(self, text: str = "", problems: Iterable[Problem] = ()) -> None:
        self.problems = in_order(problems)
        super().__init__(text or "\n".join(str(problem) for problem in self.problems))


class SecretMissing(FromOutside):
    """A secret that the desk refers to is not there; set the variable or write the file, then start again."""

    code = "secret_missing"


@dataclass(frozen=True, slots=True)
class SecretSource:
    """Where a secret is kept: the name of an environment variable, or a file (relative to the desk folder)."""

    variable: str = ""
    file: str = ""

    def __str__(self) -> str:
        return f"${{{self.variable}}}" if self.variable else f"the file {self.file}"


@dataclass(frozen=True, slots=True)
class Vault:
    """Reads secrets when they are needed. Values are never kept, printed or put into errors.

    Who writes a desk does not run the machine: he reaches variables that were made for desks (`open_to`: patterns of
    names; None: all that are given), and files in the desk's own folder `secrets`."""

    environment: Mapping[str, str]
    folder: Path
    open_to: Sequence[str] | None = None

    def read(self, source: SecretSource) -> str:
        """The secret, without white space around it. Raises SecretMissing."""
        if source.variable:
            self._require_open(source.variable)
            value = self.environment.get(source.variable, "").strip()
        else:
            value = self._file(self.folder / source.file)
        if not value:
            raise SecretMissing(f"{source} is empty or not there; set it and start again")
        return value

    def _require_open(self, name: str) -> None:
        patterns = None if self.open_to is None else (*_FOR_DESKS, *self.open_to)
        if patterns is not None and (name in _NEVER or not any(fnmatchcase(name, one) for one in patterns)):
            advice = f"call it CASELLA_SECRET_{name.removeprefix('CASELLA_')}, or let the operator add it"
            raise SecretMissing(f"${{{name}}} was not made for desks; {advice} to CASELLA_DESK_VARIABLES")

    def _file(self, path: Path) -> str:
        place = self.folder / SECRETS
        if place.is_symlink() or not path.resolve().is_relative_to(place.resolve()):
            raise SecretMissing(f"the secret in {path} lies outside the desk's folder {SECRETS}/; put it there")
        try:
            return read_plain(path, MAX_SECRET_BYTES).decode("utf-8", "replace").strip()
        except OSError as error:
            reason = error.strerror or type(error).__name__
            raise SecretMissing(f"the secret in {path} cannot be read: {reason}") from None


def variable_in(written: str) -> str | None:
    """The variable's name when the whole value is a reference such as `${NAME}`."""
    found = _REFERENCE.fullmatch(written.strip())
    return found.group(1) if found else None


def holds_variable(written: str) -> bool:
    """True when a reference stands somewhere in the value."""
    return "${" in written


def source_of(value: object) -> SecretSource | None:
    """The source that a value from YAML names, or None when it is something else."""
    if isinstance(value, str):
        name = variable_in(value)
        return SecretSource(variable=name) if name else None
    if isinstance(value, dict) and set(value) == {"file"} and isinstance(value["file"], str) and value["file"]:
        return SecretSource(file=value["file"])
    return None
