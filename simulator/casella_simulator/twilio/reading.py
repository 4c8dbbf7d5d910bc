"""The reading half of the API: message lists and resources, media, the account and its numbers."""

from __future__ import annotations

import asyncio
import secrets
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import UTC, date, datetime
from itertools import islice
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response, StreamingResponse

from casella_simulator.network.faults import Faults
from casella_simulator.network.media import MediaFile
from casella_simulator.twilio.account import TwilioAccount
from casella_simulator.twilio.errors import Refused
from casella_simulator.twilio.exchange import Exchange
from casella_simulator.twilio.records import API_VERSION, Record
from casella_simulator.twilio.records import date as rfc2822
from casella_simulator.twilio.senders import bare, contents_page

_CHUNK = 64 * 1024
_MAX_PAGE = 1_000


class Reading:
    """Endpoints that need credentials, and the CDN that refuses them."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange
        self._cdn: dict[str, tuple[MediaFile, Faults]] = {}
        self._media_tries: Counter[str] = Counter()

    def clear(self) -> None:
        self._cdn.clear()
        self._media_tries.clear()

    async def list_messages(self, request: Request) -> Response:
        account = self._exchange.authenticate(request.scope)
        query = request.query_params
        size = _bounded(query.get("PageSize"), 50, 1, _MAX_PAGE)
        page = _bounded(query.get("Page"), 0, 0, 10**9)
        wanted = date_filter(dict(query))
        found = self._exchange.records.newest(account.sid, query.get("To"), query.get("From"))
        matching = (record for record in found if wanted(record.sent or record.created))
        shown = list(islice(matching, page * size, (page + 1) * size + 1))
        return JSONResponse(_page(account, shown, page, size, dict(query)))

    async def list_contents(self, request: Request) -> Response:
        account = self._exchange.authenticate_alone(request.scope)
        return JSONResponse(contents_page(account, request.query_params.get("ContentName")))

    async def fetch_message(self, request: Request) -> Response:
        return JSONResponse(self._record(request).to_json())

    async def delete_message(self, request: Request) -> Response:
        self._exchange.records.remove(self._record(request))
        return Response(status_code=204)

    async def list_media(self, request: Request) -> Response:
        record = self._record(request)
        media = [_media_json(record, media_sid, file) for media_sid, file in record.media.items()]
        return JSONResponse({"media_list": media, "page": 0, "page_size": 50, "next_page_uri": None})

    async def fetch_media(self, request: Request) -> Response:
        record = self._record(request)
        media_sid = request.path_params["media"]
        faults = self._exchange.network.faults.of(bare(record.sender if record.direction == "inbound" else record.to))
        self._media_tries[media_sid] += 1
        if self._media_tries[media_sid] <= faults.media_missing_first:
            raise Refused(20404, request.url.path)
        file = record.media.get(media_sid.removesuffix(".json"))
        if file is None:
            raise Refused(20404, request.url.path)
        if media_sid.endswith(".json"):
            return JSONResponse(_media_json(record, media_sid.removesuffix(".json"), file))
        ticket = secrets.token_urlsafe(24)
        self._cdn[ticket] = (file, faults)
        return RedirectResponse(f"{self._exchange.network.base_url}/cdn/{ticket}", status_code=307)

    async def delete_media(self, request: Request) -> Response:
        if self._record(request).media.pop(request.path_params["media"], None) is None:
            raise Refused(20404, request.url.path)
        return Response(status_code=204)

    async def cdn(self, request: Request) -> Response:
        """The signed URL behind the redirect. Like S3 it refuses a second way of authenticating."""
        if "authorization" in request.headers:
            return Response("<Error><Code>InvalidArgument</Code></Error>", 400, media_type="application/xml")
        found = self._cdn.get(request.path_params["ticket"])
        if found is None:
            return Response("<Error><Code>AccessDenied</Code></Error>", 403, media_type="application/xml")
        file, faults = found
        low, high = faults.media_delay_ms
        size = max(len(file.content), faults.media_bytes or 0)
        headers = {"content-length": str(size), "content-disposition": "attachment"}
        return StreamingResponse(
            _padded(file.content, size, (low + high) / 2000),
            headers=headers,
            media_type=faults.media_type or file.content_type,
        )

    async def fetch_account(self, request: Request) -> Response:
        account = self._exchange.authenticate(request.scope)
        return JSONResponse(
            {
                "sid": account.sid,
                "friendly_name": "Simulated account",
                "status": "active",
                "type": "Full",
                "uri": f"/{API_VERSION}/Accounts/{account.sid}.json",
            }
        )

    async def list_numbers(self, request: Request) -> Response:
        account = self._exchange.authenticate(request.scope)
        wanted = request.query_params.get("PhoneNumber")
        numbers = [
            {
                "phone_number": number.number,
                "account_sid": account.sid,
                "sms_url": number.webhook_url,
                "sms_method": number.webhook_method,
                "sms_fallback_url": number.fallback_url,
                "capabilities": {"sms": True, "mms": True, "voice": False},
            }
            for number in account.numbers
            if wanted in (None, number.number)
        ]
        return JSONResponse({"incoming_phone_numbers": numbers, "page": 0, "page_size": 50, "next_page_uri": None})

    def _record(self, request: Request) -> Record:
        account = self._exchange.authenticate(request.scope)
        record = self._exchange.records.get(account.sid, request.path_params["sid"])
        if record is None:
            raise Refused(20404, request.url.path)
        return record


def date_filter(query: dict[str, str]) -> Callable[[datetime], bool]:
    """`DateSent=day`, `DateSent>=moment` and `DateSent<=moment`; the sign is part of the parameter's name."""
    day = _moment(query["DateSent"]).date() if "DateSent" in query else None
    first = _moment(query["DateSent>"]) if "DateSent>" in query else None
    last = _moment(query["DateSent<"], end_of_day=True) if "DateSent<" in query else None

    def wanted(moment: datetime) -> bool:
        # Twilio keeps whole seconds, so a message of the same second is not before it.
        whole = moment.replace(microsecond=0)
        return (day is None or moment.date() == day) and not (first and whole < first) and not (last and whole > last)

    return wanted


def _moment(text: str, *, end_of_day: bool = False) -> datetime:
    try:
        if len(text) == 10:
            day = date.fromisoformat(text)
            clock = (23, 59, 59) if end_of_day else (0, 0, 0)
            return datetime(day.year, day.month, day.day, *clock, tzinfo=UTC)
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise Refused(20001, f"DateSent {text}") from None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def _bounded(text: str | None, default: int, low: int, high: int) -> int:
    if text is None or not text.isdecimal() or len(text) > 12:
        return default
    return max(low, min(high, int(text)))


def _page(
    account: TwilioAccount, shown: list[Record], page: int, size: int, query: dict[str, str]
) -> dict[str, object]:
    path = f"/{API_VERSION}/Accounts/{account.sid}/Messages.json"

    def uri(number: int) -> str:
        return f"{path}?{urlencode({**query, 'PageSize': str(size), 'Page': str(number)})}"

    messages = [record.to_json() for record in shown[:size]]
    return {
        "messages": messages,
        "page": page,
        "page_size": size,
        "start": page * size,
        "end": page * size + max(0, len(messages) - 1),
        "first_page_uri": uri(0),
        "previous_page_uri": uri(page - 1) if page else None,
        "next_page_uri": uri(page + 1) if len(shown) > size else None,
        "uri": uri(page),
    }


def _media_json(record: Record, media_sid: str, file: MediaFile) -> dict[str, object]:
    return {
        "sid": media_sid,
        "account_sid": record.account,
        "parent_sid": record.sid,
        "content_type": file.content_type,
        "date_created": rfc2822(record.created),
        "date_updated": rfc2822(record.updated or record.created),
        "uri": f"{record.path}/Media/{media_sid}.json",
    }


async def _padded(content: bytes, size: int, delay: float) -> AsyncIterator[bytes]:
    """The content in chunks, followed by zeros up to the size; half the delay before, half in the middle."""
    await asyncio.sleep(delay / 2)
    for number, chunk in enumerate(_chunks(content, size)):
        if number == 1:
            await asyncio.sleep(delay / 2)
        yield chunk
        # To a reader that is gone, sending never waits; only here can the server notice and stop.
        await asyncio.sleep(0)


def _chunks(content: bytes, size: int) -> Iterator[bytes]:
    half = max(1, min(_CHUNK, len(content) // 2))
    yield content[:half]
    yield content[half:]
    left = size - len(content)
    while left > 0:
        yield bytes(min(_CHUNK, left))
        left -= _CHUNK
