"""Beside each row of the providers' error tables is where it is from (issue 16): a letter in square brackets that the
module's docstring explains. What a code means is nothing we may guess."""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Iterator
from types import ModuleType

import pytest

from casella_meta import errors as meta
from casella_sms.bandwidth import errors as bandwidth
from casella_sms.telnyx import errors as telnyx
from casella_sms.twilio import errors as twilio
from casella_sms.vonage import errors as vonage
from casella_whatsapp import errors as whatsapp

MODULES = [meta, whatsapp, twilio, telnyx, bandwidth, vonage]
SOURCE = re.compile(r"# .*?\[([A-Z])\]")


def _rows(module: ModuleType) -> Iterator[tuple[str, list[str]]]:
    """Each row of each table: what stands for its key, and its lines with the comments above it."""
    text = inspect.getsource(module)
    lines = text.splitlines()
    for node in ast.parse(text).body:
        if not (isinstance(node, ast.AnnAssign) and isinstance(node.value, ast.Dict)):
            continue
        for key, value in zip(node.value.keys, node.value.values, strict=True):
            first, last = (key or value).lineno, value.end_lineno or value.lineno
            while lines[first - 2].lstrip().startswith("#"):
                first -= 1
            yield ast.unparse(key or value), lines[first - 1 : last]


def _without_source(module: ModuleType) -> list[str]:
    return [row for row, lines in _rows(module) if not any(SOURCE.search(line) for line in lines)]


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.__name__)
def test_each_row_says_where_it_is_from(module: ModuleType) -> None:
    assert sum(1 for _ in _rows(module)) > 20, "the tables are found"
    assert _without_source(module) == []


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.__name__)
def test_each_letter_is_explained_and_each_explained_one_is_used(module: ModuleType) -> None:
    used = {found[1] for _, lines in _rows(module) for line in lines if (found := SOURCE.search(line))}
    explained = set(re.findall(r"\[([A-Z])\]", module.__doc__ or ""))
    assert used == explained
