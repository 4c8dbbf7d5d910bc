"""A circuit breaker for each method of each plugin: what fails is set aside by degrees, and comes back by itself.

One failure concerns what was asked and nothing else: it is parked by whoever asked. Several different ones in a row, in
one method, set that method aside for a time that grows; when it is over, one call is let through as a probe. If it
works the method is let in again, if it fails it is set aside for twice as long. So a plugin that cannot send still
receives, and one poisonous message, however often it is tried again, sets nobody aside.

Every process has its own; `casella.inbox.house.plugin_watch` makes them agree through a table.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import structlog

from casella import metrics

_log = structlog.get_logger("casella.host")
SEVERAL = 3
"""Different failures in a row that set a method aside: two may be two bad messages that came one after the other."""
FIRST_PAUSE = 15.0
LONGEST_PAUSE = 900.0
"""Seconds set aside, doubling from the one to the other: a hiccup of a deployment is over in the first, and a plugin
that stays broken costs one failing call in a quarter of an hour."""
_FORGET = 2 * LONGEST_PAUSE
"""Seconds after which a method that was let in begins again with the first pause."""
_PROBE_PATIENCE = 120.0
"""Seconds until another probe may begin although the last one has not ended: more than any method may take."""
_MOST_SUBJECTS = 1000

Key = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Aside:
    """A method of a plugin that is set aside. `seconds`: until it is tried again by itself; 0 when the next call is the
    try. `times`: how often it was set aside without having been let in for long."""

    plugin: str
    method: str
    reason: str
    seconds: float
    times: int


def aside_text(aside: Aside) -> str:
    """For people: why, and until when."""
    when = f"tried again in {aside.seconds:.0f} s" if aside.seconds else "tried again with the next one"
    return f"set aside: {aside.reason}; {when}"


@dataclass(slots=True)
class _Breaker:
    in_a_row: int = 0
    subjects: set[str] = field(default_factory=set)
    reason: str = ""
    times: int = 0
    open_until: float | None = None
    probing_since: float | None = None
    let_in_at: float = 0.0


def _to_wait(breaker: _Breaker, now: float) -> float:
    if breaker.open_until is None:
        return 0.0
    if breaker.probing_since is not None and now - breaker.probing_since < _PROBE_PATIENCE:
        return 1.0  # that is when to look again: how the probe ends nobody knows
    return breaker.open_until - now


class Breakers:
    """For any thread. `read`: a monotonic clock, for tests; `changed` is called when something was set aside or let in,
    by whoever's call did it, so it must not wait for anything."""

    def __init__(self, read: Callable[[], float] = time.monotonic) -> None:
        self._read = read
        self._guard = threading.Lock()
        self._breakers: dict[Key, _Breaker] = {}
        self._news: dict[Key, Aside | None] = {}
        self.changed: Callable[[], None] = lambda: None

    def admits(self, plugin: str, method: str) -> bool:
        """Whether to call now. Where it is time for a probe, the caller who is told yes is the probe."""
        breaker = self._breakers.get((plugin, method))
        if breaker is None:
            return True
        with self._guard:
            now = self._read()
            if breaker.open_until is None:
                return True
            if _to_wait(breaker, now) > 0:
                return False
            breaker.probing_since = now
            return True

    def is_aside(self, plugin: str, *methods: str) -> bool:
        """Whether one of these is set aside, or being tried again."""
        return any(
            (breaker := self._breakers.get((plugin, method))) is not None and breaker.open_until is not None
            for method in methods
        )

    def seconds_to_probe(self, plugin: str, *methods: str) -> float:
        """Until the first moment at which all of these may be tried; 0 for what is not set aside."""
        with self._guard:
            now = self._read()
            found = [self._breakers.get((plugin, method)) for method in methods]
            return max([0.0, *(_to_wait(one, now) for one in found if one is not None)])

    def worked(self, plugin: str, method: str) -> None:
        breaker = self._breakers.get((plugin, method))
        if breaker is None:
            return
        with self._guard:
            breaker.in_a_row = 0
            if breaker.open_until is None:
                return
            self._close(breaker)
            self._news[plugin, method] = None
        _log.warning("plugin let in again", plugin=plugin, method=method)
        self.changed()

    def failed(self, plugin: str, method: str, how: str, subject: str = "") -> None:
        """`how`: what it did ("raised KeyError"). `subject`: what it was asked about; the same one again is no
        different failure. Where nothing is named, each is."""
        metrics.plugin_failures.labels(plugin, method).inc()
        with self._guard:
            breaker = self._breakers.setdefault((plugin, method), _Breaker())
            if breaker.open_until is None:
                known = subject in breaker.subjects
                if subject and len(breaker.subjects) < _MOST_SUBJECTS:
                    breaker.subjects.add(subject)
                breaker.in_a_row += not known
                breaker.reason = f"{method} {how}"
                if known or breaker.in_a_row < SEVERAL:
                    return
                if self._read() - breaker.let_in_at > _FORGET:
                    breaker.times = 0
            elif breaker.probing_since is None:
                return  # it was called before it was set aside
            aside = self._open(plugin, method, breaker)
        metrics.plugins_set_aside.labels(plugin).inc()
        _log.error("plugin set aside", plugin=plugin, method=method, reason=aside.reason, seconds=aside.seconds)
        self.changed()

    def now_aside(self) -> list[Aside]:
        """Everything that is set aside, for people."""
        with self._guard:
            return [
                self._aside(key, breaker)
                for key, breaker in sorted(self._breakers.items())
                if breaker.open_until is not None
            ]

    def last_failure(self, plugin: str, method: str) -> str:
        """What a method did wrong when it last failed; empty if it never did."""
        breaker = self._breakers.get((plugin, method))
        return breaker.reason if breaker else ""

    def release(self, plugin: str) -> None:
        """Let all of a plugin in, as if it had never failed."""
        with self._guard:
            for key in [key for key in self._breakers if key[0] == plugin]:
                if self._breakers.pop(key).open_until is not None:
                    self._news[key] = None
        self.changed()

    def take_news(self) -> Mapping[Key, Aside | None]:
        """What was set aside here, or let in (None), since this was last asked: for the others."""
        with self._guard:
            news, self._news = self._news, {}
        return news

    def give_back(self, news: Mapping[Key, Aside | None]) -> None:
        """The others could not be told; what has changed since counts."""
        with self._guard:
            self._news = {**news, **self._news}

    def adopt(self, everywhere: Mapping[Key, Aside], *, try_now: bool = False) -> bool:
        """What all processes say together. What changed here a moment ago and they have not heard yet stays. `try_now`:
        whatever pause is left. True if something was let in by it."""
        let_in, longest = False, 0.0 if try_now else LONGEST_PAUSE
        with self._guard:
            for key, aside in everywhere.items():
                breaker = self._breakers.setdefault(key, _Breaker())
                if key not in self._news and (breaker.open_until is None or aside.times > breaker.times):
                    breaker.reason, breaker.times = aside.reason, aside.times
                    breaker.open_until = self._read() + min(aside.seconds, longest)
            for key, breaker in self._breakers.items():
                if breaker.open_until is not None and key not in everywhere and key not in self._news:
                    self._close(breaker)
                    let_in = True
        return let_in

    def _open(self, plugin: str, method: str, breaker: _Breaker) -> Aside:
        breaker.open_until = self._read() + min(FIRST_PAUSE * 2.0**breaker.times, LONGEST_PAUSE)
        breaker.times = min(breaker.times + 1, 10)
        breaker.probing_since, breaker.in_a_row = None, 0
        aside = self._news[plugin, method] = self._aside((plugin, method), breaker)
        return aside

    def _close(self, breaker: _Breaker) -> None:
        breaker.open_until, breaker.probing_since, breaker.in_a_row = None, None, 0
        breaker.let_in_at = self._read()

    def _aside(self, key: Key, breaker: _Breaker) -> Aside:
        assert breaker.open_until is not None
        left = max(0.0, breaker.open_until - self._read())
        return Aside(*key, breaker.reason, left, breaker.times)
