"""Copies that suspect their channel, and cannot tell whether they are right. Of contract 1.3, which has the word."""

from __future__ import annotations

from typing import ClassVar

import httpx

from casella.plugin import Channel, ChannelSuspect, Refusal, SendRejected, asking
from casella.plugin.testing import Answer, ChannelConformance, SendCase
from tests.plugin.testing.toys import Toy, ToyConformance, ToySettings


class SuspectsWithoutLooking(Toy):
    """test_a_suspicion_can_be_looked_into"""

    contract_version: ClassVar[str] = "1.3"

    def error_of(self, response: httpx.Response) -> Exception:
        return ChannelSuspect() if response.status_code == 403 else super().error_of(response)


class SuspectsForEver(SuspectsWithoutLooking):
    """test_a_suspicion_can_be_looked_into

    Its health is a suspicion as well: nobody ever decides."""

    def health(self, channel: Channel[ToySettings], http: httpx.Client) -> Refusal | None:
        with asking():
            response = http.get("https://toys.example/health")
        if response.status_code == 401:
            raise ChannelSuspect
        if not response.is_success:
            raise SendRejected
        return None


BROKEN = (SuspectsWithoutLooking, SuspectsForEver)


def suspecting(suite: ChannelConformance) -> ChannelConformance:
    """The suite with a case of a suspicion."""
    sends = (*ToyConformance.sends, SendCase("not permitted", answers=(Answer(403),), error=ChannelSuspect))
    made: ChannelConformance = type("Suspecting", (type(suite),), {"sends": sends})()
    return made
