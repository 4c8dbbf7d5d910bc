"""Where the bytes of attachments lie: a folder of this machine, or a bucket of an S3-compatible store.

    CASELLA_MEDIA_URL=                                                   the folder `media` of the data directory
    CASELLA_MEDIA_URL=file:///srv/casella/media                          another folder
    CASELLA_MEDIA_URL=s3://bucket/prefix?endpoint=https://s3.example     a bucket (see `casella.inbox.files.s3`)

Keys are ours alone: forty random hexadecimal digits. Nothing a sender says becomes part of a path.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import IO, BinaryIO, Protocol
from urllib.parse import unquote, urlsplit

from casella.errors import CasellaError, ConfigurationError

_KEY_LENGTH = 40


class MediaStoreUnavailable(CasellaError):
    """The store of attachments does not answer right now; try again in a moment."""

    code = "media_store_unavailable"
    status = 503


class Storage(Protocol):
    """Bytes under keys. Raises MediaStoreUnavailable when the store is away."""

    def keep(self, key: str, file: IO[bytes]) -> None:
        """Write everything in `file`, from its beginning; there afterwards even after a power cut."""
        ...

    def open(self, key: str) -> BinaryIO:
        """A reader that can seek. Raises FileNotFoundError."""
        ...

    def delete(self, key: str) -> None:
        """Whether or not it is there."""
        ...


def storage_at(url: str, folder: Path) -> Storage:
    """The storage of CASELLA_MEDIA_URL; `folder` where it says nothing. Raises ConfigurationError."""
    parts = urlsplit(url)
    if not url:
        return Folder(folder)
    if parts.scheme == "file" and not parts.netloc and parts.path:
        return Folder(Path(unquote(parts.path)))
    if parts.scheme == "s3":
        from casella.inbox.files.s3 import Bucket  # boto3 takes a quarter of a second to load: only who needs it pays

        return Bucket.at(url)
    raise ConfigurationError(
        "CASELLA_MEDIA_URL must be empty, file:///folder, or s3://bucket/prefix?endpoint=https://…"
    )


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
        path = self.path(key)
        path.parent.mkdir(parents=True, exist_ok=True)
        file.seek(0)
        try:
            with path.open("xb") as target:
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

    def path(self, key: str) -> Path:
        """Where the file lies, for servers that send files themselves."""
        check_key(key)
        return self._folder / key[:2] / key
