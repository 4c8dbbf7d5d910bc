"""HTTP paths of a plugin's own, for a channel whose other side is not a provider but the visitor's browser itself.

    from casella.plugin import hookimpl

    @hookimpl
    def register_routes(register):
        register("acme", [Route("POST", "{channel}/messages", write, most_bytes=65_536)])

The host serves them below `/channels/{channel type}/`, calls `answer` in a thread under a time limit, and offers what a
plugin may not do itself as a `ChannelHouse`: storing, reading one contact's transcript, keeping files, counting. What
the routes let in is the plugin's to judge: the host answers whoever asks.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, Protocol

from pydantic import AwareDatetime, BaseModel, ConfigDict

from casella.plugin.channel import Channel
from casella.plugin.events import AttachmentKind, MessageKind
from casella.plugin.webhook import Webhook, WebhookAnswer

RouteMethod = Literal["GET", "POST", "OPTIONS"]


class RouteRefused(Exception):
    """The request is refused. Raise it in a route; the house raises it too, when it cannot do what is asked.

    `code` is stable, for programs; `text` one sentence for people, without secrets. `retry_after`: seconds. `headers`
    go with the answer."""

    def __init__(
        self,
        status: int,
        code: str,
        text: str,
        *,
        retry_after: int | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        self.status = status
        self.code = code
        self.text = text
        self.retry_after = retry_after
        self.headers = dict(headers or {})
        super().__init__(text)


@dataclass(frozen=True, slots=True)
class RouteRequest:
    """A request to a plugin's route. `parameters`: the path's, by their names in braces. `headers`: names in lower
    case; of a repeated header the first value. `client`: the network address the request came from."""

    method: str
    parameters: Mapping[str, str]
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes
    client: str
    received_at: datetime


@dataclass(frozen=True, slots=True)
class RouteAnswer:
    """An HTTP answer. The host adds its security headers where a name is not given here."""

    status: int = 200
    body: bytes = b""
    content_type: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ContactStream:
    """Answer with a stream of server-sent events: what happens in this contact's conversations on this channel, and
    nothing else. It begins behind the cursor `after` (of a Transcript, or the last event's id), misses nothing and
    repeats nothing; it ends at `until`, so that a credential that has run out is asked for again, and shows nothing
    more when `credential`, which was given out at `issued_at`, is revoked.

    Events: `ready` `{"cursor"}`, or `reset` when the cursor is too old: read the transcript anew. `message` carries a
    TranscriptMessage, also when one changed. `typing`: an agent is. `read` `{"read_at"}`: an agent has read the
    contact's messages up to then."""

    contact_address: str
    after: str | None
    until: datetime
    headers: Mapping[str, str] = field(default_factory=dict)
    credential: str = ""
    issued_at: datetime | None = None


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class TranscriptFile(_Frozen):
    """A file of a message. `url` is signed and expires; None while it is not there."""

    kind: AttachmentKind
    mime: str
    name: str | None
    size: int | None
    url: str | None


class TranscriptMessage(_Frozen):
    """A message as the contact may see it. `direction`: "in" is his own. `state`: of his own "received"; of others
    "sent", "delivered" or "read". `sender`: the agent's first name, None for what wrote itself. `external_id`: what
    the plugin called it when it came in. `reply_to`: the id of the quoted message."""

    id: str
    external_id: str | None
    direction: Literal["in", "out"]
    kind: MessageKind
    text: str
    sender: str | None
    at: AwareDatetime
    state: str
    reply_to: str | None
    files: tuple[TranscriptFile, ...] = ()


class Transcript(_Frozen):
    """The newest messages before a place, oldest first. `older`: give it as `before` to go on; None at the beginning.
    `cursor`: where a ContactStream goes on. `read_at`: up to when agents have read the contact's messages."""

    messages: tuple[TranscriptMessage, ...]
    older: str | None
    cursor: str
    read_at: AwareDatetime | None


class Upload(_Frozen):
    """A file the house keeps. Name its id in `MediaRef.upload` of a message within a day, or it is forgotten."""

    id: str
    kind: AttachmentKind
    mime: str
    name: str | None
    size: int


class Opening(_Frozen):
    """Whether office hours are open, and when they open next (None: they are open, or never)."""

    is_open: bool
    next_open: AwareDatetime | None = None


class ChannelHouse(Protocol):
    """What the host does for a route of one channel. Every method may raise RouteRefused."""

    @property
    def channel(self) -> Channel[Any]:  # the route knows the settings' type of its own plugin
        """The channel that the path names, with its connection and settings."""

    def receive(self, webhook: Webhook) -> WebhookAnswer:
        """Hand in a webhook as if a provider had sent it to the connection: verified, translated, stored; only then
        is it answered, with the plugin's acknowledgement or its refusal."""

    def transcript(self, contact_address: str, *, before: str | None = None, limit: int = 50) -> Transcript:
        """What this contact and the business wrote to each other on this channel. Never notes, nor what others wrote;
        messages of the business from when they are sent."""

    def admit_upload(self, contact_address: str, size: int) -> None:
        """To be asked by `admit`, before a file of so many bytes is read. Raises RouteRefused 429 where this contact,
        his network or everybody has uploaded enough for today, 503 where the disk is full."""

    def keep_upload(self, content: bytes, name: str, claimed: str, most: int, *, contact_address: str = "") -> Upload:
        """Keep a file of at most `most` bytes that a contact will attach. Its type is found in the content; HTML, SVG
        and everything unknown is refused (415). It counts for the contact of this address, as `admit_upload` says."""

    def allow(self, what: str, key: str, most: int, seconds: int) -> None:
        """Count one of at most `most` per `seconds`, for this channel, kind (`what`) and key, in all processes
        together. Raises RouteRefused 429 beyond."""

    def revoke(self, contact_address: str, credential: str, until: datetime) -> None:
        """From now on no process takes this credential any more: a name that the plugin has given it, not itself.
        Remembered until it would have run out by itself, which is at most a year."""

    def is_revoked(self, contact_address: str, credential: str, issued_at: datetime) -> bool:
        """Whether this credential, given out at that moment, counts no more: it was revoked, or an agent has signed
        the contact out since. To be asked wherever a credential is taken."""

    def opening(self, hours: str) -> Opening | None:
        """Office hours of the desk by name; None if it has none of that name."""


@dataclass(frozen=True, slots=True)
class Route:
    """One path. `path` is below `/channels/{channel type}/`; a part in braces matches one segment, and the first must
    be `{channel}`, the key of a channel of this type.

    `admit` looks at the request before its body is read, with `body` empty: raise RouteRefused there for whoever may
    not send one. `most_bytes`: a larger body is refused with 413."""

    method: RouteMethod
    path: str
    answer: Callable[[RouteRequest, ChannelHouse], RouteAnswer | ContactStream]
    most_bytes: int = 0
    admit: Callable[[RouteRequest, ChannelHouse], None] | None = None


@dataclass(frozen=True, slots=True)
class StaticFile:
    """A file that everybody may have, such as a script to be embedded: `path` below `/channels/{channel type}/`. The
    host adds an ETag, and answers pages of any origin."""

    path: str
    content: bytes
    content_type: str
    cache_seconds: int = 300


Routes = Sequence[Route | StaticFile]
