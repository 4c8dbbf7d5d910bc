"""python -m tools.chromium: print the path of a Chromium, fetched first if this machine has none.

Order: CASELLA_TEST_CHROMIUM -> a Chromium on PATH -> one fetched before -> apt-get install (as root) -> apt without
root into .venv/chromium, with a launcher that finds its libraries and fonts there -> one sentence on what to do.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import sys
from pathlib import Path

from tools import rootless_apt, steps

NAMES = ("chromium", "chromium-browser", "google-chrome")
# The fonts are for pages with Latin text and with emoji, which customers do write; libatomic1 is for the node
# inside playwright, which drives the browser.
PACKAGES = ("chromium", "fonts-dejavu-core", "fonts-noto-color-emoji", "libatomic1")
# The background flags keep Chromium from asking the world outside at every start.
_FLAGS = (
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
# The two pages behind its address field are loaded for each window, though nobody sees them here: more than a second of
# the processor's time for every browser context that a test opens.
_PAGES_OF_ITS_OWN = ("WebUIOmniboxPopup", "WebUIOmniboxAimPopup")
# Of two such flags the last holds, so what playwright 1.65 switches off is switched off again.
_SWITCHED_OFF = (
    *_PAGES_OF_ITS_OWN,
    "AimEnabled",
    "AvoidCorsURLLoaderRestartOnRedirect",
    "AvoidUnnecessaryBeforeUnloadCheckSync",
    "DestroyProfileOnBrowserClose",
    "HttpsFirstBalancedModeAutoEnable",
    "HttpsUpgrades",
    "LensOverlay",
    "MediaRouter",
    "NetworkTimeServiceQuerying",
    "OptimizationHints",
    "PaintHolding",
    "PreconnectToSearch",
    "ThirdPartyStoragePartitioning",
)
DOWNLOADED = Path(__file__).resolve().parent.parent / ".venv" / "chromium"
ADVICE = "Install Chromium with the system's packages, or set CASELLA_TEST_CHROMIUM to the path of one."


def flags() -> list[str]:
    """What to start it with, without a window. Root has no sandbox in Chromium; anybody else keeps it."""
    chosen = [*_FLAGS, f"--disable-features={','.join(_SWITCHED_OFF)}"]
    return [*chosen, "--no-sandbox"] if os.geteuid() == 0 else chosen


def find(downloaded: Path = DOWNLOADED) -> Path:
    """A Chromium that is here already; raises `LookupError` with what to do when there is none."""
    given = os.environ.get("CASELLA_TEST_CHROMIUM")
    candidates = [given] if given else [*map(shutil.which, NAMES), shutil.which(downloaded / "chromium")]
    found = next((Path(candidate) for candidate in candidates if candidate and Path(candidate).exists()), None)
    if found is None:
        raise LookupError(f"no Chromium: run `python -m tools.chromium` to fetch one. {ADVICE}")
    return found


def provide(downloaded: Path = DOWNLOADED) -> Path:
    """A Chromium, fetched if need be; raises `steps.StepFailed` when this machine cannot fetch one."""
    try:
        return find(downloaded)
    except LookupError:
        if not rootless_apt.available():
            raise steps.StepFailed(f"There is no Chromium and no apt to fetch one. {ADVICE}") from None
    downloaded.mkdir(parents=True, exist_ok=True)
    if os.geteuid() == 0:
        _install(downloaded / "log")
    else:
        _unpack(downloaded)
    return find(downloaded)


def _install(log: Path) -> None:
    """As root: the distribution's own package."""
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    steps.run("reading the list of packages", ["apt-get", "-q", "update"], log, ADVICE, environment)
    argv = ["apt-get", "-q", "-y", "--no-install-recommends", "install", *PACKAGES]
    steps.run("installing Chromium", argv, log, ADVICE, environment)


def _unpack(downloaded: Path) -> None:
    """Without root: unpack the packages and write a launcher that leads the program to its own parts."""
    root = downloaded / "root"
    rootless_apt.unpack(PACKAGES, root, downloaded / "log", with_dependencies=True)
    fonts = downloaded / "fonts.conf"
    fonts.write_text(
        '<?xml version="1.0"?>\n<fontconfig>\n'
        f"<dir>/usr/share/fonts</dir><dir>{root}/usr/share/fonts</dir><cachedir>{downloaded}/font-cache</cachedir>\n"
        "</fontconfig>\n"
    )
    settings = {"LD_LIBRARY_PATH": library_path(root), "FONTCONFIG_FILE": str(fonts)}
    _write_launcher(downloaded / "chromium", root / "usr/lib/chromium/chromium", settings)
    if node := playwright_node():
        _write_launcher(downloaded / "node", node, settings)


def playwright_node() -> Path | None:
    """The node inside the playwright package of this Python, which may lack libraries to run."""
    playwright = importlib.util.find_spec("playwright")
    return Path(playwright.origin).parent / "driver" / "node" if playwright and playwright.origin else None


def _write_launcher(launcher: Path, program: Path, settings: dict[str, str]) -> None:
    exports = "".join(f'export {name}="{setting}"\n' for name, setting in settings.items())
    launcher.write_text(f'#!/bin/sh\n{exports}exec "{program}" "$@"\n')
    launcher.chmod(0o755)


def library_path(root: Path) -> str:
    """Every unpacked folder with shared libraries, but Chromium's own and the character set converters."""
    folders = {library.parent.relative_to(root) for library in root.rglob("*.so*")}
    return ":".join(str(root / folder) for folder in sorted(folders) if not {"chromium", "gconv"} & {*folder.parts})


def main() -> int:
    try:
        print(provide())
    except (steps.StepFailed, OSError) as failure:
        steps.say(str(failure))
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
