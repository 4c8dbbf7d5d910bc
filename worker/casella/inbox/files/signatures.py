"""Types that phones send and that the general list of magic bytes takes for something else, or for nothing: speech of
MMS (3GPP TS 26.101 and 26.201), pictures and sound in ISO files (ISO/IEC 14496-12, 23008-12), sound without a tag
(ISO/IEC 11172-3, 13818-7), cards and dates (RFC 6350, 5545)."""

from __future__ import annotations

from typing import Final

_BRANDS: Final = {
    **dict.fromkeys((b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx"), "image/heic"),
    **dict.fromkeys((b"mif1", b"msf1"), "image/heif"),
    **dict.fromkeys((b"avif", b"avis"), "image/avif"),
    **dict.fromkeys((b"M4A ", b"M4B ", b"M4P "), "audio/mp4"),
    b"qt  ": "video/quicktime",
}
_FILM = (b"vide", b"vmhd", b"avc1", b"hvc1", b"mp4v", b"s263")
"""A track of film names its handler, its header or its codec."""
_TEXTS: Final = ((b"BEGIN:VCARD", "text/vcard"), (b"BEGIN:VCALENDAR", "text/calendar"))
_MPEG_LAYER_III, _BAD_BITRATE, _BAD_RATE = 1, 15, 3


def by_signature(head: bytes, claimed: str) -> str:
    """The type, or empty. `claimed` tells sound from film where the container may hold either."""
    if head.startswith((b"#!AMR\n", b"#!AMR-WB\n")):
        return "audio/amr"
    if head[4:8] == b"ftyp":
        return _iso(head, claimed)
    if _is_mp3(head):
        return "audio/mpeg"
    if len(head) > 1 and head[0] == 0xFF and head[1] & 0xF6 == 0xF0:
        return "audio/aac"
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip()[:16].upper()
    return next((mime for beginning, mime in _TEXTS if start.startswith(beginning)), "")


def _iso(head: bytes, claimed: str) -> str:
    brand = head[8:12]
    if brand in _BRANDS:
        return _BRANDS[brand]
    holds_film = any(word in head for word in _FILM)
    sound = claimed.startswith("audio/") and not holds_film
    if brand.startswith((b"3gp", b"3g2")):
        return "audio/mp4" if sound else "video/3gpp"
    return "audio/mp4" if sound else "video/mp4"


def _is_mp3(head: bytes) -> bool:
    """A frame of MPEG audio, layer III, with a bit rate and a sampling rate that exist."""
    if len(head) < 3 or head[0] != 0xFF or head[1] & 0xE0 != 0xE0:
        return False
    layer, bitrate, rate = head[1] >> 1 & 3, head[2] >> 4, head[2] >> 2 & 3
    return layer == _MPEG_LAYER_III and bitrate not in (0, _BAD_BITRATE) and rate != _BAD_RATE and head[1] >> 3 & 3 != 1
