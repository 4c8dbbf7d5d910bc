"""The devices that an agent wants to be told on."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from sqlalchemy import Connection

from casella.errors import Conflict, Invalid, NotFound
from casella.ids import new_id
from casella.inbox.house import Rooms
from casella.inbox.pushing import encryption
from casella.inbox.reading import Member
from casella.store import feed
from casella.store.queries.oversight import push_queries
from casella.store.rows import TableRow

MOST = 20


class BadDevice(Invalid):
    """This is no push subscription of a browser."""

    code = "bad_device"


@dataclass(frozen=True, slots=True)
class DeviceView:
    """`service`: the host that brings it there."""

    id: str
    label: str
    service: str
    created_at: datetime


def house_key(rooms: Rooms) -> str:
    """The public key that browsers subscribe with; made when it is asked for first."""
    with rooms.store.read() as db:
        row = push_queries.house(db)
    if row is None:
        with rooms.store.write() as db:
            sealed = rooms.sealer.seal(encryption.new_private_key())
            push_queries.begin(db, sealed, str(feed.newest(db)))
            row = push_queries.house(db)
    assert row is not None, "it was made"
    return encryption.public_key(encryption.private_key(rooms.sealer.open(row.private_sealed)))


def list_devices(db: Connection, rooms: Rooms, member: Member) -> list[DeviceView]:
    return [_view(rooms, row) for row in push_queries.devices_of(db, member.id)]


def register(
    db: Connection, rooms: Rooms, member: Member, token_id: str, endpoint: str, public: str, secret: str, label: str,
    at: datetime,
) -> DeviceView:  # fmt: skip
    """A device that is known already is this agent's from now on. `token_id`: what he is signed in with there. Raises
    BadDevice, and Conflict beyond MOST."""
    parts = _checked(rooms, endpoint)
    try:
        encryption.check(public, secret)
    except encryption.BadKey:
        raise BadDevice from None
    digest = hashlib.sha256(endpoint.encode()).hexdigest()
    push_queries.drop_endpoint(db, digest)
    if push_queries.count_devices(db, member.id) >= MOST:
        raise Conflict("You have 20 devices; remove one first.", code="too_many_devices")
    id = new_id()
    push_queries.keep(
        db, id=id, agent_id=member.id, token_id=token_id, endpoint_sealed=rooms.sealer.seal(endpoint),
        endpoint_digest=digest, public_key=public, secret_sealed=rooms.sealer.seal(secret), label=label, created_at=at,
    )  # fmt: skip
    return DeviceView(id, label, parts, at)


def remove(db: Connection, member: Member, device_id: str) -> None:
    """Raises NotFound for one that is not his own."""
    if all(row.id != device_id for row in push_queries.devices_of(db, member.id)):
        raise NotFound("There is no such device of yours.")
    push_queries.drop(db, device_id)


def _checked(rooms: Rooms, endpoint: str) -> str:
    """The service's host. Whether it may be reached is asked each time that something leaves."""
    try:
        parts = urlsplit(endpoint)
        port = parts.port or (443 if parts.scheme == "https" else 80)
    except ValueError:
        raise BadDevice from None
    within = f"{parts.hostname}:{port}" in rooms.settings.hosts_within()
    if parts.scheme != "https" and not (parts.scheme == "http" and within):
        raise BadDevice
    if not parts.hostname or parts.username or parts.password or any(not "!" <= one <= "~" for one in endpoint):
        raise BadDevice
    return parts.hostname


def _view(rooms: Rooms, row: TableRow) -> DeviceView:
    host = urlsplit(rooms.sealer.open(row.endpoint_sealed)).hostname or ""
    return DeviceView(row.id, row.label, host, row.created_at)
