"""What is set aside, here and in the houses that run: `casella channels` says what they say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from casella.clock import SystemClock
from casella.doctor import server_checks
from casella.host import Host, aside_text
from casella.inbox.house import plugin_watch
from casella.settings import Settings
from casella.store import Store, migrate

_PREFIX = "set aside: "


@dataclass(frozen=True, slots=True)
class SetAside:
    """`plugins`: whole ones, by name, with the reason. `methods`: of the others, by plugin, with theirs. `tracebacks`:
    of those that cannot be loaded, for whoever wrote them."""

    plugins: Mapping[str, str] = field(default_factory=dict)
    methods: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    tracebacks: Mapping[str, str] = field(default_factory=dict)

    def state(self, name: str) -> tuple[str, str]:
        """ready, set_aside or partly_set_aside; and why."""
        if name in self.plugins:
            return "set_aside", self.plugins[name]
        if name in self.methods:
            return "partly_set_aside", "; ".join(self.methods[name])
        return "ready", ""


def find_set_aside(settings: Settings, host: Host, store: Store | None) -> SetAside:
    """What cannot be loaded here, what all processes have told the database, and what the running server says of
    itself: it may have loaded something else than what is installed now."""
    plugins = {name: one.reason for name, one in host.quarantined.items()}
    methods = _of_database(store) if store else {}
    for part, text in (server_checks(settings) or {}).items():
        if not part.startswith("plugin ") or text == "ok":
            continue
        name, _, method = part.removeprefix("plugin ").partition(": ")
        said = f"in the running server: {str(text).removeprefix(_PREFIX)}"
        if method:
            methods.setdefault(name, {}).setdefault(method, f"{method} {said}")
        else:
            plugins.setdefault(name, said)
    return SetAside(
        plugins,
        {name: tuple(found.values()) for name, found in methods.items()},
        {name: one.traceback for name, one in host.quarantined.items() if one.traceback},
    )


def _of_database(store: Store) -> dict[str, dict[str, str]]:
    with store.read() as db:
        if migrate.current(db) != migrate.newest():
            return {}
        found: dict[str, dict[str, str]] = {}
        for one in plugin_watch.asides(db, SystemClock().now()):
            found.setdefault(one.plugin, {})[one.method] = aside_text(one).removeprefix(_PREFIX)
    return found
