"""What a plugin may raise, and what the host does about it.

    SendError                 base: retryable, retry_after, scope, code
    ├── ChannelUnreachable    not delivered to the provider: tried again with backoff
    ├── ChannelThrottled      not taken, too fast: the whole channel waits `retry_after`, then tries again
    ├── ContactThrottled      not taken, too fast for this contact: tried again after `retry_after`
    ├── SendUncertain         the provider may have taken it: becomes `unconfirmed`, never sent again blindly
    ├── SendRejected          refused for this message: final
    │   └── ChannelSuspect    refused, perhaps because of the channel: `health` is asked, and decides
    ├── OutsideReplyWindow    refused, the reply window is over: final, the composer shows the alternative
    ├── ContactStopped        the recipient has opted out: final, the consent ledger is brought up to date
    └── ChannelMisconfigured  nothing can leave through this channel: it is paused, its queue is kept, people are told
    MediaUnavailable          an attachment cannot be had (yet, if retryable)

The first line of a class's docstring is the sentence a person reads when the plugin gives no better one.
"""

from __future__ import annotations

from typing import ClassVar, Literal

Scope = Literal["message", "contact", "channel"]
"""How far an error reaches: this message only, everything to this contact, or everything on this channel."""


class SendError(Exception):
    """The message could not be sent."""

    code: ClassVar[str] = "send_failed"
    retryable: bool = False
    scope: Scope = "message"

    def __init__(
        self,
        text: str = "",
        *,
        provider_code: str | None = None,
        retry_after: float | None = None,
        max_attempts: int | None = None,
    ) -> None:
        """`text`: one sentence for people, without secrets. `provider_code`: the provider's own code, as text.
        `retry_after`: seconds to wait at least. `max_attempts`: try at most so often in all, for a provider's rule
        that is stricter than the host's (Twilio 30008: "one retry")."""
        self.text = text or (type(self).__doc__ or "").splitlines()[0]
        self.provider_code = provider_code
        self.retry_after = retry_after
        self.max_attempts = max_attempts
        super().__init__(self.text)


class ChannelUnreachable(SendError):
    """The provider could not be reached; the message will be tried again."""

    code = "channel_unreachable"
    retryable = True


class ChannelThrottled(SendError):
    """The provider asks us to slow down; the message will be tried again."""

    code = "channel_throttled"
    retryable = True
    scope = "channel"


class ContactThrottled(SendError):
    """The provider asks us to write to this contact more slowly; the message will be tried again."""

    code = "contact_throttled"
    retryable = True
    scope = "contact"


class SendUncertain(SendError):
    """The provider did not confirm the message; it may or may not have arrived."""

    code = "send_uncertain"


class SendRejected(SendError):
    """The provider refused this message."""

    code = "send_rejected"


class ChannelSuspect(SendRejected):
    """The provider refused this message; the channel itself may be the reason.

    For codes that say too little: the host asks `ChannelPlugin.health`. If that finds the channel sound, this message
    alone has failed; if it names a problem, the channel is paused as with `ChannelMisconfigured`, and the message
    waits. Raise `ChannelMisconfigured` itself only for what certainly holds for every recipient. Since 1.3."""


class OutsideReplyWindow(SendError):
    """The time in which this contact may be answered freely is over."""

    code = "outside_reply_window"


class ContactStopped(SendError):
    """The recipient has opted out of messages from this sender."""

    code = "contact_stopped"
    scope = "contact"


class ChannelMisconfigured(SendError):
    """The channel cannot send until its configuration is repaired."""

    code = "channel_misconfigured"
    scope = "channel"


class MediaUnavailable(Exception):
    """The attachment could not be fetched from the provider."""

    def __init__(self, text: str = "", *, retryable: bool = False) -> None:
        self.text = text or (type(self).__doc__ or "").splitlines()[0]
        self.retryable = retryable
        super().__init__(self.text)
