"""What a plugin that overrides only what it must gives for the rest, and how plugins are registered."""

from __future__ import annotations

from datetime import UTC, datetime

import pluggy
import pytest
from pydantic import BaseModel, SecretStr, ValidationError

from casella import plugin as contract
from casella.plugin import (
    AttachmentLimits,
    Capabilities,
    Channel,
    ChannelPlugin,
    Connection,
    ContactPace,
    LookupResult,
    MediaRef,
    MediaUnavailable,
    MessageTemplate,
    OutgoingMessage,
    Profile,
    SendAttempt,
    TextMeasure,
    Upload,
    WebhookAnswer,
    hookimpl,
)
from casella.plugin import hooks as hook_specifications
from casella.plugin.hooks import PROJECT, RegisterChannel
from casella.plugin.testing import Provider
from tests.plugin.testing.toys import Toy, ToySettings


class Bare(Toy):
    """Overrides nothing that has a default."""

    locate_media = ChannelPlugin.locate_media
    lookup = ChannelPlugin.lookup
    profile = ChannelPlugin.profile
    templates = ChannelPlugin.templates
    mark_read = ChannelPlugin.mark_read
    show_typing = ChannelPlugin.show_typing


class InBytes(Bare):
    capabilities = Capabilities(address_kind="toy", text_limit=10, text_unit="bytes")


CHANNEL = Channel(
    "c-1", "toys", Connection("toy", ToySettings(token=SecretStr("x")), "https://desk.example/webhooks/toy")
)
MESSAGE = OutgoingMessage(id="m-1", to="child", text="Hi", status_url="")


def test_defaults_promise_nothing() -> None:
    bare = Bare()
    attempt = SendAttempt(MESSAGE, datetime.now(UTC), 1)
    with Provider(()).client() as http:
        assert bare.lookup(CHANNEL, attempt, http) == LookupResult("unknown")
        assert bare.health(CHANNEL, http) is None
        assert list(bare.missed(CHANNEL, datetime.now(UTC), http)) == []
        with pytest.raises(MediaUnavailable):
            bare.locate_media(CHANNEL, MediaRef(ref="x"), http)
    assert bare.refusal(CHANNEL, "anybody") is None
    assert bare.consent_pool(CHANNEL) == ""
    assert bare.cost(CHANNEL, "anybody", "Hi", 1) is None
    assert bare.registration(CHANNEL) is None
    assert bare.capabilities_of(CHANNEL) is bare.capabilities
    assert bare.acknowledgement == WebhookAnswer(200)


@pytest.mark.parametrize(("plugin", "text", "units"), [(Bare(), "é😀", 2), (InBytes(), "é😀", 6)])
def test_a_text_is_measured_in_its_unit(plugin: Toy, text: str, units: int) -> None:
    assert plugin.measure(CHANNEL, text) == TextMeasure(units=units, limit=plugin.capabilities.text_limit)


def test_a_text_fits_up_to_its_limit() -> None:
    assert InBytes().measure(CHANNEL, "é" * 5).fits
    assert not InBytes().measure(CHANNEL, "é" * 5 + "a").fits


def test_a_channel_has_its_connections_settings() -> None:
    assert CHANNEL.settings is CHANNEL.connection.settings


def test_a_plugin_must_say_how_to_verify_translate_and_send() -> None:
    class Nothing(ChannelPlugin[ToySettings]):
        pass

    with pytest.raises(TypeError, match=r"send.*translate.*verify"):
        Nothing()  # type: ignore[abstract]  # the point of the test


def test_a_plugin_registers_by_one_hook() -> None:
    class Module:
        @hookimpl
        def register_channels(self, register: RegisterChannel) -> None:
            register(Toy())

    manager = pluggy.PluginManager(PROJECT)
    manager.add_hookspecs(hook_specifications)
    manager.register(Module())
    manager.check_pending()
    found: list[object] = []
    manager.hook.register_channels(register=found.append)
    assert [type(channel) for channel in found] == [Toy]


@pytest.mark.parametrize(
    ("model", "fields"),
    [
        (Capabilities, {"address_kind": "toy", "text_limit": 10, "atachments": 3}),
        (AttachmentLimits, {"kind": {"image"}}),
        (ContactPace, {"seconds": 1, "bursts": 2}),
        (TextMeasure, {"units": 1, "limit": 2, "part": 1}),
        (Profile, {"nmae": "Ada"}),
        (MessageTemplate, {"name": "a", "language": "en", "state": "approved", "reasons": ""}),
        (Upload, {"id": "1", "mime": "image/png", "kind": "image", "size": 1, "name": "", "nmae": ""}),
    ],
)
def test_a_misspelt_name_is_refused(model: type[BaseModel], fields: dict[str, object]) -> None:
    """It would be a capability that nobody has."""
    with pytest.raises(ValidationError) as refused:
        model(**fields)
    assert [error["type"] for error in refused.value.errors()] == ["extra_forbidden"]


def test_every_model_of_the_contract_refuses_unknown_names() -> None:
    """Except `ActionArgument` and settings, which are the plugin's own: these say it themselves."""
    models = [one for one in vars(contract).values() if isinstance(one, type) and issubclass(one, BaseModel)]
    lenient = [one.__name__ for one in models if one.model_config.get("extra") != "forbid"]
    assert len(models) > 20
    assert lenient == []
