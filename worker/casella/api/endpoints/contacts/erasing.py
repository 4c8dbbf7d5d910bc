"""`/contacts/{id}/erasure`, `/contacts/{id}/everything`, `/erasures`: all of one person as a copy, and forgotten."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from fastapi import APIRouter, Response
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import Connection

from casella.api.endpoints.models import Answer
from casella.api.frame.context import House
from casella.api.frame.documentation import WRITE_ERRORS, errors
from casella.api.frame.fields import ContactId
from casella.api.frame.once import OptionalOnce
from casella.api.frame.rates import at_most
from casella.api.frame.security import Admin
from casella.inbox import erasure

router = APIRouter(tags=["contacts"])
_NEWEST = 200


class ErasureBody(BaseModel):
    model_config = ConfigDict(extra="forbid")

    dry_run: bool = Field(True, description="Only count what would go.")


class Erased(Answer):
    """`counts`: conversations, messages, attachments. What is on private numbers goes, too, and is not counted."""

    erased: bool
    counts: Mapping[str, int]


class Erasure(Answer):
    """Somebody was erased; nobody knows who."""

    id: str
    agent_id: str
    at: datetime
    counts: Mapping[str, int]


@router.post("/contacts/{contact_id}/erasure", response_model=Erased, responses=errors(*WRITE_ERRORS))
def erase_contact(rooms: House, admin: Admin, contact_id: ContactId, body: ErasureBody, once: OptionalOnce) -> Response:
    """Forget one person: his contact and whoever was merged into him, conversations in every world, files, and all that
    was kept of them anywhere. What he has stopped stays stopped. It cannot be taken back; without `"dry_run": false` it
    is only counted. For admins."""

    def deed(db: Connection, at: datetime) -> Erased:
        if body.dry_run:
            return Erased(erased=False, counts=erasure.preview(db, admin, contact_id))
        return Erased(erased=True, counts=erasure.erase(db, rooms, admin, contact_id, at).counts)

    answer = once.do(200, deed, None)
    if not body.dry_run:
        erasure.delete_files(rooms)
        rooms.bell.feed()
    return answer


@router.get(
    "/contacts/{contact_id}/everything",
    response_class=StreamingResponse,
    responses={
        **errors(403, 404, 429),
        200: {"content": {"application/zip": {"schema": {"type": "string", "format": "binary"}}}},
    },
    dependencies=[at_most("report")],
)
def export_contact(rooms: House, admin: Admin, contact_id: ContactId) -> StreamingResponse:
    """All that is kept of one person, as a ZIP for him: his contact, consents, surveys, conversations and files. What
    is on agents' private numbers is theirs, and not in it. For admins."""
    parts = erasure.export(rooms, admin, contact_id)
    headers = {"Content-Disposition": 'attachment; filename="everything.zip"', "Cache-Control": "no-store"}
    return StreamingResponse(parts, 200, headers, "application/zip")


@router.get("/erasures", response_model=list[Erasure], responses=errors(403))
def list_erasures(rooms: House, admin: Admin) -> Sequence[erasure.ErasureView]:
    """Who erased somebody and when, the newest first, two hundred at most. For admins."""
    with rooms.store.read() as db:
        return erasure.list_erasures(db, _NEWEST)
