"""Meta's webhook requests: JSON, what is not ASCII escaped, signed over exactly those bytes."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping

from casella_simulator.network.courier import RetryPolicy, Signer
from casella_simulator.network.posting import SignedRequest

BODY = "body"
POLICY = RetryPolicy(retries=3, on=frozenset({"4xx", "5xx", "ct", "rt"}), total_seconds=30.0)
"""Meta tries for 36 hours; the simulator for half a minute."""


def written(document: object) -> dict[str, str]:
    """A document as a webhook carries it: every copy and every retry has the same bytes."""
    return {BODY: json.dumps(document, separators=(",", ":"))}


def signer(app_secret: str) -> Signer:
    def sign(url: str, form: Mapping[str, str], well_signed: bool) -> SignedRequest:
        content = form[BODY].encode("ascii")
        key = app_secret if well_signed else f"not {app_secret}"
        digest = hmac.new(key.encode(), content, hashlib.sha256).hexdigest()
        headers = {
            "User-Agent": "facebookexternalua",
            "Accept": "*/*",
            "Content-Type": "application/json",
            "X-Hub-Signature-256": f"sha256={digest}",
        }
        return SignedRequest("POST", url, headers, content)

    return sign
