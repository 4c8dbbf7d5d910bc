"""The icons with which the agents' page is installed are those of icon.svg, and the manifest names them."""

from __future__ import annotations

import json
import re
from pathlib import Path

from PIL import Image
from tools.icons import HOME, ICONS, Drawing, pixels

PAGE = Path(__file__).parents[2] / "worker" / "casella" / "api" / "static" / "agent"


def test_each_is_the_drawing_at_its_size() -> None:
    """The smallest of each kind is drawn anew; whoever changes icon.svg runs `python -m tools.icons`."""
    drawing = Drawing.read((HOME / "icon.svg").read_text(encoding="utf-8"))
    for name in ("icon-192.png", "icon-180.png"):
        side, full = ICONS[name]
        with Image.open(HOME / name) as image:
            assert image.convert("RGBA").tobytes() == pixels(drawing, side, full=full), name


def test_one_that_is_cut_fills_its_square_and_the_other_has_round_corners() -> None:
    for name, (side, full) in ICONS.items():
        with Image.open(PAGE / name) as image:
            assert image.size == (side, side), name
            corner, middle = (
                image.convert("RGBA").getpixel((0, 0)),
                image.convert("RGBA").getpixel((side // 2, side // 4)),
            )
        assert corner == ((31, 111, 92, 255) if full else (31, 111, 92, 0)), name
        assert middle == (255, 255, 255, 255), name  # the upper edge of the box


def test_the_manifest_and_the_page_name_those_that_there_are() -> None:
    icons = json.loads((PAGE / "manifest.webmanifest").read_text())["icons"]
    named = {one["src"].removeprefix("/app/assets/"): (one["sizes"], one["purpose"]) for one in icons}
    assert named == {
        "icon.svg": ("any", "any"), "icon-192.png": ("192x192", "any"), "icon-512.png": ("512x512", "any"),
        "icon-maskable-512.png": ("512x512", "maskable"),
    }  # fmt: skip
    assert re.findall(r"/app/assets/(icon[\w.-]+)", (PAGE / "index.html").read_text()) == ["icon.svg", "icon-180.png"]
    assert all((PAGE / name).is_file() for name in named)
