"""Debian packages without root: apt works on a private folder, dpkg unpacks there, nothing is installed."""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
from pathlib import Path

from tools import steps


def available() -> bool:
    return shutil.which("apt-get") is not None and shutil.which("dpkg") is not None


def unpack(packages: Sequence[str], target: Path, log: Path, *, with_dependencies: bool) -> None:
    """Download packages and unpack them under ``target``; raises `steps.StepFailed` when apt cannot.

    Sources and keys are the machine's own (/etc/apt); lists, cache and locks are private, so no root is needed.
    """
    private = (target / ".apt").resolve()
    environment = _private_apt(private)
    advice = "Is the package mirror of /etc/apt reachable?"
    steps.run("reading the list of packages", ["apt-get", "-q", "update"], log, advice, environment)
    archives = private / "cache" / "archives"
    # `download` takes the named packages alone; `-d install` also those they need and this machine lacks.
    fetch = ["-y", "-d", "--no-install-recommends", "install"] if with_dependencies else ["download"]
    argv = ["apt-get", "-q", *fetch, *packages]
    steps.run(f"downloading {' '.join(packages)}", argv, log, advice, environment, cwd=archives)
    unpacking = 'for archive in *.deb; do dpkg -x "$archive" "$0"; done'
    steps.run("unpacking", ["sh", "-ec", unpacking, str(target)], log, "Is the disk full?", cwd=archives)
    shutil.rmtree(private)


def _private_apt(private: Path) -> dict[str, str]:
    for folder in ("state/lists/partial", "cache/archives/partial"):
        (private / folder).mkdir(parents=True, exist_ok=True)
    configuration = private / "apt.conf"
    configuration.write_text(
        f'Dir::State "{private}/state";\n'
        'Dir::State::status "/var/lib/dpkg/status";\n'
        f'Dir::Cache "{private}/cache";\n'
        'Dir::Etc "/etc/apt";\n'
        'APT::Sandbox::User "";\n'
        'Debug::NoLocking "1";\n'
        'Acquire::Languages "none";\n'
    )
    return {**os.environ, "APT_CONFIG": str(configuration)}
