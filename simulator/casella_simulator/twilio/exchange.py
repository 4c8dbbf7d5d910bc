"""What Twilio knows: accounts, message resources and opt-outs, and who may ask for them."""

from __future__ import annotations

import base64
import binascii
import hmac

from starlette.types import Scope

from casella_simulator.network.network import Network
from casella_simulator.network.wire import header
from casella_simulator.twilio.account import TwilioAccount, TwilioNumber
from casella_simulator.twilio.consent import OptOuts
from casella_simulator.twilio.errors import Refused
from casella_simulator.twilio.records import RecordBook
from casella_simulator.twilio.senders import Windows


class Exchange:
    """The state shared by the endpoints of this provider."""

    def __init__(self, network: Network) -> None:
        self.network = network
        self.accounts: dict[str, TwilioAccount] = {}
        self.records = RecordBook()
        self.opt_outs = OptOuts()
        self.windows = Windows()

    def find_line(self, number: str) -> tuple[TwilioAccount, TwilioNumber] | None:
        for account in self.accounts.values():
            if (found := account.find_number(number)) is not None:
                return account, found
        return None

    def authenticate(self, scope: Scope) -> TwilioAccount:
        """The account in the path, if the Basic credentials open it. Raises Refused(20003)."""
        return self._opened(scope, self.accounts.get(scope["path_params"]["account"]))

    def authenticate_alone(self, scope: Scope) -> TwilioAccount:
        """The account that the Basic credentials name, where the path names none. Raises Refused(20003)."""
        username, _ = _basic(header(scope, b"authorization"))
        return self._opened(scope, next((one for one in self.accounts.values() if one.api_secrets(username)), None))

    def _opened(self, scope: Scope, account: TwilioAccount | None) -> TwilioAccount:
        username, password = _basic(header(scope, b"authorization"))
        secrets = account.api_secrets(username) if account else []
        # Every secret is compared, so that the time taken tells nothing.
        matches = [hmac.compare_digest(secret.encode(), password.encode()) for secret in secrets]
        if account is None or not any(matches):
            raise Refused(20003)
        return account


def _basic(authorization: str | None) -> tuple[str, str]:
    kind, _, encoded = (authorization or "").partition(" ")
    if kind.lower() != "basic":
        return "", ""
    try:
        username, _, password = base64.b64decode(encoded, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return "", ""
    return username, password
