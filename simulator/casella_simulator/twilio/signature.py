"""X-Twilio-Signature, from the sender's side."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Iterable, Mapping
from typing import Literal, TypeAlias
from urllib.parse import urlsplit

Algorithm: TypeAlias = Literal["HMAC_SHA1", "HMAC_SHA256"]

_DIGESTS = {"HMAC_SHA1": hashlib.sha1, "HMAC_SHA256": hashlib.sha256}
_DEFAULT_PORTS = {"https": 443, "http": 80}


def signed_text(url: str, form: Mapping[str, str] | None = None) -> str:
    """The text that is signed: the URL, then each parameter's name and value, names in code point order."""
    pairs: Iterable[tuple[str, str]] = sorted(form.items()) if form else ()
    return url + "".join(name + value for name, value in pairs)


def signature(secret: str, text: str, algorithm: Algorithm = "HMAC_SHA1") -> str:
    digest = hmac.new(secret.encode(), text.encode(), _DIGESTS[algorithm]).digest()
    return base64.b64encode(digest).decode()


def body_digest(body: bytes) -> str:
    """The value of the bodySHA256 parameter."""
    return hashlib.sha256(body).hexdigest()


def with_query(url: str, query: str) -> str:
    """The URL with one more piece of query, everything else byte for byte as it was."""
    return f"{url}{'&' if '?' in url else '?'}{query}"


def with_port(url: str, port: Literal["as_written", "added", "removed"]) -> str:
    """Senders are inconsistent about the port in the signed URL; this is the URL in one of their three habits."""
    scheme, _, rest = url.partition("://")
    authority = urlsplit(url).netloc
    login, at, host = authority.rpartition("@")
    name, digits = _split_port(host)
    if port == "added" and not digits:
        host = f"{name}:{_DEFAULT_PORTS[scheme.lower()]}"
    elif port == "removed":
        host = name
    return f"{scheme}://{login}{at}{host}{rest[len(authority) :]}"


def _split_port(host: str) -> tuple[str, str]:
    name, colon, digits = host.rpartition(":")
    return (name, digits) if colon and digits.isdigit() else (host, "")
