"""The simulated account of a demo: one business number, one customer's phone, and the variables a demo desk reads."""

from __future__ import annotations

import secrets

from pydantic import SecretStr

from casella_simulator.config import SimulatorConfig
from casella_simulator.server import Simulator
from casella_simulator.twilio.account import TwilioAccount, TwilioNumber

CUSTOMER = "+12025550143"
NUMBER = "+12025550178"


class DemoLine:
    """A simulator with one account whose secrets are made anew at every start. `webhook_path`: where the desk's
    connection takes webhooks, below the address given to `connect`."""

    webhook_path = "/webhooks/twilio"

    def __init__(self, port: int = 0) -> None:
        self._sid, self._token = f"AC{secrets.token_hex(16)}", secrets.token_hex(16)
        self.simulator = Simulator(SimulatorConfig(phones=(CUSTOMER,)), port=port)

    @property
    def environment(self) -> dict[str, str]:
        """What the demo desk's `${…}` stand for. The simulator must have been started."""
        return {
            "CASELLA_DEMO_TWILIO_ACCOUNT_SID": self._sid,
            "CASELLA_DEMO_TWILIO_AUTH_TOKEN": self._token,
            "CASELLA_DEMO_TWILIO_BASE_URL": self.simulator.url,
        }

    def connect(self, address: str) -> None:
        """Tell the provider where webhooks go, as its console does."""
        number = TwilioNumber(number=NUMBER, webhook_url=f"{address}{self.webhook_path}")
        self.simulator.configure(TwilioAccount(sid=self._sid, auth_token=SecretStr(self._token), numbers=(number,)))

    def write(self, text: str) -> None:
        """The customer writes."""
        self.simulator.text_from(CUSTOMER, text, to=NUMBER)
