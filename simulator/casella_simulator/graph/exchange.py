"""What the products of Meta share: one host, one way to authenticate, one way to send, faults and journal."""

from __future__ import annotations

import asyncio
import hmac
import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Protocol

from starlette.types import Receive, Scope, Send

from casella_simulator.graph.errors import GraphRefused
from casella_simulator.graph.webhooks import POLICY, signer, written
from casella_simulator.network.courier import Webhook
from casella_simulator.network.faults import Dice, Outcome
from casella_simulator.network.journal import Accepted, Delivery, WebhookKind
from casella_simulator.network.media import MediaFile
from casella_simulator.network.network import Network
from casella_simulator.network.phones import Author, Entry
from casella_simulator.network.wire import BodyTooLarge, Call, CallerGone, header

_MAX_REQUEST = 256 * 1024


@dataclass(slots=True)
class Parcel:
    """One message on its way to a phone. `node`: what it is sent through (a number, a page); `own_id`: what the sender
    calls it; `files`: what the phone shows, fetched by then."""

    provider: str
    account: str
    node: str
    line: str
    phone: str
    sid: str
    text: str
    answer: Mapping[str, object]
    request: Mapping[str, object]
    links: Sequence[str] = ()
    files: list[MediaFile] = field(default_factory=list)
    own_id: str = ""
    accepted: Accepted | None = None
    entry: Entry | None = None

    @property
    def subject(self) -> str:
        """What the faults are drawn for: the content, without the ids that differ from run to run."""
        return "\x1f".join((self.phone, self.text, *self.links))

    @property
    def fingerprint(self) -> str:
        whole = json.dumps(self.request, sort_keys=True)
        return blake2b(f"{self.node}\x1f{whole}".encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


class Service(Protocol):
    """One product: WhatsApp, Messenger, Instagram."""

    def opens(self, node: str, token: str) -> str | None:
        """The node's own id, if this product has it and the token opens it ("me" is whatever the token opens)."""
        ...

    def knows(self, node: str) -> bool:
        """Whether this product has such a node, whoever asks."""
        ...

    def describe(self, node: str, token: str, base_url: str) -> dict[str, object] | None:
        """What a GET of the node answers whoever has this token; None if it is not this product's. Raises
        GraphRefused."""
        ...

    def webhook_of(self, object_name: str, app_secret: str) -> Callable[[str], None] | None:
        """How to set the address of this object's webhooks, for who has the app's secret."""
        ...

    def courtesy(self, node: str, body: Mapping[str, object]) -> Mapping[str, object] | None:
        """The answer to what is no message (read marks, typing), or None. Raises GraphRefused."""
        ...

    def parcel(self, node: str, body: Mapping[str, object]) -> Parcel:
        """A message to be accepted. Raises GraphRefused."""
        ...

    async def travel(self, parcel: Parcel, dice: Dice) -> None:
        """Its way to the phone, with the webhooks that tell of it."""
        ...


class Graph:
    """The host that all products share."""

    def __init__(self, network: Network) -> None:
        self.network = network
        self.services: list[Service] = []

    def find(self, node: str, token: str) -> tuple[Service, str]:
        """Raises GraphRefused: 190 for a token that opens nothing, 33 for a node that does not exist."""
        for service in self.services:
            if (found := service.opens(node, token)) is not None:
                return service, found
        raise GraphRefused(190 if node == "me" or any(service.knows(node) for service in self.services) else 33)

    async def tell(
        self, url: str | None, secret: str, kind: WebhookKind, told: Told, copies: int, dice: Dice
    ) -> list[Delivery]:
        """Deliver a webhook, if there is where to."""
        if url is None:
            return []
        webhook = Webhook(
            provider=told.provider,
            kind=kind,
            sid=told.sid,
            phone=told.phone,
            url=url,
            form=written(told.document),
            sign=signer(secret),
            policy=POLICY,
        )
        return await self.network.courier.deliver_copies(webhook, dice, copies)

    def show(self, told: Told, line: str, author: Author, text: str, files: Sequence[MediaFile], state: str) -> Entry:
        entry = Entry(
            id=self.network.phones.next_id(),
            provider=told.provider,
            phone=told.phone,
            line=line,
            author=author,
            text=text,
            at=self.network.clock(),
            sid=told.sid,
            media=list(files),
            state=state,
        )
        return self.network.phones.add(entry)


@dataclass(frozen=True, slots=True)
class Told:
    """What a webhook is about."""

    provider: str
    sid: str
    phone: str
    document: object


class SendEndpoint:
    """`POST /{version}/{node}/messages`. A message is accepted before the latency passes."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self._network = graph.network

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        call = Call(scope, receive, send)
        try:
            raw = await call.body(_MAX_REQUEST)
            service, node = self._graph.find(scope["path_params"]["node"], bearer(scope))
            body = _document(raw)
            courtesy = service.courtesy(node, body)
            if courtesy is not None:
                await call.answer(200, courtesy)
                return
            await self._serve(call, service, service.parcel(node, body))
        except GraphRefused as refused:
            await call.answer(refused.status, refused.to_json())
        except BodyTooLarge:
            await call.answer(413, GraphRefused(100).to_json())
        except CallerGone:
            return

    async def _serve(self, call: Call, service: Service, parcel: Parcel) -> None:
        faults = self._network.faults
        if not faults.admits(parcel.phone, asyncio.get_running_loop().time()):
            raise GraphRefused(130429 if parcel.provider == "whatsapp" else 613)
        dice = faults.dice(parcel.phone, parcel.subject)
        outcome = dice.one_of("outcome", dice.faults.outcomes()) or Outcome.ANSWERED
        latency = dice.seconds("latency", dice.faults.latency_ms)
        code = dice.one_of("refuse", dice.faults.refuse) if outcome.accepts else None
        if code is not None or not outcome.accepts:
            await asyncio.sleep(latency)
            if code is not None:
                raise GraphRefused(code)
            await _answer(call, outcome, dice, {})
            return
        await self._accept_and_answer(call, service, parcel, dice, outcome, latency)

    async def _accept_and_answer(
        self, call: Call, service: Service, parcel: Parcel, dice: Dice, outcome: Outcome, latency: float
    ) -> None:
        self._accept(parcel, outcome)
        if dice.happens("receipts first", dice.faults.receipts_first):
            await asyncio.gather(asyncio.sleep(latency), service.travel(parcel, dice))
            await _answer(call, outcome, dice, parcel.answer)
            return
        # Under way from now on, though it waits for the answer to leave: who waits for quiet must not look in between.
        answered = asyncio.Event()
        self._network.spawn(_travel_after(answered, lambda: service.travel(parcel, dice)))
        try:
            await asyncio.sleep(latency)
            if outcome is Outcome.TIMEOUT_AFTER:
                answered.set()
            await _answer(call, outcome, dice, parcel.answer)
        finally:
            answered.set()

    def _accept(self, parcel: Parcel, outcome: Outcome) -> None:
        told = Told(parcel.provider, parcel.sid, parcel.phone, None)
        parcel.entry = self._graph.show(told, parcel.line, "business", parcel.text, parcel.files, "accepted")
        parcel.accepted = Accepted(
            number=self._network.journal.next_accepted(),
            provider=parcel.provider,
            account=parcel.account,
            sid=parcel.sid,
            sender=parcel.line,
            to=parcel.phone,
            body=parcel.text,
            media=tuple(parcel.links),
            callback=None,
            at=self._network.clock(),
            outcome=outcome,
            fingerprint=parcel.fingerprint,
            state="accepted",
        )
        self._network.journal.accept(parcel.accepted)


def bearer(scope: Scope) -> str:
    """The token of the request; Meta also takes it from the query, which ends up in logs, so it is not taken here."""
    kind, _, token = (header(scope, b"authorization") or "").partition(" ")
    return token.strip() if kind.lower() == "bearer" else ""


def same(secret: str, given: str) -> bool:
    return hmac.compare_digest(secret.encode(), given.encode())


def _document(raw: bytes) -> dict[str, object]:
    try:
        document = json.loads(raw)
    except (ValueError, RecursionError):
        raise GraphRefused(100, "not JSON") from None
    if not isinstance(document, dict):
        raise GraphRefused(100, "not an object")
    return document


async def _travel_after(answered: asyncio.Event, travel: Callable[[], Awaitable[None]]) -> None:
    await answered.wait()
    await travel()


async def _answer(call: Call, outcome: Outcome, dice: Dice, answer: Mapping[str, object]) -> None:
    """The answer, or what the fault makes of it."""
    if outcome in (Outcome.CUT_BEFORE, Outcome.CUT_AFTER):
        await call.cut()
    elif outcome in (Outcome.ERROR_BEFORE, Outcome.ERROR_AFTER):
        await call.answer(502, {})
    elif not (outcome is Outcome.TIMEOUT_AFTER and await call.gone_within(dice.faults.hang_ms / 1000)):
        await call.answer(200, answer)
