"""Copies that go wrong when they are asked something besides."""

from __future__ import annotations

import functools
from collections import Counter
from collections.abc import Sequence
from typing import Any, ClassVar
from uuid import uuid4

import httpx

from casella import plugin as contract
from casella.plugin import (
    Channel,
    LookupResult,
    MediaRef,
    MediaRequest,
    MediaUnavailable,
    MessageTemplate,
    OutgoingMessage,
    Profile,
    SendAttempt,
    SendRejected,
    Sent,
)
from tests.plugin.testing.toys import Toy, ToySettings

ToyChannel = Channel[ToySettings]
SEEN: list[str] = []
NUMBER = 0


class TakesAnothers(Toy):
    """test_a_lookup_gives_what_its_case_says"""

    def lookup(self, channel: ToyChannel, attempt: SendAttempt, http: httpx.Client) -> LookupResult:
        found = super().lookup(channel, attempt, http)
        return LookupResult("taken", Sent("another")) if found.outcome == "taken" else found


class CallsEverybodyAda(Toy):
    """test_a_profile_gives_what_its_case_says"""

    def profile(self, channel: ToyChannel, address: str, http: httpx.Client) -> Profile:
        return Profile(name="Ada")


class HasNoTemplates(Toy):
    """test_templates_are_what_their_case_says"""

    def templates(self, channel: ToyChannel, http: httpx.Client) -> Sequence[MessageTemplate]:
        return ()


class MarksTheWrongOne(Toy):
    """test_marking_read_asks_what_its_case_says"""

    def mark_read(self, channel: ToyChannel, to: str, external_id: str, http: httpx.Client) -> None:
        super().mark_read(channel, to, "1", http)


class WaitsForWhatNeverComes(Toy):
    """test_media_is_located_as_its_case_says

    It is tried again and again, and is somebody else's."""

    def locate_media(self, channel: ToyChannel, ref: MediaRef, http: httpx.Client) -> MediaRequest:
        try:
            return super().locate_media(channel, ref, http)
        except MediaUnavailable as error:
            raise MediaUnavailable(retryable=True) from error


class AsksWhereItIs(Toy):
    """test_media_that_cannot_be_located_is_unavailable"""

    def locate_media(self, channel: ToyChannel, ref: MediaRef, http: httpx.Client) -> MediaRequest:
        found = super().locate_media(channel, ref, http)
        http.get("https://toys.example/where")
        return found


class NamesWithoutEnd(Toy):
    """test_names_of_profiles_are_clean

    pydantic refuses a name of more than 300 characters, and the error is beyond the contract."""

    def named(self, name: str) -> str:
        return name.replace("\x00", "").encode("utf-8", "ignore").decode()


class ProfileStumbles(Toy):
    """test_what_it_is_asked_besides_is_answered_or_a_send_error"""

    def profile(self, channel: ToyChannel, address: str, http: httpx.Client) -> Profile:
        try:
            return super().profile(channel, address, http)
        except SendRejected as error:
            if address == "child":
                raise KeyError(address) from error
            raise


class TypingStumbles(Toy):
    """test_what_it_is_asked_besides_is_answered_or_a_send_error"""

    def show_typing(self, channel: ToyChannel, to: str, external_id: str | None, http: httpx.Client) -> None:
        http.get("https://toys.example/typing").raise_for_status()


class CountsAddresses(Toy):
    """test_its_address_problem_takes_any_address"""

    contract_version: ClassVar[str] = "1.2"

    def address_problem(self, address: str) -> str:
        return "" if address == "toys" or int(address) else "0 is nobody"


class ANewKeyEveryTry(Toy):
    """test_a_try_again_has_the_same_key"""

    def post(self, channel: ToyChannel, key: str, document: dict[str, str], http: httpx.Client) -> httpx.Response:
        headers = {"Idempotency-Key": str(uuid4())}
        return http.post("https://toys.example/send", json=document, headers=headers)


class OneKeyForAll(Toy):
    """test_a_try_again_has_the_same_key

    The provider takes the second message for the first one, and says that all is well."""

    def post(self, channel: ToyChannel, key: str, document: dict[str, str], http: httpx.Client) -> httpx.Response:
        return http.post("https://toys.example/send", json=document, headers={"idempotency-key": "toy"})


class KeepsAList(Toy):
    """test_it_keeps_no_state

    In its module: what other processes have seen is not in it."""

    def send(self, channel: ToyChannel, message: OutgoingMessage, http: httpx.Client) -> Sent:
        SEEN.append(message.id)
        return super().send(channel, message, http)


class Counts(Toy):
    """test_it_keeps_no_state"""

    def event_of(self, document: dict[str, Any]) -> Any:
        globals()["NUMBER"] += 1
        return super().event_of(document)


class KeepsItInItsClass(Toy):
    """test_it_keeps_no_state"""

    last: ClassVar[str] = ""

    def send(self, channel: ToyChannel, message: OutgoingMessage, http: httpx.Client) -> Sent:
        type(self).last += message.id
        return super().send(channel, message, http)


class OlderThanItUses(Toy):
    """test_it_names_the_version_of_the_contract_that_it_uses"""

    contract_version: ClassVar[str] = "1.1"

    def address_problem(self, address: str) -> str:
        return ""


class TypingNeedsAMessage(Toy):
    """test_what_it_is_asked_besides_is_answered_or_a_send_error

    Nobody has written yet."""

    def show_typing(self, channel: ToyChannel, to: str, external_id: str | None, http: httpx.Client) -> None:
        self.ask("typing/" + str(external_id)[int(external_id or "none") :], http)


class ExpectsAName(Toy):
    """test_names_of_profiles_are_clean"""

    def profile(self, channel: ToyChannel, address: str, http: httpx.Client) -> Profile:
        name = self.ask(f"people/{address}", http).get("name")
        return Profile(name=self.named(name.strip())) if name else Profile()


class FearsLongAddresses(Toy):
    """test_its_address_problem_takes_any_address"""

    contract_version: ClassVar[str] = "1.2"

    def address_problem(self, address: str) -> str:
        if len(address) > 200:
            raise ValueError(address)
        return ""


class ANewKeyByAnotherName(Toy):
    """test_a_try_again_has_the_same_key"""

    def post(self, channel: ToyChannel, key: str, document: dict[str, str], http: httpx.Client) -> httpx.Response:
        return http.post("https://toys.example/send", json=document, headers={"x-nonce": uuid4().hex})


class _Seen:
    def __init__(self) -> None:
        self.ids: list[str] = []


_SEEN = _Seen()
_COUNTED = Counter[str]()


class KeepsAnObject(Toy):
    """test_it_keeps_no_state"""

    def send(self, channel: ToyChannel, message: OutgoingMessage, http: httpx.Client) -> Sent:
        _SEEN.ids.append(message.id)
        return super().send(channel, message, http)


class KeepsACounter(Toy):
    """test_it_keeps_no_state"""

    def send(self, channel: ToyChannel, message: OutgoingMessage, http: httpx.Client) -> Sent:
        _COUNTED[message.id] += 1
        return super().send(channel, message, http)


class KeepsItInItself(Toy):
    """test_it_keeps_no_state"""

    def __init__(self) -> None:
        self.known: dict[str, list[str]] = {"sent": []}

    def send(self, channel: ToyChannel, message: OutgoingMessage, http: httpx.Client) -> Sent:
        self.known["sent"].append(message.id)
        return super().send(channel, message, http)


class KeepsItInADefault(Toy):
    """test_it_keeps_no_state"""

    def named(self, name: str, seen: list[str] = []) -> str:  # noqa: B006 - the fault itself
        seen.append(name)
        return super().named(name)


@functools.cache
def seen_by_all() -> set[str]:
    """A cache that is a variable of the module in disguise."""
    return set()


@functools.lru_cache(maxsize=8)
def seen_of(channel_address: str) -> list[str]:
    """The same with an end, for each address."""
    return [channel_address]


class KeepsItInACache(Toy):
    """test_it_keeps_no_state"""

    def send(self, channel: ToyChannel, message: OutgoingMessage, http: httpx.Client) -> Sent:
        seen_by_all().add(message.id)
        return super().send(channel, message, http)


class KeepsItInACacheWithAnEnd(Toy):
    """test_it_keeps_no_state"""

    def send(self, channel: ToyChannel, message: OutgoingMessage, http: httpx.Client) -> Sent:
        seen_of(channel.address).append(message.id)
        return super().send(channel, message, http)


class UsesItWithoutImporting(Toy):
    """test_it_names_the_version_of_the_contract_that_it_uses"""

    contract_version: ClassVar[str] = "1.2"

    def error_of(self, response: httpx.Response) -> Exception:
        return contract.ChannelSuspect() if response.status_code == 418 else super().error_of(response)


class CountsWithAnySign(Toy):
    """test_its_address_problem_takes_any_address

    `"²".isdigit()`, and `int("²")` raises."""

    contract_version: ClassVar[str] = "1.2"

    def address_problem(self, address: str) -> str:
        return "too_large" if address.isdigit() and int(address) > 10**9 else ""


BROKEN = (
    *(TakesAnothers, CallsEverybodyAda, HasNoTemplates, MarksTheWrongOne, WaitsForWhatNeverComes),
    AsksWhereItIs,
    *(NamesWithoutEnd, ProfileStumbles, TypingStumbles, CountsAddresses, ANewKeyEveryTry, OneKeyForAll, KeepsAList),
    *(Counts, KeepsItInItsClass, OlderThanItUses),
    *(ExpectsAName, TypingNeedsAMessage, FearsLongAddresses, ANewKeyByAnotherName, KeepsAnObject, KeepsACounter),
    *(KeepsItInItself, KeepsItInADefault, KeepsItInACache, KeepsItInACacheWithAnEnd, UsesItWithoutImporting),
    CountsWithAnySign,
)
