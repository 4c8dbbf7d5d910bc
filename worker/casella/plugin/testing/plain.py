"""Checks of what a plugin says about itself."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from functools import partial

from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, RootModel, SecretStr

from casella.plugin.capabilities import Capabilities, TextMeasure
from casella.plugin.channel import Refusal, Registration
from casella.plugin.errors import SendError
from casella.plugin.testing.provider import Provider
from casella.plugin.testing.subject import Subject
from casella.plugin.version import contract_problem
from casella.plugin.webhook import WebhookAnswer

SOUNDS_SECRET = re.compile(r"(^|_)(token|secret|password|passphrase|private_key|api_key)s?$")
QUICK = settings(max_examples=min(60, settings().max_examples), deadline=None, database=None)
"""Fewer if the loaded profile of Hypothesis says so. No deadline: other work on the machine must not fail a plugin. No
database: the kit writes no files."""


class PlainChecks(Subject):
    """Version, names, capabilities, settings, and the pure little questions."""

    def test_it_is_made_for_this_contract(self) -> None:
        assert not contract_problem(self.channel_plugin.contract_version)

    def test_it_has_names(self) -> None:
        assert re.fullmatch(r"[a-z][a-z0-9_]{1,31}", self.channel_plugin.channel_type), "channel_type: lower case"
        assert self.channel_plugin.title.strip(), "title: what people read"

    def test_its_capabilities_fit_together(self) -> None:
        self._fit_together(self.channel_plugin.capabilities)
        self._fit_together(self._able)

    def test_one_channel_is_of_its_type(self) -> None:
        """The host reads these of the type: how people and webhooks are told apart cannot differ by channel."""
        whole, one = self.channel_plugin.capabilities, self._able
        assert (one.address_kind, one.address_scoped) == (whole.address_kind, whole.address_scoped)
        assert (one.consent_required, one.max_webhook_bytes) == (whole.consent_required, whole.max_webhook_bytes)

    def _fit_together(self, can: Capabilities) -> None:
        assert isinstance(can, Capabilities)
        assert can.address_kind.strip(), "address_kind"
        assert can.text_limit > 0, "text_limit"
        assert can.sends_per_second > 0, "sends_per_second"
        assert can.send_time_limit > 0, "send_time_limit"
        assert 0 < can.max_webhook_bytes <= 16_777_216, "max_webhook_bytes"
        assert can.reply_window is None or can.reply_window > 0, "reply_window"
        files = can.attachments
        assert bool(files.kinds) == (files.count > 0), "attachments: kinds and count go together"
        assert not files.count or 0 < files.size_each <= files.size_total, "attachments: sizes"
        assert all((*files.size_by_kind.values(), *files.size_by_type.values())), "attachments: sizes of some"
        assert can.missed_every is None or can.missed_every >= 1, "missed_every"

    def test_its_acknowledgement_is_a_success(self) -> None:
        always = self.channel_plugin.acknowledgement
        own = [(case.label, self.verdict(self.request(case)).answer or always) for case in self.authentic]
        for label, answer in (("always", always), *own):
            assert isinstance(answer, WebhookAnswer), label
            assert 200 <= answer.status < 300, f"{label}: every other status makes the provider send it again"
            assert not self.leaked(answer.body.decode("utf-8", "replace")), f"{label}: a secret in the answer"

    def test_its_secrets_are_secret(self) -> None:
        plain = sorted(_plain_secrets(self.connection().settings))
        assert not plain, f"settings that sound secret must be SecretStr, to be encrypted and never shown: {plain}"
        shown = self.leaked(repr(self.connection()), str(self.channel()))
        assert not shown, f"secrets in the settings' repr: {shown}"

    def test_its_measure_agrees_with_its_limit(self) -> None:
        measure, limit = partial(self.channel_plugin.measure, self.channel()), self._able.text_limit
        assert isinstance(measure(""), TextMeasure)
        assert measure("").fits, "an empty text"
        assert measure("a" * limit).fits, "a text as long as text_limit"
        assert not measure("a" * (limit + 1)).fits, "a text longer than text_limit"

    def test_its_measure_takes_any_text(self) -> None:
        @QUICK
        @given(st.text(st.characters(), max_size=400))
        def measured(text: str) -> None:
            first, again = (self.channel_plugin.measure(self.channel(), text) for _ in range(2))
            assert first == again
            assert first.parts >= 1

        measured()

    def test_its_refusal_takes_any_address(self) -> None:
        @QUICK
        @given(st.one_of(st.text(max_size=40), st.from_regex(r"\+[0-9]{1,16}", fullmatch=True)))
        def refused(to: str) -> None:
            first, again = (self.channel_plugin.refusal(self.channel(), to) for _ in range(2))
            assert first == again
            assert first is None or (isinstance(first, Refusal) and first.code and first.text)

        refused()

    def test_its_cost_and_registration_are_said_plainly(self) -> None:
        @QUICK
        @given(st.text(max_size=200), st.integers(0, 12))
        def estimated(text: str, attachments: int) -> None:
            first, again = (
                self.channel_plugin.cost(self.channel(), self.contact, text, attachments) for _ in range(2)
            )  # fmt: skip
            assert first == again
            assert first is None or (first.amount >= 0 and re.fullmatch("[A-Z]{3}", first.currency))

        estimated()
        registration = self.channel_plugin.registration(self.channel())
        assert registration is None or (isinstance(registration, Registration) and registration.text)

    def test_it_may_write_to_the_contact_of_the_cases(self) -> None:
        assert self.channel_plugin.refusal(self.channel(), self.contact) is None

    def test_its_consent_pool_is_constant(self) -> None:
        pools = {self.channel_plugin.consent_pool(self.channel()) for _ in range(2)}
        assert len(pools) == 1
        assert all(isinstance(pool, str) for pool in pools)

    def test_it_leaves_its_settings_alone(self) -> None:
        """They belong to the desk; another process would not see the change, and the next call here would."""
        channel = self.channel()
        before = _revealed(channel.settings)
        for case in self.webhooks:
            self.verdict(self.request(case), channel.connection)
            self.translated(self.request(case), channel.connection)
        for send_case in self.sends:
            with Provider(send_case.answers).client() as http, suppress(SendError):
                self.channel_plugin.send(channel, self.message(send_case), http)
        assert _revealed(channel.settings) == before, "the settings are not what they were"


def _revealed(value: object) -> object:
    """Settings with their secrets, to be compared and never shown."""
    if isinstance(value, SecretStr):
        return value.get_secret_value()
    if isinstance(value, RootModel):
        return _revealed(value.root)
    if isinstance(value, BaseModel):
        return {name: _revealed(getattr(value, name)) for name in type(value).model_fields}
    if isinstance(value, dict):
        return {name: _revealed(inner) for name, inner in value.items()}
    return [_revealed(inner) for inner in value] if isinstance(value, list | tuple) else value


def _plain_secrets(model: BaseModel) -> Iterator[str]:
    """Names of filled-in fields that sound secret and are plain text."""
    if isinstance(model, RootModel):
        if isinstance(model.root, BaseModel):
            yield from _plain_secrets(model.root)
        return
    for name in type(model).model_fields:
        value = getattr(model, name)
        if isinstance(value, BaseModel):
            yield from _plain_secrets(value)
        elif isinstance(value, str | bytes) and not isinstance(value, SecretStr) and SOUNDS_SECRET.search(name):
            yield name
