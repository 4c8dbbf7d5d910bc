"""Twilio's webhook requests: signing, and retries by connection overrides in the URL's fragment."""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from typing import Literal
from urllib.parse import parse_qs, urlencode

from casella_simulator.network.courier import RetryPolicy, Signer
from casella_simulator.network.journal import Failure
from casella_simulator.network.posting import SignedRequest
from casella_simulator.twilio.account import TwilioAccount
from casella_simulator.twilio.signature import (
    Algorithm,
    body_digest,
    signature,
    signed_text,
    with_port,
    with_query,
)

_FAILURES: dict[str, Failure] = {"4xx": "4xx", "5xx": "5xx", "ct": "ct", "rt": "rt"}


def retry_policy(url: str, fallback_url: str | None = None) -> RetryPolicy:
    """The policy of a URL: `#rc=3&rp=5xx,ct&ct=2000&rt=5000&tt=15000`, or one retry when connecting failed."""
    overrides = {name: values[0] for name, values in parse_qs(url.partition("#")[2]).items()}
    named = overrides.get("rp", "ct").split(",")
    wanted = _FAILURES if "all" in named else named
    return RetryPolicy(
        retries=min(5, _number(overrides, "rc", 1)),
        on=frozenset(_FAILURES[name] for name in wanted if name in _FAILURES),
        connect_seconds=min(10_000, _number(overrides, "ct", 5_000)) / 1000,
        read_seconds=min(15_000, _number(overrides, "rt", 15_000)) / 1000,
        total_seconds=min(15_000, _number(overrides, "tt", 15_000)) / 1000,
        fallback_url=fallback_url,
    )


def _number(overrides: Mapping[str, str], name: str, default: int) -> int:
    value = overrides.get(name, "")
    return int(value) if value.isascii() and value.isdigit() else default


def signer(account: TwilioAccount, method: Literal["POST", "GET"] = "POST") -> Signer:
    """Signs requests as this account's webhooks are signed. Every retry carries the same idempotency token."""
    token = secrets.token_hex(18)

    def sign(url: str, form: Mapping[str, str], well_signed: bool) -> SignedRequest:
        target = url.partition("#")[0]
        content, headers = b"", {"User-Agent": "TwilioProxy/1.1", "Accept": "*/*", "I-Twilio-Idempotency-Token": token}
        signed_form: Mapping[str, str] | None = None
        if method == "GET":
            target = with_query(target, urlencode(form))
        elif account.signing.body == "json":
            content = json.dumps(dict(form), ensure_ascii=False).encode()
            headers["Content-Type"] = "application/json"
            target = with_query(target, f"bodySHA256={body_digest(content)}")
        else:
            content = urlencode(form).encode()
            headers["Content-Type"] = "application/x-www-form-urlencoded; charset=UTF-8"
            signed_form = form
        text = signed_text(with_port(target, account.signing.port), signed_form)
        headers.update(_signature_headers(account, text, well_signed))
        return SignedRequest(method, target, headers, content)

    return sign


def _signature_headers(account: TwilioAccount, text: str, well_signed: bool) -> dict[str, str]:
    key = account.signing.shared_key
    algorithm: Algorithm = "HMAC_SHA256" if key else "HMAC_SHA1"
    secret = key.secret.get_secret_value() if key else account.signing_token()
    headers = {"X-Twilio-Signature": signature(secret if well_signed else f"not {secret}", text, algorithm)}
    if key:
        headers["X-Twilio-Webhooks-Signature-Settings"] = f"key={key.id},algorithm={algorithm}"
    return headers
