"""`POST …/Messages.json`: the send path, a bare ASGI route because benchmarks send thousands a second through it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from zlib import crc32

from starlette.types import Receive, Scope, Send

from casella_simulator.network.faults import Dice, Outcome
from casella_simulator.network.journal import Accepted
from casella_simulator.network.phones import Entry
from casella_simulator.network.segments import segments
from casella_simulator.network.wire import BodyTooLarge, Call, CallerGone
from casella_simulator.twilio.account import TwilioAccount
from casella_simulator.twilio.errors import Refused
from casella_simulator.twilio.exchange import Exchange
from casella_simulator.twilio.records import Record, new_sid
from casella_simulator.twilio.reports import Reports
from casella_simulator.twilio.request import SendRequest
from casella_simulator.twilio.senders import bare

_MAX_REQUEST = 256 * 1024
_CHALLENGE = ((b"www-authenticate", b'Basic realm="Twilio API"'),)


class SendEndpoint:
    """Accepts messages. A message is accepted before the latency passes, as a real one is before its answer travels."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange
        self._network = exchange.network
        self._reports = Reports(exchange.network, exchange.windows)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        call = Call(scope, receive, send)
        try:
            raw = await call.body(_MAX_REQUEST)
            account = self._exchange.authenticate(scope)
            await self._serve(call, account, SendRequest.read(account.sid, raw))
        except Refused as refused:
            await call.answer(refused.status, refused.to_json(), _CHALLENGE if refused.code == 20003 else ())
        except BodyTooLarge:
            await call.answer(413, {"code": 20001, "message": "Request body too large", "status": 413})
        except CallerGone:
            return

    async def _serve(self, call: Call, account: TwilioAccount, request: SendRequest) -> None:
        faults = self._network.faults
        if not faults.admits(bare(request.to), asyncio.get_running_loop().time()):
            raise Refused(20429)
        dice = faults.dice(bare(request.to), request.subject)
        outcome = dice.one_of("outcome", dice.faults.outcomes()) or Outcome.ANSWERED
        latency = dice.seconds("latency", dice.faults.latency_ms)
        if not outcome.accepts:
            await asyncio.sleep(latency)
            await _answer(call, outcome, dice, {})
            return
        try:
            self._check(account, request, dice)
        except Refused:
            await asyncio.sleep(latency)
            raise
        await self._accept_and_answer(call, account, request, dice, outcome, latency)

    def _check(self, account: TwilioAccount, request: SendRequest, dice: Dice) -> None:
        request.check(account, self._exchange.opt_outs)
        if (code := dice.one_of("refuse", dice.faults.refuse)) is not None:
            raise Refused(code)

    async def _accept_and_answer(
        self, call: Call, account: TwilioAccount, request: SendRequest, dice: Dice, outcome: Outcome, latency: float
    ) -> None:
        record = self._accept(account, request, outcome)
        # A messaging service has not chosen a number yet when it answers.
        answer = record.to_json() | ({"from": None, "num_segments": "0"} if request.service else {})
        travel = partial(self._reports.run, account, request, record, dice)
        if dice.happens("receipts first", dice.faults.receipts_first):
            await asyncio.gather(asyncio.sleep(latency), travel())
            await _answer(call, outcome, dice, answer)
            return
        # Under way from now on, though it waits for the answer to leave: who waits for quiet must not look in between.
        answered = asyncio.Event()
        self._network.spawn(_travel_after(answered, travel))
        try:
            await asyncio.sleep(latency)
            if outcome is Outcome.TIMEOUT_AFTER:
                answered.set()
            await _answer(call, outcome, dice, answer)
        finally:
            answered.set()

    def _accept(self, account: TwilioAccount, request: SendRequest, outcome: Outcome) -> Record:
        now = self._network.clock()
        pool = account.pool(request.service) if request.service else []
        # The same recipient always gets the same number of the pool, as with a sticky sender.
        sender = pool[crc32(request.to.encode()) % len(pool)].number if pool else request.sender
        record = Record(
            sid=new_sid("MM" if request.media else "SM"),
            account=account.sid,
            direction="outbound-api",
            sender=sender,
            to=request.to,
            body=request.words(account),
            status="accepted" if request.service else "queued",
            created=now,
            segments=segments(request.words(account)),
            service=request.service,
            num_media=len(request.media),
        )
        record.accepted = _journal_entry(self._network.journal.next_accepted(), record, request, outcome)
        record.entry = Entry(
            id=self._network.phones.next_id(),
            provider="twilio",
            phone=bare(record.to),
            line=sender,
            author="business",
            text=record.body,
            at=now,
            sid=record.sid,
            state=record.status,
        )
        self._network.journal.accept(record.accepted)
        self._network.phones.add(record.entry)
        return self._exchange.records.add(record)


def _journal_entry(number: int, record: Record, request: SendRequest, outcome: Outcome) -> Accepted:
    return Accepted(
        number=number,
        provider="twilio",
        account=record.account,
        sid=record.sid,
        sender=record.sender,
        to=record.to,
        body=record.body,
        media=request.media,
        callback=request.callback,
        at=record.created,
        outcome=outcome,
        fingerprint=request.fingerprint,
        state=record.status,
    )


async def _travel_after(answered: asyncio.Event, travel: Callable[[], Awaitable[None]]) -> None:
    await answered.wait()
    await travel()


async def _answer(call: Call, outcome: Outcome, dice: Dice, answer: dict[str, object]) -> None:
    """The answer, or what the fault makes of it."""
    if outcome in (Outcome.CUT_BEFORE, Outcome.CUT_AFTER):
        await call.cut()
        return
    if outcome in (Outcome.ERROR_BEFORE, Outcome.ERROR_AFTER):
        raise Refused(20500)
    if outcome is Outcome.TIMEOUT_AFTER and await call.gone_within(dice.faults.hang_ms / 1000):
        return
    await call.answer(201, answer)
