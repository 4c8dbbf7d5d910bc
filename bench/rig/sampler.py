"""Where a process's time goes: CPU seconds by thread from the kernel, spread over what its stacks showed.

Samples alone mislead in Python: a sleeping thread looks busy, and a thread is mostly seen where it gives the
interpreter up. So a thread weighs what the kernel says it used, and its waiting samples count for nothing.
"""

from __future__ import annotations

import os
import sys
import threading
from collections import Counter, defaultdict
from types import FrameType

_TICK = os.sysconf("SC_CLK_TCK")
_WAITING = frozenset(
    {"wait", "select", "poll", "get", "acquire", "sleep", "_wait_for_tstate_lock", "__enter__", "run_forever"}
)
_DEPTH = 60


class Sampler:
    """`start` it, `report` at the end. Without `stacks` it only keeps the CPU time by thread, which costs nothing."""

    def __init__(self, *, stacks: bool, every: float = 0.004) -> None:
        self._stacks = stacks
        self._every = every if stacks else 0.25
        self._used: dict[int, tuple[str, float]] = {}  # by thread, so that one that has ended still counts
        self._before: dict[int, tuple[str, float]] = {}  # spent on starting
        self._own: dict[str, Counter[str]] = defaultdict(Counter)
        self._under: dict[str, Counter[str]] = defaultdict(Counter)
        self._samples: Counter[str] = Counter()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="sampler", daemon=True)

    def start(self) -> None:
        self.forget()
        self._thread.start()

    def forget(self) -> None:
        """What was spent until now is not counted."""
        self._before = cpu_by_thread()

    def stop(self) -> None:
        self._stopping.set()
        self._thread.join()

    def report(self, most: int = 14) -> dict[str, object]:
        cpu = self._by_name()
        threads = {name: round(seconds, 2) for name, seconds in sorted(cpu.items(), key=lambda item: -item[1])}
        found: dict[str, object] = {"cpu_seconds_by_thread": {name: s for name, s in threads.items() if s >= 0.02}}
        if self._stacks:
            found["share_by_function"] = _top(self._weighed(self._own, cpu), most)
            found["share_with_callees"] = _top(self._weighed(self._under, cpu), most)
        return found

    def _by_name(self) -> dict[str, float]:
        found: dict[str, float] = defaultdict(float)
        for tid, (name, seconds) in self._used.items():
            found[name] += max(0.0, seconds - self._before.get(tid, (name, 0.0))[1])
        return found

    def _weighed(self, counted: dict[str, Counter[str]], cpu: dict[str, float]) -> Counter[str]:
        total = sum(cpu.get(name, 0.0) for name in self._samples) or 1.0
        shares: Counter[str] = Counter()
        for name, places in counted.items():
            weight = cpu.get(name, 0.0) / total / max(1, self._samples[name])
            for place, count in places.items():
                shares[place] += count * weight  # type: ignore[assignment]  # a Counter holds any number
        return shares

    def _run(self) -> None:
        rounds = 0
        while not self._stopping.wait(self._every):
            if self._stacks:
                self._look()
            if rounds % 25 == 0 or not self._stacks:
                self._used |= cpu_by_thread()
            rounds += 1

    def _look(self) -> None:
        names = {thread.ident: _group(thread.name) for thread in threading.enumerate()}
        for ident, frame in sys._current_frames().items():
            name = names.get(ident, "?")
            if name == "sampler" or frame.f_code.co_name in _WAITING:
                continue
            self._samples[name] += 1
            self._own[name][_place(frame)] += 1
            for place in _ours(frame):
                self._under[name][place] += 1


def cpu_by_thread() -> dict[int, tuple[str, float]]:
    """Each thread's name, those of a kind alike, and its CPU seconds so far."""
    return {
        thread.native_id: (_group(thread.name), _seconds(thread.native_id))
        for thread in threading.enumerate()
        if thread.native_id is not None
    }


def _seconds(tid: int) -> float:
    try:
        with open(f"/proc/self/task/{tid}/stat") as file:
            fields = file.read().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / _TICK


def _group(name: str) -> str:
    if name.startswith("Thread-"):
        return "dramatiq workers"
    return name.rstrip("0123456789").rstrip("-_ ")


def _place(frame: FrameType) -> str:
    code = frame.f_code
    return f"{_short(code.co_filename)}:{code.co_qualname}"


def _ours(frame: FrameType | None) -> set[str]:
    """Functions of the product on this stack."""
    found: set[str] = set()
    for _ in range(_DEPTH):
        if frame is None:
            break
        path = frame.f_code.co_filename
        if "/casella" in path or "/uvicorn/" in path:
            found.add(_place(frame))
        frame = frame.f_back
    return found


def _short(path: str) -> str:
    parts = path.split("/")
    return "/".join(parts[-2:])


def _top(shares: Counter[str], most: int) -> dict[str, float]:
    return {place: round(float(share), 3) for place, share in shares.most_common(most)}
