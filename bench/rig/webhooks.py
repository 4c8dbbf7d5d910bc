"""Requests as Twilio makes them, signed and written out before the clock starts."""

from __future__ import annotations

import base64
import hmac
import random
from collections.abc import Iterator, Sequence
from pathlib import Path
from urllib.parse import urlencode

from bench.rig import desk

PUBLIC_URL = "https://casella.bench.example"
PATH = "/webhooks/twilio"
_CITIES = ("WASHINGTON", "AUSTIN", "PORTLAND", "DENVER")


def requests(count: int, *, contacts: int, first: int = 0, seed: int = 1, contacts_from: int = 0) -> Iterator[bytes]:
    """`count` inbound messages, numbered from `first`, from `contacts` numbers in no order. `contacts_from`: the first
    of these; what follows another one begins with contacts that are new."""
    chance = random.Random(seed + first)
    for number in range(first, first + count):
        sender = _phone(contacts_from + chance.randrange(contacts))
        yield _request(number, sender, desk.text(number, chance), PUBLIC_URL)


def each_once(count: int, public_url: str) -> Iterator[bytes]:
    """`count` contacts, one message each."""
    chance = random.Random(7)
    for number in range(count):
        yield _request(number, _phone(number), desk.text(number, chance), public_url)


def to_numbers(count: int, numbers: Sequence[str], weights: Sequence[float], contacts: int) -> Iterator[bytes]:
    """`count` inbound messages, each to one of these numbers; `weights` are cumulative."""
    chance = random.Random(13)
    for number in range(count):
        [to] = chance.choices(numbers, cum_weights=weights)
        sender = _phone(chance.randrange(contacts))
        yield _request(number, sender, desk.text(number, chance), PUBLIC_URL, to)


def _phone(number: int) -> str:
    return f"+1202{number + 2_000_000:07d}"


def write(path: Path, items: Iterator[bytes]) -> int:
    """Length, then request, again and again. Returns how many."""
    count = 0
    with path.open("wb") as file:
        for item in items:
            file.write(len(item).to_bytes(4, "big") + item)
            count += 1
    return count


def read(path: Path) -> list[bytes]:
    content, place, items = path.read_bytes(), 0, []
    while place < len(content):
        size = int.from_bytes(content[place : place + 4], "big")
        items.append(content[place + 4 : place + 4 + size])
        place += 4 + size
    return items


def _request(number: int, sender: str, text: str, public_url: str, to: str = desk.NUMBER) -> bytes:
    sid = f"SM{number:032x}"
    city = _CITIES[number % 4]
    form = {
        "ToCountry": "US", "ToState": "DC", "SmsMessageSid": sid, "NumMedia": "0", "ToCity": "WASHINGTON",
        "FromZip": "20001", "SmsSid": sid, "FromState": "DC", "SmsStatus": "received", "FromCity": city,
        "Body": text, "FromCountry": "US", "To": to, "ToZip": "20001", "NumSegments": "1",
        "MessageSid": sid, "AccountSid": desk.SID, "From": sender, "ApiVersion": "2010-04-01",
    }  # fmt: skip
    signed = public_url + PATH + "".join(name + value for name, value in sorted(form.items()))
    signature = base64.b64encode(hmac.digest(desk.TOKEN.encode(), signed.encode(), "sha1")).decode()
    body = urlencode(form).encode()
    head = (
        f"POST {PATH} HTTP/1.1\r\nHost: casella.bench.example\r\nUser-Agent: TwilioProxy/1.1\r\nAccept: */*\r\n"
        f"Content-Type: application/x-www-form-urlencoded; charset=utf-8\r\nContent-Length: {len(body)}\r\n"
        f"I-Twilio-Idempotency-Token: {sid}\r\nX-Twilio-Signature: {signature}\r\n\r\n"
    )
    return head.encode() + body
