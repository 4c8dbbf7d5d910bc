"""`/me/settings`: what you have chosen for yourself."""

from __future__ import annotations

from datetime import datetime

from fastapi import APIRouter, Response
from pydantic import Field
from sqlalchemy import Connection

from casella.api.endpoints.models import Answer
from casella.api.frame.context import House
from casella.api.frame.documentation import WRITE_ERRORS, errors
from casella.api.frame.once import OptionalOnce
from casella.api.frame.security import Caller
from casella.inbox.personal import PersonalSettings, settings

router = APIRouter(tags=["me"])


class OwnSettings(Answer):
    """Your settings as they stand, with what you have not chosen as it is for everybody."""

    settings: PersonalSettings
    version: int = Field(description="Rises with every change.")
    quiet: bool = Field(description="Whether you are left in peace at this moment: no sound, nothing pushed.")


@router.get("/me/settings", response_model=OwnSettings, responses=errors())
def read_settings(rooms: House, member: Caller) -> settings.OwnSettings:
    """How your work looks, sounds and reaches you, and when you are left in peace."""
    with rooms.store.read() as db:
        return settings.read(db, rooms, member)


@router.patch("/me/settings", response_model=OwnSettings, responses=errors(*WRITE_ERRORS))
def change_settings(rooms: House, member: Caller, body: PersonalSettings, once: OptionalOnce) -> Response:
    """Change what you name; everything else stays. Your other screens are told (`settings.updated`), colleagues of your
    `status_message` and `extension` (`agent.updated`)."""

    def deed(db: Connection, at: datetime) -> OwnSettings:
        return OwnSettings.model_validate(settings.change(db, rooms, member, body, at))

    answer = once.do(200, deed, None)
    rooms.bell.feed()
    return answer
