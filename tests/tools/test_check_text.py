"""Locks without an index, files without a machine's own paths."""

from pathlib import Path

import pytest
from tools import check_text

# Put together here, so that the check does not find this very file.
FOLDERS = (("work", "main"), ("root", ".cache"), ("home", "anna", "x"), ("Users", "Anna"), ("work", ""))
PATHS = ["/".join(("", *folders)) for folders in FOLDERS]


def written(folder: Path, name: str, text: str) -> Path:
    file = folder / name
    file.parent.mkdir(exist_ok=True)
    file.write_text(text)
    return file


@pytest.mark.parametrize(
    "line",
    [
        "--index-url something",
        "--extra-index-url x",
        "-i https://mirror",
        "a @ file:///x",
        "--find-links y",
        "# http://x",
    ],
)
def test_a_lock_that_names_an_index_is_found(tmp_path: Path, line: str) -> None:
    lock = written(tmp_path, "requirements/run.txt", f"fastapi==1 --hash=sha256:0\n{line}\n")
    assert [problem.partition(": ")[0] for problem in check_text.check([lock])] == [f"{lock}:2"]


def test_a_url_elsewhere_is_no_concern(tmp_path: Path) -> None:
    assert (
        check_text.check([written(tmp_path, "README.md", f"see https://example.com{PATHS[0]} and docs{PATHS[0]}\n")])
        == []
    )


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("around", ["{}", "see {}", '"{}"', "PATH={}", "({})"])
def test_a_path_of_one_machine_is_found(tmp_path: Path, path: str, around: str) -> None:
    assert check_text.check([written(tmp_path, "notes.txt", around.format(path))])


@pytest.mark.parametrize(
    "text", ["/worker/casella", f".{PATHS[0]}", "/api/v1/root", "casella/lib/root", "/var/lib/casella"]
)
def test_a_path_of_every_machine_is_no_concern(tmp_path: Path, text: str) -> None:
    assert check_text.check([written(tmp_path, "notes.txt", text)]) == []


def test_pictures_are_not_read(tmp_path: Path) -> None:
    picture = tmp_path / "picture.png"
    picture.write_bytes(b"\x89PNG\xff\xfe" + PATHS[0].encode())
    assert check_text.check([picture]) == []


def test_only_tracked_files_are_looked_at() -> None:
    names = {file.name for file in check_text.tracked_files(Path(__file__).parents[2])}
    assert "pyproject.toml" in names
    assert "pyvenv.cfg" not in names
