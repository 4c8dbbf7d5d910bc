"""`casella new-channel`: what it writes works at once."""

from __future__ import annotations

import ast
import re
import subprocess
from pathlib import Path

import pytest

from casella import plugin
from casella.commands.extensions.new_channel import Names, write
from casella.errors import ConfigurationError
from casella.plugin import testing
from tests.docs.programs import program
from tests.scratch import ALONE, Scratch


def casella(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [program("casella"), "new-channel", *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=60)


@pytest.mark.slow
def test_what_it_writes_installs_passes_its_own_tests_and_is_soundly_typed(tmp_path: Path) -> None:
    done = casella(tmp_path, "line_works", "--into", "channels")
    assert done.returncode == 0, done.stderr
    assert "python -m pytest" in done.stdout
    folder = tmp_path / "channels" / "casella-line-works"

    scratch = Scratch(tmp_path)
    scratch.install(folder)
    listed = scratch.casella("channels")
    assert "LineWorks" in listed.stdout, listed.stdout + listed.stderr
    tested = scratch.run("-m", "pytest", *ALONE, cwd=folder)
    assert tested.returncode == 0, tested.stdout
    passed = re.search(r"(\d+) passed", tested.stdout)
    assert passed
    assert int(passed[1]) > 50
    typed = scratch.run("-m", "mypy", cwd=folder)
    assert typed.returncode == 0, typed.stdout


def test_nothing_that_exists_is_overwritten(tmp_path: Path) -> None:
    assert casella(tmp_path, "acme").returncode == 0
    kept = tmp_path / "casella-acme" / "README.md"
    kept.write_text("mine")
    done = casella(tmp_path, "acme")
    assert done.returncode == 1
    assert "exists already" in done.stderr
    assert kept.read_text() == "mine"


@pytest.mark.parametrize(
    "name", ["", "a", "Acme", "4me", "a-b", "a__b", "a_", "_a", "a b", "été", "../x", "x" * 33, "class"]
)
def test_what_cannot_be_a_name_is_refused_with_an_example(name: str) -> None:
    with pytest.raises(ConfigurationError, match="Example: casella new-channel acme"):
        Names.of(name)


def test_a_name_that_is_taken_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="casella_sms exists already"):
        Names.of("sms")


def test_every_name_is_exchanged_and_the_files_are_python(tmp_path: Path) -> None:
    for path in write(Names("line_works"), tmp_path / "made"):
        text = path.read_text()
        assert "acme" not in text.lower(), path
        assert "acme" not in path.name
        if path.suffix == ".py":
            compile(text, str(path), "exec")


def test_it_imports_public_names_only(tmp_path: Path) -> None:
    """What no page describes may change in any version."""
    public = {"casella.plugin": plugin.__all__, "casella.plugin.testing": testing.__all__}
    for path in write(Names("acme"), tmp_path / "made"):
        tree = ast.parse(path.read_text()) if path.suffix == ".py" else ast.Module([], [])
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom) and str(node.module).partition(".")[0] == "casella":
                hidden = {name.name for name in node.names} - set(public.get(str(node.module), ()))
                assert not hidden, f"{path.name} imports {hidden} from {node.module}"
            assert not (isinstance(node, ast.Import) and any("casella." in name.name for name in node.names))


def test_it_is_written_against_the_contract_that_is_installed(tmp_path: Path) -> None:
    [version] = [
        found
        for path in write(Names("acme"), tmp_path / "made")
        for found in re.findall(r'contract_version: ClassVar\[str\] = "(.*)"', path.read_text())
    ]
    assert version == plugin.CONTRACT_VERSION


def test_it_is_explained_with_examples(tmp_path: Path) -> None:
    done = casella(tmp_path, "--help")
    assert "casella new-channel acme" in done.stdout
