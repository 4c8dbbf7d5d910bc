"""Writes the icons with which the agents' page is installed: `python -m tools.icons` makes PNG files of
web/agent/icon.svg beside it. A test compares.

Systems that install a page want pixels, and a maskable icon that fills its square, of which they cut a shape of their
own. The icon is a ground and lines with round ends: each pixel is measured from them.
"""

from __future__ import annotations

import math
import re
import struct
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

HOME = Path(__file__).parents[1] / "web" / "agent"
#: Pixels of a side, and whether the ground fills the square.
ICONS: Mapping[str, tuple[int, bool]] = {
    "icon-192.png": (192, False),
    "icon-512.png": (512, False),
    "icon-maskable-512.png": (512, True),
    "icon-180.png": (180, True),  # of an iPhone, which rounds it itself
}
Point = tuple[float, float]
Colour = tuple[int, int, int]


@dataclass(frozen=True)
class Drawing:
    """What icon.svg says, in its own units."""

    side: float
    radius: float
    ground: Colour
    line: Colour
    width: float
    segments: tuple[tuple[Point, Point], ...]

    @classmethod
    def read(cls, svg: str) -> Drawing:
        def attribute(name: str) -> str:
            found = re.search(rf'\b{name}="([^"]+)"', svg)
            if found is None:
                raise ValueError(f"icon.svg has no {name}")
            return found[1]

        return cls(
            float(attribute("viewBox").split()[2]), float(attribute("rx")), _colour(attribute("fill")),
            _colour(attribute("stroke")), float(attribute("stroke-width")), tuple(_segments(attribute("d"))),
        )  # fmt: skip


def _colour(written: str) -> Colour:
    digits = written.removeprefix("#")
    digits = digits if len(digits) == 6 else "".join(2 * one for one in digits)
    return (int(digits[:2], 16), int(digits[2:4], 16), int(digits[4:], 16))


def _segments(path: str) -> Iterator[tuple[Point, Point]]:
    """Straight lines alone: M, l, h, v, H, z."""
    at = begun = (0.0, 0.0)
    for command, written in re.findall(r"([a-zA-Z])([^a-zA-Z]*)", path):
        numbers = [float(one) for one in re.findall(r"-?[0-9.]+", written)]
        match command:
            case "M":
                at = begun = (numbers[0], numbers[1])
                continue
            case "l":
                to = (at[0] + numbers[0], at[1] + numbers[1])
            case "h":
                to = (at[0] + numbers[0], at[1])
            case "H":
                to = (numbers[0], at[1])
            case "v":
                to = (at[0], at[1] + numbers[0])
            case "z":
                to = begun
            case _:
                raise ValueError(f"icon.svg draws with {command}, which this tool does not")
        yield at, to
        at = to


def pixels(drawing: Drawing, side: int, *, full: bool) -> bytes:
    """RGBA, row by row."""
    scale, half = side / drawing.side, drawing.side / 2
    inner = half - drawing.radius
    made = bytearray()
    for y in range(side):
        for x in range(side):
            at = ((x + 0.5) / scale, (y + 0.5) / scale)
            lines = _covered(min(_distance(at, *one) for one in drawing.segments) - drawing.width / 2, scale)
            corner = math.hypot(max(abs(at[0] - half) - inner, 0), max(abs(at[1] - half) - inner, 0))
            ground = 1.0 if full else _covered(corner - drawing.radius, scale)
            colour = (round(g + (i - g) * lines) for g, i in zip(drawing.ground, drawing.line, strict=True))
            made += bytes((*colour, round(255 * ground)))
    return bytes(made)


def _covered(distance: float, scale: float) -> float:
    """How much of a pixel lies inside an edge that is so far from its middle."""
    return min(1.0, max(0.0, 0.5 - distance * scale))


def _distance(at: Point, start: Point, end: Point) -> float:
    along = (end[0] - start[0], end[1] - start[1])
    length = along[0] ** 2 + along[1] ** 2
    share = ((at[0] - start[0]) * along[0] + (at[1] - start[1]) * along[1]) / length if length else 0.0
    share = min(1.0, max(0.0, share))
    return math.hypot(at[0] - start[0] - share * along[0], at[1] - start[1] - share * along[1])


def png(rgba: bytes, side: int) -> bytes:
    rows = b"".join(b"\0" + rgba[4 * side * y : 4 * side * (y + 1)] for y in range(side))
    head = struct.pack(">IIBBBBB", side, side, 8, 6, 0, 0, 0)
    parts = ((b"IHDR", head), (b"IDAT", zlib.compress(rows, 9)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in parts
    )


def main() -> None:
    drawing = Drawing.read((HOME / "icon.svg").read_text(encoding="utf-8"))
    for name, (side, full) in ICONS.items():
        (HOME / name).write_bytes(png(pixels(drawing, side, full=full), side))


if __name__ == "__main__":
    main()
