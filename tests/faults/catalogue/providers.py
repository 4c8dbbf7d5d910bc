"""Providers that are slow, answer half, fail, or cannot be reached; and everybody who writes at once."""

from __future__ import annotations

from casella_simulator import Faults
from tests.faults.catalogue.fault import BOTH, OTHERS, WHOLE, Fault
from tests.faults.scene import Scene
from tests.integration.rig.runs import GOOD, ROUGH

LASTS = 6.0


def slow(scene: Scene) -> None:
    _for_a_while(scene, Faults(latency_ms=(2_000, 5_000)))


def rough(scene: Scene) -> None:
    _for_a_while(scene, ROUGH)


def _for_a_while(scene: Scene, faults: Faults) -> None:
    scene.provider.set_faults(faults)
    try:
        scene.wait(LASTS)
    finally:
        scene.provider.set_faults(GOOD)


def half_answering(scene: Scene) -> None:
    """A byte of the answer every half second: no time-out for one read ever ends it."""
    scene.to_provider.drips = True
    try:
        scene.wait(LASTS)
    finally:
        scene.to_provider.drips = False
        scene.to_provider.cut()


def silent(scene: Scene) -> None:
    scene.to_provider.silence(True)
    try:
        scene.wait(LASTS)
    finally:
        scene.to_provider.cut()
        scene.to_provider.silence(False)


def unreachable(scene: Scene) -> None:
    scene.to_provider.refuses = True
    scene.to_provider.cut()
    try:
        scene.wait(LASTS)
    finally:
        scene.to_provider.refuses = False


def flood(scene: Scene) -> None:
    scene.traffic.flood(customers=40, seconds=4.0)


PROVIDERS = (
    Fault("provider slow", "every send is answered after 2 to 5 s", BOTH, OTHERS, slow, survives=True),
    Fault("provider rough", "errors, cuts before and after taking, receipts late, doubled, reordered, missing", BOTH,
          OTHERS, rough, survives=True),
    Fault("provider answers half", "answers come a byte every half second, and never end", BOTH, OTHERS,
          half_answering, survives=True),
    Fault("provider silent", "nothing gets through to it, nothing is refused", BOTH, OTHERS, silent, survives=True),
    Fault("provider unreachable", "every connection to it is refused and cut", BOTH, OTHERS, unreachable,
          survives=True),
    Fault("flood", "40 more people write without a pause for 4 s", BOTH, WHOLE, flood),
)  # fmt: skip
