"""No files of ours import each other in a circle: whoever reads one of them would have to read them all. Imports within
functions and those for types alone count like any other."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import grimp
import pytest

REPOSITORY = Path(__file__).parents[1]
ROOTS = ("worker", "rules", "assistant", "simulator", "plugins/*")
OURS = {init.parent.name for root in ROOTS for init in REPOSITORY.glob(f"{root}/*/__init__.py")} | {
    *("bench", "tools", "tests"),
}


def arrows(packages: Iterable[str]) -> dict[str, set[str]]:
    """Of every module which modules it imports. `from a import b` imports a.b if that is a module, else a."""
    graph = grimp.build_graph(*packages, cache_dir=None)
    return {module: graph.find_modules_directly_imported_by(module) for module in graph.modules}


def circles(imported: Mapping[str, set[str]]) -> list[str]:
    """Circles in which each module imports the next. Of several circles through one arrow one is told."""
    left = {module: set(others) for module, others in imported.items()}
    found = []
    while True:
        try:
            TopologicalSorter(left).prepare()
        except CycleError as error:
            circle: list[str] = error.args[1]  # each is imported by the next
            found.append(" -> ".join(reversed(circle)))
            left[circle[1]].discard(circle[0])
        else:
            return found


def test_no_files_import_each_other_in_a_circle() -> None:
    known = arrows(OURS)
    assert {"casella.cli", "casella_sms", "casella_simulator.demo", "bench.rig.client", "tools.steps"} <= known.keys()
    found = circles(known)
    assert not found, "\n".join(found)


@pytest.mark.parametrize(
    "inside",
    [
        "from circling import two",
        "import circling.two",
        "from circling.two import x",
        "def f():\n    from circling.two import x",
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from circling.two import x",
    ],
)
def test_a_circle_is_noticed(inside: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / "circling"
    package.mkdir()
    for name, source in {"__init__": "", "one": inside, "two": "import circling.one"}.items():
        (package / f"{name}.py").write_text(source)
    monkeypatch.syspath_prepend(tmp_path)
    [circle] = circles(arrows(["circling"]))
    assert set(circle.split(" -> ")) == {"circling.one", "circling.two"}


def test_who_imports_his_own_package_is_in_a_circle_with_it() -> None:
    assert circles({"a": {"a.one"}, "a.one": {"a.two"}, "a.two": set()}) == []
    assert circles({"a": {"a.one"}, "a.one": {"a"}}) in (["a -> a.one -> a"], ["a.one -> a -> a.one"])
