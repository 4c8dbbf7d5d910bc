"""A real browser for tests: Debian's (or any) Chromium, driven by playwright with no download of its own."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect, sync_playwright
from tools import chromium

PATIENCE = 20_000
"""Milliseconds that an expectation of a page is waited for: playwright's own five are too few on a busy machine."""
expect.set_options(timeout=PATIENCE)
NO_NODE = (
    "no node that runs, and playwright needs one to drive the browser: install libatomic1 or node with the system's "
    "packages, or set PLAYWRIGHT_NODEJS_PATH"
)


def driver_node() -> Path:
    """The node that drives playwright: its own where its libraries are here, else another; or `LookupError`."""
    candidates = [os.environ.get("PLAYWRIGHT_NODEJS_PATH"), chromium.playwright_node()]
    candidates += [shutil.which(chromium.DOWNLOADED / "node"), shutil.which("node")]
    node = next((Path(candidate) for candidate in candidates if candidate and _runs(Path(candidate))), None)
    if node is None:
        raise LookupError(NO_NODE)
    return node


def _runs(program: Path) -> bool:
    try:
        return subprocess.run([program, "--version"], capture_output=True).returncode == 0
    except OSError:
        return False


@contextmanager
def open_browser(executable: Path, node: Path, *more: str) -> Iterator[Browser]:
    """`more`: flags of its own."""
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("PLAYWRIGHT_NODEJS_PATH", str(node))  # playwright reads it from nowhere else
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=executable, args=[*chromium.flags(), *more])
            yield browser
            browser.close()
