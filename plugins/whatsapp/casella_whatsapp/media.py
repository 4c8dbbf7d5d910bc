"""Where a received file is: WhatsApp gives an id, and for that a link that lives five minutes (channels.md §5.3)."""

from __future__ import annotations

from urllib.parse import urlsplit

import httpx

from casella.plugin import Channel, ChannelUnreachable, MediaRef, MediaRequest, MediaUnavailable, asking
from casella_whatsapp.errors import read_json, send_error
from casella_whatsapp.reading import word
from casella_whatsapp.settings import WhatsAppSettings

_USER_AGENT = "casella"  # without any, the media servers refuse


def locate_media(channel: Channel[WhatsAppSettings], ref: MediaRef, http: httpx.Client) -> MediaRequest:
    """The download, by a link fetched just now. The token goes to Meta's media hosts only. Raises MediaUnavailable."""
    settings = channel.settings
    if not (ref.ref.isascii() and ref.ref.isdigit()):
        raise MediaUnavailable("This is not a file of WhatsApp.")
    url = _link(channel, ref, http)
    hosts = tuple(dict.fromkeys((*settings.media_hosts, settings.api_host)))
    if not _is_metas(settings, url):
        raise MediaUnavailable("WhatsApp names an address that is not its own.")
    return MediaRequest(
        url=url,
        headers={**settings.authorization, "user-agent": _USER_AGENT},
        allowed_hosts=hosts,
        credential_hosts=hosts,
        retry_missing=True,
    )


def _link(channel: Channel[WhatsAppSettings], ref: MediaRef, http: httpx.Client) -> str:
    settings = channel.settings
    try:
        with asking():
            response = http.get(
                f"{settings.graph}/{ref.ref}",
                params={"phone_number_id": settings.numbers.get(channel.address, "")},
                headers=settings.authorization,
            )
    except ChannelUnreachable as error:
        raise MediaUnavailable(retryable=True) from error
    if not response.is_success:
        # Without the token's permission it may be had once that is mended; a file that is gone stays gone.
        retryable = response.status_code not in (400, 404, 410) or send_error(response).retryable
        raise MediaUnavailable(retryable=retryable)
    return word(read_json(response).get("url"))


def _is_metas(settings: WhatsAppSettings, url: str) -> bool:
    try:
        parts, base = urlsplit(url), urlsplit(settings.base_url)
        host = parts.hostname or ""
        if parts.username is not None or parts.password is not None:
            return False
        if (parts.scheme, host, parts.port) == (base.scheme, base.hostname, base.port):
            return True
        on_list = any(host.endswith(h[1:]) if h.startswith("*.") else host == h for h in settings.media_hosts)
        return parts.scheme == "https" and on_list and parts.port in (None, 443)
    except ValueError:  # no port that is a number, or broken brackets
        return False
