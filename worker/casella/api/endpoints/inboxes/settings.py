"""`/inboxes/{inbox_id}/settings`: what managers change without the desk's folder, and what that says."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Path, Response
from pydantic import BaseModel, ConfigDict, Field, JsonValue
from sqlalchemy import Connection

from casella.api.endpoints.models import Answer
from casella.api.frame.context import House
from casella.api.frame.documentation import WRITE_ERRORS, errors
from casella.api.frame.fields import InboxId
from casella.api.frame.once import Once, OptionalOnce
from casella.api.frame.security import Manager
from casella.inbox import overrides
from casella.inbox.house import Rooms
from casella.inbox.reading import Member

router = APIRouter(tags=["managers"])
SettingName = Annotated[
    str,
    Path(
        min_length=1, max_length=100,
        description="A switch (`assignment_mode`, `auto_replies`, `features`, `reopen`, `surveys`), `canned/KEY`, "
        "`tags/TAG`, or `exceptions/DATE` of the inbox's office hours.",
        json_schema_extra={"pattern": r"^[a-z0-9_-]+(/[a-z0-9_-]+)?$"}, examples=["reopen"],
    ),
]  # fmt: skip
_TRIES = 5


class Setting(Answer):
    """One value. `changed_by` and `changed_at`: of a change by hand, which counts until the desk itself changes it."""

    name: str
    kind: Literal["switch", "exception", "canned", "tag"]
    value: JsonValue = Field(description="What counts now; null: nothing.")
    own: JsonValue = Field(description="What the desk's folder says.")
    changed_by: str | None
    changed_at: datetime | None
    mine: bool = Field(description="Whether you may change it: what concerns other inboxes, too, takes all of them.")


class SettingBody(BaseModel):
    model_config = ConfigDict(extra="forbid")

    value: JsonValue = Field(
        description="As desk.yaml or canned.yaml write it; null takes a canned message, a tag or a date away.",
        examples=["7d"],
    )


@router.get("/inboxes/{inbox_id}/settings", response_model=list[Setting], responses=errors(403, 404))
def list_inbox_settings(rooms: House, member: Manager, inbox_id: InboxId) -> Sequence[overrides.SettingView]:
    """What managers of an inbox may change: its switches, single dates of its office hours, its canned messages, and
    the tags, with what the desk's folder says of each."""
    with rooms.store.read() as db:
        return overrides.list_settings(db, rooms, member, inbox_id)


@router.put("/inboxes/{inbox_id}/settings/{name:path}", response_model=Setting, responses=errors(*WRITE_ERRORS))
def change_inbox_setting(
    rooms: House, member: Manager, inbox_id: InboxId, name: SettingName, body: SettingBody, once: OptionalOnce
) -> Response:
    """Change one of them, for this inbox's managers: it counts at once, stays when the folder is applied again, and
    gives way where the folder's own value has changed since. `casella desk pull` writes it into the folder. 422
    `setting_mistaken` says what the desk does not take, and the `nearest` name."""
    return _change(rooms, member, inbox_id, name, body.value, once, back=False)


@router.delete("/inboxes/{inbox_id}/settings/{name:path}", response_model=Setting, responses=errors(*WRITE_ERRORS))
def restore_inbox_setting(
    rooms: House, member: Manager, inbox_id: InboxId, name: SettingName, once: OptionalOnce
) -> Response:
    """Let the desk's own value count again."""
    return _change(rooms, member, inbox_id, name, None, once, back=True)


def _change(
    rooms: Rooms, member: Member, inbox_id: str, name: str, value: JsonValue, once: Once, *, back: bool
) -> Response:
    """Other processes may change it, too: then the desk is read again."""
    with rooms.desk.changing:
        for left in reversed(range(_TRIES)):
            change = overrides.prepare(rooms, member, inbox_id, name, value, rooms.clock.now(), back=back)
            try:
                answer = _keep(rooms, member, inbox_id, change, once)
            except overrides.AnotherDesk:
                if not left:
                    raise
            else:
                change.use()
                break
    rooms.bell.feed()
    return answer


def _keep(rooms: Rooms, member: Member, inbox_id: str, change: overrides.Change, once: Once) -> Response:
    def deed(db: Connection, at: datetime) -> Setting:
        return Setting.model_validate(change.keep(db, at))

    return once.do(200, deed, lambda db: overrides.read_setting(db, rooms, member, inbox_id, change.name))
