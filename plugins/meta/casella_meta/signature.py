"""Is a request Meta's? The handshake, and the signature over the raw bytes (channels.md §4)."""

from __future__ import annotations

import hmac
from collections.abc import Sequence
from hashlib import sha256
from urllib.parse import parse_qsl

from casella.plugin import Verdict, Webhook, WebhookAnswer

HEADER = "x-hub-signature-256"
_PREFIX = "sha256="
_LONGEST_CHALLENGE = 4096


def verify(keys: Sequence[bytes], verify_token: str, webhook: Webhook) -> Verdict:
    """GET is the handshake; POST must be signed. Meta escapes what is not ASCII, so the bytes are hashed as they came:
    written anew they would differ at the first accent."""
    if webhook.method == "GET":
        return _handshake(verify_token, webhook)
    given = webhook.headers.get(HEADER, "")
    if not given:
        return Verdict.refused(403, "no_signature")
    if not given.startswith(_PREFIX) or len(given) != len(_PREFIX) + 64 or not given.isascii():
        return Verdict.refused(403, "bad_signature")
    claimed = given.removeprefix(_PREFIX).encode()
    # Every key is tried, so that the time taken tells nothing about which one fits.
    matches = [hmac.compare_digest(hmac.new(key, webhook.body, sha256).hexdigest().encode(), claimed) for key in keys]
    return Verdict.authentic() if any(matches) else Verdict.refused(403, "bad_signature")


def _handshake(verify_token: str, webhook: Webhook) -> Verdict:
    try:
        asked = dict(parse_qsl(webhook.query, keep_blank_values=True, max_num_fields=20, errors="surrogateescape"))
    except ValueError:
        return Verdict.refused(400, "malformed_request")
    token = asked.get("hub.verify_token", "").encode("utf-8", "surrogateescape")
    if asked.get("hub.mode") != "subscribe" or not hmac.compare_digest(token, verify_token.encode()):
        return Verdict.refused(403, "bad_verify_token")
    challenge = asked.get("hub.challenge", "").encode("utf-8", "surrogateescape")
    if not challenge or len(challenge) > _LONGEST_CHALLENGE:
        return Verdict.refused(400, "no_challenge")
    return Verdict.answered(WebhookAnswer(200, challenge))
