"""One POST under guard, and what came of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import httpx

from casella.inbox.files import FetchRefused, guarded_post
from casella.inbox.house import Rooms

TIMEOUT = 15.0
_AGAIN = (408, 425, 429)


@dataclass(frozen=True, slots=True)
class Answer:
    """`status`: None where nobody answered. `error`: why it has not arrived. `is_final`: repeating will not help."""

    status: int | None = None
    error: str | None = None
    is_refused: bool = False

    @property
    def is_good(self) -> bool:
        return self.error is None

    @property
    def is_final(self) -> bool:
        """What the other side says is wrong with the request will not become right by repeating it."""
        wrong = self.status is not None and 400 <= self.status < 500 and self.status not in _AGAIN
        return self.is_good or self.is_refused or wrong


def post(rooms: Rooms, http: httpx.Client, url: str, body: bytes, headers: Mapping[str, str]) -> Answer:
    """Outside any transaction, to public addresses only. Raises nothing of the other side's account."""
    try:
        status = guarded_post(http, url, body, headers, rooms.settings.hosts_within(), timeout=TIMEOUT)
    except FetchRefused as refused:
        return Answer(None, refused.text, is_refused=True)
    except httpx.HTTPError as failed:
        return Answer(None, type(failed).__name__)
    return Answer(status, None if 200 <= status < 300 else f"answered {status}")
