"""Did a message whose sending was cut short arrive?

Bandwidth keeps neither texts nor our tag, only what a message was like: from whom, to whom, when, how long, with how
many files (dev.bandwidth.com, "Get Message Information"; Bandwidth/python-sdk, `docs/ListMessageItem.md` and
`docs/MessagesApi.md`). It is taken for ours only if one single message of the moments of the attempt is nobody else's,
and is just as long. Everything else stays `unknown`: every webhook names our tag, and settles it.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import httpx

from casella.plugin import LookupResult, SendAttempt, Sent, asking
from casella_sms.arrivals import id_of, iso_time
from casella_sms.bandwidth.errors import asking_error
from casella_sms.bandwidth.settings import BandwidthSettings
from casella_sms.causes import read_json

CLOCK_SKEW = timedelta(seconds=5)
WITHIN = timedelta(seconds=40)
"""The longest send, and a little."""
LIMIT = 100
UNKNOWN = LookupResult("unknown")


def lookup(settings: BandwidthSettings, sender: str, attempt: SendAttempt, http: httpx.Client) -> LookupResult:
    """What became of an attempt. Raises a SendError when Bandwidth cannot be asked."""
    since, until = attempt.started_at - CLOCK_SKEW, attempt.started_at + WITHIN
    query = {
        "sourceTn": sender,
        "destinationTn": attempt.message.to,
        "messageDirection": "OUTBOUND",
        "fromDateTime": _written(since),
        "toDateTime": _written(until),
        "limit": str(LIMIT),
    }
    with asking():
        response = http.get(settings.messages_url, params=query, auth=settings.credentials, follow_redirects=False)
    if not response.is_success:
        raise asking_error(response)
    rows = read_json(response).get("messages")
    listed = [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []
    unknown = [row for row in listed if id_of(row.get("messageId")) not in attempt.known_ids]
    if len(unknown) != 1 or len(listed) >= LIMIT:
        return UNKNOWN
    [row] = unknown
    at, taken = iso_time(row.get("receiveTime")), id_of(row.get("messageId"))
    alike = row.get("messageLength") == len(attempt.message.text)
    alike = alike and (row.get("attachmentCount") or 0) == len(attempt.message.attachments)
    return LookupResult("taken", Sent(taken)) if taken and alike and at and since <= at <= until else UNKNOWN


def _written(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")
