"""The simulator as an ASGI application: built once, everything passed on explicitly."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path

from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp

from casella_simulator.bandwidth.dialect import BandwidthDialect
from casella_simulator.config import SimulatorConfig
from casella_simulator.control import Control
from casella_simulator.graph.exchange import Graph
from casella_simulator.graph.routes import graph_routes
from casella_simulator.meta.provider import MetaProvider
from casella_simulator.network.network import Network, utc_now
from casella_simulator.network.provider import Provider
from casella_simulator.openai.endpoint import OpenAIEndpoint
from casella_simulator.page import PageHeaders, phones_page
from casella_simulator.telnyx.dialect import TelnyxDialect
from casella_simulator.texting.provider import TextProvider
from casella_simulator.twilio.provider import TwilioProvider
from casella_simulator.vonage.dialect import VonageDialect
from casella_simulator.webchat import Websites
from casella_simulator.whatsapp.provider import WhatsAppProvider

STATIC = Path(__file__).with_name("static")


class Desk:
    """A built simulator: the network, its providers, and the ASGI application that serves them."""

    def __init__(self, config: SimulatorConfig, clock: Callable[[], datetime] = utc_now) -> None:
        self.network = Network(config, clock)
        graph = Graph(self.network)
        providers: list[Provider] = [
            TwilioProvider(self.network),
            WhatsAppProvider(graph),
            MetaProvider(graph, "messenger"),
            MetaProvider(graph, "instagram"),
            TextProvider(self.network, VonageDialect()),
            TextProvider(self.network, TelnyxDialect()),
            TextProvider(self.network, BandwidthDialect()),
        ]
        self.openai = OpenAIEndpoint()
        by_name = {provider.name: provider for provider in providers}
        self.control = Control(self.network, by_name, also_forget=[self.openai.script.clear])
        self.websites = Websites(config.websites)
        for account in config.accounts:
            self.control.configure(account)
        for phone in config.phones:
            self.network.phones.phone(phone)
        provider_routes = [route for provider in providers for route in provider.routes()] + list(graph_routes(graph))
        static = Mount("/static", PageHeaders(StaticFiles(directory=STATIC)))
        pages = [phones_page(STATIC), *self.websites.routes(), static]
        self.app: ASGIApp = Starlette(
            routes=[*provider_routes, *self.openai.routes(), *self.control.routes(), *pages], lifespan=self._lifespan
        )

    @asynccontextmanager
    async def _lifespan(self, app: Starlette) -> AsyncIterator[None]:
        yield
        await self.network.close()


def create_app(config: SimulatorConfig, clock: Callable[[], datetime] = utc_now) -> ASGIApp:
    """The simulator as an ASGI application, for a server of one's own. Its API is under `/_sim`, its page at `/`."""
    return Desk(config, clock).app
