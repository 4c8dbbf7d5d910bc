"""Checks that a plugin is the same at every call: no state, one key for one message, the contract that it names."""

from __future__ import annotations

import inspect
import re
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import timedelta
from types import CodeType, FunctionType, ModuleType
from typing import Protocol
from urllib.parse import parse_qsl
from uuid import uuid4

import httpx
import orjson

from casella import plugin as contract
from casella.plugin.channel import ChannelPlugin, SendAttempt
from casella.plugin.testing.cases import Answer
from casella.plugin.testing.provider import Provider
from casella.plugin.testing.subject import NOON, Subject
from casella.plugin.testing.watch import cached_in, held_by
from casella.plugin.version import FIRST_VERSION, SINCE

_KEY = re.compile(
    r"idempot|dedup|unique[_-]?id|client[_-]?(ref|token|message|msg)|request[_-]?id|transaction[_-]?id", re.IGNORECASE
)
"""How providers call what makes a repeated request one."""
_FRESH = re.compile(
    rf"{_KEY.pattern}|idem|nonce|uuid|guid|correlation|(^|[_-])ref(erence)?($|[_-])|message[_-]?id|external[_-]?id",
    re.IGNORECASE,
)
"""Names under which something new at every try is a new message to the provider."""
_RANDOM = re.compile(r"[0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12}|[0-9a-f]{16,}", re.IGNORECASE)


class Asked(Protocol):
    """A case of anything that is asked of a provider."""

    @property
    def answers(self) -> Sequence[Answer]: ...  # pragma: no cover - a protocol


class ConstancyChecks(Subject):
    """Many processes call it, in any order, and a message may be tried again."""

    def test_it_keeps_no_state(self) -> None:
        own, shared = self._held()
        self._work()
        own_after, shared_after = self._held()
        assert own_after == own, "a plugin has no state between calls: there are many processes"
        if new := shared_after.keys() - shared.keys():  # something was cached: whether it stays as it is
            shared |= {name: shared_after[name] for name in new}
            self._work()
            shared_after = self._held()[1]
        changed = sorted(name for name, value in shared.items() if shared_after.get(name, value) != value)
        assert not changed, f"state of modules and classes, which every thread and process has its own of: {changed}"

    def test_a_try_again_has_the_same_key(self) -> None:
        """The same message is the same request, another message another: else the provider delivers twice, or drops."""
        case = self.any_send
        tries: list[dict[str, str]] = []
        for message_id in ("m-1", "m-1", "m-2"):
            provider = Provider(case.answers)
            self.sent(case, provider, id=message_id)
            tries.append({name: value for request in provider.requests for name, value in _said(request)})
        first, again, other = tries
        new = sorted(name for name in first if _is_new(name, first[name], again.get(name, "")))
        assert not new, f"another key at every try: {new}"
        same = sorted(name for name in first if _KEY.search(name) and other.get(name) == first[name])
        assert not same, f"one key for two messages: {same}"

    def test_it_names_the_version_of_the_contract_that_it_uses(self) -> None:
        """An older Casella would take it in, and fail in the middle of a message."""
        said = _number(self.channel_plugin.contract_version or FIRST_VERSION)
        newer = sorted({name for name in self._used() if _number(SINCE[name]) > said})
        assert not newer, f"contract_version is {self.channel_plugin.contract_version}; later are " + ", ".join(
            f"{name} ({SINCE[name]})" for name in newer
        )

    def _work(self) -> None:
        """Everything it can be asked, once."""
        for case in self.webhooks:
            webhook = self.request(case)
            if self.verdict(webhook).outcome == "authentic":
                self.translated(webhook)
        message_id = f"m-{uuid4().hex}"  # what has been kept of another message is not kept of this one
        for send_case in self.sends:
            self.sent(send_case, Provider(send_case.answers), id=message_id)
        plugin, channel, can = self.channel_plugin, self.channel(), self._able
        plugin.address_problem(self.address)
        attempt = SendAttempt(self.message(self.any_send), NOON - timedelta(minutes=1), 1, frozenset())
        asked: list[tuple[bool, Sequence[Asked], Callable[[httpx.Client], object]]] = [
            (True, self.lookups, lambda http: plugin.lookup(channel, attempt, http)),
            (can.profiles, self.profiles, lambda http: plugin.profile(channel, self.contact, http)),
            (can.message_templates, self.templates, lambda http: list(plugin.templates(channel, http))),
            (can.read_marks, self.reads, lambda http: plugin.mark_read(channel, self.contact, "m-1", http)),
            (can.typing, self.reads, lambda http: plugin.show_typing(channel, self.contact, self._quotable, http)),
        ]
        for able, cases, ask in asked:
            for one in cases if able else ():
                with Provider(one.answers).client() as http, suppress(Exception):  # other checks tell
                    ask(http)

    def _held(self) -> tuple[str, dict[str, str]]:
        """What the plugin holds itself, and what its modules and classes hold: all of it, however deep, as text."""
        tops = frozenset(one.__name__.partition(".")[0] for one in self._modules())
        places: list[tuple[str, Mapping[str, object]]] = [(one.__name__, vars(one)) for one in self._modules()]
        places += [(one.__qualname__, vars(one)) for one in self._classes()]
        shared: dict[str, str] = {}
        for place, names in places:
            for name, value in list(names.items()):
                if not name.startswith("__"):
                    shared[f"{place}.{name}"] = held_by(value, tops)
                    shared |= {f"{place}.{name}[{key}]": held_by(one, tops) for key, one in cached_in(value).items()}
        return held_by(dict(vars(self.channel_plugin)), tops), shared

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
                used = id(getattr(contract, part)) in holds or any(self._names(part))
            elif owner == "ChannelPlugin":
                used = getattr(plugin, part) is not getattr(ChannelPlugin, part)
            elif owner == contract.Capabilities.__name__:
                used = any(part in one.model_fields_set for one in declared)
            else:
                used = any(type(event).__name__ == owner and part in event.model_fields_set for event in told)
            if used:
                yield name

    def _names(self, name: str) -> Iterator[bool]:
        """Whether functions of the plugin name this of the contract, without having it in their modules."""
        for module in self._modules():
            own = vars(module).get(name)
            if own is not None and own is not getattr(contract, name):
                continue  # a thing of its own that is called so
            for value in [*vars(module).values(), *(one for each in self._classes() for one in vars(each).values())]:
                function = inspect.unwrap(value) if callable(value) and not isinstance(value, type) else None
                if isinstance(function, FunctionType) and function.__module__ == module.__name__:
                    yield name in _names_in(function.__code__)


_OURS = ("casella.plugin", "abc", "typing", "builtins")


def _number(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split(".") if part.isdigit())


def _names_in(code: CodeType) -> Iterator[str]:
    yield from code.co_names
    for inner in code.co_consts:
        if isinstance(inner, CodeType):
            yield from _names_in(inner)


def _is_new(name: str, first: str, again: str) -> bool:
    """Whether a second try says something that makes it another message. Times and signatures may differ."""
    if first == again:
        return False
    return bool(_FRESH.search(name)) or (name == "address" and _RANDOM.sub("", first) != first)


def _said(request: httpx.Request) -> Iterator[tuple[str, str]]:
    """All that a request says under a name: headers, its address, and every field of its body, however deep."""
    yield "address", request.url.path
    yield from ((name.lower(), value) for name, value in request.headers.items() if name.lower() not in _DIFFERENT)
    yield from request.url.params.multi_items()
    body = request.content.decode("utf-8", "replace")
    try:
        document = orjson.loads(body)
    except ValueError:
        document = dict(parse_qsl(body))
    yield from _leaves(document, "")


_DIFFERENT = frozenset({"authorization", "content-type", "content-length", "date", "host", "user-agent"})


def _leaves(node: object, name: str) -> Iterator[tuple[str, str]]:
    if isinstance(node, dict):
        for key, value in node.items():
            yield from _leaves(value, f"{name}.{key}" if name else str(key))
    elif isinstance(node, list):
        for at, value in enumerate(node):
            yield from _leaves(value, f"{name}.{at}")
    else:
        yield name, str(node)
