"""WhatsApp's Cloud API: messages, media, templates, and the webhooks it signs."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta

from starlette.routing import BaseRoute, Route

from casella_simulator.config import Account
from casella_simulator.graph.errors import GraphRefused
from casella_simulator.graph.exchange import Graph, Parcel, Told, same
from casella_simulator.network.faults import Dice
from casella_simulator.network.provider import Arrival, Line, UnknownLine, Written
from casella_simulator.network.timeline import timeline
from casella_simulator.whatsapp import people, request
from casella_simulator.whatsapp.account import WhatsAppAccount, WhatsAppNumber
from casella_simulator.whatsapp.inbound import envelope, inbound
from casella_simulator.whatsapp.reading import Reading

_WINDOW = timedelta(hours=24)


class WhatsAppProvider:
    """Implements casella_simulator.network.provider.Provider and graph.exchange.Service."""

    name = "whatsapp"

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self._network = graph.network
        self.accounts: dict[str, WhatsAppAccount] = {}
        self._reading = Reading(graph, self.accounts)
        self._heard: dict[tuple[str, str], datetime] = {}
        self._phones: dict[str, str] = {}
        graph.services.append(self)

    # casella_simulator.network.provider.Provider

    def routes(self) -> Sequence[BaseRoute]:
        reading = self._reading
        return [
            Route("/v{version:float}/{node}/media", reading.upload, methods=["POST"]),
            Route("/v{version:float}/{node}/message_templates", reading.templates),
            Route("/whatsapp/media/{ticket}", reading.download),
        ]

    def configure(self, account: Account) -> None:
        assert isinstance(account, WhatsAppAccount)
        self.accounts[account.id] = account

    def lines(self) -> Sequence[Line]:
        return [
            Line(self.name, number.number, account.webhook_url)
            for account in self.accounts.values()
            for number in account.numbers
        ]

    def reset(self) -> None:
        self._heard.clear()
        self._phones.clear()
        self._reading.clear()

    async def receive(self, written: Written) -> Arrival:
        account, number = self._line(written.line)
        sid = f"wamid.{secrets.token_urlsafe(24)}"
        self._meet(account, written.phone)
        media = [self._reading.keep(file) for file in written.media]
        document = inbound(account, number, written, sid, media, self._network.clock())
        told = Told(self.name, sid, written.phone, document)
        entry = self._graph.show(told, number.number, "customer", written.text, written.media, "sending")
        self._heard[(number.number, written.phone)] = self._network.clock()
        dice = self._network.faults.dice(written.phone, f"inbound\x1f{written.phone}\x1f{written.text}")
        await asyncio.sleep(dice.seconds("webhook delay", dice.faults.webhook_delay_ms))
        secret = account.app_secret.get_secret_value()
        copies = dice.faults.webhook_copies
        deliveries = await self._graph.tell(account.webhook_url, secret, "inbound", told, copies, dice)
        entry.state = "delivered" if any(delivery.accepted for delivery in deliveries) else "failed"
        self._network.phones.show(entry)
        return Arrival(sid, deliveries)

    # casella_simulator.graph.exchange.Service

    def knows(self, node: str) -> bool:
        return any(account.id == node or account.node(node) for account in self.accounts.values())

    def opens(self, node: str, token: str) -> str | None:
        for account in self.accounts.values():
            if (account.node(node) or account.id == node) and same(account.access_token.get_secret_value(), token):
                return node
        return None

    def describe(self, node: str, token: str, base_url: str) -> dict[str, object] | None:
        allowed = any(same(one.access_token.get_secret_value(), token) for one in self.accounts.values())
        media = self._reading.describe(node, base_url) if allowed else None
        if media is not None:
            return media
        if self.opens(node, token) is None:
            return None
        _, number = self._node(node)
        return {"id": node, "display_phone_number": number.number, "quality_rating": "GREEN", "status": "CONNECTED"}

    def webhook_of(self, object_name: str, app_secret: str) -> Callable[[str], None] | None:
        mine = [one for one in self.accounts.values() if same(one.app_secret.get_secret_value(), app_secret)]

        def set_url(url: str) -> None:
            for account in mine:
                self.configure(account.model_copy(update={"webhook_url": url}))

        return set_url if mine and object_name == "whatsapp_business_account" else None

    def courtesy(self, node: str, body: Mapping[str, object]) -> Mapping[str, object] | None:
        if body.get("status") != "read":
            return None
        if not isinstance(body.get("message_id"), str):
            raise GraphRefused(131008, "message_id")
        return {"success": True}

    def parcel(self, node: str, body: Mapping[str, object]) -> Parcel:
        account, number = self._node(node)
        to = request.recipient(body)
        phone = self._phones.get(to, f"+{to}")
        content = request.content(account, body)
        file = self._reading.uploaded(content.media_id) if content.media_id else None
        sid = f"wamid.{secrets.token_urlsafe(24)}"
        own_id = body.get("biz_opaque_callback_data")
        return Parcel(
            provider=self.name,
            account=account.id,
            node=node,
            line=number.number,
            phone=phone,
            sid=sid,
            text=content.text,
            answer={
                "messaging_product": "whatsapp",
                "contacts": [{"input": to, "wa_id": people.wa_id(phone)}],
                "messages": [{"id": sid, **({"message_status": "accepted"} if content.is_template else {})}],
            },
            request=body,
            links=(content.link,) if content.link else (),
            files=[file] if file else [],
            own_id=own_id if isinstance(own_id, str) else "",
        )

    async def travel(self, parcel: Parcel, dice: Dice) -> None:
        account, number = self._node(parcel.node)
        code = await self._fate(parcel, dice)
        final = ["failed"] if code is not None else ["sent", "delivered", "read"]
        began = asyncio.get_running_loop().time()
        for step in timeline(final, dice):
            await asyncio.sleep(max(0.0, began + step.at - asyncio.get_running_loop().time()))
            self._show(parcel, step.state, code)
            if step.reported:
                status = self._status(account, number, parcel, step.state, code)
                told = Told(self.name, parcel.sid, parcel.phone, status)
                secret, copies = account.app_secret.get_secret_value(), dice.faults.receipts_copies
                await self._graph.tell(account.webhook_url, secret, "receipt", told, copies, dice)

    async def _fate(self, parcel: Parcel, dice: Dice) -> int | None:
        """The error it ends with, or None. A message behind the window is taken, and fails afterwards."""
        if parcel.links and self._network.config.fetch_media:
            fetched = await self._network.fetcher.fetch(parcel.links[0], self._network.media.file_limit)
            if fetched is None:
                return 131052
            file = self._network.media.put(fetched.content, fetched.content_type)
            if parcel.entry is not None:
                parcel.entry.media.append(file)
        heard = self._heard.get((parcel.line, parcel.phone))
        open_window = heard is not None and self._network.clock() - heard < _WINDOW
        if not open_window and parcel.request.get("type") != "template":
            return 131047
        found = dice.one_of("failed", dice.faults.failed)
        return found if found is not None else dice.one_of("undelivered", dice.faults.undelivered)

    def _show(self, parcel: Parcel, state: str, code: int | None) -> None:
        if parcel.accepted is not None:
            parcel.accepted.state, parcel.accepted.error_code = state, code
        if parcel.entry is not None:
            parcel.entry.state, parcel.entry.error = state, str(code) if code is not None else None
            if state == "delivered":
                self._network.phones.phone(parcel.phone).arrive(parcel.entry)
            self._network.phones.show(parcel.entry)

    def _status(
        self, account: WhatsAppAccount, number: WhatsAppNumber, parcel: Parcel, state: str, code: int | None
    ) -> dict[str, object]:
        status: dict[str, object] = {
            "id": parcel.sid,
            "status": state,
            "timestamp": str(int(self._network.clock().timestamp())),
            "recipient_id": people.wa_id(parcel.phone),
        }
        if account.user_ids:
            status["recipient_user_id"] = people.user_id(account.id, parcel.phone)
        if parcel.own_id:
            status["biz_opaque_callback_data"] = parcel.own_id
        if state in ("sent", "delivered"):
            status["pricing"] = {"billable": False, "pricing_model": "PMP", "category": "service", "type": "free"}
        if code is not None:
            status["errors"] = [GraphRefused(code).in_receipt()]
        contact = {"profile": {"name": people.name(parcel.phone)}, "wa_id": people.wa_id(parcel.phone)}
        return envelope(account, number, contacts=[contact], statuses=[status])

    def _meet(self, account: WhatsAppAccount, phone: str) -> None:
        """From now on the person can be written to by number, by the number WhatsApp knows, and by his id."""
        for known in (phone.removeprefix("+"), people.wa_id(phone), people.user_id(account.id, phone)):
            self._phones[known] = phone

    def _line(self, line: str) -> tuple[WhatsAppAccount, WhatsAppNumber]:
        for account in self.accounts.values():
            for number in account.numbers:
                if number.number == line:
                    return account, number
        raise UnknownLine(f"no WhatsApp account has the number {line}")

    def _node(self, node: str) -> tuple[WhatsAppAccount, WhatsAppNumber]:
        for account in self.accounts.values():
            if (number := account.node(node)) is not None:
                return account, number
        raise GraphRefused(33)
