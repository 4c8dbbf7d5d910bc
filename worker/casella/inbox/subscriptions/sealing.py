"""How letters are signed: Standard Webhooks, so that receivers verify them with a library they have."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from collections.abc import Mapping
from datetime import datetime

_PREFIX = "whsec_"
_BYTES = 32


def new_secret() -> str:
    return _PREFIX + base64.b64encode(secrets.token_bytes(_BYTES)).decode()


def headers(secret: str, id: str, at: datetime, body: bytes) -> Mapping[str, str]:
    """`webhook-id` stays the same however often a letter is sent, by which a receiver knows it again."""
    stamp = str(int(at.timestamp()))
    key = base64.b64decode(secret.removeprefix(_PREFIX))
    digest = hmac.new(key, f"{id}.{stamp}.".encode() + body, hashlib.sha256).digest()
    return {
        "content-type": "application/json", "user-agent": "Casella", "webhook-id": id, "webhook-timestamp": stamp,
        "webhook-signature": f"v1,{base64.b64encode(digest).decode()}",
    }  # fmt: skip
