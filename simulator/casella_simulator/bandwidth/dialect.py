"""How Bandwidth speaks: JSON with HTTP Basic both ways; webhooks are arrays and carry no signature."""

from __future__ import annotations

import hmac
import json
from base64 import b64encode
from collections.abc import Sequence
from datetime import datetime
from typing import ClassVar

from starlette.types import Scope

from casella_simulator.bandwidth.account import BandwidthAccount
from casella_simulator.network.courier import RetryPolicy
from casella_simulator.network.posting import SignedRequest
from casella_simulator.network.wire import header
from casella_simulator.texting.dialect import Inbound, Refusal, Reply, Report, Sending, json_request

_KIND = {"sent": "message-sending", "delivered": "message-delivered", "failed": "message-failed"}


class BandwidthDialect:
    name: ClassVar[str] = "bandwidth"
    paths: ClassVar[Sequence[str]] = ("/api/v2/users/{account}/messages",)
    policy: ClassVar[RetryPolicy] = RetryPolicy(retries=5, on=frozenset({"4xx", "5xx", "ct", "rt"}), read_seconds=10.0)
    stops: ClassVar[int | None] = None

    def account(self, accounts: Sequence[BandwidthAccount], scope: Scope, body: bytes) -> BandwidthAccount | None:
        given = (header(scope, b"authorization") or "").encode()
        for one in accounts:
            expected = _login(one.username, one.password.get_secret_value()).encode()
            if one.account_id == scope["path_params"]["account"] and hmac.compare_digest(expected, given):
                return one
        return None

    def read(self, account: BandwidthAccount, scope: Scope, body: bytes) -> Sending:
        try:
            document = json.loads(body)
            [to], media = document["to"], tuple(document.get("media", ()))
            if document["applicationId"] != account.application_id or not (document.get("text") or media):
                raise Refusal(self.refused(0))
            return Sending(document["from"], to, document.get("text", ""), media, reference=document.get("tag", ""))
        except (ValueError, KeyError, AttributeError, TypeError, RecursionError) as error:
            raise Refusal(self.refused(0)) from error

    def taken(self, id: str, sending: Sending) -> Reply:
        return Reply(202, {"id": id, "owner": sending.sender, "to": [sending.to], "tag": sending.reference})

    def refused(self, code: int) -> Reply:
        return Reply(400, {"type": "request-validation", "description": "Your request could not be accepted"})

    @property
    def unauthorised(self) -> Reply:
        return Reply(401, {"type": "unauthorized", "description": "Authentication Failed"})

    @property
    def throttled(self) -> Reply:
        return Reply(429, {"type": "too-many-requests", "description": "Too many requests"})

    def inbound(self, account: BandwidthAccount, message: Inbound) -> Sequence[object]:
        inner = {
            "id": message.id,
            "owner": message.line,
            "applicationId": account.application_id,
            "time": _time(message.at),
            "segmentCount": 1,
            "direction": "in",
            "to": [message.line],
            "from": message.phone,
            "text": message.text,
            "media": [url for url, _ in message.media],
        }
        return [[{"type": "message-received", "time": _time(message.at), "to": message.line, "message": inner}]]

    def report(self, account: BandwidthAccount, report: Report) -> object | None:
        if report.state == "sent" and not report.sending.media:
            return None  # only MMS are told to be on their way
        sending = report.sending
        inner = {
            "id": report.id,
            "owner": sending.sender,
            "applicationId": account.application_id,
            "direction": "out",
            "to": [sending.to],
            "from": sending.sender,
            "text": "",
            "tag": sending.reference,
            "segmentCount": 1,
        }
        event = {"type": _KIND[report.state], "time": _time(report.at), "to": sending.to, "message": inner}
        return [event | ({"errorCode": report.code} if report.code is not None else {})]

    def sign(
        self, account: BandwidthAccount, url: str, document: object, at: datetime, well_signed: bool
    ) -> SignedRequest:
        password = account.webhook_password.get_secret_value()
        login = _login(account.webhook_username, password if well_signed else f"not {password}")
        return json_request(url, json.dumps(document, ensure_ascii=False).encode(), {"Authorization": login})


def _login(username: str, password: str) -> str:
    return f"Basic {b64encode(f'{username}:{password}'.encode()).decode()}"


def _time(at: datetime) -> str:
    return f"{at:%Y-%m-%dT%H:%M:%S}.{at.microsecond // 1000:03d}Z"
