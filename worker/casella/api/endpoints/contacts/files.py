"""`/contacts/imports` and `/contacts/export`: many contacts at once, as a file."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Request, Response
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import Connection

from casella.api.endpoints import models
from casella.api.frame.context import House
from casella.api.frame.documentation import WRITE_ERRORS, errors
from casella.api.frame.fields import ImportId, Line, storable
from casella.api.frame.once import OptionalOnce
from casella.api.frame.security import Manager
from casella.inbox.contacts import csv_file, importing
from casella.texts import locale_of, sentence

router = APIRouter(tags=["contacts"])
MOST_CHARACTERS = 5_000_000
_FRAME = 3 * MOST_CHARACTERS  # every one in three bytes


class ImportBody(BaseModel):
    """A file of contacts, with a first line that names its columns."""

    model_config = ConfigDict(extra="forbid")

    name: Annotated[Line, Field(min_length=1)] = Field(examples=["customers.csv"])
    csv: Annotated[str, Field(min_length=1, max_length=MOST_CHARACTERS), storable] = Field(
        examples=["name,numbers,tags\nAda Lovelace,+39 06 1234 5678,vip\n"]
    )
    dry_run: bool = Field(False, description="Only say what would come of it.")


class ImportMistake(models.Answer):
    line: int
    code: str
    text: str


class ConsentsNoted(models.Answer):
    """Of how many numbers and channels."""

    opted_in: int
    opted_out: int
    known: int = Field(description="That was known already.")
    older: int = Field(description="Something newer is known, and holds.")


class Import(models.Answer):
    """How far a file is."""

    id: str | None = Field(description="null: it was only looked at.")
    name: str
    state: Literal["checked", "waiting", "done"]
    total: int = Field(description="Lines with a contact.")
    done: int
    created: int = Field(description="So far; of a dry run, so many would be.")
    changed: int
    mistakes: Sequence[ImportMistake] = Field(description="The first 200 lines that cannot be taken.")
    consents: ConsentsNoted = Field(description="What the file says of marketing; of a dry run, what would be noted.")
    at: datetime
    ended_at: datetime | None


@router.post(
    "/contacts/imports",
    response_model=Import,
    status_code=201,
    responses=errors(*WRITE_ERRORS),
    max_body_size=_FRAME,
)
def import_contacts(rooms: House, member: Manager, request: Request, body: ImportBody, once: OptionalOnce) -> Response:
    """Take in a file of contacts: `name`, `numbers` and `tags` (several with `;` between), `locale`, and the desk's
    attributes. Whoever has one of the numbers is changed, everybody else is new. `consent.marketing` (yes or no) with
    `consent.channels`, `consent.source` and `consent.at` says what they have agreed to. A worker does it, and tells you
    (`import.updated`); what is wrong with a line keeps no other from being taken."""

    def deed(db: Connection, at: datetime) -> Import:
        act = importing.check if body.dry_run else importing.begin
        return _shown(request, act(db, rooms, member, body.name, body.csv, at))

    answer = once.do(201, deed, None)
    rooms.bell.feed()
    return answer


@router.get("/contacts/imports", response_model=list[Import], responses=errors(403))
def list_imports(rooms: House, member: Manager, request: Request) -> list[Import]:
    """Your files, the newest first."""
    with rooms.store.read() as db:
        return [_shown(request, one) for one in importing.list_imports(db, member)]


@router.get("/contacts/imports/{import_id}", response_model=Import, responses=errors(403, 404))
def read_import(rooms: House, member: Manager, request: Request, import_id: ImportId) -> Import:
    """How far one is."""
    with rooms.store.read() as db:
        return _shown(request, importing.find(db, member, import_id))


@router.get(
    "/contacts/export",
    response_class=Response,
    responses={
        **errors(403),
        200: {"description": "The file.", "content": {"text/csv": {"schema": {"type": "string"}}}},
    },
)
def export_contacts(rooms: House, member: Manager) -> StreamingResponse:
    """All contacts as a file that `/contacts/imports` takes. What a program for tables would take for a formula stands
    behind an apostrophe."""
    lines = csv_file.written_rows(rooms, importing.everybody(rooms, member))
    headers = {"Content-Disposition": 'attachment; filename="contacts.csv"', "Cache-Control": "no-store"}
    return StreamingResponse(lines, 200, headers, "text/csv; charset=utf-8")


def _shown(request: Request, view: importing.ImportView) -> Import:
    """In the reader's language."""
    found = Import.model_validate(view)
    locale = locale_of(request.headers.get("accept-language", ""))
    found.mistakes = [one.model_copy(update={"text": sentence(one.text, locale)}) for one in found.mistakes]
    return found
