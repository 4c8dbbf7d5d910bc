"""Whether a process keeps more than it needs: what it holds after the first minutes, and after an hour's traffic."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tests.faults.scene import Scene

HOUR = 3_600
"""Messages: an hour of one a second, which is a busy support line."""
ALLOWED = 0.10


@dataclass
class Growth:
    """MB of each process, at first and in the end; `messages` came in between. Empty where the system does not tell."""

    first: Mapping[str, float] = field(default_factory=dict)
    last: Mapping[str, float] = field(default_factory=dict)
    messages: int = 0

    @property
    def worst(self) -> float:
        """The largest growth of a process, as a share of what it held at first."""
        shares = [self.last[name] / held - 1 for name, held in self.first.items() if held and name in self.last]
        return round(max(shares, default=0.0), 3)

    def broken(self) -> list[str]:
        """Judged only when an hour's messages came in between: growth is steep at first, in any program."""
        if self.messages < HOUR or self.worst <= ALLOWED:
            return []
        held = ", ".join(f"{name} {self.first[name]:.0f} to {self.last[name]:.0f} MB" for name in self.first)
        return [f"memory grew by {self.worst:.0%} with {self.messages} messages: {held}"]


def resident(scene: Scene) -> dict[str, float]:
    """MB that each process of the house holds now."""
    found = {name: _resident(program.pid) for name, program in scene.house.programs.items()}
    return {name: held for name, held in found.items() if held}


def _resident(pid: int) -> float:
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0.0
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith("VmRSS:")), 0.0)
