"""Where to fetch a received attachment, and with which credentials (channels.md §1.5)."""

from __future__ import annotations

from base64 import b64encode
from urllib.parse import urlsplit

from casella.plugin import MediaRef, MediaRequest, MediaUnavailable
from casella_sms.twilio.settings import TwilioSettings

TWILIO_HOSTS = "*.twilio.com"


def locate_media(settings: TwilioSettings, ref: MediaRef) -> MediaRequest:
    """The download of one attachment. The account's credentials go to Twilio only, or to the host that takes Twilio's
    place in the settings, never to where the download is redirected. Raises MediaUnavailable for other addresses."""
    if not _is_twilios(settings, ref.ref):
        raise MediaUnavailable("The attachment is not at the provider.")
    hosts = tuple(dict.fromkeys((TWILIO_HOSTS, settings.api_host)))
    login = ":".join(settings.credentials).encode()
    return MediaRequest(
        url=ref.ref,
        headers={"authorization": f"Basic {b64encode(login).decode()}"},
        allowed_hosts=tuple(dict.fromkeys((*hosts, *settings.media_hosts))),
        credential_hosts=hosts,
        retry_missing=True,
    )


def _is_twilios(settings: TwilioSettings, url: str) -> bool:
    try:
        parts = urlsplit(url)
        host, base = parts.hostname or "", urlsplit(settings.base_url)
        if parts.username is not None or parts.password is not None:
            return False
        if parts.scheme == "https" and host.endswith(".twilio.com"):
            return parts.port in (None, 443)
        return (parts.scheme, host, parts.port) == (base.scheme, base.hostname, base.port)
    except ValueError:  # no port that is a number, or broken brackets
        return False
