"""What the host does for the routes of one channel: everything of `ChannelHouse`, and nothing more."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from limits import RateLimitItemPerSecond

from casella.api.limits.rate_limits import RateLimits
from casella.api.limits.uploads import UploadQuota
from casella.errors import CasellaError
from casella.inbox.house import ChannelEntry, ConnectionEntry, Rooms
from casella.inbox.reading import contact_view
from casella.inbox.sending import uploads
from casella.inbox.state import visitor_revocation
from casella.plugin import Channel, Opening, RouteRefused, Transcript, Upload, Webhook, WebhookAnswer

Deliver = Callable[[ConnectionEntry, Webhook], WebhookAnswer]
"""Hands a webhook to the intake and waits until it is stored. From any thread."""


def nobody_receives(_entry: ConnectionEntry, _webhook: Webhook) -> WebhookAnswer:
    """Where no intake runs."""
    return WebhookAnswer(503)


class HouseOfChannel:
    """Made for one request, given to one plugin's route."""

    def __init__(
        self,
        rooms: Rooms,
        entry: ChannelEntry,
        channel: Channel,
        limits: RateLimits,
        quota: UploadQuota,
        deliver: Deliver,
        client: str,
    ) -> None:
        self._rooms, self._entry, self._limits, self._deliver = rooms, entry, limits, deliver
        self._quota, self._client = quota, client
        self.channel: Channel[Any] = channel

    def receive(self, webhook: Webhook) -> WebhookAnswer:
        answer = self._deliver(self._entry.connection, webhook)
        if answer.status == 503:
            raise RouteRefused(503, "store_unavailable", "It could not be stored; try again.", retry_after=2)
        return answer

    def transcript(self, contact_address: str, *, before: str | None = None, limit: int = 50) -> Transcript:
        with refusing(), self._rooms.store.read() as db:
            return contact_view.transcript(db, self._rooms, self._entry, contact_address, before=before, limit=limit)

    def admit_upload(self, contact_address: str, size: int) -> None:
        with refusing():
            self._quota.admit("visitor", self._visitor(contact_address), self._client, size)

    def keep_upload(self, content: bytes, name: str, claimed: str, most: int, *, contact_address: str = "") -> Upload:
        with refusing():
            if len(content) <= most:
                self._quota.count("visitor", self._visitor(contact_address), self._client, len(content))
            return uploads.keep_contact_upload(self._rooms, content, name, claimed, most)

    def _visitor(self, contact_address: str) -> str:
        """Those who are not named are one."""
        return f"{self.channel.id} {contact_address}"

    def allow(self, what: str, key: str, most: int, seconds: int) -> None:
        item = RateLimitItemPerSecond(most, seconds)
        wait = self._limits.hit(item, "channel", self.channel.id, what, key)
        if wait is not None:
            raise RouteRefused(429, "too_many_requests", "Too many requests; wait a moment.", retry_after=wait)

    def revoke(self, contact_address: str, credential: str, until: datetime) -> None:
        if not credential:
            raise RouteRefused(422, "no_credential", "Say which credential is revoked.")
        with refusing(), self._rooms.store.write() as db:
            visitor_revocation.revoke(db, self.channel.id, contact_address, credential, self._rooms.clock.now(), until)

    def is_revoked(self, contact_address: str, credential: str, issued_at: datetime) -> bool:
        with refusing(), self._rooms.store.read() as db:
            return visitor_revocation.is_revoked(db, self.channel.id, contact_address, credential, issued_at)

    def opening(self, hours: str) -> Opening | None:
        found = self._rooms.desk.current.opening(hours, self._rooms.clock.now())
        return None if found is None else Opening(is_open=found[0], next_open=found[1])


@contextmanager
def refusing() -> Iterator[None]:
    """The host's errors in the contract's words."""
    try:
        yield
    except CasellaError as error:
        said = error.extra.get("retry_after")
        wait = said if isinstance(said, int) else 2 if error.status == 503 else None
        raise RouteRefused(error.status, error.reason, error.text, retry_after=wait) from error
