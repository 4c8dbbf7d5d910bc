"""The table of channel plugins, and the guard around each call of one.

Plugins are guests (law 9). Discovery goes through pluggy and entry points; calls go through a table of typed objects,
one per channel type, because a hook's result is untyped and a broadcast would show each plugin every other plugin's
secrets. A plugin that cannot be imported, registers badly, raises beyond its contract, answers nonsense or hangs is
quarantined: named here, in the log and in `casella doctor`; its webhooks are kept raw, the others are unharmed.
"""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TypeVar, cast

import httpx
import structlog
from pydantic import BaseModel

from casella import metrics
from casella.errors import PluginAway, PluginFailed
from casella.host.assistant_types import AssistantType
from casella.host.breakers import Breakers
from casella.host.exchanges import exchanges_within
from casella.host.guests import MAY_RAISE, SECONDS, Abandoned, Guests, NotInContract, TookTooLong
from casella.host.links import LinkGuests
from casella.host.places import last_place, place_of, steps_of
from casella.host.rules import RuleGuests
from casella.plugin import (
    AssistantProvider,
    Capabilities,
    ChannelOption,
    ChannelPlugin,
    SendUncertain,
    StaticFile,
    WebhookAnswer,
    hooks,
)
from casella.plugin.routes import Routes
from casella.plugin.version import contract_problem

_log = structlog.get_logger("casella.host")
_Answer = TypeVar("_Answer")
RECEIVING = ("verify", "translate")
RULES = "rules"
"""The breaker of all that a plugin adds to the rules."""
_NAME = re.compile(r"[a-z][a-z0-9_]{1,31}")


@dataclass(frozen=True, slots=True)
class Quarantine:
    """Why a plugin is set aside. `name`: the channel type, or the entry point if it never got so far. `traceback`: for
    whoever wrote it, of its own lines; empty where nothing was raised."""

    name: str
    reason: str
    since: datetime
    traceback: str = ""


class Host:
    """The table of channel plugins. Built once, by `find_plugins` or by hand in tests."""

    def __init__(self, *, trace: bool = False, breakers: Breakers | None = None) -> None:
        self._plugins: dict[str, ChannelPlugin] = {}
        self.assistants: dict[str, AssistantType] = {}
        self._quarantined: dict[str, Quarantine] = {}
        self._routes: dict[str, Routes] = {}
        self._trace = trace
        self._guests = Guests()
        self.breakers = breakers or Breakers()
        self.rules = RuleGuests(self)
        self.links = LinkGuests(self)

    def register(self, channel: ChannelPlugin[hooks.AnySettings]) -> None:
        """Raises ValueError for what cannot be taken in."""
        if isinstance(channel, type):
            raise ValueError(f"register({channel.__name__}) was given a class: write register({channel.__name__}())")
        if not isinstance(channel, ChannelPlugin):
            raise ValueError(f"register() was given {channel!r:.60}, which is no ChannelPlugin of casella.plugin")
        name = getattr(channel, "channel_type", None)
        if problem := contract_problem(channel.contract_version):
            raise ValueError(f"'{name}' {problem}")
        if not (isinstance(name, str) and _NAME.fullmatch(name)):
            raise ValueError(f"a channel type is a lower-case name such as 'acme', not {name!r:.40}")
        if name in self._plugins:
            raise ValueError(f"channel type '{name}' is already taken; uninstall one of the two plugins")
        if not (isinstance(channel.settings_model, type) and issubclass(channel.settings_model, BaseModel)):
            raise ValueError(f"'{name}' has no settings_model that is a pydantic model")
        if not isinstance(channel.capabilities, Capabilities):
            raise ValueError(f"'{name}' has capabilities that are not a casella.plugin.Capabilities")
        if not isinstance(channel.acknowledgement, WebhookAnswer):
            raise ValueError(f"'{name}' has an acknowledgement that is not a WebhookAnswer")
        options = channel.channel_options
        if options is not None and not all(isinstance(one, ChannelOption) for one in options):
            raise ValueError(f"'{name}' has channel_options that are not casella.plugin.ChannelOption")
        self._plugins[name] = cast("ChannelPlugin", channel)  # it is only given connections of its own settings model

    def register_routes(self, channel_type: str, routes: Routes) -> None:
        """HTTP paths of a channel type that was registered before. Raises ValueError for what cannot be taken in."""
        if channel_type not in self._plugins or channel_type in self._routes:
            raise ValueError(f"'{channel_type}' is no channel type of this plugin, or has its routes already")
        places = [("GET" if isinstance(route, StaticFile) else route.method, route.path) for route in routes]
        if len(set(places)) < len(places):
            raise ValueError(f"'{channel_type}' registers the same route twice")
        if any(not isinstance(r, StaticFile) and not r.path.startswith("{channel}/") for r in routes):
            raise ValueError(f"a route of '{channel_type}' does not begin with {{channel}}/")
        self._routes[channel_type] = tuple(routes)

    def register_assistant(
        self, provider_type: str, settings_model: type[BaseModel], build: Callable[[BaseModel], AssistantProvider]
    ) -> None:
        """Raises ValueError for what cannot be taken in."""
        if not (isinstance(provider_type, str) and _NAME.fullmatch(provider_type)):
            raise ValueError(f"a provider type is a lower-case name such as 'acme', not {provider_type!r:.40}")
        if provider_type in self.assistants:
            raise ValueError(f"provider type '{provider_type}' is already taken; uninstall one of the two plugins")
        if not (isinstance(settings_model, type) and issubclass(settings_model, BaseModel)):
            raise ValueError(f"'{provider_type}' has no settings_model that is a pydantic model")
        self.assistants[provider_type] = AssistantType(settings_model, build)

    def plugin(self, channel_type: str) -> ChannelPlugin:
        """Raises PluginFailed for a plugin in quarantine, PluginAway for one that is not installed: it may be again."""
        if channel_type in self._quarantined:
            raise PluginFailed(f"The channel plugin '{channel_type}' is in quarantine.", channel_type=channel_type)
        try:
            return self._plugins[channel_type]
        except KeyError:
            installed = ", ".join(self._plugins)
            raise PluginAway(
                f"No plugin for channel type '{channel_type}' is installed. Installed: {installed}",
                channel_type=channel_type,
            ) from None

    @property
    def plugins(self) -> Mapping[str, ChannelPlugin]:
        """Every plugin taken in, quarantined ones included."""
        return self._plugins

    @property
    def routes(self) -> Mapping[str, Routes]:
        """By channel type, for those that have some."""
        return self._routes

    @property
    def offered(self) -> int:
        """How much plugins have registered so far, of whatever kind."""
        return len(self._plugins) + len(self.assistants) + len(self.rules.additions) + len(self.links.known)

    @property
    def quarantined(self) -> Mapping[str, Quarantine]:
        return self._quarantined

    def is_quarantined(self, channel_type: str) -> bool:
        return channel_type in self._quarantined

    def set_aside(self, name: str, reason: str, traceback: str = "") -> None:
        """All of a plugin, for as long as this process runs: it cannot be loaded. Only the first reason is kept: it is
        the cause."""
        if name not in self._quarantined:
            self._quarantined[name] = Quarantine(name, reason, datetime.now(UTC), traceback)
            metrics.plugins_set_aside.labels(name).inc()
            way = {"exception": traceback} if traceback else {}
            _log.error("plugin quarantined", plugin=name, reason=reason, **way)

    def release(self, name: str) -> None:
        """After a fix: let a plugin in again, and each of its methods."""
        self._quarantined.pop(name, None)
        self.breakers.release(name)

    def receives(self, channel_type: str) -> bool:
        """Whether webhooks of this type are translated now. If not, they are kept, and tried again by one alone."""
        return channel_type not in self._quarantined and not self.breakers.is_aside(channel_type, *RECEIVING)

    def address_problem(self, channel_type: str, address: str) -> str:
        """What a channel type says against an address; a plugin that cannot be asked says nothing."""
        plugin = self._plugins.get(channel_type)
        if plugin is None or channel_type in self._quarantined:
            return ""
        try:
            return self.call(plugin, "address_problem", lambda: plugin.address_problem(address), str)
        except PluginFailed:
            return ""

    def call_under(
        self,
        name: str,
        what: str,
        ask: Callable[[], _Answer],
        seconds: float,
        may_raise: tuple[type[Exception], ...],
        package: str,
    ) -> _Answer:
        """The answer of something of which all is set aside together, under this name. `package`: whose code it is.
        Raises PluginFailed."""
        with self._guarded(name, RULES, may_raise, package, what=what), exchanges_within(seconds):
            return self._guests.call(ask, seconds)

    def aside_reason(self, name: str) -> str:
        """Why a plugin is set aside, or what it adds to the rules (`call_under`); empty if it is not."""
        if name in self._quarantined:
            return self._quarantined[name].reason
        return next((one.reason for one in self.breakers.now_aside() if (one.plugin, one.method) == (name, RULES)), "")

    def call(
        self,
        plugin: ChannelPlugin[hooks.AnySettings],
        method: str,
        ask: Callable[[], _Answer],
        expected: type | tuple[type, ...],
        *,
        subject: str = "",
        seconds: float | None = None,
    ) -> _Answer:
        """The answer of `ask`, a call of `plugin.method`. Its contract's errors pass; anything else, also NotInContract
        raised by `ask` and an answer of no `expected` type, is a failure of the plugin and becomes PluginFailed; so
        does a call of what is set aside (PluginAway). `subject`: what it is about, see `Breakers.failed`. `seconds`:
        how long it may take, where that is not the method's own."""
        if seconds is None:
            seconds = plugin.capabilities.send_time_limit if method == "send" else SECONDS.get(method)
        name = plugin.channel_type
        with self._guarded(name, method, MAY_RAISE.get(method, ()), package_of(plugin), subject=subject):
            if seconds is None:
                answer = ask()
            else:
                with exchanges_within(seconds):
                    answer = self._guests.call(ask, seconds)
            if not isinstance(answer, expected):
                raise NotInContract(f"answered {type(answer).__name__}")
        return answer

    def hung(self, name: str, method: str, how: str, thread: threading.Thread | None, subject: str) -> None:
        """A call that its caller watches himself does not end, in this thread. `subject`: see `Breakers.failed`."""
        plugin = self._plugins.get(name)
        place = last_place(steps_of(thread) if thread else (), package_of(plugin) if plugin else "")
        self.breakers.failed(name, method, f"{how} ({place})" if place else how, subject)

    @contextmanager
    def _guarded(
        self,
        name: str,
        method: str,
        may_raise: type[Exception] | tuple[type[Exception], ...],
        package: str,
        *,
        subject: str = "",
        what: str = "",
    ) -> Iterator[None]:
        """Around every call of a plugin. Tracing (CASELLA_TRACE_PLUGINS) happens here. `package`: whose lines are
        named where it fails. `what`: what is called, for people, where that is not the method."""
        if name in self._quarantined or not self.breakers.admits(name, method):
            raise PluginAway(channel_type=name)
        began = time.perf_counter()
        outcome = "ok"
        try:
            yield
        except (Abandoned, KeyboardInterrupt, GeneratorExit):
            outcome = "abandoned"
            raise
        except BaseException as error:  # the edge to code that is not ours: its sys.exit() must not end our thread
            outcome = type(error).__name__
            if isinstance(error, may_raise):
                self.breakers.worked(name, method)
                raise
            if isinstance(error, httpx.TimeoutException) and method == "send":
                self.breakers.worked(name, method)
                raise SendUncertain(provider_code=outcome) from error
            how, told = _how(error, package), isinstance(error, TookTooLong | NotInContract)
            _log.warning("plugin failed", plugin=name, method=method, how=f"{what} {how}".strip(), exc_info=not told)
            self.breakers.failed(name, method, f"({what}) {how}" if what else how, subject)
            raise PluginFailed(channel_type=name) from error
        else:
            self.breakers.worked(name, method)
        finally:
            if self._trace:
                took = round((time.perf_counter() - began) * 1000, 3)
                _log.info("plugin call", plugin=name, method=method, milliseconds=took, outcome=outcome)


def package_of(plugin: object) -> str:
    """The top-level package of whoever wrote it, to be named where it fails."""
    return (plugin if isinstance(plugin, type) else type(plugin)).__module__.partition(".")[0]


def _how(error: BaseException, package: str) -> str:
    """What a plugin did wrong, and where. Not what its error says: that may be a customer's words, or a secret."""
    if isinstance(error, TookTooLong):
        how, place = str(error), last_place(error.steps, package)
    elif isinstance(error, NotInContract):
        how, place = str(error), ""
    else:
        how, place = f"raised {type(error).__name__}", place_of(error, package)
    return f"{how} ({place})" if place else how
