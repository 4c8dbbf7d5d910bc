"""The simulated side of a demo: one business number, one customer's phone, one website with a webchat, and the
variables a demo desk reads."""

from __future__ import annotations

import secrets

from pydantic import SecretStr

from casella_simulator.config import SimulatorConfig
from casella_simulator.server import Simulator
from casella_simulator.twilio.account import TwilioAccount, TwilioNumber
from casella_simulator.webchat import Website

CUSTOMER = "+12025550143"
NUMBER = "+12025550178"
WIDGET = "demo-webchat"


class DemoLine:
    """A simulator with one account whose secrets are made anew at every start. `webhook_path`: where the desk's
    connection takes webhooks, below the address given to `connect`."""

    webhook_path = "/webhooks/twilio"
    widget_path = "/channels/webchat/widget.js"

    def __init__(self, port: int = 0) -> None:
        self._sid, self._token = f"AC{secrets.token_hex(16)}", secrets.token_hex(16)
        self._identity_secret = secrets.token_urlsafe(32)
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
        }

    def connect(self, address: str) -> None:
        """Tell the provider where webhooks go, as its console does; and the website where its webchat is."""
        number = TwilioNumber(number=NUMBER, webhook_url=f"{address}{self.webhook_path}")
        self.simulator.configure(TwilioAccount(sid=self._sid, auth_token=SecretStr(self._token), numbers=(number,)))

        script = f"{address}{self.widget_path}"
        site = Website(script=script, widget=WIDGET, identity_secret=SecretStr(self._identity_secret))
        self.simulator.embed(site)

    def write(self, text: str) -> None:
        """The customer writes."""
        self.simulator.text_from(CUSTOMER, text, to=NUMBER)
