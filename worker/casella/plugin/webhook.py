"""A provider's HTTP request as it came in, and what to answer.

Nothing here is parsed or re-encoded: signatures cover the bytes as sent.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, TypeVar, cast

_Parsed = TypeVar("_Parsed")


@dataclass(frozen=True, slots=True)
class Webhook:
    """One request of a provider.

    `url`: the full public URL as configured (CASELLA_PUBLIC_URL + raw path + "?" + raw query), byte for byte as the
    provider was told, never rebuilt from Host or X-Forwarded-*. `headers`: names in lower case; of a repeated header
    the first value. `body`: raw bytes, at most the connection's cap. `received_at`: aware UTC.
    """

    method: Literal["GET", "POST"]
    url: str
    query: str
    headers: Mapping[str, str]
    body: bytes
    received_at: datetime
    _parsed: dict[object, object] = field(default_factory=dict, init=False, repr=False, compare=False)

    def once(self, parse: Callable[[Webhook], _Parsed]) -> _Parsed:
        """`parse(self)`, worked out the first time only: `verify` and `translate` are given the same request, and
        parsing is most of their work. `parse` is a function of the request alone, defined in a module, and its result
        is never changed. What it raises is raised every time."""
        if parse not in self._parsed:
            self._parsed[parse] = parse(self)
        return cast(_Parsed, self._parsed[parse])

    @property
    def content_type(self) -> str:
        """The media type alone, in lower case, without parameters."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()


@dataclass(frozen=True, slots=True)
class WebhookAnswer:
    """An HTTP answer to a provider."""

    status: int = 200
    body: bytes = b""
    content_type: str = "text/plain; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What `verify` found. Build it with one of the three class methods. `answer`: what the provider is answered; None
    for an authentic request: the plugin's `acknowledgement`."""

    outcome: Literal["authentic", "refused", "answered"]
    answer: WebhookAnswer | None = None
    reason: str = ""

    @classmethod
    def authentic(cls, answer: WebhookAnswer | None = None) -> Verdict:
        """The request is the provider's: translate it, store it, acknowledge it.

        `answer`: the acknowledgement of this one request, where the provider reads something in it (Telegram takes a
        call of its API there). It is given once the request is stored, and instead of the plugin's own; its status
        is a success."""
        return AUTHENTIC if answer is None else cls("authentic", answer)

    @classmethod
    def refused(cls, status: int, reason: str) -> Verdict:
        """Not authentic (403), malformed (400), wrong content type (415): nothing is stored.

        `reason`: a stable code for logs and metrics, such as "bad_signature"; it never contains anything of the
        request."""
        return cls("refused", WebhookAnswer(status, b""), reason)

    @classmethod
    def answered(cls, answer: WebhookAnswer) -> Verdict:
        """A handshake: give exactly this answer, store nothing."""
        return cls("answered", answer)


AUTHENTIC = Verdict("authentic")


@dataclass(frozen=True, slots=True)
class MediaRequest:
    """How to download one attachment. The host does the download, so that its guards hold for every plugin: only
    `allowed_hosts`, no private address after DNS, re-checked on every redirect, size capped while streaming.

    `headers` (credentials included) go with the first request only, and only to a host matching `credential_hosts`:
    where it is redirected to is signed already, and refuses or must not see them (channels.md §8, trap 20). A host
    pattern is a name or "*.name"; it never matches by suffix alone. `retry_missing`: a 404 may be too early, try again
    with backoff (Twilio: just after arrival).
    """

    url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    allowed_hosts: tuple[str, ...] = ()
    credential_hosts: tuple[str, ...] = ()
    retry_missing: bool = False
