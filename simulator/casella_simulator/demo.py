"""The simulated side of a demo: business numbers and pages, one customer's phone, one website with a webchat, and the
variables a demo desk reads."""

from __future__ import annotations

import secrets
from typing import Literal

from pydantic import SecretStr

from casella_simulator.config import SimulatorConfig
from casella_simulator.meta.account import MetaApp, Page
from casella_simulator.server import Simulator
from casella_simulator.twilio.account import TwilioAccount, TwilioNumber
from casella_simulator.webchat import Website
from casella_simulator.whatsapp.account import WhatsAppAccount, WhatsAppNumber

CUSTOMER = "+12025550143"
NUMBER, OWN_NUMBER = "+12025550178", "+12025550180"
WIDGET = "demo-webchat"
WHATSAPP_NUMBER, WHATSAPP_ID, WHATSAPP_ACCOUNT = "+12025550179", "104800", "209700"
PAGE, INSTAGRAM = "314500", "178400"


class DemoLine:
    """A simulator with one account whose secrets are made anew at every start. `webhook_path`: where the desk's
    connection takes webhooks, below the address given to `connect`."""

    webhook_path = "/webhooks/twilio"
    widget_path = "/channels/webchat/widget.js"

    def __init__(self, port: int = 0) -> None:
        self._sid, self._token = f"AC{secrets.token_hex(16)}", secrets.token_hex(16)
        self._identity_secret = secrets.token_urlsafe(32)
        self._meta_secret, self._meta_token = secrets.token_hex(16), secrets.token_urlsafe(32)
        self.simulator = Simulator(SimulatorConfig(phones=(CUSTOMER,)), port=port)

    @property
    def environment(self) -> dict[str, str]:
        """What the demo desk's `${…}` stand for. The simulator must have been started."""
        return {
            "CASELLA_DEMO_TWILIO_ACCOUNT_SID": self._sid,
            "CASELLA_DEMO_TWILIO_AUTH_TOKEN": self._token,
            "CASELLA_DEMO_TWILIO_BASE_URL": self.simulator.url,
            "CASELLA_DEMO_WEBCHAT_SECRET": secrets.token_urlsafe(32),
            "CASELLA_DEMO_WEBCHAT_IDENTITY_SECRET": self._identity_secret,
            "CASELLA_DEMO_META_APP_SECRET": self._meta_secret,
            "CASELLA_DEMO_META_TOKEN": self._meta_token,
            "CASELLA_DEMO_META_BASE_URL": self.simulator.url,
        }

    def connect(self, address: str) -> None:
        """Tell the provider where webhooks go, as its console does; and the website where its webchat is."""
        url = f"{address}{self.webhook_path}"
        numbers = tuple(TwilioNumber(number=one, webhook_url=url) for one in (NUMBER, OWN_NUMBER))
        self.simulator.configure(TwilioAccount(sid=self._sid, auth_token=SecretStr(self._token), numbers=numbers))

        script = f"{address}{self.widget_path}"
        site = Website(script=script, widget=WIDGET, identity_secret=SecretStr(self._identity_secret))
        self.simulator.embed(site)

        secret, token = SecretStr(self._meta_secret), SecretStr(self._meta_token)
        whatsapp = (WhatsAppNumber(number=WHATSAPP_NUMBER, phone_number_id=WHATSAPP_ID),)
        self.simulator.configure(
            WhatsAppAccount(
                id=WHATSAPP_ACCOUNT, app_secret=secret, access_token=token, numbers=whatsapp, user_ids=False,
                webhook_url=f"{address}/webhooks/whatsapp",
            )
        )  # fmt: skip
        self._connect_page(address, "messenger", PAGE)
        self._connect_page(address, "instagram", INSTAGRAM)

    def _connect_page(self, address: str, provider: Literal["messenger", "instagram"], id: str) -> None:
        secret, token = SecretStr(self._meta_secret), SecretStr(self._meta_token)
        page = Page(id=id, access_token=token)
        url = f"{address}/webhooks/{provider}"
        self.simulator.configure(MetaApp(provider=provider, app_secret=secret, pages=(page,), webhook_url=url))

    def write_from(self, phone: str, provider: str, line: str, text: str) -> None:
        """Another customer writes, to any of our lines."""
        self.simulator.text_from(phone, text, to=line, provider=provider)

    def write(self, text: str) -> None:
        """The customer writes."""
        self.simulator.text_from(CUSTOMER, text, to=NUMBER)
