"""Copies of the honest toy that are no worse: nobody outside can tell them from it, and each says why. The kit lets
them pass, and must."""

from __future__ import annotations

import functools
import re
from typing import Any

import httpx

from casella.plugin import Channel, Event, Profile
from tests.plugin.testing.toys import Toy, ToySettings


@functools.cache
def _pattern(word: str) -> re.Pattern[str]:
    return re.compile(rf"\b{re.escape(word)}\b")


class CachesAPureFunction(Toy):
    """A cache of a pure function grows, and nobody can tell its answers from those of the function alone: each process
    may have its own. (A cache whose answers are changed later is found: `KeepsItInACache`.)"""

    def event_of(self, document: dict[str, Any]) -> Event:
        _pattern(str(document.get("text"))[:40]).search("")
        return super().event_of(document)


class GivesAnUncleanName(Toy):
    """`Profile` cleans the name itself (`clean_name`): what a plugin leaves in it does not reach the host. (A name that
    is too long is refused by the type, and that is found: `NamesWithoutEnd`.)"""

    def named(self, name: str) -> str:
        return f"\x1b{super().named(name)[:290]}\x00"


class KnowsNoForeignAddress(Toy):
    """The host asks for the profile of those who have written, by the very address that the plugin's own `translate`
    gave them (`wanted_row` of the inbox): an address that it never makes does not come to it."""

    def profile(self, channel: Channel[ToySettings], address: str, http: httpx.Client) -> Profile:
        if address not in ("child", "x"):  # whom its tables name
            raise LookupError(address)
        return super().profile(channel, address, http)


EQUIVALENT = (CachesAPureFunction, GivesAnUncleanName, KnowsNoForeignAddress)
