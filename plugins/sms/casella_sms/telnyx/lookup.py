"""Did a message whose sending was cut short arrive?

Telnyx finds a message by its id alone, which nobody knows then; but its detail records name the address its receipts
were to go to (`delivery_status_webhook_url`), and in ours stands the message's own id: what is found is certain. Fields
and filters: telnyx-python 4.189, `types/detail_record_list_response.py` and `detail_record_list_params.py`;
developers.telnyx.com, "Message Detail Records" (a record is made when a message is submitted).

A record that is not there proves little, because nobody promises how soon it can be searched for: what is missing
stays `unknown`, and a receipt or an agent settles it. (Sent again by an agent, the `Idempotency-Key` keeps it one.)
"""

from __future__ import annotations

from datetime import timedelta

import httpx

from casella.plugin import LookupResult, SendAttempt, Sent, asking
from casella_sms.arrivals import id_of, iso_time
from casella_sms.causes import read_json
from casella_sms.telnyx.errors import asking_error
from casella_sms.telnyx.settings import TelnyxSettings

MOST_PAGES = 4
PAGE_SIZE = 50
CLOCK_SKEW = timedelta(seconds=5)


def lookup(settings: TelnyxSettings, sender: str, attempt: SendAttempt, http: httpx.Client) -> LookupResult:
    """What became of an attempt. Raises a SendError when Telnyx cannot be asked."""
    for page in range(1, MOST_PAGES + 1):
        with asking():
            response = http.get(
                f"{settings.base_url}/v2/detail_records",
                params=_query(sender, attempt.message.to, page),
                headers={"authorization": f"Bearer {settings.api_key.get_secret_value()}"},
                follow_redirects=False,
            )
        if not response.is_success:
            raise asking_error(response)
        rows = read_json(response).get("data")
        listed = [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []
        for row in listed:
            if row.get("delivery_status_webhook_url") == attempt.message.status_url and (
                taken := id_of(row.get("uuid"))
            ):
                return LookupResult("taken", Sent(taken))
        oldest = iso_time(listed[-1].get("created_at")) if listed else None
        if len(listed) < PAGE_SIZE or (oldest is not None and oldest < attempt.started_at - CLOCK_SKEW):
            break
    return LookupResult("unknown")


def _query(sender: str, to: str, page: int) -> dict[str, str]:
    """`cli` is who sent, `cld` who was sent to; the newest first."""
    return {
        "filter[record_type]": "messaging",
        "filter[direction]": "outbound",
        "filter[cli]": sender,
        "filter[cld]": to,
        "sort": "-created_at",
        "page[number]": str(page),
        "page[size]": str(PAGE_SIZE),
    }
