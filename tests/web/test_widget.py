"""The widget as it is built: small, alone, and as its manual says."""

from __future__ import annotations

import gzip
import re
from pathlib import Path

WEB = Path(__file__).parents[2] / "web"
SOURCE = WEB / "widget"
BUILT = Path(__file__).parents[2] / "plugins" / "webchat" / "casella_webchat" / "static" / "widget.js"
MANUAL = Path(__file__).parents[2] / "docs" / "channels" / "webchat.md"
MOST_BYTES = 30_000


def test_the_widget_is_small() -> None:
    assert len(gzip.compress(BUILT.read_bytes(), 9)) < MOST_BYTES


def test_the_widget_asks_nobody_else_and_runs_no_text_as_code() -> None:
    """What a strict policy of a page forbids, and what would give a visitor away."""
    script = BUILT.read_text(encoding="utf-8")
    assert set(re.findall(r"https?://[\w.-]+", script)) == {"http://www.w3.org"}
    for forbidden in (
        "eval(",
        "new Function",
        "innerHTML",
        "outerHTML",
        "insertAdjacentHTML",
        "document.write",
        "cookie",
    ):
        assert forbidden not in script, forbidden
    assert not re.search(r"setAttribute\(\"style\"|\.cssText", script)


def test_the_manual_names_what_the_widget_has() -> None:
    """Attributes, methods, events and variables: all of them, and no others."""
    manual, source = MANUAL.read_text(), {path.stem: path.read_text() for path in (SOURCE / "src").glob("*.ts")}
    attributes = {"widget", "lang", "user-id", "user-hmac"}
    assert {name.removeprefix("data-") for name in re.findall(r"data-[a-z-]+", manual)} == attributes
    for attribute in attributes:
        spelt = re.sub(r"-(\w)", lambda found: found[1].upper(), attribute)
        assert re.search(rf"\b{spelt}\b", source["index"]), attribute
    variables = set(re.findall(r"var\((--casella-[\w-]+)", source["styles"]))
    assert set(re.findall(r"`(--casella-[\w-]+)`", manual)) == variables
    for method in set(re.findall(r"chat\.(\w+)\(", manual)) - {"addEventListener"}:
        assert re.search(rf"^  {method}\(", source["element"], re.MULTILINE), method
    assert set(re.findall(r'"(casella-\w+)"', manual)) - {"casella-webchat"} <= set(
        re.findall(r'"(casella-\w+)"', source["element"])
    )
