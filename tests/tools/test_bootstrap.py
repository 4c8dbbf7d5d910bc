"""From a bare Python to an installed project, offline: packages come from a folder that pip's settings name."""

import hashlib
import os
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from tools import bootstrap
from tools.steps import StepFailed

PYPROJECT = """
[build-system]
requires = []
build-backend = "backend"
backend-path = ["."]
[project]
name = "letterbox"
version = "1.0"
"""
LETTERBOX = "import stamps; WORTH = stamps.PRICE"
BACKEND = '''
"""A build back end small enough to need nothing: an editable wheel that points here."""
import zipfile, pathlib
def build_editable(folder, config_settings=None, metadata_directory=None):
    name = "letterbox-1.0-py3-none-any.whl"
    info = "letterbox-1.0.dist-info"
    with zipfile.ZipFile(pathlib.Path(folder) / name, "w") as wheel:
        wheel.writestr("letterbox.pth", str(pathlib.Path.cwd()))
        wheel.writestr(f"{info}/METADATA", "Metadata-Version: 2.1\\nName: letterbox\\nVersion: 1.0\\n")
        wheel.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n")
        wheel.writestr(f"{info}/RECORD", "")
    return name
'''


@dataclass(frozen=True)
class Machine:
    """A fresh checkout on a machine without uv whose pip finds packages in one folder."""

    folder: Path

    @property
    def target(self) -> Path:
        return self.folder / "venv"

    @property
    def lock(self) -> Path:
        return self.folder / "lock.txt"

    def prepare(self) -> None:
        bootstrap.prepare(self.target, [self.lock], self.folder / "project")

    def python(self, code: str) -> str:
        run = subprocess.run([self.target / "bin" / "python", "-c", code], capture_output=True, text=True, check=True)
        return run.stdout.strip()


def publish(folder: Path, name: str, version: str, body: str) -> str:
    """Put a wheel with one module into ``folder``; return its line in a lock."""
    wheel = folder / f"{name}-{version}-py3-none-any.whl"
    information = f"{name}-{version}.dist-info"
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr(f"{name}.py", body)
        archive.writestr(f"{information}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
        archive.writestr(f"{information}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        archive.writestr(f"{information}/RECORD", "")
    return f"{name}=={version} --hash=sha256:{hashlib.sha256(wheel.read_bytes()).hexdigest()}\n"


def furnish(folder: Path) -> Machine:
    """Packages, a project that needs one of them, and pip's settings."""
    packages, project, empty = folder / "packages", folder / "project", folder / "empty"
    for made in (packages, project, empty):
        made.mkdir()
    (project / "pyproject.toml").write_text(PYPROJECT)
    (project / "backend.py").write_text(BACKEND)
    (project / "letterbox.py").write_text(LETTERBOX)
    (folder / "lock.txt").write_text(publish(packages, "stamps", "1.0", "PRICE = 1"))
    (folder / "pip.conf").write_text(f"[global]\nno-index = true\nfind-links = {packages}\n")
    return Machine(folder)


@contextmanager
def at_work_on(machine: Machine) -> Iterator[None]:
    """This process's environment is the machine's."""
    with pytest.MonkeyPatch.context() as environment:
        for name in [name for name in os.environ if name.startswith(("PIP_", "UV_"))]:
            environment.delenv(name)
        environment.setenv("PIP_CONFIG_FILE", str(machine.folder / "pip.conf"))
        for name in ("PATH", "HOME"):
            environment.setenv(name, str(machine.folder / "empty"))
        yield


@pytest.fixture
def machine(tmp_path: Path) -> Iterator[Machine]:
    made = furnish(tmp_path)
    with at_work_on(made):
        yield made


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Machine:
    return furnish(tmp_path_factory.mktemp("machine"))


@pytest.fixture
def prepared(shared: Machine) -> Iterator[Machine]:
    """A machine whose environment is made already, by the first test that asks: that takes longer than all the rest."""
    lock = shared.lock.read_text()
    with at_work_on(shared):
        shared.prepare()
        yield shared
    shared.lock.write_text(lock)
    (shared.folder / "project" / "letterbox.py").write_text(LETTERBOX)


def test_a_bare_python_becomes_an_environment_with_the_project_editable(prepared: Machine) -> None:
    assert prepared.python("import letterbox; print(letterbox.WORTH)") == "1"
    (prepared.folder / "project" / "letterbox.py").write_text("WORTH = 'edited'")
    assert prepared.python("import letterbox; print(letterbox.WORTH)") == "edited"


def test_a_second_call_does_nothing(prepared: Machine, capsys: pytest.CaptureFixture[str]) -> None:
    capsys.readouterr()
    prepared.prepare()
    assert capsys.readouterr().err == ""


def test_a_changed_lock_is_installed(prepared: Machine, capsys: pytest.CaptureFixture[str]) -> None:
    prepared.lock.write_text(publish(prepared.folder / "packages", "stamps", "2.0", "PRICE = 2"))
    prepared.prepare()
    assert "installing 1 packages" in capsys.readouterr().err
    assert prepared.python("import letterbox; print(letterbox.WORTH)") == "2"


def test_a_package_with_another_hash_is_refused(machine: Machine) -> None:
    publish(machine.folder / "packages", "stamps", "1.0", "PRICE = 'forged'")
    with pytest.raises(StepFailed) as refused:
        machine.prepare()
    assert "DO NOT MATCH THE HASHES" in machine.target.with_name("venv.log").read_text()
    assert "installing 1 packages: failed" in str(refused.value)


def test_an_interrupted_call_is_taken_up_again(prepared: Machine) -> None:
    wanted = prepared.lock.read_text()
    prepared.lock.write_text("missing==1.0 --hash=sha256:" + "0" * 64 + "\n")
    with pytest.raises(StepFailed, match="index reachable"):
        prepared.prepare()
    prepared.lock.write_text(wanted)
    prepared.prepare()
    assert prepared.python("import letterbox; print(letterbox.WORTH)") == "1"


def test_an_environment_that_was_moved_is_made_anew(machine: Machine) -> None:
    machine.prepare()
    elsewhere = Machine(machine.folder.rename(machine.folder.with_name("moved")))
    (elsewhere.folder / "pip.conf").write_text(f"[global]\nno-index = true\nfind-links = {elsewhere.folder}/packages\n")
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("PIP_CONFIG_FILE", str(elsewhere.folder / "pip.conf"))
        elsewhere.prepare()
    assert elsewhere.python("import letterbox; print(letterbox.WORTH)") == "1"


def test_a_folder_that_is_no_environment_is_left_alone(machine: Machine) -> None:
    machine.target.mkdir()
    (machine.target / "diary.txt").write_text("dear diary")
    with pytest.raises(StepFailed, match="Move it away"):
        machine.prepare()
    assert (machine.target / "diary.txt").read_text() == "dear diary"


def test_a_person_reads_a_sentence_and_no_traceback(machine: Machine) -> None:
    machine.lock.write_text("missing==1.0 --hash=sha256:" + "0" * 64 + "\n")
    command = [sys.executable, bootstrap.__file__, str(machine.target), str(machine.lock)]
    run = subprocess.run(command, capture_output=True, text=True)
    assert run.returncode == 1
    assert run.stderr.splitlines()[-1].startswith("installing 1 packages: failed. Is the package index reachable?")
    assert "Traceback" not in run.stderr


def test_called_without_arguments_it_explains_itself(capsys: pytest.CaptureFixture[str]) -> None:
    assert bootstrap.main([]) == 2
    assert "bootstrap.py VENV LOCK..." in capsys.readouterr().err


def test_a_missing_lock_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert bootstrap.main([str(tmp_path / "venv"), str(tmp_path / "missing.txt")]) == 1
    assert "missing.txt" in capsys.readouterr().err
