"""What comes with the program beside its code: the pages of docs/ and the demo desk.

A wheel carries them inside the package, in `shipped_files` (pyproject.toml, force-include). In a checkout, which is
installed as it stands, they are where they are written.
"""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).parent
_CHECKOUT = _PACKAGE.parents[1]


def shipped(path: str) -> Path:
    """Where a file or folder is that stands at `path` in the repository: "docs", "examples/desk"."""
    installed = _PACKAGE / "shipped_files" / path
    return installed if installed.exists() else _CHECKOUT / path
