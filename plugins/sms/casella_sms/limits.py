"""What every provider's SMS and MMS have in common, and the form their attachment limits take."""

from __future__ import annotations

from casella.plugin import AttachmentLimits, Capabilities

MEGABYTE = 1_000_000
PICTURES = ("image/jpeg", "image/png", "image/gif")
MIMES = frozenset(
    {
        *(*PICTURES, "video/mp4", "video/3gpp", "audio/amr", "audio/mpeg"),
        *("text/vcard", "text/calendar", "application/pdf"),
    }
)
"""Types worth sending (channels.md §2.4); many carriers drop others."""

BASIC = Capabilities(
    address_kind="phone",
    names=False,
    text_limit=1600,
    receipts=frozenset({"sent", "delivered"}),
    business_may_start=True,
    consent_required=True,
    # 3,200 characters of three escaped bytes each, ten media addresses, a batch of receipts, and room.
    max_webhook_bytes=65_536,
)


def mms(*, count: int, total: int, pictures: int, others: int, mimes: frozenset[str] = MIMES) -> AttachmentLimits:
    """Sizes in bytes: of all files together, of one picture, of one file of another type."""
    return AttachmentLimits(
        kinds=frozenset({"image", "audio", "video", "document"}),
        mimes=mimes,
        count=count,
        size_each=others,
        size_total=total,
        size_by_type=dict.fromkeys(PICTURES, pictures) if pictures != others else {},
    )
