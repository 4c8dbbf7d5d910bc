"""`/_sim`: what tests, benchmarks and the phones page steer the simulator with."""

from __future__ import annotations

import base64
import binascii
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from urllib.parse import unquote

from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import BaseRoute, Route

from casella_simulator.calls import (
    AccountList,
    Attachment,
    BadCall,
    Endpoint,
    Inbound,
    NewPhone,
    answering,
    expect_json,
    read,
)
from casella_simulator.config import Account
from casella_simulator.network.faults import Faults
from casella_simulator.network.journal import delivery_json
from casella_simulator.network.media import MediaFile, MediaTooLarge
from casella_simulator.network.network import Network
from casella_simulator.network.provider import Arrival, Line, Provider, UnknownLine, Written

_SHOWN_DELIVERIES = 200
_SHOWN_PHONES = 50
_INLINE_TYPES = ("image/", "audio/", "video/")


class Control:
    """The endpoints under `/_sim`, and the same acts for Python callers."""

    def __init__(
        self, network: Network, providers: Mapping[str, Provider], also_forget: Sequence[Callable[[], None]] = ()
    ) -> None:
        self.network = network
        self._providers = providers
        self._also_forget = also_forget

    def configure(self, account: Account) -> None:
        self._providers[account.provider].configure(account)
        self.network.hub.publish("reload", {})

    async def write(self, provider: str, written: Written) -> Arrival:
        """A customer writes. Raises UnknownLine, also for a provider that is not simulated."""
        if provider not in self._providers:
            raise UnknownLine(f"no provider {provider!r} is simulated, only {', '.join(self._providers)}")
        return await self._providers[provider].receive(written)

    def set_faults(self, faults: Faults, phone: str | None = None) -> None:
        if phone is None:
            self.network.faults.set_general(faults)
        else:
            self.network.faults.set_for_phone(phone, faults)
        self.network.hub.publish("faults", self._faults())

    async def reset(self) -> None:
        await self.network.reset()
        for provider in self._providers.values():
            provider.reset()
        for forget in self._also_forget:
            forget()

    def routes(self) -> Sequence[BaseRoute]:
        table: list[tuple[str, str, Endpoint]] = [
            ("GET", "/_sim/messages", self._get_messages),
            ("GET", "/_sim/deliveries", self._get_deliveries),
            ("POST", "/_sim/inbound", self._post_inbound),
            ("POST", "/_sim/media", self._post_media),
            ("GET", "/_sim/media/{id}", self._get_media),
            ("GET", "/_sim/faults", self._get_faults),
            ("PUT", "/_sim/faults", self._put_faults),
            ("PUT", "/_sim/phones/{number}/faults", self._put_phone_faults),
            ("DELETE", "/_sim/phones/{number}/faults", self._delete_phone_faults),
            ("POST", "/_sim/phones", self._post_phone),
            ("GET", "/_sim/phones/{number}", self._get_phone),
            ("POST", "/_sim/accounts", self._post_accounts),
            ("POST", "/_sim/reset", self._post_reset),
            ("GET", "/_sim/state", self._get_state),
            ("GET", "/_sim/events", self._get_events),
        ]
        return [Route(path, answering(endpoint), methods=[method]) for method, path, endpoint in table]

    async def _get_messages(self, request: Request) -> Response:
        query = request.query_params
        after, limit = _number(query.get("after"), 0), _number(query.get("limit"), 10_000)
        return JSONResponse(self.network.journal.accepted_page(query.get("to"), after, limit))

    async def _get_deliveries(self, request: Request) -> Response:
        query = request.query_params
        after, limit = _number(query.get("after"), 0), _number(query.get("limit"), 10_000)
        return JSONResponse(self.network.journal.deliveries_page(query.get("kind"), after, limit))

    async def _post_inbound(self, request: Request) -> Response:
        inbound = await read(request, Inbound)
        if not self.network.base_url:
            self.network.base_url = str(request.base_url).rstrip("/")
        media = tuple(self._file(attachment) for attachment in inbound.media)
        written = Written(inbound.sender, inbound.to, inbound.text, media, inbound.more)
        arrival = await self.write(inbound.provider, written)
        deliveries = [delivery_json(delivery) for delivery in arrival.deliveries]
        return JSONResponse({"id": arrival.sid, "status": arrival.status, "deliveries": deliveries})

    def _file(self, attachment: Attachment) -> MediaFile:
        if attachment.id is None:
            try:
                content = base64.b64decode(attachment.base64, validate=True)
            except binascii.Error as error:
                raise BadCall(f"base64: {error}") from error
            return self.network.media.put(content, attachment.content_type, attachment.name)
        file = self.network.media.get(attachment.id)
        if file is None:
            raise BadCall(f"no media {attachment.id}; it may have made room for newer files", 404)
        return file

    async def _post_media(self, request: Request) -> Response:
        """A raw upload: the body is the file, Content-Type its type, X-File-Name its percent-encoded name."""
        content = bytearray()
        async for chunk in request.stream():
            content += chunk
            if len(content) > self.network.media.file_limit:
                raise MediaTooLarge(f"at most {self.network.media.file_limit} bytes are kept")
        content_type = request.headers.get("content-type", "application/octet-stream").partition(";")[0]
        name = unquote(request.headers.get("x-file-name", ""))
        # A type a browser cannot make without asking first: another site's page must not fill the shelf.
        if "x-file-name" not in request.headers:
            raise BadCall("X-File-Name is missing", 400)
        return JSONResponse(self.network.media.put(bytes(content), content_type, name).summary(), 201)

    async def _get_media(self, request: Request) -> Response:
        file = self.network.media.get(request.path_params["id"])
        if file is None:
            raise BadCall("this file made room for newer ones, or never was", 404)
        inline = file.content_type.startswith(_INLINE_TYPES)
        headers = {
            "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; sandbox",
            "x-content-type-options": "nosniff",
            "content-disposition": "inline" if inline else "attachment",
            "cache-control": "private, max-age=3600",
        }
        return Response(file.content, media_type=file.content_type, headers=headers)

    def _faults(self) -> dict[str, object]:
        own = self.network.faults.own()
        phones = {phone: faults.model_dump(mode="json", exclude_unset=True) for phone, faults in own.items()}
        return {"faults": self.network.faults.general.model_dump(mode="json"), "phones": phones}

    async def _get_faults(self, request: Request) -> Response:
        return JSONResponse({**self._faults(), "schema": Faults.model_json_schema()})

    async def _put_faults(self, request: Request) -> Response:
        self.set_faults(await read(request, Faults))
        return JSONResponse(self._faults())

    async def _put_phone_faults(self, request: Request) -> Response:
        self.set_faults(await read(request, Faults), request.path_params["number"])
        return JSONResponse(self._faults())

    async def _delete_phone_faults(self, request: Request) -> Response:
        self.network.faults.set_for_phone(request.path_params["number"], None)
        self.network.hub.publish("faults", self._faults())
        return JSONResponse(self._faults())

    async def _post_phone(self, request: Request) -> Response:
        new = await read(request, NewPhone)
        self.network.phones.phone(new.number)
        self.network.hub.publish("phone", {"number": new.number})
        return JSONResponse({"number": new.number}, 201)

    async def _get_phone(self, request: Request) -> Response:
        phone = self.network.phones.phone(request.path_params["number"])
        return JSONResponse(
            {
                "number": phone.number,
                "entries": [entry.to_json() for entry in phone.entries],
                "inbox": [entry.to_json() for entry in phone.inbox],
            }
        )

    async def _post_accounts(self, request: Request) -> Response:
        for account in (await read(request, AccountList)).accounts:
            self.configure(account)
        return JSONResponse({"lines": self._lines()})

    def lines(self, provider: str) -> Sequence[Line]:
        """What a phone can write to at this provider."""
        return self._providers[provider].lines()

    def _lines(self) -> list[dict[str, object]]:
        return [line.to_json() for provider in self._providers for line in self.lines(provider)]

    async def _post_reset(self, request: Request) -> Response:
        expect_json(request)
        await self.reset()
        return JSONResponse({"reset": True})

    async def _get_state(self, request: Request) -> Response:
        """Everything the page shows, at once."""
        phones = self.network.phones.all()
        pinned = [*self.network.config.phones, *(phone.number for phone in reversed(phones))]
        numbers = list(dict.fromkeys(pinned))[:_SHOWN_PHONES]
        return JSONResponse(
            {
                "lines": self._lines(),
                "phones": [
                    {
                        "number": number,
                        "entries": [entry.to_json() for entry in self.network.phones.phone(number).entries],
                    }
                    for number in numbers
                ],
                "deliveries": [
                    delivery_json(item) for item in self.network.journal.latest_deliveries(_SHOWN_DELIVERIES)
                ],
                "faults": self._faults(),
            }
        )

    async def _get_events(self, request: Request) -> Response:
        async def frames() -> AsyncIterator[str]:
            async for frame in self.network.hub.frames():
                yield frame

        return StreamingResponse(frames(), media_type="text/event-stream", headers={"cache-control": "no-store"})


def _number(text: str | None, default: int) -> int:
    return int(text) if text and text.isdecimal() and len(text) < 12 else default
