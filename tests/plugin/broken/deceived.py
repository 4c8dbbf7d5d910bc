"""Copies whose author wrote into the table what the plugin does, fault included: the table cannot find it, the other
checks must. `believing` makes such a table."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from casella.plugin import Connection, Event, MediaRef, MessageStatusChanged, Webhook
from casella.plugin.testing import ChannelConformance, WebhookCase
from tests.plugin.testing.toys import Toy, ToyConformance, ToySettings


class OneIdForAll(Toy):
    """test_different_messages_have_different_identities"""

    def event(self, external_id: str, text: str, attachments: tuple[MediaRef, ...]) -> Event:
        return super().event("1" if external_id != "4" else "4", text, attachments)


class TellsTheSecret(Toy):
    """test_events_hold_no_secrets"""

    def translate(self, connection: Connection[ToySettings], webhook: Webhook) -> Sequence[Event]:
        token = connection.settings.token.get_secret_value()
        return [
            event.model_copy(update={"metadata": {"token": token}}) for event in super().translate(connection, webhook)
        ]


class ReadsWithoutSaying(Toy):
    """test_its_cases_agree_with_its_capabilities

    It reports receipts that its capabilities do not have, so nobody is shown them."""

    def event_of(self, document: dict[str, Any]) -> Event:
        event = super().event_of(document)
        if "tags" not in document:
            return event
        known = {"channel_address": event.channel_address, "contact_address": event.contact_address}
        return MessageStatusChanged(**known, external_id=self.clean(document["id"]), status="read")


class KeepsNoForm(Toy):
    """test_events_survive_json

    A time without its zone: nobody can read it back from the journal."""

    def event(self, external_id: str, text: str, attachments: tuple[MediaRef, ...]) -> Event:
        event = super().event(external_id, text, attachments)
        naive = {"provider_time": datetime(2026, 11, 22)}
        return event.model_copy(update=naive) if (external_id, text) == ("1", "Hi") else event


BROKEN = (OneIdForAll, TellsTheSecret, ReadsWithoutSaying, KeepsNoForm)


def believing(suite: ChannelConformance) -> ChannelConformance:
    """The suite with a table that says what its plugin does."""
    cases: tuple[WebhookCase, ...] = tuple(
        dataclasses.replace(case, events=suite.translated(suite.request(case))) if case.outcome == "authentic" else case
        for case in suite.webhooks
    )
    made: ChannelConformance = type("Believing", (ToyConformance,), {"plugin": suite.plugin, "webhooks": cases})()
    return made
