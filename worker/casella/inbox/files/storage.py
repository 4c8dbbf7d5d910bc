"""Where the bytes of attachments lie: what every storage does, and the one in a folder of this machine.

Keys are ours alone: forty random hexadecimal digits. Nothing a sender says becomes part of a path.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import IO, BinaryIO, Protocol

from casella.disk import free_bytes, naming_full_disk
from casella.errors import CasellaError
from casella.private_files import create, private_folder

_KEY_LENGTH = 40


class MediaStoreUnavailable(CasellaError):
    """The store of attachments does not answer right now; try again in a moment."""

    code = "media_store_unavailable"
    status = 503


class Storage(Protocol):
    """Bytes under keys. Raises MediaStoreUnavailable when the store is away."""

    def keep(self, key: str, file: IO[bytes]) -> None:
        """Write everything in `file`, from its beginning; there afterwards even after a power cut. Raises DiskFull."""
        ...

    def open(self, key: str) -> BinaryIO:
        """A reader that can seek. Raises FileNotFoundError."""
        ...

    def delete(self, key: str) -> None:
        """Whether or not it is there."""
        ...

    def free(self) -> int | None:
        """Bytes for which there is room; None where nobody can say."""
        ...


def check_key(key: str) -> str:
    """The key. Raises FileNotFoundError for what is none."""
    if len(key) != _KEY_LENGTH or not all(character in "0123456789abcdef" for character in key):
        raise FileNotFoundError(key)
    return key


class Folder:
    """A local folder, two levels of random names deep."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def keep(self, key: str, file: IO[bytes]) -> None:
        with naming_full_disk():
            self._write(self.path(key), file)

    def _write(self, path: Path, file: IO[bytes]) -> None:
        if not path.parent.exists():
            private_folder(path.parent)
        file.seek(0)
        try:
            with create(path) as target:
                shutil.copyfileobj(file, target, 1024 * 1024)
                target.flush()
                os.fsync(target.fileno())
        except BaseException:  # raised again: half a file is no file
            path.unlink(missing_ok=True)
            raise

    def open(self, key: str) -> BinaryIO:
        return self.path(key).open("rb")

    def delete(self, key: str) -> None:
        self.path(key).unlink(missing_ok=True)

    def free(self) -> int | None:
        return free_bytes(self._folder)

    def path(self, key: str) -> Path:
        """Where the file lies, for servers that send files themselves."""
        check_key(key)
        return self._folder / key[:2] / key
