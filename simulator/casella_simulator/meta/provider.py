"""Messenger and Instagram: the Send API, people's profiles, and the webhooks Meta signs."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Literal

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from casella_simulator.config import Account
from casella_simulator.graph.errors import GraphRefused
from casella_simulator.graph.exchange import Graph, Parcel, Told, same
from casella_simulator.meta import people, request
from casella_simulator.meta.account import MetaApp, Page
from casella_simulator.network.faults import Dice
from casella_simulator.network.provider import Arrival, Line, UnknownLine, Written
from casella_simulator.network.timeline import timeline

_KINDS = ("image", "video", "audio")


class MetaProvider:
    """Implements `network.provider.Provider` and `graph.exchange.Service`, for one of the two products."""

    def __init__(self, graph: Graph, name: Literal["messenger", "instagram"]) -> None:
        self.name: str = name
        self._instagram = name == "instagram"
        self._graph = graph
        self._network = graph.network
        self.apps: dict[str, MetaApp] = {}
        self._heard: dict[tuple[str, str], datetime] = {}
        self._phones: dict[str, str] = {}
        graph.services.append(self)

    # casella_simulator.network.provider.Provider

    def routes(self) -> Sequence[BaseRoute]:
        return [Route(f"/cdn-{self.name}/{{media}}", self._download)]

    def configure(self, account: Account) -> None:
        assert isinstance(account, MetaApp)
        self.apps[account.id] = account

    def lines(self) -> Sequence[Line]:
        return [Line(self.name, page.id, app.webhook_url) for app in self.apps.values() for page in app.pages]

    def reset(self) -> None:
        self._heard.clear()
        self._phones.clear()

    async def receive(self, written: Written) -> Arrival:
        app, page = self._page(written.line)
        person = people.scoped_id(page.id, written.phone)
        self._phones[person] = written.phone
        mid = ("aWd" if self._instagram else "m_") + secrets.token_urlsafe(24)
        update = self._update(person, page.id, **self._said(written, mid))
        told = Told(self.name, mid, written.phone, self._document(app, page, update))
        entry = self._graph.show(told, page.id, "customer", written.text, written.media, "sending")
        self._heard[(page.id, written.phone)] = self._network.clock()
        dice = self._network.faults.dice(written.phone, f"inbound\x1f{written.phone}\x1f{written.text}")
        await asyncio.sleep(dice.seconds("webhook delay", dice.faults.webhook_delay_ms))
        secret, copies = app.app_secret.get_secret_value(), dice.faults.webhook_copies
        deliveries = await self._graph.tell(app.webhook_url, secret, "inbound", told, copies, dice)
        entry.state = "delivered" if any(delivery.accepted for delivery in deliveries) else "failed"
        self._network.phones.show(entry)
        return Arrival(mid, deliveries)

    def _said(self, written: Written, mid: str) -> dict[str, object]:
        """What `written.more` says replaces the message: `{"reaction": {…}}`."""
        if written.more:
            return dict(written.more)
        message: dict[str, object] = {"mid": mid}
        if written.text:
            message["text"] = written.text
        if written.media:
            base = f"{self._network.base_url}/cdn-{self.name}"
            kinds = [file.content_type.partition("/")[0] for file in written.media]
            message["attachments"] = [
                {"type": kind if kind in _KINDS else "file", "payload": {"url": f"{base}/{file.id}"}}
                for kind, file in zip(kinds, written.media, strict=True)
            ]
        return {"message": message}

    async def _download(self, request: Request) -> Response:
        """A signed link of the CDN: whoever has it gets the file."""
        wanted = request.path_params["media"]
        if wanted in self._phones:
            return Response(people.FACE, media_type="image/png")
        file = self._network.media.get(wanted)
        return Response(file.content, media_type=file.content_type) if file else Response(status_code=404)

    # casella_simulator.graph.exchange.Service

    def knows(self, node: str) -> bool:
        return any(page.id == node for app in self.apps.values() for page in app.pages)

    def opens(self, node: str, token: str) -> str | None:
        for app in self.apps.values():
            for page in app.pages:
                if node in (page.id, "me") and same(page.access_token.get_secret_value(), token):
                    return page.id
        return None

    def describe(self, node: str, token: str, base_url: str) -> dict[str, object] | None:
        if (own := self.opens(node, token)) is not None:
            return {"id": own}
        page, phone = self.opens("me", token), self._phones.get(node)
        if page is None or phone is None or people.scoped_id(page, phone) != node:
            return None
        first, last = people.name(phone)
        face = {"id": node, "profile_pic": f"{base_url}/cdn-{self.name}/{node}"}
        if self._instagram:
            return {**face, "name": f"{first} {last}", "username": f"{first}{last}".lower()}
        return {**face, "first_name": first, "last_name": last}

    def webhook_of(self, object_name: str, app_secret: str) -> Callable[[str], None] | None:
        apps = [app for app in self.apps.values() if same(app.app_secret.get_secret_value(), app_secret)]
        mine = [app for app in apps if app.object_name == object_name]

        def set_url(url: str) -> None:
            for app in mine:
                self.configure(app.model_copy(update={"webhook_url": url}))

        return set_url if mine else None

    def courtesy(self, node: str, body: Mapping[str, object]) -> Mapping[str, object] | None:
        action = body.get("sender_action")
        if action is None:
            return None
        person = request.recipient(body)
        if action not in request.ACTIONS or person not in self._phones:
            raise GraphRefused(100 if person in self._phones else 2018001)
        return {"recipient_id": person}

    def parcel(self, node: str, body: Mapping[str, object]) -> Parcel:
        app, page = self._page(node)
        person = request.recipient(body)
        phone = self._phones.get(person)
        if phone is None:
            raise GraphRefused(2534014 if self._instagram else 2018001)
        content = request.content(body, instagram=self._instagram)
        heard = self._heard.get((page.id, phone))
        since = self._network.clock() - heard if heard else None
        request.check_window(body, since, instagram=self._instagram, human_agent=app.human_agent)
        mid = ("aWd" if self._instagram else "m_") + secrets.token_urlsafe(24)
        message = body.get("message")
        own_id = message.get("metadata") if isinstance(message, dict) else None
        return Parcel(
            provider=self.name,
            account=app.id,
            node=page.id,
            line=page.id,
            phone=phone,
            sid=mid,
            text="\n".join((content.text, *(f"[{title}]" for title in content.titles))),
            answer={"recipient_id": person, "message_id": mid},
            request=body,
            links=tuple(content.links),
            own_id=own_id if isinstance(own_id, str) else "",
        )

    async def travel(self, parcel: Parcel, dice: Dice) -> None:
        """An echo, then the receipts: watermarks on Messenger, the message's id on Instagram."""
        await self._fetch(parcel)
        steps = ["sent", "read"] if self._instagram else ["sent", "delivered", "read"]
        began = asyncio.get_running_loop().time()
        for step in timeline(steps, dice):
            await asyncio.sleep(max(0.0, began + step.at - asyncio.get_running_loop().time()))
            self._show(parcel, step.state)
            if step.reported:
                await self._report(parcel, step.state, dice)

    async def _fetch(self, parcel: Parcel) -> None:
        for link in parcel.links if self._network.config.fetch_media else ():
            fetched = await self._network.fetcher.fetch(link, self._network.media.file_limit)
            if fetched is not None and parcel.entry is not None:
                parcel.entry.media.append(self._network.media.put(fetched.content, fetched.content_type))

    def _show(self, parcel: Parcel, state: str) -> None:
        if parcel.accepted is not None:
            parcel.accepted.state = state
        if parcel.entry is not None:
            parcel.entry.state = state
            if state == "sent":
                self._network.phones.phone(parcel.phone).arrive(parcel.entry)
            self._network.phones.show(parcel.entry)

    async def _report(self, parcel: Parcel, state: str, dice: Dice) -> None:
        app, page = self._page(parcel.node)
        person = people.scoped_id(page.id, parcel.phone)
        now = int(self._network.clock().timestamp() * 1000)
        if state == "sent":
            if not (app.echoes or self._instagram):
                return
            update = self._update(page.id, person, message=self._echo(app, parcel))
        elif state == "delivered":
            update = self._update(person, page.id, delivery={"mids": [parcel.sid], "watermark": now})
        else:
            read: dict[str, object] = {"mid": parcel.sid} if self._instagram else {"watermark": now}
            update = self._update(person, page.id, read=read)
        told = Told(self.name, parcel.sid, parcel.phone, self._document(app, page, update))
        secret, copies = app.app_secret.get_secret_value(), dice.faults.receipts_copies
        await self._graph.tell(app.webhook_url, secret, "receipt", told, copies, dice)

    def _echo(self, app: MetaApp, parcel: Parcel) -> dict[str, object]:
        echo: dict[str, object] = {"mid": parcel.sid, "is_echo": True, "app_id": int(app.id)}
        if parcel.own_id:
            echo["metadata"] = parcel.own_id
        if parcel.links:
            return {**echo, "attachments": [{"type": "file", "payload": {"url": link}} for link in parcel.links]}
        return {**echo, "text": parcel.text.partition("\n[")[0]}

    def _update(self, sender: str, recipient: str, **what: object) -> dict[str, object]:
        stamp = int(self._network.clock().timestamp() * 1000)
        return {"sender": {"id": sender}, "recipient": {"id": recipient}, "timestamp": stamp, **what}

    def _document(self, app: MetaApp, page: Page, update: Mapping[str, object]) -> dict[str, object]:
        stamp = int(self._network.clock().timestamp() * 1000)
        return {"object": app.object_name, "entry": [{"id": page.id, "time": stamp, "messaging": [update]}]}

    def _page(self, page_id: str) -> tuple[MetaApp, Page]:
        for app in self.apps.values():
            for page in app.pages:
                if page.id == page_id:
                    return app, page
        raise UnknownLine(f"no app has the page or account {page_id}")
