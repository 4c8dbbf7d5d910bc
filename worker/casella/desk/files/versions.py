"""The files of a desk that was applied, written into a folder again, and what stood there put back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from casella.desk.files.folder import kept_files

_PARTS = ("rules", "canned")


@dataclass(frozen=True, slots=True)
class Exchanged:
    """What a folder held before: by its path, None for a file that is new."""

    before: Mapping[Path, bytes | None]

    def put_back(self) -> None:
        for path, content in self.before.items():
            if content is None:
                path.unlink(missing_ok=True)
            else:
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(content)


def write_version(contents: Mapping[str, str], folder: Path) -> Exchanged:
    """Let the folder hold these files, as they were written, and no other file of a desk; its tests and everything
    else are left alone. Raises OSError, and KeyError for what is no desk."""
    files = kept_files(contents)
    main = Path(files.desk[0]).parent
    wanted = {folder / Path(name).relative_to(main): source for name, source in files.all()}
    known = [path for part in _PARTS for path in (folder / f"{part}.yaml", *sorted((folder / part).glob("*.yaml")))]
    gone = [path for path in known if path not in wanted and path.is_file()]
    before = {path: path.read_bytes() if path.is_file() else None for path in (*wanted, *gone)}
    for path, source in wanted.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(source)
    for path in gone:
        path.unlink()
    for part in _PARTS:  # an empty one beside its file would be two answers to one question
        if (folder / part).is_dir() and not any((folder / part).iterdir()):
            (folder / part).rmdir()
    return Exchanged(before)
