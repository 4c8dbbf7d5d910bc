"""The conformance kit itself: an honest plugin passes, a broken one fails exactly the check that names its fault."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import ClassVar
from uuid import uuid4

import httpx
import pytest

from casella.plugin import Channel, Connection, Event, Profile, Verdict, Webhook
from casella.plugin.testing import ChannelConformance, failures
from tests.plugin.broken import BROKEN, deceived, suspicious
from tests.plugin.equivalent import EQUIVALENT
from tests.plugin.testing.toys import Toy, ToyConformance, ToySettings

NOT_YET_BROKEN = {
    "test_the_cases_tell_a_message_and_a_refusal",
    "test_the_cases_tell_success_throttling_and_refusal",
}
"""Checks of the tables, not of the plugin (below)."""


class TestToy(ToyConformance):
    """The honest toy, by inheritance, as a plugin's author would."""


def suite_of(plugin: type[Toy]) -> ChannelConformance:
    suite: ChannelConformance = type("Suite", (ToyConformance,), {"plugin": plugin()})()
    if plugin in suspicious.BROKEN:
        return suspicious.suspecting(suite)
    return deceived.believing(suite) if plugin in deceived.BROKEN else suite


def test_an_honest_plugin_passes() -> None:
    assert failures(suite_of(Toy)) == []


@pytest.mark.parametrize("plugin", BROKEN, ids=lambda plugin: plugin.__name__)
def test_a_broken_plugin_fails_exactly_the_check_that_names_its_fault(plugin: type[Toy]) -> None:
    found = {failure.check for failure in failures(suite_of(plugin))}
    assert found == {(plugin.__doc__ or "").split("\n")[0]}


def test_every_check_has_a_plugin_that_fails_it() -> None:
    checks = {name for name, _ in suite_of(Toy).checks()}
    named = {(plugin.__doc__ or "").split("\n")[0] for plugin in BROKEN}
    assert checks - named == NOT_YET_BROKEN


def test_tables_without_the_needed_cases_are_found() -> None:
    empty = type("Empty", (ToyConformance,), {"webhooks": (), "sends": ()})()
    found = {failure.check for failure in failures(empty)}
    assert {
        "test_the_cases_tell_a_message_and_a_refusal",
        "test_the_cases_tell_success_throttling_and_refusal",
    } <= found


class ANewKeyDeepWithin(Toy):
    """Where no case says what the request is, only this check sees it."""

    where: ClassVar[str] = "body"

    def post(
        self, channel: Channel[ToySettings], key: str, document: dict[str, str], http: httpx.Client
    ) -> httpx.Response:
        new = uuid4().hex
        if self.where == "query":
            return http.post(f"https://toys.example/send?request_id={new}", json=document)
        if self.where == "address":
            return http.put(f"https://toys.example/send/{new}", json=document)
        return http.post("https://toys.example/send", json={**document, "options": [{"client_ref": new}]})


@pytest.mark.parametrize("where", ["body", "query", "address"])
def test_a_new_key_is_found_wherever_it_stands(where: str) -> None:
    plugin = type("Elsewhere", (ANewKeyDeepWithin,), {"where": where})()
    sends = tuple(replace(case, requests=None) for case in ToyConformance.sends)
    suite: ChannelConformance = type("Suite", (ToyConformance,), {"plugin": plugin, "sends": sends})()
    with pytest.raises(AssertionError, match="another key at every try"):
        suite.test_a_try_again_has_the_same_key()


@pytest.mark.parametrize("plugin", EQUIVALENT)
def test_what_nobody_can_tell_from_the_honest_plugin_passes(plugin: type[Toy]) -> None:
    """Mutants that live because they are no faults: for each is said why the host cannot see it."""
    assert failures(suite_of(plugin)) == []


def test_the_contracts_own_type_cleans_names() -> None:
    assert Profile(name="\x1bAda\x00").name == "Ada"


class RunsForEver(Toy):
    """Whatever it is asked."""

    def verify(self, connection: Connection[ToySettings], webhook: Webhook) -> Verdict:
        while True:
            pass

    def translate(self, connection: Connection[ToySettings], webhook: Webhook) -> Sequence[Event]:
        while True:
            pass


def test_a_plugin_that_never_ends_fails_instead_of_standing_still() -> None:
    suite = type("Impatient", (ToyConformance,), {"plugin": RunsForEver(), "patience": 0.02})()
    found = [failure for failure in failures(suite) if failure.check == "test_a_webhook_gives_what_its_case_says"]
    assert found
    assert all("did not end within 0.02 seconds" in str(failure.error) for failure in found)
