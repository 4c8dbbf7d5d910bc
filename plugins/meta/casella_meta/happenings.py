"""One update of a page or an account: what happened (channels.md §6.2)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

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
    made_id,
)
from casella_meta.contents import UNREADABLE, readable, say
from casella_meta.reading import Document, items, mapping, moment, word
from casella_meta.sentences import SENTENCES, TELLING

_SHORT, _RAW = 300, 2000
_LONGEST_OWN_ID, _LONGEST_ID = 64, 400
_SOURCES = {"ads": "ad", "shortlink": "link"}
_BY_BUSINESS = frozenset({"message", "reaction", "message_edit"})
"""What a page or account does to a contact through another client; everything else of its own is nobody's."""
_EVERYWHERE = frozenset({"sender", "recipient", "timestamp"})
_EMOJI = {"love": "❤", "like": "👍", "dislike": "👎", "smile": "😆", "wow": "😮", "sad": "😢", "angry": "😠"}


@dataclass(frozen=True, slots=True)
class Happening:
    """An update as far as all kinds are alike. In an echo the business is the sender and the contact the recipient.
    `named`: whether it says who the contact is; otherwise `theirs` stands for this one update, which is shown all the
    same. `standby`: another app owns the conversation at the moment, and payloads are left out."""

    ours: str
    theirs: str
    named: bool
    at: datetime | None
    stamp: str
    update: Document
    standby: bool
    by_business: bool

    @classmethod
    def of(cls, ours: str, update: Document, *, standby: bool) -> Happening:
        sender, recipient = (_person(mapping(update.get(side))) for side in ("sender", "recipient"))
        by_business = mapping(update.get("message")).get("is_echo") is True or (sender == ours and recipient != "")
        stamp = word(update.get("timestamp"))
        named = recipient if by_business else sender
        theirs = named or made_id("unknown", ours, stamp, orjson.dumps(update, option=orjson.OPT_SORT_KEYS).decode())
        return cls(ours, theirs, named != "", moment(update.get("timestamp")), stamp, update, standby, by_business)

    @property
    def marks(self) -> dict[str, str]:
        return {"standby": "yes"} if self.standby else {}

    @property
    def is_ours_alone(self) -> bool:
        """The account with itself: its own button, a message to itself."""
        marked = any(mapping(part).get("is_self") is True for part in (self.update, *self.update.values()))
        return marked or self.theirs == self.ours

    def unsupported(self, what: str) -> list[Event]:
        raw = orjson.dumps(self.update).decode()[:_RAW]
        return [Unsupported(channel_address=self.ours, contact_address=self.theirs, what=what, raw=raw)]

    def own_key(self, kind: str, of: str) -> str:
        """An id for what the provider gives none. `of` must be there in every copy of the update: in standby a
        postback has no payload, so its title tells it from another one."""
        return made_id(kind, self.ours, self.theirs, self.stamp, of)


def _person(side: Document) -> str:
    """The id of a side, whatever it looks like; the checkbox plugin gives a reference instead."""
    for name in ("id", "user_ref", "comment_id"):
        if found := word(side.get(name)):
            return found if len(found) <= _LONGEST_ID else made_id("id", found)
    return ""


def happened(happening: Happening) -> list[Event]:
    """The events of one update. What the account does with itself is nobody's, whatever kind it is."""
    if happening.is_ours_alone:
        return []
    for name, read in _READERS.items():
        if name in happening.update:
            if happening.by_business and name not in _BY_BUSINESS:
                return happening.unsupported(f"A {name} of the business itself.")
            return read(happening, mapping(happening.update.get(name)))
    known = next((words for name, words in SENTENCES.items() if name in happening.update), "")
    told = known or "An update of Meta."
    said = [line for name in sorted(happening.update) for line in _words(name, happening.update[name], known)]
    return happening.unsupported(f"{told[:-1]}: {'; '.join(said)}" if said else told)


def _words(name: str, of: object, known: str) -> list[str]:
    """What a person could read of one part of an update; of a kind that is not known, its name as well."""
    if known:
        return readable(of, name, UNREADABLE) if name in TELLING and isinstance(of, dict | list) else []
    return [] if name in _EVERYWHERE else [name[:_SHORT], *readable(of, "", UNREADABLE)]


def _message(at: Happening, message: Document) -> list[Event]:
    mid = word(message.get("mid"))
    if not message or not (mid or at.named):
        return at.unsupported("A message that names neither its sender nor itself.")
    if message.get("is_deleted") is True and mid:
        return [
            MessageDeleted(
                channel_address=at.ours,
                contact_address=at.theirs,
                provider_time=at.at,
                external_id=mid,
                by_business=at.by_business,
            )
        ]
    mid = mid or at.own_key("message", orjson.dumps(message, option=orjson.OPT_SORT_KEYS).decode())
    return _echo(at, message, mid) if at.by_business else _received(at, message, mid)


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
            reply_to=word(mapping(message.get("reply_to")).get("mid")) or None,
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
        replyable=at.named,
        metadata={**said.metadata, **_beside(mapping(message.get("referral"))), **at.marks},
    )
    return [*_referrals(at, mapping(message.get("referral"))), event]


def _postback(at: Happening, postback: Document) -> list[Event]:
    """A button of a template or the menu. Its payload is missing while another app owns the conversation."""
    if not postback:
        return at.unsupported("A postback of nothing.")
    payload, title = word(postback.get("payload")), word(postback.get("title"))
    facts = {"payload": payload[:1000]} if payload else {}
    event = MessageReceived(
        channel_address=at.ours,
        contact_address=at.theirs,
        provider_time=at.at,
        external_id=word(postback.get("mid")) or at.own_key("postback", title),
        message_kind="button",
        text=title or payload,
        provider_replies=at.standby,
        replyable=at.named,
        metadata={**facts, **_beside(mapping(postback.get("referral"))), **at.marks},
    )
    return [*_referrals(at, mapping(postback.get("referral"))), event]


def _referral(at: Happening, referral: Document) -> list[Event]:
    """By itself: what there is no message for beside which it could stand is in the line too."""
    more = [f"{name}: {value}" for name, value in _beside(referral).items()]
    found = [
        event.model_copy(update={"text": "\n".join([event.text, *more])[:1000]}) for event in _referrals(at, referral)
    ]
    return list(found) or at.unsupported("An empty referral.")


def _beside(referral: Document) -> dict[str, str]:
    """What a referral says beside the one line that `Referral` has room for."""
    ad = mapping(referral.get("ads_context_data"))
    shown = word(ad.get("ad_title"))
    found = {"ref": word(referral.get("ref")), "ad": word(referral.get("ad_id"))} if shown else {}
    found["product"] = word(mapping(referral.get("product")).get("id"))[:_SHORT]
    return {name: value for name, value in found.items() if value}


def _referrals(at: Happening, referral: Document) -> list[Referral]:
    if not referral or not at.named:
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
    if not mid or not at.named:
        return at.unsupported("A reaction to nothing, or of nobody.")
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
            by_business=at.by_business,
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
            number=int(number) if number.isascii() and number.isdigit() and len(number) < 10 else None,
            by_business=at.by_business,
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
    if watermark and at.named:
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
    if watermark and at.named:
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
