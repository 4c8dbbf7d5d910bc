"""Reports as tables: for spreadsheets as CSV, for programs as Parquet. One column for each figure, parts after their
whole with an underscore between (`waiting_median`)."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass
from datetime import datetime
from typing import Union, get_args, get_origin, get_type_hints

from casella import extras
from casella.errors import Invalid

Cell = str | int | float | datetime | None
_RISKY = ("=", "+", "-", "@", "\t", "\r")
"""With what a spreadsheet begins to compute."""


class NoParquet(Invalid):
    """This installation cannot write Parquet; ask for CSV, or the operator for casella[parquet]."""

    code = "no_parquet"


def columns_of(kind: type) -> Mapping[str, type]:
    """Names and types of the columns of a dataclass's rows."""
    found: dict[str, type] = {}
    hints = get_type_hints(kind)
    for field in fields(kind):
        plain = _plain(hints[field.name])
        if is_dataclass(plain):
            found |= {f"{field.name}_{name}": within for name, within in columns_of(plain).items()}
        elif plain in (str, int, float, datetime):
            found[field.name] = plain
    return found


def rows_of(kind: type, rows: Sequence[object]) -> list[Mapping[str, Cell]]:
    """The cells of each row by column; None where there is no figure."""
    return [_cells(kind, row) for row in rows]


def as_csv(kind: type, rows: Sequence[object]) -> bytes:
    """UTF-8; names that a spreadsheet would compute begin with an apostrophe."""
    text = io.StringIO(newline="")
    columns = list(columns_of(kind))
    writer = csv.writer(text)
    writer.writerow(columns)
    writer.writerows([_written(row[name]) for name in columns] for row in rows_of(kind, rows))
    return text.getvalue().encode()


def as_parquet(kind: type, rows: Sequence[object]) -> bytes:
    """Raises NoParquet where the extra is not installed."""
    if not extras.has("parquet"):
        raise NoParquet
    import pyarrow
    import pyarrow.parquet

    kinds = {str: pyarrow.string(), int: pyarrow.int64(), float: pyarrow.float64()}
    moment = pyarrow.timestamp("us", "UTC")
    schema = pyarrow.schema([(name, kinds.get(of, moment)) for name, of in columns_of(kind).items()])
    cells = rows_of(kind, rows)
    table = pyarrow.table({name: [row[name] for row in cells] for name in schema.names}, schema=schema)
    sink = pyarrow.BufferOutputStream()
    pyarrow.parquet.write_table(table, sink)
    return bytes(sink.getvalue())


def _cells(kind: type, row: object) -> Mapping[str, Cell]:
    found: dict[str, Cell] = {}
    hints = get_type_hints(kind)
    for field in fields(kind):
        value = getattr(row, field.name) if row is not None else None
        plain = _plain(hints[field.name])
        if is_dataclass(plain):
            found |= {f"{field.name}_{name}": cell for name, cell in _cells(plain, value).items()}
        elif plain in (str, int, float, datetime):
            found[field.name] = value
    return found


def _plain(hint: object) -> type:
    """What may be None, without that."""
    if get_origin(hint) in (Union, type(int | None)):
        hint = next(each for each in get_args(hint) if each is not type(None))
    return hint if isinstance(hint, type) else object


def _written(cell: Cell) -> str:
    if isinstance(cell, datetime):
        return cell.isoformat().replace("+00:00", "Z")
    text = "" if cell is None else str(cell)
    return f"'{text}" if isinstance(cell, str) and text.startswith(_RISKY) else text
