"""`casella check`: every mistake of a desk folder, for people and for editors."""

from __future__ import annotations

from pathlib import Path

from casella.desk.load import read_desk
from casella.desk.parts.catalogue import Catalogue
from casella_rules import Problem


def check_desk(folder: Path | str, catalogue: Catalogue) -> list[Problem]:
    """Every problem of the desk in this folder, by file, line and column; none means that it can be applied."""
    return list(read_desk(folder, catalogue)[1])
