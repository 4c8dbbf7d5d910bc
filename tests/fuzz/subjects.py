"""What is fuzzed: every bundled channel and provider, with the requests and the signing of its conformance suite.

An input is one byte that chooses a request of the suite (its method, headers and query), and the body to put into it.
It is signed as the provider would, so that it reaches `translate`.
"""

from __future__ import annotations

import base64
import dataclasses
from collections.abc import Mapping
from pathlib import Path

from casella.plugin import Verdict
from casella.plugin.events import EVENT_TYPES, event_from_json
from casella.plugin.testing import ChannelConformance
from tests.plugins.meta.test_conformance import TestInstagramChannel, TestMessengerChannel
from tests.plugins.sms.bandwidth.test_conformance import TestBandwidth
from tests.plugins.sms.telnyx.test_conformance import TestTelnyx
from tests.plugins.sms.test_conformance import TestSmsChannel
from tests.plugins.sms.vonage.test_conformance import TestMessagesApi, TestSmsApi
from tests.plugins.webchat.test_conformance import TestWebchat
from tests.plugins.whatsapp.test_conformance import TestWhatsAppChannel

INPUTS = Path(__file__).parent / "inputs"
SUITES: Mapping[str, type[ChannelConformance]] = {
    "twilio": TestSmsChannel,
    "vonage-sms": TestSmsApi,
    "vonage-messages": TestMessagesApi,
    "telnyx": TestTelnyx,
    "bandwidth": TestBandwidth,
    "whatsapp": TestWhatsAppChannel,
    "messenger": TestMessengerChannel,
    "instagram": TestInstagramChannel,
    "webchat": TestWebchat,
}


class Subject:
    """One channel, ready to take inputs."""

    def __init__(self, name: str) -> None:
        self._suite = SUITES[name]()
        self._cases = self._suite.authentic
        self._connection = self._suite.connection()

    def seeds(self) -> list[bytes]:
        """The requests of the suite as inputs."""
        return [bytes([number]) + case.body for number, case in enumerate(self._cases)]

    def take(self, given: bytes) -> None:
        """Raises whatever the plugin raises, and AssertionError for an answer that is none."""
        case = self._cases[(given[0] if given else 0) % len(self._cases)]
        webhook = self._suite.unsigned(dataclasses.replace(case, body=given[1:]))
        webhook = self._suite.sign(self._connection, webhook)
        plugin = self._suite.channel_plugin
        verdict = plugin.verify(self._connection, webhook)
        assert isinstance(verdict, Verdict), verdict
        assert verdict.answer is None or verdict.answer.status < 500, verdict
        for event in plugin.translate(self._connection, webhook):
            assert isinstance(event, EVENT_TYPES), event
            assert event_from_json(event.model_dump_json()).identity == event.identity, event


def recorded(name: str) -> list[bytes]:
    """The inputs that were kept of a channel's fuzzing: each reached something that nothing before had."""
    path = INPUTS / f"{name}.txt"
    return [base64.b64decode(line) for line in path.read_text().split()]
