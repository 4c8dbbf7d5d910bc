"""The upgrade under load: a house of the last released version is filled, ended, and goes on as this version.

Released is what has a tag that begins with "v". As long as nothing has, it is the last commit without the newest
migration: the last one whose database this version must change. It is built into an environment of its own.
"""

from __future__ import annotations

import os
import random
import subprocess
import tarfile
import time
import tomllib
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

from tests.faults.catalogue.fault import WHOLE
from tests.faults.movement import Bounds, Window
from tests.faults.rounds import Outcome, Say, settle
from tests.faults.scene import Scene, Size
from tests.faults.traffic import Weight
from tests.integration.rig.programs import until
from tests.scratch import Scratch

UPGRADE = "upgraded"
ROOT = Path(__file__).parents[2]
MIGRATIONS = "worker/casella/store/migrations/versions"
MESSAGES = 150
"""So many are acknowledged before the upgrade, and as many again behind it."""


class Unavailable(LookupError):
    """The last version cannot be had here: a checkout without history, or one that builds differently."""


def upgrade(
    folder: Path,
    size: Size,
    opened: Callable[..., AbstractContextManager[Scene]],
    dice: random.Random,
    say: Say,
    patience: float = 1.0,
) -> Outcome:
    """`patience`: how many times longer than its bound anything may take. Raises Unavailable."""
    commit, called = last_version()
    say(f"{size}: building {called}")
    command = build(commit, folder / "old")
    outcome = Outcome(f"{size}, {UPGRADE}", may_reset=True)
    with opened(folder, dice, Weight(), command) as scene:
        scene.traffic.start()
        _until_acknowledged(scene, MESSAGES)
        outcome.windows.append(_replace(scene, WHOLE.times(patience)))
        say(f"{size}: upgraded from {called}; {scene.traffic.acknowledged:,} messages acknowledged")
        _until_acknowledged(scene, scene.traffic.acknowledged + MESSAGES)
        settle(scene, outcome, say)
    return outcome


def _replace(scene: Scene, bounds: Bounds) -> Window:
    """End every process, bring the database to this version, start this version's."""
    began = time.monotonic()
    scene.house.stop()
    for watcher in scene.traffic.watchers.values():
        watcher.judged_from = len(watcher.events)
    if scene.size == "postgres":
        migrated = scene.house.casella("migrate")
        assert migrated.returncode == 0, migrated.stdout + migrated.stderr
    for program in scene.house.programs.values():
        program.command = ()
    scene.house.start()
    scene.house.wait_ready()
    ended = time.monotonic()
    return Window(UPGRADE, bounds, began, ended, ended)


def _until_acknowledged(scene: Scene, wanted: int) -> None:
    until(lambda: scene.traffic.acknowledged >= wanted or scene.traffic.failed, f"{wanted} messages acknowledged")


def last_version() -> tuple[str, str]:
    """A commit, and what it is called. Raises Unavailable."""
    tags = _git("tag", "--list", "v*", "--sort=-version:refname").split()
    if tags:
        return tags[0], f"version {tags[0]}"
    newest = max((ROOT / MIGRATIONS).glob("[0-9]*.py")).name
    added = _git("log", "--diff-filter=A", "--format=%H", "-1", "--", f"{MIGRATIONS}/{newest}").strip()
    if not added:
        raise Unavailable("nothing was released yet, and this checkout has no history to take an older version from")
    commit = _git("rev-parse", "--verify", f"{added}^").strip()
    return commit, f"the commit before migration {newest[:4]} ({commit[:8]}); no version has been released yet"


def build(commit: str, folder: Path) -> list[str]:
    """Its `casella`, in an environment of its own beside everything else that is installed here: as pip lays out what
    is installed for editing, without the minutes that pip takes on a busy machine."""
    if _pins(_git("show", f"{commit}:requirements/run.txt")) - _pins((ROOT / "requirements/run.txt").read_text()):
        raise Unavailable(f"{commit[:8]} needs other libraries than this checkout has")
    source = folder / "source"
    source.mkdir(parents=True)
    archive = folder / "source.tar"
    _git("archive", "--output", str(archive), commit)
    with tarfile.open(archive) as packed:
        packed.extractall(source, filter="data")
    scratch = Scratch(folder, checkout=False)
    project = tomllib.loads((source / "pyproject.toml").read_text())
    (site,) = scratch.programs.parent.glob("lib/python*/site-packages")
    _lay_out(site, source, project)
    return scratch.command()


def _pins(locked: str) -> set[str]:
    """`name==version` of each library. More of them than it needs are no harm."""
    return {line.split()[0] for line in locked.splitlines() if "==" in line}


def _lay_out(site: Path, source: Path, project: Mapping[str, Any]) -> None:
    packages = project["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]
    (site / "casella.pth").write_text("".join(f"{(source / one).parent}\n" for one in packages))
    about = site / "casella-0.dist-info"
    about.mkdir()
    (about / "METADATA").write_text(f"Metadata-Version: 2.1\nName: casella\nVersion: {project['project']['version']}\n")
    points = project["project"]["entry-points"]["casella"]
    (about / "entry_points.txt").write_text(
        "\n".join(["[casella]", *(f"{name} = {at}" for name, at in points.items())])
    )


def _git(*arguments: str) -> str:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    try:
        done = subprocess.run(["git", *arguments], cwd=ROOT, env=environment, capture_output=True, text=True)
    except OSError as missing:
        raise Unavailable(f"git: {missing}") from missing
    if done.returncode:
        raise Unavailable(f"git {arguments[0]}: {done.stderr.strip()}")
    return done.stdout
