"""Where a received file is: a signed link of Meta's, which expires. No credentials go with it."""

from __future__ import annotations

from urllib.parse import urlsplit

from casella.plugin import MediaRef, MediaRequest, MediaUnavailable
from casella_meta.settings import MetaSettings


def locate_media(settings: MetaSettings, ref: MediaRef) -> MediaRequest:
    """The download of one file. Raises MediaUnavailable for other addresses."""
    host = _host(settings, ref.ref)
    if not host:
        raise MediaUnavailable("The file is not at the provider.")
    return MediaRequest(url=ref.ref, allowed_hosts=tuple(dict.fromkeys((*settings.media_hosts, host))))


def _host(settings: MetaSettings, url: str) -> str:
    """The host, if it is Meta's, or that of `base_url`; empty otherwise."""
    try:
        parts, base = urlsplit(url), urlsplit(settings.base_url or settings.home)
        host = parts.hostname or ""
        if parts.username is not None or parts.password is not None:
            return ""
        if (parts.scheme, host, parts.port) == (base.scheme, base.hostname, base.port):
            return host
        on_list = any(host.endswith(h[1:]) if h.startswith("*.") else host == h for h in settings.media_hosts)
        return host if parts.scheme == "https" and on_list and parts.port in (None, 443) else ""
    except ValueError:  # no port that is a number, or broken brackets
        return ""
