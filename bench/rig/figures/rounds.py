"""Several rounds of the same measurement: the figure in the middle, and how far the rounds lay apart."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from typing import cast

from bench.rig.figures.pace import Pace
from bench.rig.processes import JsonObject

Round = Mapping[str, float]


def median(rounds: Sequence[Round], key: str) -> float:
    return round(statistics.median(each[key] for each in rounds), 2)


def summary(rounds: Sequence[Round], paces: Sequence[Pace]) -> JsonObject:
    """The median of every figure; `spread` has least and greatest of each, `machine_cpu_ms` and `machine_wall_ms` the
    calibration before each round."""
    keys = list(rounds[0]) if rounds else []
    figures: JsonObject = {key: median(rounds, key) for key in keys}
    figures["spread"] = {key: [min(each[key] for each in rounds), max(each[key] for each in rounds)] for key in keys}
    figures["machine_cpu_ms"] = [pace.cpu_ms for pace in paces]
    figures["machine_wall_ms"] = [pace.wall_ms for pace in paces]
    return figures


def with_spread(result: Mapping[str, object], key: str) -> str:
    """For a table: "646 (601-702)"."""
    spread = cast(Mapping[str, Sequence[float]], result["spread"])
    least, greatest = spread[key]
    return f"{_short(cast(float, result[key]))} ({_short(least)}-{_short(greatest)})"


def _short(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"
