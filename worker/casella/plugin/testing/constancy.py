"""Checks that a plugin is the same at every call: no state, one key for one message, the contract that it names."""

from __future__ import annotations

import copy
import re
import sys
from collections import deque
from collections.abc import Iterator, Mapping
from types import ModuleType
from urllib.parse import parse_qsl

import httpx
import orjson

from casella import plugin as contract
from casella.plugin.channel import ChannelPlugin
from casella.plugin.testing.provider import Provider
from casella.plugin.testing.subject import Subject
from casella.plugin.version import FIRST_VERSION, SINCE

_KEY = re.compile(
    r"idempot|dedup|unique[_-]?id|client[_-]?(ref|token|message|msg)|request[_-]?id|transaction[_-]?id", re.IGNORECASE
)
"""How providers call what makes a repeated request one."""
_STATE = (list, dict, set, bytearray, deque, int, float, str, bytes, tuple, frozenset, type(None))


class ConstancyChecks(Subject):
    """Many processes call it, in any order, and a message may be tried again."""

    def test_it_keeps_no_state(self) -> None:
        before = (dict(vars(self.channel_plugin)), dict(self._shared()))
        self._work()
        assert vars(self.channel_plugin) == before[0], "a plugin has no state between calls: there are many processes"
        after = dict(self._shared())
        changed = sorted(name for name, value in before[1].items() if name in after and after[name] != value)
        assert not changed, f"state of modules and classes, which every thread and process has its own of: {changed}"

    def test_a_try_again_has_the_same_key(self) -> None:
        """The same message is the same request, another message another: else the provider delivers twice, or drops."""
        case = self.any_send
        tries = []
        for message_id in ("m-1", "m-1", "m-2"):
            provider = Provider(case.answers)
            self.sent(case, provider, id=message_id)
            tries.append({name: value for request in provider.requests for name, value in _keys(request)})
        first, again, other = tries
        new = sorted(name for name in first if again.get(name) != first[name])
        assert not new, f"another key at every try: {new}"
        same = sorted(name for name in first if other.get(name) == first[name])
        assert not same, f"one key for two messages: {same}"

    def test_it_names_the_version_of_the_contract_that_it_uses(self) -> None:
        """An older Casella would take it in, and fail in the middle of a message."""
        said = _number(self.channel_plugin.contract_version or FIRST_VERSION)
        newer = sorted({name for name in self._used() if _number(SINCE[name]) > said})
        assert not newer, f"contract_version is {self.channel_plugin.contract_version}; later are " + ", ".join(
            f"{name} ({SINCE[name]})" for name in newer
        )

    def _work(self) -> None:
        for case in self.webhooks:
            webhook = self.request(case)
            if self.verdict(webhook).outcome == "authentic":
                self.translated(webhook)
        for send_case in self.sends:
            self.sent(send_case, Provider(send_case.answers))

    def _shared(self) -> Iterator[tuple[str, object]]:
        """What the plugin's modules and classes hold, copied."""
        places: list[tuple[str, Mapping[str, object]]] = [(one.__name__, vars(one)) for one in self._modules()]
        places += [(one.__qualname__, vars(one)) for one in self._classes()]
        for place, names in places:
            for name, value in list(names.items()):
                if not name.startswith("__") and type(value) in _STATE:
                    yield f"{place}.{name}", copy.copy(value)

    def _classes(self) -> list[type]:
        return [one for one in type(self.channel_plugin).__mro__ if not one.__module__.startswith(_OURS)]

    def _modules(self) -> list[ModuleType]:
        """The modules of its package that the class leads to."""
        found: dict[str, ModuleType] = {}
        wanted = [one.__module__ for one in self._classes()]
        while wanted:
            name = wanted.pop()
            module = sys.modules.get(name)
            if module is None or name in found:
                continue
            found[name] = module
            tops = {one.partition(".")[0] for one in found}
            for value in list(vars(module).values()):
                there = value.__name__ if isinstance(value, ModuleType) else getattr(value, "__module__", None)
                if isinstance(there, str) and there.partition(".")[0] in tops:
                    wanted.append(there)
        return list(found.values())

    def _used(self) -> Iterator[str]:
        """What of `SINCE` this plugin uses."""
        plugin = type(self.channel_plugin)
        holds = {id(value) for module in self._modules() for value in vars(module).values()}
        told = [event for case in self.authentic for event in self.translated(self.request(case))]
        declared = (self.channel_plugin.capabilities, self._able)
        for name in SINCE:
            owner, _, part = name.rpartition(".")
            if not owner:
                used = id(getattr(contract, part)) in holds
            elif owner == "ChannelPlugin":
                used = getattr(plugin, part) is not getattr(ChannelPlugin, part)
            elif owner == contract.Capabilities.__name__:
                used = any(part in one.model_fields_set for one in declared)
            else:
                used = any(type(event).__name__ == owner and part in event.model_fields_set for event in told)
            if used:
                yield name


_OURS = ("casella.plugin", "abc", "typing", "builtins")


def _number(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split(".") if part.isdigit())


def _keys(request: httpx.Request) -> Iterator[tuple[str, str]]:
    """What in a request makes a repetition of it one: headers, and fields of its body, by their names."""
    for name, value in request.headers.items():
        if _KEY.search(name):
            yield name.lower(), value
    body = request.content.decode("utf-8", "replace")
    try:
        document = orjson.loads(body)
    except ValueError:
        document = dict(parse_qsl(body))
    if isinstance(document, dict):
        yield from ((name, str(value)) for name, value in document.items() if _KEY.search(name))
