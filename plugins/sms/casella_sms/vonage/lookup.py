"""Did a message whose sending was cut short arrive?

The Reports API lists what an account sent, and each record has our `client_ref`: what is found is certain. Vonage bills
these questions by the record; only sends without an answer are asked about. Parameters and fields:
Nexmo/nexmo-developer, `_partials/reports/parameters.md` ("Load records synchronously", 24 hours at most);
paragonsean/openapi-directory, `APIs/nexmo.com/reports/2.2.2`, `JsonSmsOutboundWithBody` (`client_ref`, `message_id`).

A record that is not there proves nothing, because nobody promises how soon it can be asked for: what is missing stays
`unknown`, and a receipt (which names our `client-ref` too) or an agent settles it.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import httpx

from casella.plugin import LookupResult, SendAttempt, Sent, asking
from casella_sms.arrivals import id_of
from casella_sms.causes import read_json
from casella_sms.vonage.errors import asking_error
from casella_sms.vonage.receipts import client_ref
from casella_sms.vonage.settings import VonageSettings

CLOCK_SKEW = timedelta(seconds=5)
WITHIN = timedelta(minutes=10)
"""Far more than the longest send."""


def lookup(settings: VonageSettings, sender: str, attempt: SendAttempt, http: httpx.Client) -> LookupResult:
    """What became of an attempt. Raises a SendError when Vonage cannot be asked."""
    key = settings.api_key.get_secret_value()
    query = {
        "account_id": key,
        "product": "MESSAGES" if settings.api == "messages" else "SMS",
        "direction": "outbound",
        "date_start": _written(attempt.started_at - CLOCK_SKEW),
        "date_end": _written(attempt.started_at + WITHIN),
    }
    with asking():
        response = http.get(
            f"{settings.messages_url}/v2/reports/records",
            params=query,
            auth=(key, settings.api_secret.get_secret_value()),
            follow_redirects=False,
        )
    if not response.is_success:
        raise asking_error(response)
    rows = read_json(response).get("records")
    records = [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []
    ours = client_ref(attempt.message.id, sender)
    ids = [id for row in records if row.get("client_ref") == ours and (id := id_of(row.get("message_id")))]
    return LookupResult("taken", Sent(ids[0], tuple(ids[1:]))) if ids else LookupResult("unknown")


def _written(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
