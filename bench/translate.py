"""How fast webhooks are read: `verify` and `translate` of every channel, on one core, beside two libraries of others.

    python -m bench.translate                 # about 30 seconds
    python -m bench.translate --quick         # a smoke run

`us_per_webhook`: the fastest round of a webhook with one message or receipt, each kind of it in turn. `batch_1000_ms`:
one request with a thousand updates, where the provider sends such. The rivals do less: pywa's parser reads one message
without checking any signature, Twilio's validator checks a signature and reads nothing.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import hmac
import json
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from pywa import WhatsApp
from pywa.types import Message
from twilio.request_validator import RequestValidator

from bench.rig.report import last_line, progress, table
from bench.rig.webhook_mix import BATCH, NOON, TEXT, URL, Subject, bandwidth, telnyx, vonage, webchat
from casella.plugin import Connection, Webhook
from casella_meta.channel import InstagramChannel, MessengerChannel
from casella_sms.channel import SmsChannel
from casella_whatsapp.channel import WhatsAppChannel

SECRET, TOKEN = "9d2f0c6b7a184e53", "3f9c1d7be02a4468915dc07be4a1f2d8"
ACCOUNT = "AC" + "0" * 32


def subjects() -> list[Subject]:
    return [
        *(_sms(), vonage(), telnyx(), bandwidth(), _whatsapp()),
        _meta("messenger", MessengerChannel(), "page"),
        _meta("instagram", InstagramChannel(), "instagram"),
        webchat(),
    ]


def _sms() -> Subject:
    inbound = {
        "ToCountry": "US", "ToState": "CA", "SmsMessageSid": "SM" + "0a" * 16, "NumMedia": "0", "ToCity": "",
        "FromZip": "", "SmsSid": "SM" + "0a" * 16, "FromState": "DC", "SmsStatus": "received", "FromCity": "",
        "Body": TEXT, "FromCountry": "US", "To": "+14155550178",
        "ToZip": "94110", "NumSegments": "1", "MessageSid": "SM" + "0a" * 16,
        "AccountSid": ACCOUNT, "From": "+12025550143", "ApiVersion": "2010-04-01",
    }  # fmt: skip
    status = {name: inbound[name] for name in ("SmsSid", "MessageSid", "AccountSid", "ApiVersion")}
    status |= {"SmsStatus": "delivered", "MessageStatus": "delivered", "To": "+12025550143", "From": "+14155550178"}
    picture = {**inbound, "Body": "", "NumMedia": "1", "MediaUrl0": "https://api.twilio.com/m/1",
               "MediaContentType0": "image/jpeg"}  # fmt: skip
    plugin = SmsChannel()
    settings = {"provider": "twilio", "account_sid": ACCOUNT, "auth_token": TOKEN}
    connection: Connection[Any] = Connection("bench", plugin.settings_model.model_validate(settings), URL)
    return Subject("sms", plugin, connection, [_form(one) for one in (inbound, status, picture)])


def _form(fields: dict[str, str]) -> Webhook:
    signed = URL + "".join(f"{name}{fields[name]}" for name in sorted(fields))
    digest = hmac.new(TOKEN.encode(), signed.encode(), hashlib.sha1).digest()
    headers = {
        "content-type": "application/x-www-form-urlencoded",
        "x-twilio-signature": base64.b64encode(digest).decode(),
    }
    return Webhook("POST", URL, "", headers, urlencode(fields).encode(), NOON)


def _whatsapp() -> Subject:
    common = {"from": "4915550100231", "from_user_id": "DE.483", "timestamp": "1789387200"}
    text = {**common, "id": "wamid.1", "type": "text", "text": {"body": TEXT}}
    image = {**common, "id": "wamid.2", "type": "image", "context": {"from": "12025550142", "id": "wamid.0"},
             "image": {"id": "900100", "mime_type": "image/jpeg", "sha256": "q1Yb", "caption": "this"}}  # fmt: skip
    button = {**common, "id": "wamid.3", "type": "interactive",
              "interactive": {"type": "button_reply", "button_reply": {"id": "Y", "title": "Yes"}}}  # fmt: skip
    receipt = {"id": "wamid.9", "status": "delivered", "timestamp": "1789387200", "recipient_id": "4915550100231",
               "biz_opaque_callback_data": "01KB2Z8Q4M7T1V3X5Y7Z9A1C3E"}  # fmt: skip
    plugin = WhatsAppChannel()
    settings = {"app_secret": SECRET, "verify_token": "v", "access_token": "t", "business_account_id": "209700",
                "numbers": {"+12025550142": "104800"}}  # fmt: skip
    connection: Connection[Any] = Connection("bench", plugin.settings_model.model_validate(settings), URL)
    mix = [_signed(whatsapp_body(messages=[one])) for one in (text, image, button)]
    mix.append(_signed(whatsapp_body(statuses=[receipt])))
    many = [{**text, "id": f"wamid.B{number}"} for number in range(BATCH)]
    return Subject("whatsapp", plugin, connection, mix, _signed(whatsapp_body(messages=many)))


def whatsapp_body(**value: object) -> dict[str, object]:
    whole = {
        "messaging_product": "whatsapp",
        "metadata": {"display_phone_number": "12025550142", "phone_number_id": "104800"},
        "contacts": [{"profile": {"name": "Lea"}, "wa_id": "4915550100231", "user_id": "DE.483"}],
        **value,
    }
    entry = {"id": "209700", "changes": [{"value": whole, "field": "messages"}]}
    return {"object": "whatsapp_business_account", "entry": [entry]}


def _meta(name: str, plugin: Any, object_name: str) -> Subject:
    def update(**what: object) -> dict[str, object]:
        return {"sender": {"id": "730100"}, "recipient": {"id": "314500"}, "timestamp": 1789387200250, **what}

    def body(*updates: object) -> dict[str, object]:
        entries = [{"id": "314500", "time": 1789387200500, "messaging": [one]} for one in updates]
        return {"object": object_name, "entry": entries}

    picture = [{"type": "image", "payload": {"url": "https://scontent.xx.fbcdn.net/v/1.jpg"}}]
    read = {"mid": "m_9"} if name == "instagram" else {"watermark": 1789387200250}
    mix = [
        update(message={"mid": "m_1", "text": TEXT}),
        update(message={"mid": "m_2", "attachments": picture, "reply_to": {"mid": "m_0"}}),
        update(postback={"mid": "m_3", "title": "Start", "payload": "GO"}),
        update(read=read),
    ]
    tokens = {"314500": "t"}
    settings = {"app_secret": SECRET, "verify_token": "v", ("accounts" if name == "instagram" else "pages"): tokens}
    connection: Connection[Any] = Connection("bench", plugin.settings_model.model_validate(settings), URL)
    many = body(*(update(message={"mid": f"m_B{number}", "text": TEXT}) for number in range(BATCH)))
    return Subject(name, plugin, connection, [_signed(body(one)) for one in mix], _signed(many))


def _signed(document: object) -> Webhook:
    content = json.dumps(document, separators=(",", ":")).encode()
    digest = hmac.new(SECRET.encode(), content, hashlib.sha256).hexdigest()
    headers = {"content-type": "application/json", "x-hub-signature-256": f"sha256={digest}"}
    return Webhook("POST", URL, "", headers, content, NOON)


def fastest(call: Callable[[], object], seconds: float) -> float:
    """Seconds of the fastest round within the time; the others measure the machine, not the code."""
    call()
    best, end = float("inf"), time.perf_counter() + seconds
    while time.perf_counter() < end:
        began = time.perf_counter()
        call()
        best = min(best, time.perf_counter() - began)
    return best


def per_webhook(subject: Subject, seconds: float) -> float:
    def round_of_them() -> None:
        for webhook in subject.mix:
            subject.read(webhook)

    return fastest(round_of_them, seconds) / len(subject.mix) * 1e6


def rivals(seconds: float) -> dict[str, float]:
    """Microseconds of the nearest thing in two libraries."""
    sms, whatsapp = _sms(), _whatsapp()
    validator, form = RequestValidator(TOKEN), dict(_pairs(sms.mix[0].body))
    signature = sms.mix[0].headers["x-twilio-signature"]
    assert validator.validate(URL, form, signature)
    client, body = WhatsApp(phone_id="104800", token="t"), whatsapp.mix[0].body
    return {
        "twilio RequestValidator": fastest(lambda: validator.validate(URL, form, signature), seconds) * 1e6,
        "pywa Message.from_update": fastest(lambda: Message.from_update(client, json.loads(body)), seconds) * 1e6,
    }


def _pairs(body: bytes) -> list[tuple[str, str]]:
    from urllib.parse import parse_qsl

    return parse_qsl(body.decode(), keep_blank_values=True)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=2.0, help="for each measurement (default 2)")
    parser.add_argument("--quick", action="store_true", help="a tenth of a second for each")
    arguments = parser.parse_args()
    seconds = 0.1 if arguments.quick else arguments.seconds
    each: dict[str, float] = {}
    batches: dict[str, float] = {}
    for subject in subjects():
        progress(f"{subject.name}: {len(subject.mix)} kinds of webhook")
        each[subject.name] = round(per_webhook(subject, seconds), 1)
        if (batch := subject.batch) is not None:
            assert subject.read(batch) == BATCH
            batches[subject.name] = round(fastest(lambda s=subject, b=batch: s.read(b), seconds) * 1e3, 1)  # type: ignore[misc]  # bound now
    others = {name: round(took, 1) for name, took in rivals(seconds).items()}
    table("Microseconds per webhook, verify and translate", ("channel", "µs", "1000 updates, ms"),
          [(name, took, batches.get(name, "–")) for name, took in each.items()])  # fmt: skip
    table("Rivals, for a part of that", ("library", "µs"), list(others.items()))
    last_line(
        {
            "us_per_webhook": each,
            "us_per_webhook_max": max(each.values()),
            "batch_1000_ms": max(batches.values()),
            "batches_ms": batches,
            "rivals_us": others,
        }
    )
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
