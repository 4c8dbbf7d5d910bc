"""Around the API of a measured process: what each answer took, told in its own `Server-Timing` header.

    app;dur=9.1, cpu;dur=7.9, sql;dur=3.2;desc="9"        milliseconds; how many statements

`app` is from the request's head to the answer's, `cpu` what this process used meanwhile (asked one by one, that is this
request's), `sql` the statements until they gave their first rows. A request with `X-Bench-Statements: FILE` has its
statements written there, pickled, so that they can be asked again without Casella.
"""

from __future__ import annotations

import pickle
import time
from contextvars import ContextVar
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, event
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

KEEP = "x-bench-statements"
Statement = tuple[str, object]


@dataclass
class _Spent:
    seconds: float = 0.0
    count: int = 0
    began: float = 0.0
    statements: list[Statement] | None = None
    asked: float = field(default_factory=time.perf_counter)
    cpu: float = field(default_factory=time.process_time)


_now: ContextVar[_Spent | None] = ContextVar("spent", default=None)


class Timed:
    def __init__(self, app: ASGIApp, engine: Engine) -> None:
        self._app = app
        event.listen(engine, "before_cursor_execute", _before)
        event.listen(engine, "after_cursor_execute", _after)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        file = Headers(scope=scope).get(KEEP)
        spent = _Spent(statements=[] if file else None)
        _now.set(spent)

        async def timed(message: Message) -> None:
            if message["type"] == "http.response.start":
                app, cpu = time.perf_counter() - spent.asked, time.process_time() - spent.cpu
                MutableHeaders(scope=message)["Server-Timing"] = (
                    f"app;dur={app * 1000:.3f}, cpu;dur={cpu * 1000:.3f}, "
                    f'sql;dur={spent.seconds * 1000:.3f};desc="{spent.count}"'
                )
                if file:
                    Path(file).write_bytes(pickle.dumps(spent.statements))
            await send(message)

        await self._app(scope, receive, timed)


def _before(_db: Connection, _cursor: object, statement: str, values: object, _context: object, many: bool) -> None:
    if (spent := _now.get()) is not None:
        if spent.statements is not None and not many:
            spent.statements.append((statement, values))
        spent.began = time.perf_counter()


def _after(_db: Connection, _cursor: object, _statement: str, _values: Any, _context: object, _many: bool) -> None:
    if (spent := _now.get()) is not None:
        spent.seconds += time.perf_counter() - spent.began
        spent.count += 1
