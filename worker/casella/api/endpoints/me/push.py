"""`/me/push`: the devices on which you are told while no page of yours is open."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Response
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import Connection

from casella.api.endpoints.models import Answer
from casella.api.frame.context import House
from casella.api.frame.documentation import WRITE_ERRORS, errors
from casella.api.frame.fields import DeviceId, Line
from casella.api.frame.once import OptionalOnce
from casella.api.frame.security import Caller, Session
from casella.inbox import pushing

router = APIRouter(tags=["me"])
Key = Annotated[str, Field(min_length=1, max_length=200, json_schema_extra={"pattern": "^[A-Za-z0-9_-]+=*$"})]


class PushKey(Answer):
    public_key: str = Field(description="`applicationServerKey` of `PushManager.subscribe`.")


class Device(Answer):
    """`service`: the host that brings messages to it."""

    id: str
    label: str
    service: str
    created_at: datetime


class DeviceKeys(BaseModel):
    model_config = ConfigDict(extra="forbid")

    p256dh: Key
    auth: Key


class DeviceBody(BaseModel):
    """`PushSubscription.toJSON()` of a browser, and what you call it."""

    model_config = ConfigDict(extra="forbid")

    endpoint: Annotated[str, Field(min_length=1, max_length=2000, json_schema_extra={"pattern": "^https?://[!-~]+$"})]
    keys: DeviceKeys
    expirationTime: float | None = None
    label: Line = Field("", examples=["Phone"])


@router.get("/me/push/key", response_model=PushKey, responses=errors())
def read_push_key(rooms: House, member: Caller) -> PushKey:
    """The key that a browser subscribes with. It stays the same."""
    return PushKey(public_key=pushing.house_key(rooms))


@router.get("/me/push/devices", response_model=list[Device], responses=errors())
def list_devices(rooms: House, member: Caller) -> list[pushing.DeviceView]:
    """On which you are told."""
    with rooms.store.read() as db:
        return pushing.list_devices(db, rooms, member)


@router.post("/me/push/devices", response_model=Device, status_code=201, responses=errors(*WRITE_ERRORS))
def register_device(rooms: House, session: Session, body: DeviceBody, once: OptionalOnce) -> Response:
    """Be told on this browser, as your settings say (`notifications`, `peace`), until you remove it, sign out there, or
    the browser forgets it. Names and words are in it only where your settings allow it (`preview`)."""
    pushing.house_key(rooms)

    def deed(db: Connection, at: datetime) -> Device:
        made = pushing.register(
            db, rooms, session.member, session.token_id, body.endpoint, body.keys.p256dh, body.keys.auth, body.label, at
        )  # fmt: skip
        return Device.model_validate(made)

    return once.do(201, deed, None)


@router.delete("/me/push/devices/{device_id}", status_code=204, responses=errors(403, 404))
def remove_device(rooms: House, member: Caller, device_id: DeviceId) -> Response:
    """Nothing is pushed to it any more."""
    with rooms.store.write() as db:
        pushing.remove(db, member, device_id)
    return Response(status_code=204)
