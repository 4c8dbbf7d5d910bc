"""Writing millions of rows: COPY on PostgreSQL, one transaction without a journal on SQLite; the indexes are made when
the rows are there, and nothing checks meanwhile who points at whom."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol

import psycopg
from psycopg import sql

from bench.rig import report
from bench.rig.inbox.history import COLUMNS, Row, moment

_AT_ONCE = 20_000
_TOLD_EVERY = 500_000
_INSTANTS = ("_at", "_until", "_since", "_time")


class Writer(Protocol):
    def write(self, table: str, rows: Sequence[Row]) -> None: ...  # pragma: no cover - a protocol


def copy_rows(writer: Writer, rows: Iterable[tuple[str, Row]]) -> Mapping[str, int]:
    """How many rows of each table it wrote."""
    waiting: dict[str, list[Row]] = {table: [] for table in COLUMNS}
    written = dict.fromkeys(COLUMNS, 0)
    for table, row in rows:
        batch = waiting[table]
        batch.append(row)
        if len(batch) == _AT_ONCE:
            writer.write(table, batch)
            written[table] += len(batch)
            batch.clear()
            if table == "messages" and written[table] % _TOLD_EVERY == 0:
                report.progress(f"{written[table]:,} messages")
    for table, batch in waiting.items():
        writer.write(table, batch)
        written[table] += len(batch)
    return written


class PostgresWriter:
    def __init__(self, dsn: str) -> None:
        self._db = psycopg.connect(dsn)
        self._db.execute("SET session_replication_role = replica")
        self._db.execute("SET synchronous_commit = off")
        self._db.execute("SET maintenance_work_mem = '512MB'")
        self._places = {table: _instants(columns) for table, columns in COLUMNS.items()}
        self._indexes = self._drop_indexes()

    def _drop_indexes(self) -> list[str]:
        found = self._db.execute(
            "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public' AND (tablename = ANY(%s) OR "
            "indexname = 'ix_message_search_words') AND indexname NOT IN (SELECT conname FROM pg_constraint)",
            [list(COLUMNS)],
        ).fetchall()
        for name, _ in found:
            self._db.execute(sql.SQL("DROP INDEX {}").format(sql.Identifier(name)))
        return [made for _, made in found]

    def write(self, table: str, rows: Sequence[Row]) -> None:
        columns = sql.SQL(", ").join(map(sql.Identifier, COLUMNS[table]))
        command = sql.SQL("COPY {} ({}) FROM STDIN").format(sql.Identifier(table), columns)
        places = self._places[table]
        with self._db.cursor().copy(command) as copy:
            copy.write("".join([_line(row, places) for row in rows]))

    def finish(self, fill_search: Sequence[str]) -> None:
        for statement in (*fill_search, *self._indexes):
            report.progress(statement.partition(" ON ")[0][:90])
            self._db.execute(statement.encode())
        self._db.commit()
        self._db.autocommit = True
        report.progress("VACUUM ANALYZE")
        self._db.execute("VACUUM ANALYZE")
        self._db.close()


def _line(row: Row, instants: frozenset[int]) -> str:
    """Of COPY's text format. Nothing that the generator makes needs to be escaped in it."""
    cells = [
        "\\N" if value is None else moment(value).isoformat() if place in instants else str(value)  # type: ignore[arg-type]  # instants are numbers
        for place, value in enumerate(row)
    ]
    return "\t".join(cells) + "\n"


def _instants(columns: Sequence[str]) -> frozenset[int]:
    return frozenset(place for place, name in enumerate(columns) if name == "at" or name.endswith(_INSTANTS))


class SqliteWriter:
    def __init__(self, file: str) -> None:
        self._db = sqlite3.connect(file, isolation_level=None)
        for pragma in ("foreign_keys=OFF", "journal_mode=OFF", "synchronous=OFF", "cache_size=-200000"):
            self._db.execute(f"PRAGMA {pragma}")
        self._db.execute("BEGIN")
        query = "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL AND tbl_name IN "
        query += f"({', '.join('?' * len(COLUMNS))})"
        self._indexes = self._db.execute(query, list(COLUMNS)).fetchall()
        for name, _ in self._indexes:
            self._db.execute(f'DROP INDEX "{name}"')

    def write(self, table: str, rows: Sequence[Row]) -> None:
        columns = ", ".join(f'"{name}"' for name in COLUMNS[table])
        marks = ", ".join("?" * len(COLUMNS[table]))
        self._db.executemany(f'INSERT INTO "{table}" ({columns}) VALUES ({marks})', rows)

    def finish(self, fill_search: Sequence[str]) -> None:
        for statement in (*fill_search, *(made for _, made in self._indexes)):
            report.progress(statement.partition(" ON ")[0][:90])
            self._db.execute(statement)
        self._db.execute("COMMIT")
        self._db.execute("ANALYZE")
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.close()
