"""What each provider behind the channel type "sms" does. One folder, one class each; no state."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from datetime import datetime
from typing import ClassVar, Generic, TypeVar

import httpx

from casella.plugin import (
    Capabilities,
    Connection,
    Event,
    LookupResult,
    MediaRef,
    MediaRequest,
    OutgoingMessage,
    Refusal,
    SendAttempt,
    Sent,
    TextMeasure,
    Verdict,
    Webhook,
)
from casella_sms.account import AccountSettings
from casella_sms.segments import segments_of, utf16_length

Account = TypeVar("Account", bound=AccountSettings)


class Provider(ABC, Generic[Account]):
    """The methods are those of `ChannelPlugin`, given the account's own settings. `most_parts`: the limit of a text is
    so many parts, whatever their encoding; 0: it is a number of characters, in UTF-16 units."""

    able: ClassVar[Capabilities]
    most_parts: ClassVar[int] = 0

    @abstractmethod
    def verify(self, settings: Account, webhook: Webhook) -> Verdict: ...

    @abstractmethod
    def translate(self, settings: Account, webhook: Webhook) -> list[Event]: ...

    @abstractmethod
    def send(
        self, connection: Connection, settings: Account, sender: str, message: OutgoingMessage, http: httpx.Client
    ) -> Sent: ...

    @abstractmethod
    def locate_media(self, settings: Account, ref: MediaRef, http: httpx.Client) -> MediaRequest: ...

    def capabilities(self, settings: Account) -> Capabilities:
        return self.able

    def lookup(self, settings: Account, sender: str, attempt: SendAttempt, http: httpx.Client) -> LookupResult:
        return LookupResult("unknown")

    def missed(self, settings: Account, address: str, since: datetime, http: httpx.Client) -> Sequence[Event]:
        return ()

    def health(self, settings: Account, http: httpx.Client) -> Refusal | None:
        return None

    def pool(self, settings: Account) -> str:
        return ""

    def measure(self, settings: Account, text: str) -> TextMeasure:
        segments = segments_of(text)
        if self.most_parts:
            limit = self.most_parts * segments.part_size
            return TextMeasure(units=segments.units, limit=limit, parts=segments.parts, encoding=segments.encoding)
        limit = self.capabilities(settings).text_limit
        return TextMeasure(units=utf16_length(text), limit=limit, parts=segments.parts, encoding=segments.encoding)
