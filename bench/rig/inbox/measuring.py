"""Asking a measured server one request after the other, and the same statements without Casella."""

from __future__ import annotations

import pickle
import re
import sqlite3
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import psycopg
from sqlalchemy import make_url

from bench.rig import report
from bench.rig.inbox.asks import API, Ask
from bench.rig.inbox.kept import House, dsn
from bench.rig.inbox.timing import KEEP, Statement
from bench.rig.job import quantile

_TIMES = re.compile(r"app;dur=([\d.]+), cpu;dur=([\d.]+), sql;dur=([\d.]+);desc=\"(\d+)\"")


@dataclass
class Taken:
    """Milliseconds of one ask's requests, in order of size. `bare`: the quickest round of the same statements without
    Casella, those of signing in left out; None where it was not asked."""

    ask: Ask
    who: str
    app: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)
    sql: list[float] = field(default_factory=list)
    statements: int = 0
    bare: float | None = None

    @property
    def name(self) -> str:
        return f"{self.ask.label} ({self.who})"

    def at(self, share: float) -> float:
        return quantile(self.app, share)

    @property
    def ratio(self) -> float | None:
        """Of the quickest to the quickest, which a busy machine falsifies least."""
        return self.app[0] / self.bare if self.bare else None


@dataclass(frozen=True)
class Asker:
    """One agent, who asks a server. `scratch`: where the server writes what is kept of a request."""

    port: int
    house: House
    who: str
    scratch: Path

    def take(self, asks: Iterable[Ask], repeats: int, *, bare: bool) -> list[Taken]:
        headers = {"Authorization": f"Bearer {self.house.tokens[self.who]}"}
        found = []
        with httpx.Client(base_url=f"http://127.0.0.1:{self.port}", headers=headers, timeout=60) as http:
            signing_in = {text for text, _ in self._statements(http, f"{API}/me")}
            for number, ask in enumerate(asks):
                if number % 100 == 99:
                    report.progress(f"{self.who}: {number + 1} kinds of requests")
                paths = _behind(http, ask.paths) if ask.later else ask.paths
                if paths:
                    taken = self._take(http, ask, paths, repeats)
                    if bare:
                        kept = [one for one in self._statements(http, paths[0]) if one[0] not in signing_in]
                        taken.bare = _bare(self.house, kept, max(5, repeats // 2)) if kept else None
                    found.append(taken)
        return found

    def _take(self, http: httpx.Client, ask: Ask, paths: Sequence[str], repeats: int) -> Taken:
        taken = Taken(ask, self.who)
        for number in range(repeats + 2):
            answer = http.get(paths[number % len(paths)])
            times = _TIMES.fullmatch(answer.headers.get("server-timing", ""))
            if answer.status_code != 200 or times is None:
                raise SystemExit(f"{answer.request.url}: {answer.status_code} {answer.text[:300]}")
            if number >= 2:  # the first ones fill caches
                for kind, text in zip((taken.app, taken.cpu, taken.sql), times.groups(), strict=False):
                    kind.append(float(text))
                taken.statements = max(taken.statements, int(times[4]))
        for kind in (taken.app, taken.cpu, taken.sql):
            kind.sort()
        return taken

    def _statements(self, http: httpx.Client, path: str) -> list[Statement]:
        file = self.scratch / "statements"
        http.get(path, headers={KEEP: str(file)}).raise_for_status()
        return list(pickle.loads(file.read_bytes()))


def document(port: int, token: str) -> Mapping[str, object]:
    """The OpenAPI document of the server."""
    headers = {"Authorization": f"Bearer {token}"}
    answer = httpx.get(f"http://127.0.0.1:{port}{API}/openapi.json", headers=headers, timeout=60)
    return dict(answer.raise_for_status().json())


def _behind(http: httpx.Client, paths: Sequence[str]) -> list[str]:
    """The next pages of these, of those that have one."""
    found = []
    for path in paths:
        following = http.get(path).raise_for_status().json()["next"]
        if following is not None:
            found.append(f"{path}&cursor={following}")
    return found


def _bare(house: House, statements: Sequence[Statement], rounds: int) -> float:
    run, close = _driver(house.database_url)
    try:
        times = []
        for _ in range(rounds + 6):  # psycopg prepares a statement that it has seen five times
            began = time.perf_counter()
            for text, values in statements:
                run(text, values)
            times.append(time.perf_counter() - began)
        return min(times) * 1000
    finally:
        close()


def _driver(url: str) -> tuple[Callable[[str, Any], object], Callable[[], None]]:
    if url.startswith("sqlite"):
        file = sqlite3.connect(make_url(url).database or "")
        return lambda text, values: file.execute(text, values).fetchall(), file.close
    db = psycopg.connect(dsn(url))  # one transaction, as Casella has one: settings are made for it alone
    return lambda text, values: db.execute(text.encode(), values).fetchall(), db.close
