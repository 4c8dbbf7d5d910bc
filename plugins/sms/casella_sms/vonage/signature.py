"""The two ways Vonage signs a webhook (channels.md §3.1).

    sig   of the SMS API: the parameters without it, sorted; "&" and "=" in values become "_"; "&name=value" joined;
          md5hash: MD5 of that text and the secret; otherwise its HMAC. `timestamp` is one of the parameters.
    JWT   of the Messages API: `Authorization: Bearer`, HS256 with the same secret, with the moment it was issued, the
          account's key, and the SHA-256 of the body.

Which algorithm is expected is our settings' decision, never the request's.
"""

from __future__ import annotations

import hashlib
import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as Base64Error
from collections.abc import Mapping

import orjson

from casella.plugin import Webhook
from casella_sms.vonage.settings import SignatureMethod, VonageSettings


def sign_parameters(parameters: Mapping[str, str], secret: bytes, method: SignatureMethod) -> str:
    """The `sig` Vonage would send, in lower case hexadecimal."""
    text = "".join(f"&{name}={_flat(parameters[name])}" for name in sorted(parameters) if name != "sig")
    signed = text.encode("utf-8", "surrogatepass")
    if method == "md5hash":
        return hashlib.md5(signed + secret, usedforsecurity=False).hexdigest()
    return hmac.new(secret, signed, method).hexdigest()


def _flat(value: str) -> str:
    return value.replace("&", "_").replace("=", "_")


def parameters_problem(settings: VonageSettings, parameters: Mapping[str, str], webhook: Webhook) -> str | None:
    """Why these parameters are not signed as they should be; None if they are."""
    given = parameters.get("sig", "")
    if not given:
        return "missing_signature"
    if any("&" in name or "=" in name for name in parameters):
        return "ambiguous_parameters"  # joined with these two signs, such a name can be read as two parameters
    secret = settings.signature_secret.get_secret_value().encode()
    expected = sign_parameters(parameters, secret, settings.signature_method)
    if not hmac.compare_digest(expected.encode(), given.lower().encode("utf-8", "replace")):
        return "bad_signature"
    return _age_problem(settings, parameters.get("timestamp", ""), webhook)


def _age_problem(settings: VonageSettings, moment: object, webhook: Webhook) -> str | None:
    text = str(moment) if not isinstance(moment, bool) else ""
    if not (text.isascii() and text.isdigit() and len(text) <= 12):
        return "bad_timestamp"
    age = abs(webhook.received_at.timestamp() - int(text))
    return "stale_signature" if age > settings.signature_age else None


def token_problem(settings: VonageSettings, webhook: Webhook) -> str | None:
    """Why the bearer token does not vouch for this request; None if it does."""
    token = webhook.headers.get("authorization", "").partition(" ")[2].strip()
    signed, _, signature = token.rpartition(".")
    header, _, payload = signed.partition(".")
    claims, head = _decoded(payload), _decoded(header)
    if head.get("alg") != "HS256":
        return "bad_signature"
    secret = settings.signature_secret.get_secret_value().encode()
    expected = hmac.digest(secret, signed.encode("utf-8", "replace"), "sha256")
    if not hmac.compare_digest(expected, _bytes(signature)):
        return "bad_signature"
    return _claims_problem(settings, claims, webhook)


def _claims_problem(settings: VonageSettings, claims: Mapping[str, object], webhook: Webhook) -> str | None:
    if claims.get("api_key") != settings.api_key.get_secret_value():
        return "another_account"
    digest = claims.get("payload_hash")
    if webhook.body or digest is not None:
        ours = hashlib.sha256(webhook.body).hexdigest()
        if not isinstance(digest, str) or not hmac.compare_digest(ours, digest.encode("ascii", "replace").decode()):
            return "bad_body_hash"
    return _age_problem(settings, claims.get("iat"), webhook)


def _decoded(part: str) -> Mapping[str, object]:
    try:
        document = orjson.loads(_bytes(part))
    except ValueError:
        return {}
    return document if isinstance(document, dict) else {}


def _bytes(part: str) -> bytes:
    """Base64url without its padding; only in the one spelling that these bytes have."""
    try:
        decoded = urlsafe_b64decode(part + "=" * (-len(part) % 4))
    except (Base64Error, ValueError):
        return b""
    return decoded if urlsafe_b64encode(decoded).rstrip(b"=") == part.encode("utf-8", "replace") else b""
