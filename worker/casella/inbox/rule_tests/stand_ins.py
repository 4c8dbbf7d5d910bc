"""The real plugins without what is outside: channel types can do and refuse what the real ones do, and nothing leaves.

No secret is there, so what settings take from elsewhere is made up until the plugin's own model takes it. Where the
model takes nothing that was made up, what the channel type can do in general holds.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from functools import partial

import httpx
from pydantic import BaseModel, ValidationError

from casella.desk import Connection as ConnectionPart
from casella.desk.files.secrets import source_of
from casella.host import Host
from casella.plugin import (
    AttachmentLimits,
    Capabilities,
    Channel,
    ChannelPlugin,
    Connection,
    Event,
    OutgoingMessage,
    Refusal,
    RuleFact,
    RuleField,
    RuleQuestion,
    RuleValue,
    Sent,
    TextMeasure,
    Verdict,
    Webhook,
)

Place = tuple[str | int, ...]
#: The channel type of what a desk has no channel for.
NO_CHANNEL = "casella_test"
#: Made up for what is kept elsewhere: a key, an address, a number, a word.
_MADE_UP = ("0123456789abcdef" * 4, "https://provider.example", "+12025550100", "12345678", "test")
#: The letters and digits with which everything begins that fits a pattern.
_BEGINNING = re.compile(r"\^?([A-Za-z0-9_]*).*", re.DOTALL)
#: How fast something may leave is nothing that a test of rules waits for.
_AT_ONCE = {"sends_per_second": 1_000_000.0, "contact_pace": None, "profiles": False}


class NoSettings(BaseModel):
    """The database keeps none: they hold no secret."""


class StandIn(ChannelPlugin):
    """One channel type. `settings`: of its connections, by their keys."""

    settings_model = NoSettings

    def __init__(self, real: ChannelPlugin, settings: Mapping[str, BaseModel]) -> None:
        self.channel_type = real.channel_type  # type: ignore[misc]  # one class stands in for several types
        self.title = real.title  # type: ignore[misc]  # the same
        self.capabilities = real.capabilities.model_copy(update=_AT_ONCE)  # type: ignore[misc]  # the same
        self._real, self.settings = real, settings

    def verify(self, connection: Connection, webhook: Webhook) -> Verdict:
        return Verdict.refused(403, "rule_tests")

    def translate(self, connection: Connection, webhook: Webhook) -> Sequence[Event]:
        return ()

    def send(self, channel: Channel, message: OutgoingMessage, http: httpx.Client) -> Sent:
        return Sent(message.id)

    def refusal(self, channel: Channel, to: str) -> Refusal | None:
        own = self._own(channel)
        return self._real.refusal(own, to) if own else None

    def consent_pool(self, channel: Channel) -> str:
        own = self._own(channel)
        return self._real.consent_pool(own) if own else ""

    def capabilities_of(self, channel: Channel) -> Capabilities:
        own = self._own(channel)
        return self._real.capabilities_of(own).model_copy(update=_AT_ONCE) if own else self.capabilities

    def measure(self, channel: Channel, text: str) -> TextMeasure:
        own = self._own(channel)
        return self._real.measure(own, text) if own else super().measure(channel, text)

    def _own(self, channel: Channel) -> Channel | None:
        """The channel as the real plugin knows it."""
        link = channel.connection
        settings = self.settings.get(link.key)
        if settings is None:
            return None
        return Channel(channel.id, channel.address, Connection(link.key, settings, link.webhook_url), channel.options)


class NoChannel(StandIn):
    """Carries everything, from anybody to anybody, at any time."""

    def __init__(self) -> None:
        self.channel_type = NO_CHANNEL  # type: ignore[misc]  # as above
        self.title = "No channel"  # type: ignore[misc]  # the same
        self.capabilities = Capabilities(  # type: ignore[misc]  # the same
            address_kind="phone", text_limit=65_536, attachments=AttachmentLimits(), buttons=10, list_rows=10,
            location=True, contact_cards=True, message_templates=True, quoted_replies=True, reactions=True,
            business_may_start=True, consent_required=True, **_AT_ONCE,
        )  # fmt: skip
        self.settings = {}


def stand_in_host(real: Host, connections: Mapping[str, ConnectionPart], given: Mapping[str, RuleFact]) -> Host:
    """`given`: what plugins' fields are, looked up whenever a rule asks for one. Plugins' actions are only asked for;
    who carries them out is not in this house."""
    host = Host()
    for name, plugin in real.plugins.items():
        settings = {
            key: made
            for key, part in connections.items()
            if part.channel_type == name and (made := _settings(part.settings, plugin.settings_model)) is not None
        }
        host.register(StandIn(plugin, settings))
    host.register(NoChannel())
    for name, additions in real.rules.additions.items():
        fields = tuple(replace(one, gather=partial(_told, given, one)) for one in additions.fields)
        host.rules.register(name, replace(additions, fields=fields))
    return host


def _told(given: Mapping[str, RuleFact], field: RuleField, _: RuleQuestion) -> RuleValue:
    value = given.get(field.name)
    return timedelta(seconds=value) if field.kind == "duration" and isinstance(value, int | float) else value


def _settings(written: Mapping[str, object], model: type[BaseModel]) -> BaseModel | None:
    """None when the model takes nothing that was made up."""
    made = dict.fromkeys(_elsewhere(written), _MADE_UP[0])
    left = {place: iter(_MADE_UP[1:]) for place in made}
    while True:
        try:
            return model.model_validate(_filled(written, made))
        except ValidationError as error:
            refused = {
                place: str(detail.get("ctx", {}).get("pattern", ""))
                for detail in error.errors(include_url=False, include_input=False)
                for place in made
                if _is_about(detail["loc"], place)
            }
        for place, pattern in refused.items():
            fitting = _BEGINNING.sub(r"\1", pattern) + _MADE_UP[0][:32]
            better = fitting if pattern and made[place] != fitting else next(left[place], None)
            if better is None:
                return None
            made[place] = better
        if not refused:
            return None


def _is_about(location: Place, place: Place) -> bool:
    """Whether an error's location, with what a model adds of its own (the name of a variant), is this place."""
    return tuple(part for part in location if part in place) == place


def _elsewhere(written: object, at: Place = ()) -> Iterator[Place]:
    """Where something stands that is kept elsewhere."""
    if source_of(written) is not None:
        yield at
        return
    for key, value in _inside(written):
        yield from _elsewhere(value, (*at, key))


def _filled(written: object, made: Mapping[Place, str], at: Place = ()) -> object:
    if at in made:
        return made[at]
    inside = [(key, _filled(value, made, (*at, key))) for key, value in _inside(written)]
    if isinstance(written, list):
        return [value for _, value in inside]
    return dict(inside) if isinstance(written, Mapping) else written


def _inside(written: object) -> Iterable[tuple[str | int, object]]:
    if isinstance(written, Mapping):
        return written.items()
    return enumerate(written) if isinstance(written, list) else ()
