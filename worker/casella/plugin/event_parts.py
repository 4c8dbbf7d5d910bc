"""What events are made of: media, parts of a long message, why a delivery failed."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict

AttachmentKind = Literal["image", "audio", "voice", "video", "document", "sticker"]


class Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class MediaRef(Frozen):
    """An attachment the provider holds. `ref` is whatever `locate_media` needs (a URL, an id): it is never fetched
    by anybody else, and never shown. `upload`: the id of a file the house keeps already (`ChannelHouse.keep_upload`);
    nothing is fetched then."""

    ref: str = ""
    upload: str | None = None
    kind: AttachmentKind = "document"
    mime: str = "application/octet-stream"
    name: str | None = None
    size: int | None = None
    sha256: str | None = None


class MessagePart(Frozen):
    """Which part of a long message this is, of a provider that does not join them: `number`, from 1, of `total`.
    `group`: the same for all its parts; it may be used again later for another message."""

    group: str
    number: int
    total: int


class DeliveryProblem(Frozen):
    """Why a message failed after the provider had taken it. `code`: the provider's own, as text. `text`: one sentence
    for people. `retryable`: worth sending again by hand. `stops_contact`: the recipient has opted out.
    `pauses_channel`: nothing will leave through this channel until somebody repairs it. `outside_window`: the provider
    says that the reply window is over, whatever we have counted (since 1.3)."""

    code: str
    text: str
    retryable: bool = False
    stops_contact: bool = False
    pauses_channel: bool = False
    outside_window: bool = False
