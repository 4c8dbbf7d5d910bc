"""How Vonage speaks: the SMS API (forms, `sig`, long messages in parts) and the Messages API (JSON, a JWT)."""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Sequence
from datetime import datetime
from typing import ClassVar
from urllib.parse import parse_qsl, urlencode

from starlette.types import Scope

from casella_simulator.network.courier import RetryPolicy
from casella_simulator.network.posting import SignedRequest
from casella_simulator.network.segments import segments
from casella_simulator.network.wire import header
from casella_simulator.texting.dialect import Inbound, Refusal, Reply, Report, Sending, json_request
from casella_simulator.vonage.account import VonageAccount

_PART = 67  # characters that fit in a part in either encoding
_DLR = {"sent": "accepted", "delivered": "delivered", "failed": "failed"}
_STATUS = {"sent": "submitted", "delivered": "delivered", "failed": "rejected"}


class VonageDialect:
    name: ClassVar[str] = "vonage"
    paths: ClassVar[Sequence[str]] = ("/sms/json", "/v1/messages")
    policy: ClassVar[RetryPolicy] = RetryPolicy(retries=5, on=frozenset({"4xx", "5xx", "ct", "rt"}))
    stops: ClassVar[int | None] = None

    def account(self, accounts: Sequence[VonageAccount], scope: Scope, body: bytes) -> VonageAccount | None:
        if _is_sms(scope):
            form = dict(parse_qsl(body.decode("utf-8", "replace")))
            given = _login(form.get("api_key", ""), form.get("api_secret", ""))
        else:
            given = header(scope, b"authorization") or ""
        logins = ((one, _login(one.api_key, one.api_secret.get_secret_value())) for one in accounts)
        return next((one for one, login in logins if hmac.compare_digest(login.encode(), given.encode())), None)

    def read(self, account: VonageAccount, scope: Scope, body: bytes) -> Sending:
        try:
            if _is_sms(scope):
                form = dict(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True))
                callback = form.get("callback") if form.get("status-report-req") == "1" else None
                named = (f"+{form['from']}", f"+{form['to']}", form["text"])
                return Sending(*named, callback=callback, reference=form.get("client-ref", ""))
            return _from_json(json.loads(body))
        except (ValueError, KeyError, AttributeError, TypeError, RecursionError) as error:
            raise Refusal(self.refused(2)) from error

    def taken(self, id: str, sending: Sending) -> Reply:
        """Both APIs' words at once: each reader finds its own."""
        ids = [id, *(f"{id}-{number}" for number in range(2, segments(sending.text) + 1))]
        messages = [{"to": sending.to[1:], "message-id": one, "status": "0"} for one in ids]
        return Reply(202, {"message-count": str(len(ids)), "messages": messages, "message_uuid": id})

    def refused(self, code: int) -> Reply:
        """The SMS API says everything with HTTP 200; the Messages API's reader finds no id in it."""
        return Reply(200, {"message-count": "1", "messages": [{"status": str(code or 15), "error-text": "Refused"}]})

    @property
    def unauthorised(self) -> Reply:
        return Reply(401, {"messages": [{"status": "4", "error-text": "Bad Credentials"}]})

    @property
    def throttled(self) -> Reply:
        return Reply(429, {"messages": [{"status": "1", "error-text": "Throughput Rate Exceeded"}]})

    def inbound(self, account: VonageAccount, message: Inbound) -> Sequence[object]:
        if account.webhooks == "messages":
            return [_message(message)]
        base = {
            "msisdn": message.phone.removeprefix("+"),
            "to": message.line.removeprefix("+"),
            "messageId": message.id,
            "text": message.text,
            "type": "text" if message.text.isascii() else "unicode",
            "keyword": message.text.partition(" ")[0].upper()[:40],
            "api-key": account.api_key,
            "message-timestamp": f"{message.at:%Y-%m-%d %H:%M:%S}",
        }
        total = segments(message.text)
        return [base] if total == 1 else _parts(base, message)

    def report(self, account: VonageAccount, report: Report) -> object:
        sending, named = report.sending, {"client-ref": report.sending.reference}
        if account.webhooks == "messages":
            told = {"message_uuid": report.id, "to": sending.to[1:], "from": sending.sender[1:], "channel": "sms"}
            error = {"error": {"title": str(report.code)}} if report.code is not None else {}
            state = {"status": _STATUS[report.state], "timestamp": report.at.isoformat()}
            return {**told, **state, **error, "client_ref": sending.reference}
        return {
            "msisdn": sending.to[1:],
            "to": sending.sender[1:],
            "network-code": "310090",
            "messageId": report.id,
            "price": "0.007",
            "status": _DLR[report.state],
            "scts": f"{report.at:%y%m%d%H%M}",
            "err-code": str(report.code or 0),
            "message-timestamp": f"{report.at:%Y-%m-%d %H:%M:%S}",
            **named,
        }

    def sign(
        self, account: VonageAccount, url: str, document: object, at: datetime, well_signed: bool
    ) -> SignedRequest:
        secret = account.signature_secret.get_secret_value()
        secret = secret if well_signed else f"not {secret}"
        assert isinstance(document, dict), "this dialect writes objects only"
        if account.webhooks == "messages":
            body = json.dumps(document, ensure_ascii=False).encode()
            return json_request(url, body, {"Authorization": f"Bearer {_token(account, secret, body, at)}"})
        fields = {**document, "timestamp": str(int(at.timestamp())), "nonce": secrets.token_hex(8)}
        fields["sig"] = _sig(fields, secret, account.signature_method)
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        return SignedRequest("POST", url, headers, urlencode(fields).encode())


def _is_sms(scope: Scope) -> bool:
    return str(scope["path"]).endswith("/sms/json")


def _from_json(document: dict[str, object]) -> Sending:
    kind = str(document["message_type"])
    content = document.get(kind)
    media = (str(content["url"]),) if isinstance(content, dict) else ()
    text = content.get("caption", "") if isinstance(content, dict) else document.get("text", "")
    callback = document.get("webhook_url")
    return Sending(
        f"+{document['from']}", f"+{document['to']}", str(text), media,
        str(callback) if callback else None, str(document.get("client_ref", "")),
    )  # fmt: skip


def _message(message: Inbound) -> dict[str, object]:
    told: dict[str, object] = {
        "channel": "mms" if message.media else "sms",
        "message_uuid": message.id,
        "to": message.line.removeprefix("+"),
        "from": message.phone.removeprefix("+"),
        "timestamp": message.at.isoformat(),
        "message_type": "image" if message.media else "text",
    }
    if message.media:
        return {**told, "image": {"url": message.media[0][0], "caption": message.text}}
    return {**told, "text": message.text}


def _parts(base: dict[str, str], message: Inbound) -> list[object]:
    pieces = [message.text[start : start + _PART] for start in range(0, len(message.text), _PART)]
    reference = str(int(message.id[:2], 16))
    named = {"concat": "true", "concat-ref": reference, "concat-total": str(len(pieces))}
    return [
        {**base, **named, "messageId": f"{message.id}-{number}", "text": piece, "concat-part": str(number)}
        for number, piece in enumerate(pieces, 1)
    ]


def _sig(fields: dict[str, str], secret: str, method: str) -> str:
    flat = {name: value.replace("&", "_").replace("=", "_") for name, value in fields.items()}
    text = "".join(f"&{name}={flat[name]}" for name in sorted(flat)).encode()
    if method == "md5hash":
        return hashlib.md5(text + secret.encode(), usedforsecurity=False).hexdigest()
    return hmac.new(secret.encode(), text, method).hexdigest()


def _token(account: VonageAccount, secret: str, body: bytes, at: datetime) -> str:
    claims = {
        "iat": int(at.timestamp()),
        "jti": secrets.token_hex(16),
        "iss": "Vonage",
        "api_key": account.api_key,
        "payload_hash": hashlib.sha256(body).hexdigest(),
    }
    signed = b".".join(_encoded(json.dumps(part).encode()) for part in ({"alg": "HS256", "typ": "JWT"}, claims))
    return (signed + b"." + _encoded(hmac.digest(secret.encode(), signed, "sha256"))).decode()


def _encoded(part: bytes) -> bytes:
    return urlsafe_b64encode(part).rstrip(b"=")


def _login(key: str, secret: str) -> str:
    return f"Basic {b64encode(f'{key}:{secret}'.encode()).decode()}"
