"""The other side of the wire: impersonates the providers' HTTP APIs and signs webhooks as they do.

Knows nothing of Casella, so it is an independent second implementation of what travels between the two.
"""

from casella_simulator.app import create_app
from casella_simulator.bandwidth.account import BandwidthAccount
from casella_simulator.config import SimulatorConfig
from casella_simulator.meta.account import MetaApp, Page
from casella_simulator.network.faults import Faults
from casella_simulator.server import Simulator
from casella_simulator.telnyx.account import TelnyxAccount
from casella_simulator.twilio.account import ApiKey, SharedKey, Signing, TwilioAccount, TwilioContent, TwilioNumber
from casella_simulator.vonage.account import VonageAccount
from casella_simulator.webchat import Website
from casella_simulator.whatsapp.account import WhatsAppAccount, WhatsAppNumber, WhatsAppTemplate

__all__ = [
    "ApiKey",
    "BandwidthAccount",
    "Faults",
    "MetaApp",
    "Page",
    "SharedKey",
    "Signing",
    "Simulator",
    "SimulatorConfig",
    "TelnyxAccount",
    "TwilioAccount",
    "TwilioContent",
    "TwilioNumber",
    "VonageAccount",
    "Website",
    "WhatsAppAccount",
    "WhatsAppNumber",
    "WhatsAppTemplate",
    "create_app",
]
