"""Finding plugins: every entry point that is installed is loaded under guard, and what cannot be loaded is named."""

from __future__ import annotations

import importlib.metadata
from functools import partial

import pluggy

from casella.host.guests import Guests, TookTooLong
from casella.host.table import Host
from casella.plugin import hooks
from casella.plugin.routes import Routes

_LOAD_SECONDS = 15.0


def find_plugins(*, trace: bool = False) -> Host:
    """Load every plugin that is installed. A plugin that cannot be loaded is quarantined under its entry point's
    name; a misspelt hook is an error of that plugin, named at start."""
    host = Host(trace=trace)
    for entry in importlib.metadata.entry_points(group=hooks.PROJECT):
        try:
            Guests().call(partial(_load, host, entry), _LOAD_SECONDS)
        except TookTooLong as error:
            host.set_aside(entry.name, f"could not be loaded: it {error}")
        except KeyboardInterrupt:
            raise
        except BaseException as error:  # noqa: BLE001 - the edge to code that is not ours: importing it may even exit
            host.set_aside(entry.name, f"could not be loaded: {type(error).__name__}: {error}")
    return host


def _load(host: Host, entry: importlib.metadata.EntryPoint) -> None:
    manager = pluggy.PluginManager(hooks.PROJECT)
    manager.add_hookspecs(hooks)
    manager.register(entry.load(), name=entry.name)
    manager.check_pending()
    before = frozenset(host.plugins)
    manager.hook.register_channels(register=host.register)

    def register_routes(channel_type: str, routes: Routes) -> None:
        if channel_type in before:
            raise ValueError(f"'{channel_type}' belongs to another plugin, whose routes are its own")
        host.register_routes(channel_type, routes)

    manager.hook.register_routes(register=register_routes)
    manager.hook.register_assistant_providers(register=host.register_assistant)
    manager.hook.register_rules(register=partial(host.rules.register, entry.name))
