"""Did a message whose sending was cut short arrive? (channels.md §1.6: there is no idempotency key.)

Twilio's list for this pair of numbers is searched for a message with the same text, written down since the attempt
began, that is not known as another message's.

    taken      there is one; of several the one nearest to the attempt
    not_taken  there is none, nothing else unknown was sent to this contact in that time (Smart Encoding may have
               changed the text), the list is complete, and SETTLED seconds have passed on Twilio's own clock, so
               that nothing can still be on its way
    unknown    everything else

The list is asked twice: by day sent, as the day bounds the work, and for a proof of absence without the day, because a
message that still waits in Twilio's queue has no date of sending.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

import httpx

from casella.plugin import LookupResult, SendAttempt, Sent, asking
from casella_sms.causes import read_json
from casella_sms.twilio.errors import asking_error
from casella_sms.twilio.settings import TwilioSettings

SETTLED = timedelta(seconds=120)
"""Far more than the longest send (30 s) and the second or so after which a new message is listed."""
CLOCK_SKEW = timedelta(seconds=5)
"""How far our clock may be ahead of Twilio's; dates there have whole seconds."""
PAGE_SIZE = 100

UNKNOWN = LookupResult("unknown")


@dataclass(frozen=True, slots=True)
class _Listed:
    """One message of Twilio's list."""

    sid: str
    body: str
    media: int
    at: datetime


@dataclass(frozen=True, slots=True)
class _Listing:
    """What Twilio listed: our outgoing messages since the attempt that nobody knows, whether the list reaches back to
    it, and Twilio's time."""

    unknown: Sequence[_Listed]
    complete: bool
    asked_at: datetime | None


def lookup(settings: TwilioSettings, sender: str, attempt: SendAttempt, http: httpx.Client) -> LookupResult:
    """What became of an attempt. Raises a SendError when Twilio cannot be asked."""
    pair = {"To": attempt.message.to, "From": sender, "PageSize": str(PAGE_SIZE)}
    day = (attempt.started_at.astimezone(UTC) - CLOCK_SKEW).date().isoformat()
    found = _match(_listing(settings, {**pair, "DateSent>": day}, attempt, http), attempt)
    if found:
        return found
    everything = _listing(settings, pair, attempt, http)
    return _match(everything, attempt) or _absence(everything, attempt)


def _match(listing: _Listing, attempt: SendAttempt) -> LookupResult | None:
    message = attempt.message
    same = [one for one in listing.unknown if one.body == message.text and one.media == len(message.attachments)]
    if not same:
        return None
    nearest = min(same, key=lambda one: abs(one.at - attempt.started_at))
    return LookupResult("taken", Sent(nearest.sid))


def _absence(listing: _Listing, attempt: SendAttempt) -> LookupResult:
    settled = listing.asked_at is not None and listing.asked_at - attempt.started_at >= SETTLED
    proven = settled and listing.complete and not listing.unknown
    return LookupResult("not_taken") if proven else UNKNOWN


def _listing(settings: TwilioSettings, query: dict[str, str], attempt: SendAttempt, http: httpx.Client) -> _Listing:
    with asking():
        response = http.get(settings.messages_url, params=query, auth=settings.credentials, follow_redirects=False)
    if not response.is_success:
        raise asking_error(response)
    answer = read_json(response)
    rows = answer.get("messages")
    if not isinstance(rows, list):
        return _Listing((), complete=False, asked_at=None)
    since = attempt.started_at - CLOCK_SKEW
    listed = [_listed(row) for row in rows if _is_ours(row, query)]
    recent = [one for one in listed if one is not None and one.at >= since and one.sid not in attempt.known_ids]
    reaches_back = not answer.get("next_page_uri") or any(one is not None and one.at < since for one in listed)
    return _Listing(recent, reaches_back and None not in listed, date_of(response.headers.get("date")))


def _is_ours(row: object, query: dict[str, str]) -> bool:
    """Outgoing, to this contact, from this sender. A row that cannot be read counts, and spoils the proof."""
    if not isinstance(row, dict):
        return True
    same_pair = row.get("to") == query["To"] and row.get("from") in (query["From"], None)
    return same_pair and not str(row.get("direction", "outbound-api")).startswith("inbound")


def _listed(row: object) -> _Listed | None:
    if not isinstance(row, dict):
        return None
    sid, body, at = row.get("sid"), row.get("body"), date_of(row.get("date_created"))
    media = str(row.get("num_media", "0"))
    if not isinstance(sid, str) or not isinstance(body, str) or at is None or not media.isdecimal():
        return None
    return _Listed(sid, body, int(media), at)


def date_of(text: object) -> datetime | None:
    """An RFC 2822 date, in UTC if it names no zone."""
    if not isinstance(text, str):
        return None
    try:
        found = parsedate_to_datetime(text)
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)
