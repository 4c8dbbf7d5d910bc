"""X-Twilio-Signature (channels.md §1.3).

    signed string = the URL as configured, byte for byte, then for each distinct (name, value) of the form in
                    code-point order: name + value, decoded, with nothing between
    signature     = base64(HMAC-SHA1(auth token, signed string)), or HMAC-SHA256 with a shared key

UTF-8 keeps the code-point order, so sorting bytes sorts as Twilio does. Which algorithm is expected is our settings'
decision; the request only names one of the keys that we know.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from base64 import b64encode
from collections.abc import Iterator, Sequence

from casella.plugin import Webhook
from casella_sms.form import Fields
from casella_sms.twilio.settings import TwilioSettings

SETTINGS_HEADER = "x-twilio-webhooks-signature-settings"
SIGNATURE_HEADER = "x-twilio-signature"
_AUTHORITY_END = re.compile("[/?#]")


def sign(secret: bytes, url: str, fields: Fields, algorithm: str = "sha1") -> bytes:
    """The signature Twilio would send."""
    return b64encode(hmac.digest(secret, _signed_string(url, fields), algorithm))


def _signed_string(url: str, fields: Fields) -> bytes:
    return url.encode("utf-8", "surrogateescape") + b"".join(name + value for name, value in sorted(set(fields)))


def signature_problem(settings: TwilioSettings, webhook: Webhook, fields: Fields) -> str | None:
    """A stable code saying why the signature over the URL and these fields is not right; None if it is."""
    given = webhook.headers.get(SIGNATURE_HEADER)
    if not given:
        return "missing_signature"
    expected = _expected(settings, webhook.headers.get(SETTINGS_HEADER))
    if isinstance(expected, str):
        return expected
    if any(b"&" in name or b"=" in name for name, _ in fields):
        return "ambiguous_parameters"  # names and values are joined: such a name is none of Twilio's
    secrets, algorithm = expected
    signature = given.encode("utf-8", "replace")
    for url in url_variants(webhook.url):
        for secret in secrets:
            if hmac.compare_digest(sign(secret, url, fields, algorithm), signature):
                return None
    return "bad_signature"


def _expected(settings: TwilioSettings, key_header: str | None) -> tuple[Sequence[bytes], str] | str:
    """The secrets to try and the algorithm, or why there are none."""
    if not key_header:
        return "shared_key_required" if settings.signed_by == "shared_key" else (_tokens(settings), "sha1")
    if settings.signed_by == "auth_token":
        return "unknown_key"
    named = dict(_named_parts(key_header))
    if named.get("algorithm", "").upper() != "HMAC_SHA256":
        return "unknown_algorithm"
    key = settings.shared_keys.get(named.get("key", ""))
    return ((key.get_secret_value().encode(),), "sha256") if key else "unknown_key"


def _named_parts(header: str) -> Iterator[tuple[str, str]]:
    for part in header.split(","):
        name, _, value = part.partition("=")
        yield name.strip(), value.strip()


def _tokens(settings: TwilioSettings) -> Sequence[bytes]:
    """The primary token, then the secondary one: during rotation both sign."""
    tokens = (settings.auth_token, settings.secondary_auth_token)
    return [token.get_secret_value().encode() for token in tokens if token]


def url_variants(url: str) -> Iterator[str]:
    """The URL as configured, then with its port left out or the default port written out: Twilio's senders are
    inconsistent about it. Everything else stays byte for byte."""
    yield url
    scheme, _, rest = url.partition("://")
    authority = _AUTHORITY_END.split(rest, maxsplit=1)[0]
    host, _, port = authority.rpartition(":")
    if not (host and port.isdigit()):
        host = f"{authority}:{443 if scheme.lower() == 'https' else 80}"
    yield f"{scheme}://{host}{rest[len(authority) :]}"


def body_hash_matches(query: Fields, body: bytes) -> bool:
    """A JSON body is covered by the hash in the URL, which is covered by the signature."""
    given = [value for name, value in query if name == b"bodySHA256"]
    return len(given) == 1 and hmac.compare_digest(given[0], hashlib.sha256(body).hexdigest().encode())
