"""The channel types "messenger" and "instagram"."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import ClassVar, TypeVar

import httpx

from casella.plugin import (
    AttachmentLimits,
    Capabilities,
    Channel,
    ChannelOption,
    ChannelPlugin,
    Connection,
    Event,
    MediaRef,
    MediaRequest,
    OutgoingMessage,
    Profile,
    Refusal,
    Sent,
    Verdict,
    Webhook,
)
from casella_meta import media, receive, send, signature
from casella_meta.settings import InstagramSettings, MessengerSettings, MetaSettings

_ID = re.compile(r"[0-9]{3,32}")
_MEGABYTE = 1024 * 1024
_DAY = 86_400.0
SettingsT = TypeVar("SettingsT", bound=MetaSettings)

MESSENGER = Capabilities(
    address_kind="psid",
    address_scoped=True,
    text_limit=2000,
    attachments=AttachmentLimits(
        kinds=frozenset({"image", "audio", "video", "document"}),
        count=1,
        size_each=25 * _MEGABYTE,
        size_total=25 * _MEGABYTE,
        caption=False,
    ),
    buttons=13,  # as quick replies
    button_title=20,
    quoted_replies=True,
    reactions=True,
    receipts=frozenset({"sent", "delivered", "read"}),
    typing=True,
    read_marks=True,
    profiles=True,
    reply_window=_DAY,
    human_reply_window=7 * _DAY,
    # 300 a second for a page, 10 for sound and film: this keeps a mixture within both.
    sends_per_second=40.0,
    # A thousand updates in one request, of 3 kB each.
    max_webhook_bytes=4 * _MEGABYTE,
)
INSTAGRAM = MESSENGER.model_copy(
    update={
        "address_kind": "igsid",
        "text_limit": 1000,
        "text_unit": "bytes",
        "receipts": frozenset({"sent", "read"}),
        "attachments": AttachmentLimits(
            kinds=frozenset({"image", "audio", "video", "document"}),
            mimes=frozenset(
                {
                    *("image/jpeg", "image/png", "image/gif", "video/mp4", "video/quicktime", "application/pdf"),
                    *("audio/aac", "audio/mp4", "audio/wav", "audio/mpeg"),
                }
            ),
            count=1,
            count_by_kind={"image": 10},
            size_each=25 * _MEGABYTE,
            size_total=80 * _MEGABYTE,
            size_by_kind={"image": 8 * _MEGABYTE},
            caption=False,
        ),
    }
)


class MetaChannel(ChannelPlugin[SettingsT]):
    """What both have in common: one connection for an app and its webhook, one channel for each page or account."""

    contract_version: ClassVar[str] = "1.3"
    channel_options: ClassVar[Sequence[ChannelOption]] = ()
    object_name: ClassVar[str]
    profile_fields: ClassVar[str]

    def address_problem(self, address: str) -> str:
        if _ID.fullmatch(address):
            return ""
        return (
            f"'{address[:40]}' is no id of a page or an account: write its digits, in quotes, as the settings have it"
        )

    def verify(self, connection: Connection[SettingsT], webhook: Webhook) -> Verdict:
        settings = connection.settings
        return signature.verify(settings.signing_keys, settings.verify_token.get_secret_value(), webhook)

    def translate(self, connection: Connection[SettingsT], webhook: Webhook) -> list[Event]:
        return receive.translate(self.object_name, webhook)

    def send(self, channel: Channel[SettingsT], message: OutgoingMessage, http: httpx.Client) -> Sent:
        return send.send(channel, message, http)

    def capabilities_of(self, channel: Channel[SettingsT]) -> Capabilities:
        """People may answer for seven days only where Meta has granted it."""
        if channel.settings.human_agent:
            return self.capabilities
        return self.capabilities.model_copy(update={"human_reply_window": None})

    def locate_media(self, channel: Channel[SettingsT], ref: MediaRef, http: httpx.Client) -> MediaRequest:
        return media.locate_media(channel.settings, ref)

    def health(self, channel: Channel[SettingsT], http: httpx.Client) -> Refusal | None:
        return send.health(channel, http)

    def show_typing(self, channel: Channel[SettingsT], to: str, external_id: str | None, http: httpx.Client) -> None:
        send.act(channel, to, "typing_on", http)

    def mark_read(self, channel: Channel[SettingsT], to: str, external_id: str, http: httpx.Client) -> None:
        send.act(channel, to, "mark_seen", http)

    def profile(self, channel: Channel[SettingsT], address: str, http: httpx.Client) -> Profile:
        return send.profile(channel, address, self.profile_fields, http)


class MessengerChannel(MetaChannel[MessengerSettings]):
    """Messenger: pages of Facebook."""

    channel_type: ClassVar[str] = "messenger"
    title: ClassVar[str] = "Messenger"
    settings_model = MessengerSettings
    capabilities: ClassVar[Capabilities] = MESSENGER
    object_name: ClassVar[str] = "page"
    profile_fields: ClassVar[str] = "first_name,last_name,profile_pic"


class InstagramChannel(MetaChannel[InstagramSettings]):
    """Instagram: direct messages of professional accounts."""

    channel_type: ClassVar[str] = "instagram"
    title: ClassVar[str] = "Instagram"
    settings_model = InstagramSettings
    capabilities: ClassVar[Capabilities] = INSTAGRAM
    object_name: ClassVar[str] = "instagram"
    profile_fields: ClassVar[str] = "name,username,profile_pic"
