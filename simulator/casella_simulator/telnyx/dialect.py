"""How Telnyx speaks: JSON with a bearer key, webhooks signed with Ed25519 over `timestamp|body`."""

from __future__ import annotations

import hmac
import json
import secrets
from base64 import b64encode
from collections.abc import Sequence
from datetime import datetime
from typing import ClassVar

from starlette.types import Scope

from casella_simulator.network.courier import RetryPolicy
from casella_simulator.network.posting import SignedRequest
from casella_simulator.network.wire import header
from casella_simulator.telnyx.account import TelnyxAccount
from casella_simulator.texting.dialect import Inbound, Refusal, Reply, Report, Sending, json_request

_STATUS = {"sent": "sent", "delivered": "delivered", "failed": "delivery_failed"}


class TelnyxDialect:
    name: ClassVar[str] = "telnyx"
    paths: ClassVar[Sequence[str]] = ("/v2/messages",)
    policy: ClassVar[RetryPolicy] = RetryPolicy(retries=2, on=frozenset({"4xx", "5xx", "ct", "rt"}), read_seconds=2.0)
    stops: ClassVar[int | None] = 40300

    def account(self, accounts: Sequence[TelnyxAccount], scope: Scope, body: bytes) -> TelnyxAccount | None:
        key = (header(scope, b"authorization") or "").removeprefix("Bearer ").encode()
        known = (one for one in accounts if hmac.compare_digest(one.api_key.get_secret_value().encode(), key))
        return next(known, None)

    def read(self, account: TelnyxAccount, scope: Scope, body: bytes) -> Sending:
        try:
            document = json.loads(body)
            media = tuple(document.get("media_urls", ()))
            if not document.get("text") and not media:
                raise Refusal(self.refused(10004))
            return Sending(
                document["from"], document["to"], document.get("text", ""), media, document.get("webhook_url"),
                key=header(scope, b"idempotency-key") or "", reference=header(scope, b"idempotency-key") or "",
            )  # fmt: skip
        except (ValueError, KeyError, AttributeError, TypeError, RecursionError) as error:
            raise Refusal(self.refused(10015)) from error

    def taken(self, id: str, sending: Sending) -> Reply:
        return Reply(200, {"data": {"id": id, "to": [{"phone_number": sending.to, "status": "queued"}]}})

    def refused(self, code: int) -> Reply:
        return Reply(400, _errors(code or 40305))

    @property
    def unauthorised(self) -> Reply:
        return Reply(401, _errors(10009))

    @property
    def throttled(self) -> Reply:
        return Reply(429, _errors(10011))

    def inbound(self, account: TelnyxAccount, message: Inbound) -> Sequence[object]:
        payload = {
            "id": message.id,
            "direction": "inbound",
            "type": "MMS" if message.media else "SMS",
            "from": {"phone_number": message.phone},
            "to": [{"phone_number": message.line, "status": "webhook_delivered"}],
            "cc": [],
            "text": message.text,
            "media": [{"url": url, "content_type": kind} for url, kind in message.media],
            "received_at": message.at.isoformat(),
            "errors": [],
        }
        return [_event("message.received", payload, message.at)]

    def report(self, account: TelnyxAccount, report: Report) -> object:
        payload = {
            "id": report.id,
            "direction": "outbound",
            "from": {"phone_number": report.sending.sender},
            "to": [{"phone_number": report.sending.to, "status": _STATUS[report.state]}],
            "text": report.sending.text,
            "errors": [{"code": str(report.code)}] if report.code is not None else [],
        }
        return _event("message.sent" if report.state == "sent" else "message.finalized", payload, report.at)

    def sign(
        self, account: TelnyxAccount, url: str, document: object, at: datetime, well_signed: bool
    ) -> SignedRequest:
        body, timestamp = json.dumps(document, ensure_ascii=False).encode(), str(int(at.timestamp()))
        signed = timestamp.encode() + b"|" + (body if well_signed else b"another body")
        signature = b64encode(account.signing_key.sign(signed)).decode()
        return json_request(url, body, {"telnyx-signature-ed25519": signature, "telnyx-timestamp": timestamp})


def _event(kind: str, payload: object, at: datetime) -> object:
    event = {"event_type": kind, "id": secrets.token_hex(16), "occurred_at": at.isoformat(), "record_type": "event"}
    return {"data": {**event, "payload": payload}, "meta": {"attempt": 1}}


def _errors(code: int) -> object:
    return {"errors": [{"code": str(code), "title": "Refused", "detail": "Refused by the simulator"}]}
