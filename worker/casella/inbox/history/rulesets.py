"""The rules that decided then, kept by their hash; and the new ones, from a folder or a file."""

from __future__ import annotations

from collections.abc import Container, Mapping
from dataclasses import dataclass
from pathlib import Path

import orjson
from sqlalchemy import Connection, select

from casella.desk import Catalogue, Desk, load_desk, reread_desk
from casella.desk.files.folder import yaml_files
from casella.desk.load import load_with_rules
from casella.errors import ConfigurationError
from casella.store.rows import TableRow
from casella.store.tables import desk_versions, rule_sets
from casella_rules import OfficeHours, RuleSet, UnknownEntryError, compile_rules, rules_from_json
from casella_rules.engine.serial import rules_as_json


@dataclass(frozen=True, slots=True)
class Trial:
    """The rules to try, and the desk they belong to. `name`: where they were read."""

    name: str
    desk: Desk

    @property
    def rules(self) -> RuleSet:
        return self.desk.rules

    @property
    def rules_by_name(self) -> dict[str, str]:
        """Each rule as it is stored, by its name."""
        return by_name(self.rules)

    @property
    def hours(self) -> Mapping[str, OfficeHours]:
        return self.desk.hours


def trial(path: Path, catalogue: Catalogue, db: Connection) -> Trial:
    """From a desk folder, or from a folder or file of rules alone, which then belong to the desk in use. Raises
    DeskMistaken with every mistake, ConfigurationError where there is nothing to read."""
    if (path / "desk.yaml").is_file():
        return Trial(str(path), load_desk(path, catalogue))
    files = yaml_files(path) if path.is_dir() else [path] if path.is_file() else []
    if not files:
        raise ConfigurationError(f"There are no rules at {path}. Name a desk folder, a folder of rules, or one file")
    live = _in_use(db)
    if live is None:
        raise ConfigurationError(f"{path} has no desk.yaml, and no desk is in use yet. Name a whole desk folder")
    return Trial(str(path), load_with_rules(live.files, [(str(file), file.read_bytes()) for file in files], catalogue))


def desk_in_use(db: Connection, catalogue: Catalogue) -> Desk | None:
    """The desk that was applied last; None without one."""
    live = _in_use(db)
    return reread_desk(live.files, catalogue, live.additions)[0] if live is not None else None


def _in_use(db: Connection) -> TableRow | None:
    return db.execute(select(desk_versions).order_by(desk_versions.c.id.desc()).limit(1)).one_or_none()


def by_name(rules: RuleSet) -> dict[str, str]:
    """Each rule as it is stored, by its name; equal for rules that mean the same."""
    return {rule.name: rules_as_json((rule,)) for rule in rules.rules}


class OldRules:
    """Rule sets as they were stored, compiled when first met. None: they use what nobody brings any more."""

    def __init__(self, db: Connection, catalogue: Catalogue) -> None:
        self._db = db
        self._vocabulary = catalogue.vocabulary
        self._compiled: dict[str, RuleSet | None] = {}

    def load(self) -> None:
        """Read all that are stored: there are few, and later the connection is busy with the history."""
        for row in self._db.execute(select(rule_sets).order_by(rule_sets.c.first_used_at)):
            self._compiled[row.digest] = self._read(row.source)

    def rules_by_name(self, digests: Container[str]) -> dict[str, str]:
        """The rules of these sets; of one that was changed meanwhile, the one of the set stored last."""
        found: dict[str, str] = {}
        for digest, rules in self._compiled.items():
            if digest in digests and rules is not None:
                found |= by_name(rules)
        return found

    def of(self, digest: str) -> RuleSet | None:
        """The rules that go by this hash."""
        return self._compiled.get(digest)

    def _read(self, source: object) -> RuleSet | None:
        try:
            rules = rules_from_json(orjson.dumps(source).decode(), self._vocabulary)
        except UnknownEntryError:
            return None
        return compile_rules(rules, self._vocabulary)
