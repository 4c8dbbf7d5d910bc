"""One update of a page or an account: what happened (channels.md §6.2)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

import orjson

from casella.plugin import (
    DeliveredSeen,
    Event,
    MessageDeleted,
    MessageEchoed,
    MessageEdited,
    MessageReceived,
    MessageStatusChanged,
    ReactionChanged,
    ReadSeen,
    Referral,
    Unsupported,
)
from casella_meta.contents import say
from casella_meta.reading import Document, items, mapping, moment, word

_SHORT, _RAW = 300, 2000
_LONGEST_OWN_ID = 64
_SOURCES = {"ads": "ad", "shortlink": "link"}
_EMOJI = {"love": "❤", "like": "👍", "dislike": "👎", "smile": "😆", "wow": "😮", "sad": "😢", "angry": "😠"}


@dataclass(frozen=True, slots=True)
class Happening:
    """An update as far as all kinds are alike. In an echo the business is the sender and the contact the recipient.
    `standby`: another app owns the conversation at the moment."""

    ours: str
    theirs: str
    at: datetime | None
    stamp: str
    update: Document
    standby: bool
    instagram: bool

    @classmethod
    def of(cls, ours: str, update: Document, *, standby: bool, instagram: bool) -> Happening:
        sender, recipient = (word(mapping(update.get(side)).get("id")) for side in ("sender", "recipient"))
        is_echo = mapping(update.get("message")).get("is_echo") is True or (sender == ours and recipient != "")
        stamp = word(update.get("timestamp"))
        theirs = recipient if is_echo else sender
        return cls(ours, theirs, moment(update.get("timestamp")), stamp, update, standby, instagram)

    @property
    def is_echo(self) -> bool:
        return self.theirs == word(mapping(self.update.get("recipient")).get("id")) != ""

    def unsupported(self, what: str) -> list[Event]:
        raw = orjson.dumps(self.update).decode()[:_RAW]
        return [Unsupported(channel_address=self.ours, contact_address=self.theirs, what=what, raw=raw)]

    def own_key(self, kind: str, of: str) -> str:
        """An id for what the provider gives none."""
        parts = "\x1f".join((self.ours, self.theirs, self.stamp, kind, of))
        return f"{kind}:{sha256(parts.encode()).hexdigest()[:40]}"


def happened(happening: Happening) -> list[Event]:
    """The events of one update."""
    for name, read in _READERS.items():
        if name in happening.update:
            return read(happening, mapping(happening.update.get(name)))
    return happening.unsupported(f"An update: {', '.join(sorted(happening.update))[:200]}.")


def _message(at: Happening, message: Document) -> list[Event]:
    mid = word(message.get("mid"))
    if not mid or not at.theirs:
        return at.unsupported("A message without an id or a sender.")
    if message.get("is_self") is True:
        return []  # the account wrote to itself
    if message.get("is_deleted") is True:
        return [
            MessageDeleted(
                channel_address=at.ours, contact_address=at.theirs, provider_time=at.at, external_id=mid
            )
        ]  # fmt: skip
    return _echo(at, message, mid) if at.is_echo else _received(at, message, mid)


def _echo(at: Happening, message: Document, mid: str) -> list[Event]:
    """What the business wrote: through us (its id comes back in `metadata`), or elsewhere."""
    said, ours = say(message), word(message.get("metadata"))
    return [
        MessageEchoed(
            channel_address=at.ours,
            contact_address=at.theirs,
            provider_time=at.at,
            external_id=mid,
            message_id=ours if 0 < len(ours) <= _LONGEST_OWN_ID else None,
            message_kind=said.kind,
            text=said.text,
            attachments=said.attachments,
            metadata={**said.metadata, **({"app": app[:_SHORT]} if (app := word(message.get("app_id"))) else {})},
        )
    ]


def _received(at: Happening, message: Document, mid: str) -> list[Event]:
    said = say(message)
    event = MessageReceived(
        channel_address=at.ours,
        contact_address=at.theirs,
        provider_time=at.at,
        external_id=mid,
        message_kind=said.kind,
        text=said.text,
        attachments=said.attachments,
        reply_to=word(mapping(message.get("reply_to")).get("mid")) or None,
        provider_replies=at.standby,  # whoever owns the conversation answers
        metadata={**said.metadata, **({"standby": "yes"} if at.standby else {})},
    )
    return [*_referrals(at, mapping(message.get("referral"))), event]


def _postback(at: Happening, postback: Document) -> list[Event]:
    """A button of a template or the menu. Its payload is missing while another app owns the conversation."""
    if not at.theirs:
        return at.unsupported("A postback without a sender.")
    payload = word(postback.get("payload"))
    facts = {"payload": payload[:1000]} if payload else {}
    event = MessageReceived(
        channel_address=at.ours,
        contact_address=at.theirs,
        provider_time=at.at,
        external_id=word(postback.get("mid")) or at.own_key("postback", payload),
        message_kind="button",
        text=word(postback.get("title")),
        provider_replies=at.standby,
        metadata={**facts, **({"standby": "yes"} if at.standby else {})},
    )
    return [*_referrals(at, mapping(postback.get("referral"))), event]


def _referral(at: Happening, referral: Document) -> list[Event]:
    return list(_referrals(at, referral)) or at.unsupported("An empty referral.")


def _referrals(at: Happening, referral: Document) -> list[Event]:
    if not referral or not at.theirs:
        return []
    ad = mapping(referral.get("ads_context_data"))
    source = word(referral.get("source"))[:_SHORT].lower()
    words = word(ad.get("ad_title")) or word(referral.get("ref")) or word(referral.get("ad_id"))
    return [
        Referral(
            channel_address=at.ours,
            contact_address=at.theirs,
            provider_time=at.at,
            source=_SOURCES.get(source, source) or "link",
            text=words[:1000],
            url=(word(referral.get("referer_uri")) or word(ad.get("photo_url")) or word(ad.get("video_url")))[:2000]
            or None,
        )
    ]


def _reaction(at: Happening, reaction: Document) -> list[Event]:
    mid = word(reaction.get("mid"))
    if not mid or not at.theirs:
        return at.unsupported("A reaction to nothing.")
    name = word(reaction.get("reaction"))
    given = word(reaction.get("emoji")) or _EMOJI.get(name, name)
    return [
        ReactionChanged(
            channel_address=at.ours,
            contact_address=at.theirs,
            provider_time=at.at,
            external_id=mid,
            emoji="" if word(reaction.get("action")) == "unreact" else given[:64],
            revision=at.stamp,
        )
    ]


def _edit(at: Happening, edit: Document) -> list[Event]:
    mid, number = word(edit.get("mid")), word(edit.get("num_edit"))
    if not mid or "text" not in edit or number == "0":
        return []  # Instagram announces every message this way once
    return [
        MessageEdited(
            channel_address=at.ours,
            contact_address=at.theirs,
            provider_time=at.at,
            external_id=mid,
            text=word(edit.get("text")),
            revision=number or at.stamp,
        )
    ]


def _delivery(at: Happening, delivery: Document) -> list[Event]:
    """`mids` may be missing; the watermark covers everything sent to this person before it."""
    where = {"channel_address": at.ours, "contact_address": at.theirs}
    events: list[Event] = [
        MessageStatusChanged(**where, provider_time=at.at, external_id=mid, status="delivered")
        for item in items(delivery.get("mids"))
        if (mid := word(item))
    ]
    watermark = moment(delivery.get("watermark"))
    if watermark and at.theirs:
        events.append(DeliveredSeen(**where, provider_time=at.at, watermark=watermark))
    return events or at.unsupported("A delivery of nothing.")


def _read(at: Happening, read: Document) -> list[Event]:
    """Messenger says up to when, Instagram which message: what was sent before it was seen as well."""
    where = {"channel_address": at.ours, "contact_address": at.theirs}
    events: list[Event] = []
    if mid := word(read.get("mid")):
        events.append(
            MessageStatusChanged(**where, provider_time=at.at, external_id=mid, status="read", and_earlier=True)
        )
    watermark = moment(read.get("watermark"))
    if watermark and at.theirs:
        events.append(ReadSeen(**where, provider_time=at.at, watermark=watermark))
    return events or at.unsupported("A read mark of nothing.")


_READERS: dict[str, Callable[[Happening, Document], list[Event]]] = {
    "message": _message,
    "postback": _postback,
    "reaction": _reaction,
    "message_edit": _edit,
    "delivery": _delivery,
    "read": _read,
    "referral": _referral,
}
