"""An environment of its own that has everything this one has, into which a distribution is installed and removed again.

    scratch = Scratch(tmp_path)
    scratch.install(folder)
    done = scratch.run("-m", "pytest", cwd=folder)

Nothing is fetched: what runs the tests is seen through a path file. With `checkout=False` this repository is not seen
through it, only what others have written: for what must do without.
"""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

ALONE = ("-q", "-p", "no:cacheprovider", "-p", "no:randomly", "-p", "no:xdist")
"""For pytest in a distribution of its own: nothing of our own suite's habits."""


class Scratch:
    """Built once; `folder` is where it lies and where programs run unless told otherwise."""

    def __init__(self, folder: Path, *, checkout: bool = True) -> None:
        self.folder = folder
        venv.create(folder / "venv", with_pip=False, symlinks=True)
        version = f"python{sys.version_info.major}.{sys.version_info.minor}"
        here = sysconfig.get_path("purelib")
        own = folder / "venv" / "lib" / version / "site-packages"
        # A bare path leaves out the path files within it, and so what is installed as it stands: this repository.
        path = f"import site; site.addsitedir({here!r})" if checkout else here
        (own / "everything_else.pth").write_text(f"{path}\n")

    @property
    def python(self) -> str:
        return str(self.folder / "venv" / "bin" / "python")

    @property
    def programs(self) -> Path:
        """The folder that belongs on the PATH of whoever works in it."""
        return self.folder / "venv" / "bin"

    def install(self, distribution: Path) -> None:
        self._pip("install", "--no-deps", "--no-build-isolation", "--no-index", str(distribution))

    def uninstall(self, name: str) -> None:
        self._pip("uninstall", "--yes", name)

    def casella(self, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
        return self.run(*self.command(*arguments)[1:], cwd=None, **variables)

    def command(self, *arguments: str) -> list[str]:
        """`casella` of this environment, for those who start it themselves."""
        return [self.python, "-c", "from casella.cli import main; main()", *arguments]

    def run(self, *arguments: str, cwd: Path | None = None, **variables: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [self.python, *arguments],
            cwd=cwd or self.folder,
            env=self.environment(**variables),
            capture_output=True,
            text=True,
            timeout=110,
        )

    def environment(self, **variables: str) -> dict[str, str]:
        ours = ("CASELLA_", "PYTEST_", "COV_", "PYTHONPATH")
        kept = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
        return {**kept, "CASELLA_DATA_DIR": str(self.folder / "var"), "COLUMNS": "200", **variables}

    def _pip(self, *arguments: str) -> None:
        command = [sys.executable, "-m", "pip", "--python", self.python, "--quiet", *arguments]
        environment = self.environment(PIP_DISABLE_PIP_VERSION_CHECK="1")
        done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=110)
        assert done.returncode == 0, done.stdout + done.stderr
