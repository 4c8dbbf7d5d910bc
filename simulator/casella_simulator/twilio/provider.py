"""Twilio: its Messages API, and the webhooks it signs."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from casella_simulator.config import Account
from casella_simulator.network.network import Network
from casella_simulator.network.provider import Arrival, Line, Written
from casella_simulator.twilio.account import TwilioAccount
from casella_simulator.twilio.errors import Refused
from casella_simulator.twilio.exchange import Exchange
from casella_simulator.twilio.reading import Reading
from casella_simulator.twilio.receiving import Receiver
from casella_simulator.twilio.sending import SendEndpoint

_ACCOUNTS = "/2010-04-01/Accounts/{account}"
_MESSAGES = f"{_ACCOUNTS}/Messages"


class TwilioProvider:
    """Implements casella_simulator.network.provider.Provider."""

    name = "twilio"

    def __init__(self, network: Network) -> None:
        self._exchange = Exchange(network)
        self._reading = Reading(self._exchange)
        self._receiver = Receiver(self._exchange)

    def routes(self) -> Sequence[BaseRoute]:
        reading = self._reading
        return [
            Route(f"{_MESSAGES}.json", SendEndpoint(self._exchange), methods=["POST"]),
            Route(f"{_MESSAGES}.json", _answering(reading.list_messages), methods=["GET"]),
            Route(f"{_MESSAGES}/{{sid}}/Media.json", _answering(reading.list_media)),
            Route(f"{_MESSAGES}/{{sid}}/Media/{{media}}", _answering(reading.fetch_media)),
            Route(f"{_MESSAGES}/{{sid}}/Media/{{media}}", _answering(reading.delete_media), methods=["DELETE"]),
            Route(f"{_MESSAGES}/{{sid}}.json", _answering(reading.fetch_message)),
            Route(f"{_MESSAGES}/{{sid}}.json", _answering(reading.delete_message), methods=["DELETE"]),
            Route(f"{_ACCOUNTS}/IncomingPhoneNumbers.json", _answering(reading.list_numbers)),
            Route(f"{_ACCOUNTS}.json", _answering(reading.fetch_account)),
            Route("/v1/ContentAndApprovals", _answering(reading.list_contents)),
            Route("/v2/ContentAndApprovals", _answering(reading.list_contents)),
            Route("/cdn/{ticket}", reading.cdn),
        ]

    def configure(self, account: Account) -> None:
        assert isinstance(account, TwilioAccount)
        self._exchange.accounts[account.sid] = account

    def lines(self) -> Sequence[Line]:
        return [
            Line(self.name, number.number, number.webhook_url)
            for account in self._exchange.accounts.values()
            for number in account.numbers
        ]

    async def receive(self, written: Written) -> Arrival:
        return await self._receiver.receive(written)

    def reset(self) -> None:
        self._exchange.records.clear()
        self._exchange.opt_outs.clear()
        self._exchange.windows.clear()
        self._reading.clear()


def _answering(endpoint: Callable[[Request], Awaitable[Response]]) -> Callable[[Request], Awaitable[Response]]:
    """Turns Refused into Twilio's error answer."""

    async def answer(request: Request) -> Response:
        try:
            return await endpoint(request)
        except Refused as refused:
            headers = {"www-authenticate": 'Basic realm="Twilio API"'} if refused.code == 20003 else None
            return JSONResponse(refused.to_json(), refused.status, headers=headers)

    return answer
