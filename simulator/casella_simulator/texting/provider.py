"""The engine: accepts what a business sends, carries what customers write, tells how messages fare."""

from __future__ import annotations

import asyncio
import json
import secrets
from collections.abc import Mapping, Sequence
from functools import partial
from mimetypes import guess_extension
from typing import Generic, cast

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route
from starlette.types import Receive, Scope, Send

from casella_simulator.config import Account
from casella_simulator.network.courier import Webhook
from casella_simulator.network.faults import Dice, Outcome
from casella_simulator.network.journal import Accepted, Delivery, WebhookKind
from casella_simulator.network.network import Network
from casella_simulator.network.phones import Author, Entry
from casella_simulator.network.posting import SignedRequest
from casella_simulator.network.provider import Arrival, Line, UnknownLine, Written
from casella_simulator.network.timeline import timeline
from casella_simulator.network.wire import BodyTooLarge, Call, CallerGone
from casella_simulator.texting.dialect import (
    AccountT,
    Dialect,
    Inbound,
    Refusal,
    Reply,
    Report,
    Sending,
    TextNumber,
)

_MAX_REQUEST = 256 * 1024
_STOP = frozenset({"stop", "stopall", "stop all", "unsubscribe", "cancel", "end", "quit"})
_START = frozenset({"start", "unstop"})


class TextProvider(Generic[AccountT]):
    """Implements casella_simulator.network.provider.Provider for one dialect."""

    def __init__(self, network: Network, dialect: Dialect[AccountT]) -> None:
        self.name = dialect.name
        self._network, self._dialect = network, dialect
        self._accounts: dict[str, AccountT] = {}
        self._by_key: dict[str, Reply] = {}
        self._stopped: set[tuple[str, str]] = set()

    def routes(self) -> Sequence[BaseRoute]:
        sends: list[BaseRoute] = [Route(path, _Endpoint(self), methods=["POST"]) for path in self._dialect.paths]
        return [*sends, Route(f"/{self.name}/media/{{id}}", self._media)]

    def configure(self, account: Account) -> None:
        mine = cast("AccountT", account)
        self._accounts[mine.id] = mine

    def lines(self) -> Sequence[Line]:
        return [
            Line(self.name, one.number, one.webhook_url) for each in self._accounts.values() for one in each.numbers
        ]

    def reset(self) -> None:
        self._by_key.clear()
        self._stopped.clear()

    async def _media(self, request: Request) -> Response:
        file = self._network.media.get(request.path_params["id"].partition(".")[0])
        return Response(file.content, media_type=file.content_type) if file else Response(status_code=404)

    # --- what a business sends ------------------------------------------------------------------------------------

    async def serve(self, call: Call) -> None:
        body = await call.body(_MAX_REQUEST)
        account = self._dialect.account(list(self._accounts.values()), call.scope, body)
        if account is None:
            raise Refusal(self._dialect.unauthorised)
        sending = self._dialect.read(account, call.scope, body)
        faults = self._network.faults
        if not faults.admits(sending.to, asyncio.get_running_loop().time()):
            raise Refusal(self._dialect.throttled)
        dice = faults.dice(sending.to, f"{sending.sender}\x1f{sending.to}\x1f{sending.text}")
        outcome = dice.one_of("outcome", dice.faults.outcomes()) or Outcome.ANSWERED
        await asyncio.sleep(dice.seconds("latency", dice.faults.latency_ms))
        reply = self._accept(account, sending, dice, outcome) if outcome.accepts else Reply(500, {})
        await _answer(call, outcome, dice, reply)

    def _accept(self, account: AccountT, sending: Sending, dice: Dice, outcome: Outcome) -> Reply:
        if sending.key and sending.key in self._by_key:
            return self._by_key[sending.key]
        if account.find_number(sending.sender) is None:
            raise Refusal(self._dialect.refused(0))
        if self._dialect.stops is not None and (sending.sender, sending.to) in self._stopped:
            raise Refusal(self._dialect.refused(self._dialect.stops))
        if (code := dice.one_of("refuse", dice.faults.refuse)) is not None:
            raise Refusal(self._dialect.refused(code))
        id = secrets.token_hex(16)
        accepted, entry = self._noted(account, sending, id, outcome)
        self._network.spawn(self._travel(account, sending, id, dice, accepted, entry))
        reply = self._dialect.taken(id, sending)
        if sending.key:
            self._by_key[sending.key] = reply
        return reply

    def _noted(self, account: AccountT, sending: Sending, id: str, outcome: Outcome) -> tuple[Accepted, Entry]:
        now, journal = self._network.clock(), self._network.journal
        accepted = Accepted(
            number=journal.next_accepted(), provider=self.name, account=account.id, sid=id, sender=sending.sender,
            to=sending.to, body=sending.text, media=sending.media, callback=sending.callback, at=now,
            outcome=outcome, fingerprint=f"{self.name}|{sending.reference}", state="queued",
        )  # fmt: skip
        journal.accept(accepted)
        entry = self._show(sending.to, sending.sender, "business", sending.text, id)
        return accepted, entry

    async def _travel(
        self, account: AccountT, sending: Sending, id: str, dice: Dice, accepted: Accepted, entry: Entry
    ) -> None:
        failed = dice.one_of("failed", dice.faults.failed) or dice.one_of("undelivered", dice.faults.undelivered)
        await self._fetch(sending, entry)
        started = asyncio.get_running_loop().time()
        for step in timeline(["sent", "failed" if failed is not None else "delivered"], dice):
            await asyncio.sleep(max(0.0, started + step.at - asyncio.get_running_loop().time()))
            accepted.state = entry.state = step.state
            accepted.error_code = failed if step.state == "failed" else None
            if step.state == "delivered":
                self._network.phones.phone(sending.to).arrive(entry)
            self._network.phones.show(entry)
            url = sending.callback or self._webhook_url(account, sending.sender)
            document = self._dialect.report(
                account, Report(id, sending, step.state, accepted.error_code, self._network.clock())
            )  # fmt: skip
            if step.reported and url is not None and document is not None:
                webhook = self._webhook(account, "receipt", id, sending.to, url, document)
                await self._network.courier.deliver_copies(webhook, dice, dice.faults.receipts_copies)

    async def _fetch(self, sending: Sending, entry: Entry) -> None:
        if not self._network.config.fetch_media:
            return
        shelf = self._network.media
        for url in sending.media:
            if (fetched := await self._network.fetcher.fetch(url, shelf.file_limit)) is not None:
                entry.media.append(shelf.put(fetched.content, fetched.content_type, url.rpartition("/")[2]))

    def _webhook_url(self, account: AccountT, number: str) -> str | None:
        found = account.find_number(number)
        return found.webhook_url if found else None

    # --- what a customer writes -----------------------------------------------------------------------------------

    async def receive(self, written: Written) -> Arrival:
        """Returns once every copy was answered. Raises UnknownLine."""
        account, number = self._line(written.line)
        id = secrets.token_hex(16)
        self._hear(written)
        entry = self._show(written.phone, written.line, "customer", written.text, id)
        entry.media.extend(written.media)
        shelf = f"{self._network.base_url}/{self.name}/media"
        media = [
            (f"{shelf}/{file.id}{guess_extension(file.content_type) or ''}", file.content_type)
            for file in written.media
        ]
        message = Inbound(id, written.phone, written.line, written.text, media, self._network.clock())
        deliveries: list[Delivery] = []
        dice = self._network.faults.dice(written.phone, f"inbound\x1f{written.phone}\x1f{written.text}")
        await asyncio.sleep(dice.seconds("webhook delay", dice.faults.webhook_delay_ms))
        for document in self._dialect.inbound(account, message) if number.webhook_url else ():
            webhook = self._webhook(account, "inbound", id, written.phone, number.webhook_url or "", document)
            deliveries += await self._network.courier.deliver_copies(webhook, dice, dice.faults.webhook_copies)
        entry.state = "delivered" if any(one.accepted for one in deliveries) else "failed"
        entry.error = None if entry.state == "delivered" else "no webhook took it"
        self._network.phones.show(entry)
        return Arrival(id, deliveries)

    def _line(self, line: str) -> tuple[AccountT, TextNumber]:
        for account in self._accounts.values():
            if (number := account.find_number(line)) is not None:
                return account, number
        raise UnknownLine(f"no {self.name} account has the number {line}")

    def _hear(self, written: Written) -> None:
        word, pair = written.text.strip().lower(), (written.line, written.phone)
        if word in _STOP:
            self._stopped.add(pair)
        elif word in _START:
            self._stopped.discard(pair)

    def _webhook(
        self, account: AccountT, kind: WebhookKind, id: str, phone: str, url: str, document: object
    ) -> Webhook:
        form = {"document": json.dumps(document, ensure_ascii=False)}
        sign = partial(self._signed, account)
        return Webhook(self.name, kind, id, phone, url, form, sign, self._dialect.policy)

    def _signed(self, account: AccountT, url: str, form: Mapping[str, str], well_signed: bool) -> SignedRequest:
        document = json.loads(form["document"])
        return self._dialect.sign(account, url, document, self._network.clock(), well_signed)

    def _show(self, phone: str, line: str, author: Author, text: str, id: str) -> Entry:
        entry = Entry(
            id=self._network.phones.next_id(), provider=self.name, phone=phone, line=line, author=author, text=text,
            at=self._network.clock(), sid=id, state="sending",
        )  # fmt: skip
        return self._network.phones.add(entry)


class _Endpoint:
    """The send path as a bare ASGI route."""

    def __init__(self, provider: TextProvider[AccountT]) -> None:
        self._serve = provider.serve

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        call = Call(scope, receive, send)
        try:
            await self._serve(call)
        except Refusal as refusal:
            await call.answer(refusal.reply.status, refusal.reply.payload)
        except BodyTooLarge:
            await call.answer(413, {})
        except CallerGone:
            return


async def _answer(call: Call, outcome: Outcome, dice: Dice, reply: Reply) -> None:
    """The answer, or what the fault makes of it."""
    if outcome in (Outcome.CUT_BEFORE, Outcome.CUT_AFTER):
        await call.cut()
        return
    if outcome in (Outcome.ERROR_BEFORE, Outcome.ERROR_AFTER):
        await call.answer(500, {})
        return
    if outcome is Outcome.TIMEOUT_AFTER and await call.gone_within(dice.faults.hang_ms / 1000):
        return
    await call.answer(reply.status, reply.payload)
