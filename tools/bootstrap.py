"""python3 tools/bootstrap.py VENV LOCK...

Make the virtual environment VENV with exactly the packages of the hash-locked LOCK files and this project on top.
A second call with nothing changed returns at once. Needs only Python 3.11 or newer; no registry is named here,
packages come from wherever pip (or uv) on this machine is told to look.
"""

import sys

if sys.version_info < (3, 11):  # noqa: UP036  # run by whatever python3 is, so that an old one reaches this sentence
    sys.exit(
        f"Casella needs Python 3.11 or newer; {sys.executable} is {sys.version.split()[0]}. "
        "Install a newer one and name it: make PYTHON=python3.11 ..."
    )

import contextlib
import fcntl
import hashlib
import os
import shutil
import subprocess
import venv
from collections.abc import Iterator, Sequence
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(REPOSITORY))  # this file is run by its path, and its neighbours are the package `tools`

from tools import rootless_apt, steps  # noqa: E402  # after the two blocks above, which it needs

DISTRIBUTION_WHEELS = Path("/usr/share/python-wheels")
NO_INSTALLER = (
    "This Python has neither pip nor ensurepip, uv is not on PATH, and apt could not fetch pip either. "
    "Install python3-venv (Debian, Ubuntu: apt install python3-venv) or put uv on PATH, then run this again."
)
INDEX_ADVICE = (
    "Is the package index reachable? Behind a mirror, tell pip where it is (pip config set global.index-url ADDRESS), "
    "then run this again."
)


def main(arguments: Sequence[str]) -> int:
    """Entry point; returns the exit code and prints a sentence, never a traceback, for what a person can fix."""
    if len(arguments) < 2:
        steps.say(__doc__ or "")
        return 2
    target, locks = Path(arguments[0]).absolute(), [Path(lock).absolute() for lock in arguments[1:]]
    try:
        with _alone(target):
            prepare(target, locks, REPOSITORY)
    except steps.StepFailed as failure:
        steps.say(f"{failure.log_tail}\n\n{failure}" if failure.log_tail else str(failure))
        return 1
    except OSError as failure:
        steps.say(f"Cannot prepare {target}: {failure.strerror or failure} ({failure.filename}).")
        return 1
    except KeyboardInterrupt:
        steps.say("\nStopped. The next call goes on from here.")
        return 130
    return 0


def prepare(target: Path, locks: Sequence[Path], project: Path) -> None:
    """Bring the environment up to date, with ``project`` editable, unless its stamp says that it is."""
    stamp = target / ".casella-stamp"
    wanted = fingerprint(target, [*locks, project / "pyproject.toml"])
    if stamp.exists() and stamp.read_text() == wanted:
        return
    steps.say(f"Preparing {_short(target)} (once; after a change of the locks again)")
    was_elsewhere = stamp.exists() and stamp.read_text().splitlines()[1:] != wanted.splitlines()[1:]
    stamp.unlink(missing_ok=True)
    if was_elsewhere or not _usable(target):
        _remove(target)
    _install(target, locks, project)
    stamp.write_text(wanted)


def fingerprint(target: Path, inputs: Sequence[Path]) -> str:
    """Three lines: a hash of everything that decides what is installed, the Python, the place."""
    digest = hashlib.sha256(b"\0".join(path.read_bytes() for path in inputs)).hexdigest()
    return f"{digest}\n{sys.version.replace(chr(10), ' ')}\n{target}"


def _install(target: Path, locks: Sequence[Path], project: Path) -> None:
    """With uv where it works, because it is ten times faster; else with pip, which knows the machine's settings."""
    if shutil.which("uv"):
        try:
            _install_with_uv(target, locks, project)
            return
        except steps.StepFailed as failure:
            # uv reads no pip.conf, so on a machine with a mirror only pip may find the packages.
            steps.say(f"  uv could not do it, so pip does it ({_last_line(failure)})")
    _install_packages([str(target / "bin" / "python"), *_pip(target)], target, locks, project)


def _last_line(failure: steps.StepFailed) -> str:
    return (failure.log_tail or str(failure)).splitlines()[-1].strip()


def _install_with_uv(target: Path, locks: Sequence[Path], project: Path) -> None:
    python = target / "bin" / "python"
    log = _log(target)
    # Without a home to keep a cache in, uv would refuse to start.
    environment = {"UV_NO_CACHE": "1", **os.environ} if not os.access(Path.home(), os.W_OK) else dict(os.environ)
    if not python.exists():
        steps.run("making the environment", ["uv", "venv", "-q", "--python", sys.executable, str(target)], log, "")
    installer = ["uv", "pip", "install", "-q", "--python", str(python)]
    for title, selection in _selections(locks):
        steps.run(title, [*installer, *selection], log, INDEX_ADVICE, environment, project)


def _install_packages(pip: Sequence[str], target: Path, locks: Sequence[Path], project: Path) -> None:
    for title, selection in _selections(locks):
        # Compiling every module now costs 15 s; Python compiles the few that are imported when they are.
        argv = [*pip, "install", "-q", "--disable-pip-version-check", "--no-compile", *selection]
        steps.run(title, argv, _log(target), INDEX_ADVICE, cwd=project)


def _selections(locks: Sequence[Path]) -> list[tuple[str, list[str]]]:
    """What to install, in order: the locked packages (the build back end among them), then this project, editable."""
    count = len({line.split("==")[0] for lock in locks for line in lock.read_text().splitlines() if "==" in line})
    requirements = [word for lock in locks for word in ("-r", str(lock))]
    return [
        (f"installing {count} packages", ["--require-hashes", "--no-deps", *requirements]),
        ("installing the project itself", ["--no-deps", "--no-build-isolation", "-e", "."]),
    ]


def _pip(target: Path) -> list[str]:
    """The arguments that make the environment's Python run pip; makes the environment where there is none."""
    python = target / "bin" / "python"
    if python.exists() and _runs(python, "-m", "pip", "--version"):
        return ["-m", "pip"]
    with_pip = _runs(Path(sys.executable), "-m", "ensurepip", "--version")
    steps.say("  making the environment")
    venv.create(target, with_pip=with_pip, symlinks=True)
    return ["-m", "pip"] if with_pip else [str(_pip_wheel(target) / "pip")]


def _pip_wheel(target: Path) -> Path:
    """The distribution's own pip, as a wheel that runs without being installed (Debian's python3 comes without pip)."""
    unpacked = target / "distribution"
    if not _wheels(DISTRIBUTION_WHEELS) and not _wheels(unpacked) and rootless_apt.available():
        unpacked.mkdir(parents=True, exist_ok=True)
        try:
            rootless_apt.unpack(["python3-pip-whl"], unpacked, _log(target), with_dependencies=False)
        except steps.StepFailed as failure:
            raise steps.StepFailed(NO_INSTALLER, failure.log_tail) from failure
    wheels = _wheels(DISTRIBUTION_WHEELS) or _wheels(unpacked)
    if not wheels:
        raise steps.StepFailed(NO_INSTALLER)
    return wheels[0]


def _wheels(folder: Path) -> list[Path]:
    return sorted(folder.rglob("pip-*.whl"))


def _runs(program: Path, *arguments: str) -> bool:
    try:
        return subprocess.run([str(program), *arguments], capture_output=True, stdin=subprocess.DEVNULL).returncode == 0
    except OSError:
        return False


def _usable(target: Path) -> bool:
    """Is there nothing yet, or an environment of this very Python?"""
    if not target.exists():
        return True
    question = f"import sys; sys.exit(sys.version != {sys.version!r})"
    return _runs(target / "bin" / "python", "-c", question)


def _remove(target: Path) -> None:
    """Remove an environment of another Python or place; anything else that stands there is somebody's work."""
    if (target / "pyvenv.cfg").exists():
        shutil.rmtree(target)
    elif target.exists() and any(target.iterdir()):
        raise steps.StepFailed(f"{target} exists and is not a virtual environment. Move it away, then run this again.")


@contextlib.contextmanager
def _alone(target: Path) -> Iterator[None]:
    """Two calls for one environment take turns."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with target.with_name(f"{target.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _log(target: Path) -> Path:
    return target.with_name(f"{target.name}.log")


def _short(path: Path) -> str:
    try:
        return str(path.relative_to(Path.cwd()))
    except ValueError:
        return str(path)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
