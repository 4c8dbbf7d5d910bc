"""The way of an accepted message through the carrier, and the status callbacks that report it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime

from casella_simulator.network.courier import Webhook
from casella_simulator.network.faults import Dice
from casella_simulator.network.network import Network
from casella_simulator.network.timeline import Step, timeline
from casella_simulator.twilio.account import TwilioAccount
from casella_simulator.twilio.errors import Refused
from casella_simulator.twilio.geography import is_us_long_code
from casella_simulator.twilio.records import API_VERSION, Record, new_sid
from casella_simulator.twilio.request import SendRequest
from casella_simulator.twilio.senders import OUTSIDE_WINDOW, Windows, bare, channel_of, receipt_fields
from casella_simulator.twilio.webhooks import retry_policy, signer

_UNREACHABLE_MEDIA = 11200
_UNREGISTERED = 30034


class Reports:
    """Moves accepted messages along and posts their status callbacks."""

    def __init__(self, network: Network, windows: Windows) -> None:
        self._network, self._windows = network, windows

    async def run(self, account: TwilioAccount, request: SendRequest, record: Record, dice: Dice) -> None:
        """The whole way of one message, until its last receipt."""
        fetched = await self._fetch_media(request, record)
        outside = not request.content_sid and not self._windows.is_open(record.sender, bare(record.to), record.created)
        final, code = ("undelivered", OUTSIDE_WINDOW) if outside else _fate(account, record, dice, fetched)
        started = asyncio.get_running_loop().time()
        for step in timeline(_states(request, final), dice):
            wait = started + step.at - asyncio.get_running_loop().time()
            if wait > 0:
                await asyncio.sleep(wait)
            await self._reach(account, request, record, step, code, dice)

    async def _reach(
        self, account: TwilioAccount, request: SendRequest, record: Record, step: Step, code: int | None, dice: Dice
    ) -> None:
        failing = code if step.state in ("failed", "undelivered") else None
        if record.advance(step.state, self._network.clock()):
            self._show(record, failing)
        if not step.reported or request.callback is None:
            return
        webhook = Webhook(
            provider="twilio",
            kind="receipt",
            sid=record.sid,
            phone=bare(record.to),
            url=request.callback,
            form=_callback_form(record, step.state, failing, self._network.clock),
            sign=signer(account),
            policy=retry_policy(request.callback),
        )
        await self._network.courier.deliver_copies(webhook, dice, dice.faults.receipts_copies)

    def _show(self, record: Record, failing: int | None) -> None:
        """Keeps the resource, the journal and the phone in step."""
        if failing is not None:
            record.error_code, record.error_text = failing, Refused(failing).text
        if record.accepted is not None:
            record.accepted.state, record.accepted.error_code = record.status, record.error_code
        if record.entry is not None:
            record.entry.state = record.status
            record.entry.error = str(failing) if failing is not None else None
            if record.status == "delivered":
                self._network.phones.phone(bare(record.to)).arrive(record.entry)
            self._network.phones.show(record.entry)

    async def _fetch_media(self, request: SendRequest, record: Record) -> bool:
        if not request.media or not self._network.config.fetch_media:
            return True
        fetched = await asyncio.gather(*(self._fetch(url, record) for url in request.media))
        return all(fetched)

    async def _fetch(self, url: str, record: Record) -> bool:
        shelf = self._network.media
        fetched = await self._network.fetcher.fetch(url, shelf.file_limit)
        if fetched is None:
            return False
        file = shelf.put(fetched.content, fetched.content_type, url.rpartition("/")[2].partition("?")[0])
        record.media[new_sid("ME")] = file
        if record.entry is not None:
            record.entry.media.append(file)
        return True


def _fate(account: TwilioAccount, record: Record, dice: Dice, media_fetched: bool) -> tuple[str, int | None]:
    """How the message ends: delivered, or failed or undelivered with its error code."""
    if not media_fetched:
        return "failed", _UNREACHABLE_MEDIA
    number = account.find_number(record.sender)
    unregistered = number is not None and not number.a2p_registered
    if unregistered and is_us_long_code(record.sender) and is_us_long_code(record.to):
        return "undelivered", _UNREGISTERED
    if (code := dice.one_of("failed", dice.faults.failed)) is not None:
        return "failed", code
    if (code := dice.one_of("undelivered", dice.faults.undelivered)) is not None:
        return "undelivered", code
    return "delivered", None


def _states(request: SendRequest, final: str) -> list[str]:
    """The states reported: never the initial one, and a failed message was never sent."""
    start = ["queued"] if request.service else []
    if final == "failed":
        return [*start, final]
    seen = ["read"] if final == "delivered" and channel_of(request.to) else []
    return [*start, "sent", final, *seen]


def _callback_form(record: Record, status: str, code: int | None, clock: Callable[[], datetime]) -> dict[str, str]:
    form = {
        "SmsSid": record.sid,
        "SmsStatus": status,
        "MessageStatus": status,
        "To": record.to,
        "MessageSid": record.sid,
        "AccountSid": record.account,
        "From": record.sender,
        "ApiVersion": API_VERSION,
    }
    if record.service:
        form["MessagingServiceSid"] = record.service
    if code is not None:
        form["ErrorCode"] = str(code)
        form["ErrorMessage"] = Refused(code).text
    if status in ("delivered", "undelivered"):
        form["RawDlrDoneDate"] = f"{clock():%y%m%d%H%M}"
    return form | receipt_fields(status, record.to)
