"""Finding plugins: every entry point that is installed is loaded under guard, and what cannot be loaded is named."""

from __future__ import annotations

import difflib
import importlib.metadata
import inspect
from collections.abc import Iterator
from functools import partial

import pluggy
from pydantic import ValidationError
from pydantic_core import ErrorDetails

from casella import plugin as contract
from casella.host.guests import Guests, TookTooLong
from casella.host.places import last_place, place_of, way_to
from casella.host.table import Host
from casella.plugin import hooks
from casella.plugin.routes import Routes

LOAD_SECONDS = 15.0


class RegistersNothing(ValueError):
    """It was loaded, and brings nothing."""


def find_plugins(*, trace: bool = False) -> Host:
    """Load every plugin that is installed. A plugin that cannot be loaded is quarantined under its entry point's
    name, with the place in its code and the traceback; a misspelt hook, or one without its mark, is an error of that
    plugin, named at start."""
    host = Host(trace=trace)
    for entry in importlib.metadata.entry_points(group=hooks.PROJECT):
        package = entry.module.partition(".")[0]
        try:
            Guests().call(partial(_load, host, entry), LOAD_SECONDS)
        except TookTooLong as error:
            host.set_aside(entry.name, _at(f"could not be loaded: it {error}", last_place(error.steps, package)))
        except KeyboardInterrupt:
            raise
        except RegistersNothing as error:
            host.set_aside(entry.name, str(error))
        except BaseException as error:  # noqa: BLE001 - the edge to code that is not ours: importing it may even exit
            said = f"could not be loaded: {_told(error)}"
            host.set_aside(entry.name, _at(said, place_of(error, package)), way_to(error))
    return host


def _told(error: BaseException) -> str:
    """What it says, on one line. Of a model of the contract: which of its fields there is not, and which was meant."""
    if isinstance(error, ValidationError):
        return "; ".join(
            _misfit(error.title, detail) for detail in error.errors(include_url=False, include_input=False)
        )
    return f"{type(error).__name__}: {' '.join(str(error).split())}"


def _misfit(title: str, detail: ErrorDetails) -> str:
    name = ".".join(map(str, detail["loc"]))
    if detail["type"] != "extra_forbidden":
        return f"{title}: {name}: {detail['msg']}" if name else f"{title}: {detail['msg']}"
    fields = getattr(getattr(contract, title, None), "model_fields", {})
    near = difflib.get_close_matches(name, fields, 1)
    return f"{title} has no '{name}'" + (f"; did you mean '{near[0]}'?" if near else "")


def _at(said: str, place: str) -> str:
    return f"{said} ({place})" if place else said


def _load(host: Host, entry: importlib.metadata.EntryPoint) -> None:
    manager = pluggy.PluginManager(hooks.PROJECT)
    manager.add_hookspecs(hooks)
    module = entry.load()
    manager.register(module, name=entry.name)
    manager.check_pending()
    for unmarked in _unmarked(module):
        raise RegistersNothing(f"registers nothing by {unmarked}: write @hookimpl on the line above it")
    before, offered = frozenset(host.plugins), host.offered
    manager.hook.register_channels(register=host.register)

    def register_routes(channel_type: str, routes: Routes) -> None:
        if channel_type in before:
            raise ValueError(f"'{channel_type}' belongs to another plugin, whose routes are its own")
        host.register_routes(channel_type, routes)

    manager.hook.register_routes(register=register_routes)
    manager.hook.register_assistant_providers(register=host.register_assistant)
    package = entry.module.partition(".")[0]
    manager.hook.register_rules(register=partial(host.rules.register, entry.name, package=package))
    manager.hook.register_links(register=partial(host.links.register, entry.name, package=package))
    if host.offered == offered:
        hook = "register_channels(register) with @hookimpl above it, which calls register(MyChannel())"
        raise RegistersNothing(f"registers nothing: {entry.value} has no {hook}")


def _unmarked(module: object) -> Iterator[str]:
    """Functions that are named as a hook and are none."""
    for name in (name for name in vars(hooks) if name.startswith("register_")):
        function = getattr(module, name, None)
        if inspect.isfunction(function) and not hasattr(function, f"{hooks.PROJECT}_impl"):
            code = function.__code__
            yield f"{name} ({code.co_filename.rpartition('/')[2]}:{code.co_firstlineno})"
