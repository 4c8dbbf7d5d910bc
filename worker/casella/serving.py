"""A built house, running: the doors on their socket, the workers, until somebody says stop. Ends gracefully."""

from __future__ import annotations

import asyncio
import socket
import sys
import threading
from collections.abc import Callable

import uvicorn

from casella.api.serving import Server, config_of
from casella.app import App, settle
from casella.inbox.house import plugin_watch
from casella.jobs.bells import EmbeddedBell
from casella.jobs.sweep import Duty, Sweep

_SWITCH_SECONDS = 0.001
"""How long a busy thread may keep the interpreter from the event loop; Python's own 5 ms are too long for a door."""


def listen(host: str, port: int) -> socket.socket:
    """A listening socket; port 0 takes a free one."""
    listener = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind((host, port))
    return listener


def run(app: App, listener: socket.socket, started: Callable[[], None] = lambda: None) -> None:
    """`serve` on uvloop where there is one: asyncio's own loop gives the interpreter up at every write, and each time
    waits for the intake's thread (measured: 1,200 webhooks a second instead of several thousand)."""
    settle()
    sys.setswitchinterval(_SWITCH_SECONDS)
    with asyncio.Runner(loop_factory=uvicorn.Config(lambda: None, log_config=None).get_loop_factory()) as runner:
        runner.run(serve(app, listener, started))


async def serve(app: App, listener: socket.socket, started: Callable[[], None] = lambda: None) -> None:
    """Run until SIGTERM or SIGINT: the API, and the workers if this process has them. Ends gracefully: what waits at
    the webhook door is answered, what is being sent is recorded."""
    assert app.api is not None, "built with serves=True"
    assert app.webhooks is not None, "built with serves=True"
    assert app.hub is not None, "built with serves=True"
    server = Server(config_of(app.api, trusted_proxies=app.rooms.settings.trusted_proxies), app.hub)
    app.webhooks.start()
    followers = _start_followers(app)
    if app.workers is not None:
        app.workers.start()
    announcing = asyncio.create_task(_announce(server, started))
    try:
        await server.serve(sockets=[listener])
    finally:
        announcing.cancel()
        await asyncio.to_thread(_stop, app, followers)


def _stop(app: App, followers: Sweep) -> None:
    if app.webhooks is not None:
        app.webhooks.stop()
    followers.stop()
    if app.workers is not None:
        app.workers.stop()
    app.close()


async def _announce(server: uvicorn.Server, started: Callable[[], None]) -> None:
    while not server.started:
        await asyncio.sleep(0.01)
    started()


def _start_followers(app: App) -> Sweep:
    """What a serving process follows: the applied desk, and the feed's bell."""
    rooms, hub = app.rooms, app.hub
    assert hub is not None
    if isinstance(app.bell, EmbeddedBell):
        app.bell.wake_feed = hub.wake
    else:
        from casella.jobs.redis_bell import follow_feed

        threading.Thread(target=follow_feed, args=(app.bell, hub.wake), name="feed-bell", daemon=True).start()
    duties = []
    if app.workers is None:
        duties = [
            Duty("desk", 2.0, rooms.refresh),
            Duty("plugins", plugin_watch.EVERY, lambda: plugin_watch.agree(rooms)),
        ]
    if app.watch is not None:
        duties.append(Duty("desk folder", 1.0, app.watch.look))
    followers = Sweep(duties)
    followers.start()
    return followers
