"""`/desk`: which desk is in use, what is wrong with a newer one, and what its rules do."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from casella.api.frame.context import House
from casella.api.frame.documentation import errors
from casella.api.frame.security import Manager
from casella.inbox.house import failures
from casella.inbox.routing import rule_counts

router = APIRouter(tags=["managers"])


class DeskFailure(BaseModel):
    """A desk that was not taken over; the last good one stays in use."""

    folder: str
    problems: Sequence[str] = Field(description="As `casella check` says them.")
    at: datetime


class DeskInUse(BaseModel):
    version: int = Field(description="Rises with every desk that is applied; 0: none yet.")
    rule_set: str = Field(description="Fingerprint of the rules, as in every decision.")
    rules: int
    failures: Sequence[DeskFailure] = Field(description="Changed desks with mistakes in them.")


class RuleCount(BaseModel):
    """How often a rule has acted, or would have, had it not only watched."""

    name: str
    watches: bool = Field(description="`mode: watch`: it decides and does nothing.")
    enabled: bool
    fired: int
    would_have_fired: int
    last_at: datetime | None


@router.get("/desk", response_model=DeskInUse, responses=errors(403))
def read_desk(rooms: House, member: Manager) -> DeskInUse:
    """The desk in use, and what is wrong with a newer one that could not be taken over."""
    book = rooms.desk.current
    with rooms.store.read() as db:
        broken = [DeskFailure(folder=row.folder, problems=row.problems, at=row.at) for row in failures(db)]
    return DeskInUse(version=book.version, rule_set=book.ruleset.hash, rules=len(book.ruleset.rules), failures=broken)


@router.get("/desk/rules", response_model=list[RuleCount], responses=errors(403))
def count_rules(
    rooms: House,
    member: Manager,
    days: Annotated[int, Query(ge=1, le=90, description="How far to look back.")] = 7,
) -> list[RuleCount]:
    """Every rule of the desk, and how often it fired; of one that only watches, how often it would have."""
    since = rooms.clock.now() - timedelta(days=days)
    with rooms.store.read() as db:
        counts = rule_counts(db, since)
    return [
        RuleCount(
            name=rule.name, watches=rule.watch, enabled=rule.enabled, fired=counts.fired[rule.name],
            would_have_fired=counts.watched[rule.name], last_at=counts.last_at.get(rule.name),
        )
        for rule in rooms.desk.current.ruleset.rules
    ]  # fmt: skip
