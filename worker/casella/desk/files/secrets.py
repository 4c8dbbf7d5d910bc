"""Secrets never stand in the desk: only where they are kept. `${CASELLA_TWILIO_TOKEN}` or `{file: secrets/token}`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from casella.desk.files.plain_file import read_plain
from casella.errors import ConfigurationError
from casella_rules.yaml.problems import Problem, in_order

_REFERENCE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]{0,99})\}")

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
    """Reads secrets when they are needed. Values are never kept, printed or put into errors."""

    environment: Mapping[str, str]
    folder: Path

    def read(self, source: SecretSource) -> str:
        """The secret, without white space around it. Raises SecretMissing."""
        if source.variable:
            value = self.environment.get(source.variable, "").strip()
        else:
            value = self._file(self.folder / source.file)
        if not value:
            raise SecretMissing(f"{source} is empty or not there; set it and start again")
        return value

    def _file(self, path: Path) -> str:
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
