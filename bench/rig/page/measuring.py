"""What a page costs, as Chromium counts it: script, style and layout, in milliseconds."""

from __future__ import annotations

import math
import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from playwright.sync_api import Browser, CDPSession, Page, sync_playwright
from tools import chromium

_WORK = ("ScriptDuration", "LayoutDuration", "RecalcStyleDuration")
SHOWN = """
new MutationObserver((_, watch) => {
  if (!document.querySelector(".row .row-name")) return;
  watch.disconnect();
  requestAnimationFrame(() => { globalThis.listShown = performance.now(); });
}).observe(document, { childList: true, subtree: true });
"""
FRAMES = "() => new Promise((done) => requestAnimationFrame(() => setTimeout(done)))"


class Driver(Protocol):
    """What is done on either page is the same."""

    page: Page

    def work(self) -> float: ...


class Measured:
    """One page in a browser of its own, `slower` times slower than the machine."""

    def __init__(self, browser: Browser, url: str, slower: int = 1) -> None:
        self._context = browser.new_context(viewport={"width": 1440, "height": 900}, locale="en-GB")
        self.page = self._context.new_page()
        self.page.add_init_script(SHOWN)
        self._cdp: CDPSession = self._context.new_cdp_session(self.page)
        self._cdp.send("Performance.enable")
        if slower > 1:
            self._cdp.send("Emulation.setCPUThrottlingRate", {"rate": slower})
        self.page.goto(url)
        self.page.wait_for_function("() => globalThis.listShown")
        self.first_view = self.work()

    def work(self) -> float:
        """Milliseconds of script, style and layout since the page was opened."""
        found = {one["name"]: one["value"] for one in self._cdp.send("Performance.getMetrics")["metrics"]}
        return 1000 * sum(float(found[name]) for name in _WORK)

    def cost(self, act: Callable[[], object]) -> float:
        before = self.work()
        act()
        return self.work() - before

    def heap_mb(self) -> float:
        self._cdp.send("HeapProfiler.collectGarbage")
        found = {one["name"]: one["value"] for one in self._cdp.send("Performance.getMetrics")["metrics"]}
        return float(found["JSHeapUsedSize"]) / 1e6

    def frames(self, count: int = 1) -> None:
        for _ in range(count):
            self.page.evaluate(FRAMES)

    def close(self) -> None:
        self._context.close()


@contextmanager
def browsing() -> Iterator[Browser]:
    """A Chromium without a window; raises LookupError when there is none, or no node to drive it."""
    program, node = chromium.find(), os.environ.get("PLAYWRIGHT_NODEJS_PATH") or shutil.which("node")
    if node and Path(node).exists():
        os.environ["PLAYWRIGHT_NODEJS_PATH"] = str(node)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=chromium.flags())
        try:
            yield browser
        finally:
            browser.close()


def p95(values: Sequence[float]) -> float:
    return sorted(values)[max(0, math.ceil(0.95 * len(values)) - 1)]
