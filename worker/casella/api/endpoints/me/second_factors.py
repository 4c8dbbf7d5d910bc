"""`/me/second-factor`: the code that signing in asks for besides the password; and admins who help when it is lost."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Response
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import Connection

from casella.api.endpoints import models
from casella.api.frame.context import House
from casella.api.frame.documentation import WRITE_ERRORS, errors
from casella.api.frame.fields import AgentId, Line
from casella.api.frame.once import OptionalOnce
from casella.api.frame.rates import at_most
from casella.api.frame.security import Admin, Caller
from casella.inbox.reading import Member, find_member, second_factors, sessions

router = APIRouter(tags=["sign in"])
_OWN = "/me/second-factor"


class FactorCode(BaseModel):
    model_config = ConfigDict(extra="forbid")

    code: Annotated[Line, Field(min_length=1, max_length=40)] = Field(
        description="Six digits of the authenticator app, or a recovery code where one will do.", examples=["123456"]
    )


class SecondFactor(models.Answer):
    """`required`: without one, nothing else may be done here."""

    active_since: datetime | None
    required: bool
    recovery_codes_left: int


class FactorBegun(models.Answer):
    secret: str = Field(description="For an authenticator app, in base32. Shown this once.")
    uri: str = Field(description="The same as an otpauth address, for a QR code.")


class RecoveryCodes(models.Answer):
    recovery_codes: Sequence[str] = Field(description="Each opens once. Shown this once.")


@router.get(_OWN, responses=errors())
def read_second_factor(rooms: House, member: Caller) -> SecondFactor:
    """Whether you have a second factor, and whether your role needs one."""
    with rooms.store.read() as db:
        found = second_factors.view(db, member.id)
    required = member.role in rooms.desk.current.second_factor_roles
    return SecondFactor(
        active_since=found.active_since, required=required, recovery_codes_left=found.recovery_codes_left
    )


@router.post(_OWN, response_model=FactorBegun, status_code=201, responses=errors(*WRITE_ERRORS))
def begin_second_factor(rooms: House, member: Caller, once: OptionalOnce) -> Response:
    """Begin to set up an authenticator app (TOTP). It counts when a code of it is confirmed. 409
    `second_factor_active` while you have one."""

    def deed(db: Connection, at: datetime) -> FactorBegun:
        desk = rooms.desk.current.desk
        issuer = desk.parts.desk if desk else "Casella"
        return FactorBegun.model_validate(second_factors.begin(db, rooms.sealer, member, issuer, at))

    return once.do(201, deed, None, is_secret=True)


@router.post(
    f"{_OWN}/confirm",
    response_model=RecoveryCodes,
    responses=errors(*WRITE_ERRORS, 429),
    dependencies=[at_most("code")],
)
def confirm_second_factor(rooms: House, member: Caller, body: FactorCode, once: OptionalOnce) -> Response:
    """Confirm it with its first code: from now on signing in asks for one. Answers recovery codes for when the app is
    lost. 422 `wrong_code`."""

    def deed(db: Connection, at: datetime) -> RecoveryCodes:
        codes = second_factors.confirm(db, rooms.sealer, member.id, body.code, at)
        return RecoveryCodes(recovery_codes=codes)

    return once.do(200, deed, None, is_secret=True)


@router.post(
    f"{_OWN}/recovery-codes",
    response_model=RecoveryCodes,
    responses=errors(*WRITE_ERRORS, 429),
    dependencies=[at_most("code")],
)
def renew_recovery_codes(rooms: House, member: Caller, body: FactorCode, once: OptionalOnce) -> Response:
    """New recovery codes in place of the old ones, for a code."""

    def deed(db: Connection, at: datetime) -> RecoveryCodes:
        codes = second_factors.renew_codes(db, rooms.sealer, member.id, body.code, at)
        return RecoveryCodes(recovery_codes=codes)

    return once.do(200, deed, None, is_secret=True)


@router.post(f"{_OWN}/remove", status_code=204, responses=errors(*WRITE_ERRORS, 429), dependencies=[at_most("code")])
def remove_second_factor(rooms: House, member: Caller, body: FactorCode, once: OptionalOnce) -> Response:
    """Remove it, for a code. Where your role needs one, nothing else may be done until there is another."""

    def deed(db: Connection, at: datetime) -> None:
        second_factors.remove(db, rooms.sealer, member.id, body.code, at)

    return once.do(204, deed, None)


@router.delete("/agents/{agent_id}/second-factor", status_code=204, responses=errors(403, 404))
def reset_second_factor(rooms: House, admin: Admin, agent_id: AgentId) -> Response:
    """Take the second factor of an agent away who has lost it; he is signed out everywhere. For admins."""
    with rooms.store.write() as db:
        _require(find_member(db, agent_id))
        second_factors.reset(db, agent_id)
        sessions.end_all(db, agent_id, rooms.clock.now())
    rooms.bell.feed()
    return Response(status_code=204)


def _require(member: Member | None) -> None:
    if member is None:
        raise second_factors.FactorMissing("There is no such agent.")
