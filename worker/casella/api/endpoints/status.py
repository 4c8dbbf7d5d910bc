"""`/health`, `/ready`, `/metrics`: for whoever runs the server."""

from __future__ import annotations

import hmac
from datetime import datetime

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, Field
from sqlalchemy import Connection, func, select

from casella import metrics
from casella.api.frame.context import Context
from casella.api.frame.local import is_local
from casella.api.frame.problems import problem
from casella.errors import NotAllowed, StoreUnavailable
from casella.inbox.house import Rooms
from casella.store import Store, migrate
from casella.store.tables import journal, kept_webhooks, outbox, search_pending

_DEGRADING = ("plugin ", "clock", "disk")
router = APIRouter(tags=["server"])


class Health(BaseModel):
    status: str = Field(examples=["ok"])


class Readiness(BaseModel):
    """`checks`: for each part "ok", or the sentence that says what is wrong. `degraded`: requests may come, but what a
    check names does not work; it keeps nobody from coming."""

    ready: bool
    degraded: bool
    checks: dict[str, str] = Field(examples=[{"database": "ok", "migrations": "ok", "workers": "ok"}])


@router.get("/health", response_model=Health)
async def health() -> Health:
    """The process lives. Nothing else is asked."""
    return Health(status="ok")


@router.get(
    "/ready", response_model=Readiness, responses={503: {"model": Readiness, "description": "Not ready; see checks."}}
)
def ready(context: Context, response: Response) -> Readiness:
    """Whether requests should come here: the database answers, its tables are this version's, the workers work. A
    plugin that was set aside is told here, and keeps nobody from coming."""
    checks = {**_database(context.rooms.store), "disk": context.rooms.disk_problem() or "ok", **context.readiness()}
    wrong = [part for part, text in checks.items() if text != "ok"]
    is_ready = all(part.startswith(_DEGRADING) for part in wrong)
    if not is_ready:
        response.status_code = 503
        response.headers["Retry-After"] = "2"
    return Readiness(ready=is_ready, degraded=is_ready and bool(wrong), checks=checks)


def _database(store: Store) -> dict[str, str]:
    if store.is_full:
        return {"database": "its disk is full: nothing new is stored until somebody makes room; nothing is lost"}
    try:
        with store.read() as db:
            found = migrate.current(db)
    except StoreUnavailable as error:
        return {"database": error.text}
    wanted = migrate.newest()
    fits = "ok" if found == wanted else f"the tables are at {found}, this version wants {wanted}: casella migrate"
    return {"database": "ok", "migrations": fits}


@router.get("/metrics", include_in_schema=False)
def read_metrics(request: Request, context: Context) -> Response:
    """For Prometheus: with the token of CASELLA_METRICS_TOKEN, or without one from this machine, asked by its own name:
    a page of somebody else's whose name leads here is not this machine."""
    if not _may_scrape(request, context.rooms.settings.metrics_token.get_secret_value()):
        return problem(request, 403, NotAllowed.code, "Set CASELLA_METRICS_TOKEN and send it as a bearer token.")
    try:
        with context.rooms.store.read() as db:
            _measure(db, context.rooms)
    except StoreUnavailable:
        pass  # the counters of this process are true without the database; the gauges keep their last values
    return Response(metrics.exposition(), media_type=metrics.CONTENT_TYPE)


def _may_scrape(request: Request, token: str) -> bool:
    if token:
        given = request.headers.get("authorization", "").removeprefix("Bearer ")
        return hmac.compare_digest(given.encode(), token.encode())
    return is_local(request)


def _measure(db: Connection, rooms: Rooms) -> None:
    pending = journal.c.state == "pending"
    waiting = db.execute(select(func.count(), func.min(journal.c.received_at)).where(pending)).one()
    metrics.journal_pending.set(waiting[0])
    metrics.journal_lag.set(_age(waiting[1], rooms.clock.now()))
    depth = {"queued": 0, "sending": 0, "unconfirmed": 0}
    for row in db.execute(select(outbox.c.state, func.count().label("number")).group_by(outbox.c.state)):
        depth[row.state] = row.number
    for state, count in depth.items():
        metrics.outbox_depth.labels(state).set(count)
    kept = select(func.count()).select_from(kept_webhooks).where(kept_webhooks.c.replayed_at.is_(None))
    metrics.kept_webhooks.set(db.execute(kept).scalar_one())
    for of, free in rooms.free_disk().items():
        metrics.disk_free.labels(of).set(free)
    metrics.search_pending.set(db.execute(select(func.count()).select_from(search_pending)).scalar_one())


def _age(since: datetime | None, now: datetime) -> float:
    return 0.0 if since is None else max(0.0, (now - since).total_seconds())
