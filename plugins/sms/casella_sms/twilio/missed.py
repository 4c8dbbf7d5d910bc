"""What lost webhooks would have told (channels.md §1.4): Twilio does not deliver a webhook again that was answered with
an error, so its list of messages is looked at now and then.

Both directions of a number are listed since a day (the list knows no hours), and made into the very events of the
webhooks, by the same functions: what came is recognised by its identity, what did not come arrives now.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from urllib.parse import urljoin

import httpx

from casella.plugin import Event, MessageReceived, asking
from casella_sms.account import same_server
from casella_sms.causes import read_json
from casella_sms.twilio import inbound, status
from casella_sms.twilio.errors import asking_error
from casella_sms.twilio.lookup import date_of
from casella_sms.twilio.settings import TwilioSettings

MOST_PAGES = 10
PAGE_SIZE = 200
MOST_MEDIA = 10
_COPIED = {
    "sid": "MessageSid",
    "from": "From",
    "to": "To",
    "body": "Body",
    "messaging_service_sid": "MessagingServiceSid",
    "num_segments": "NumSegments",
}
Row = dict[str, object]


def missed(settings: TwilioSettings, number: str, since: datetime, http: httpx.Client) -> list[Event]:
    """The events of the messages to and from a number since then, oldest first. Raises a SendError."""
    day = since.astimezone(UTC).date().isoformat()
    newest_first = [
        *_listed(settings, {"To": number, "DateSent>": day}, since, http),
        *_listed(settings, {"From": number, "DateSent>": day}, since, http),
    ]
    rows = newest_first[::-1]  # dates have whole seconds: of one second's messages the list's own order is all there is
    rows.sort(key=lambda row: date_of(row.get("date_created")) or since)
    return [event for row in rows for event in _events(settings, number, row, http)]


def _listed(settings: TwilioSettings, query: dict[str, str], since: datetime, http: httpx.Client) -> Iterator[Row]:
    """Rows not older than `since`, the newest first, as Twilio lists them."""
    url: str = settings.messages_url
    parameters: dict[str, str] | None = {**query, "PageSize": str(PAGE_SIZE)}
    for _ in range(MOST_PAGES):
        page = _get(settings, url, parameters, http)
        rows = page.get("messages")
        found = [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []
        recent = [row for row in found if _changed(row, since) >= since]
        yield from recent
        following = page.get("next_page_uri")
        if len(recent) < len(found) or not isinstance(following, str) or not following:
            return
        url, parameters = urljoin(settings.base_url, following), None
        if not same_server(url, settings.base_url):
            return  # the account's secret goes nowhere else


def _changed(row: Row, otherwise: datetime) -> datetime:
    return date_of(row.get("date_updated")) or date_of(row.get("date_created")) or otherwise


def _get(settings: TwilioSettings, url: str, query: dict[str, str] | None, http: httpx.Client) -> Row:
    with asking():
        response = http.get(url, params=query, auth=settings.credentials, follow_redirects=False)
    if not response.is_success:
        raise asking_error(response)
    return read_json(response)


def _events(settings: TwilioSettings, number: str, row: Row, http: httpx.Client) -> list[Event]:
    fields = {theirs: value for ours, theirs in _COPIED.items() if isinstance(value := row.get(ours), str)}
    if not all(fields.get(name) for name in ("MessageSid", "From", "To")):
        return []
    if any(":" in fields[name] for name in ("From", "To")):
        return []  # whatsapp: and others
    if str(row.get("direction", "")).startswith("inbound"):
        return _received(settings, fields, row, http) if fields["To"] == number else []
    code, state = row.get("error_code"), row.get("status")
    told = {**fields, "MessageStatus": state if isinstance(state, str) else "", "ErrorCode": str(code or "")}
    return status.translate(told, None) if fields["From"] == number and status.is_status(told) else []


def _received(settings: TwilioSettings, fields: dict[str, str], row: Row, http: httpx.Client) -> list[Event]:
    media = _media(settings, fields["MessageSid"], http) if str(row.get("num_media") or "0") != "0" else {}
    at = date_of(row.get("date_sent")) or date_of(row.get("date_created"))
    events = inbound.translate(settings, {**fields, **media})
    return [_dated(event, at) for event in events]


def _dated(event: Event, at: datetime | None) -> Event:
    """A webhook has no date; by now it may be long ago."""
    return event.model_copy(update={"provider_time": at}) if isinstance(event, MessageReceived) else event


def _media(settings: TwilioSettings, sid: str, http: httpx.Client) -> dict[str, str]:
    """The attachments as a webhook's fields name them."""
    page = _get(settings, f"{settings.account_base}/Messages/{sid}/Media.json", None, http)
    rows = page.get("media_list")
    fields: dict[str, str] = {}
    for index, row in enumerate(rows[:MOST_MEDIA] if isinstance(rows, list) else []):
        uri, mime = (row.get("uri"), row.get("content_type")) if isinstance(row, dict) else (None, None)
        if isinstance(uri, str) and isinstance(mime, str):
            fields[f"MediaUrl{index}"] = settings.base_url + uri.removesuffix(".json")
            fields[f"MediaContentType{index}"] = mime
    return fields
