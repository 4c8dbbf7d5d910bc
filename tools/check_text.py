"""python -m tools.check_text: what no tracked file may contain.

A lock names no package index, because every machine has its own; and no file names a folder of the machine it
was written on, because the next machine has none such. Prints one line per finding and exits with 1.
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

INDEX_NAMES = re.compile(r"https?://|file://|--(?:extra-)?index|find-links|--trusted-host", re.IGNORECASE)
# The folders people's own checkouts, home directories and local mirrors lie in. A slash before them means it is
# a part of a URL or of a longer path; the words are put together here so that this file does not find itself.
MACHINE_FOLDERS = ("work", "root", r"home/\w+", r"Users/\w+", "opt/(?:pypi|wheels)")
MACHINE_PATH = re.compile(rf"(?<![\w./}}*-])/(?:{'|'.join(MACHINE_FOLDERS)})(?:/|\b)")


def tracked_files(repository: Path) -> list[Path]:
    """Every file git tracks, and nothing else: environments and caches are the machine's own business."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=repository, capture_output=True, text=True, check=True)
    return [repository / name for name in listed.stdout.split("\0") if name and (repository / name).is_file()]


def findings(file: Path, pattern: re.Pattern[str], complaint: str) -> Iterator[str]:
    """One line ``FILE:LINE: complaint: what was found`` for each match; binary files have none."""
    try:
        text = file.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return
    for number, line in enumerate(text.splitlines(), start=1):
        if found := pattern.search(line):
            yield f"{file}:{number}: {complaint}: {found.group().strip()}"


def check(files: Iterable[Path]) -> list[str]:
    """All findings in these files."""
    problems: list[str] = []
    for file in files:
        if file.parent.name == "requirements" and file.suffix == ".txt":
            problems += findings(file, INDEX_NAMES, "a lock names no index; make lock writes it so")
        if file.name == "package-lock.json":
            problems += findings(file, INDEX_NAMES, "a lock names no address; make web-lock writes it so")
        problems += findings(file, MACHINE_PATH, "a path of one machine")
    return problems


def main() -> int:
    problems = check(tracked_files(Path.cwd()))
    print("\n".join(problems) or "no index in the locks, no machine's own path in the files")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
