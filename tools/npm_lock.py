"""python -m tools.npm_lock web/package-lock.json: a lock as it may be committed, without any address.

npm writes down where each package came from, and who would like to be paid for it: the one differs from machine to
machine, and neither is needed to install what is locked, which the hashes say. `make web-lock` calls this.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path

_ADDRESSES = ("resolved", "funding")


def without_addresses(lock: str) -> str:
    """The same lock, laid out as npm lays it out."""
    content = json.loads(lock)
    for package in content["packages"].values():
        for name in _ADDRESSES:
            package.pop(name, None)
    return json.dumps(content, indent=2, ensure_ascii=False) + "\n"


def main(arguments: Sequence[str]) -> int:
    if len(arguments) != 1:
        print(__doc__)
        return 1
    file = Path(arguments[0])
    file.write_text(without_addresses(file.read_text(encoding="utf-8")), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
