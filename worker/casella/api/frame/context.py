"""What every endpoint may ask for: the house's rooms and what the API itself was built with."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request

from casella.api.frame.cookies import KnownBrowser, PendingCookie, SessionCookie
from casella.api.limits.caller_rates import CallerRates
from casella.api.limits.login_limits import LoginLimits
from casella.api.limits.pools import Pools
from casella.api.limits.uploads import UploadQuota
from casella.api.stream.feed_hub import FeedHub
from casella.inbox.house import Rooms
from casella.inbox.reading import Passwords
from casella.inbox.sending import Signals
from casella.inbox.sign_on import SignOn

Readiness = Callable[[], Mapping[str, str]]
"""Asked by /ready: for every part of this process "ok", or the sentence that says what is wrong with it."""


@dataclass(frozen=True, slots=True)
class ApiContext:
    """Built once in `create_api`, which lets every request carry it."""

    rooms: Rooms
    hub: FeedHub
    readiness: Readiness
    cookie: SessionCookie
    known: KnownBrowser
    pending: PendingCookie
    sign_on: SignOn
    limits: LoginLimits
    signals: Signals
    pools: Pools
    rates: CallerRates
    uploads: UploadQuota
    passwords: Passwords
    heartbeat_seconds: float = 15.0


async def _context(request: Request) -> ApiContext:
    context: ApiContext = request.state.context
    return context


async def _rooms(request: Request) -> Rooms:
    context: ApiContext = request.state.context
    return context.rooms


Context = Annotated[ApiContext, Depends(_context)]
House = Annotated[Rooms, Depends(_rooms)]
