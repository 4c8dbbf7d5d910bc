"""Which storage CASELLA_MEDIA_URL means: a folder of this machine, or a bucket of an S3-compatible store.

CASELLA_MEDIA_URL=                                                   the folder `media` of the data directory
CASELLA_MEDIA_URL=file:///srv/casella/media                          another folder
CASELLA_MEDIA_URL=s3://bucket/prefix?endpoint=https://s3.example     a bucket (see `casella.inbox.files.s3`)
"""

from __future__ import annotations

from pathlib import Path
from urllib.parse import unquote, urlsplit

from casella.errors import ConfigurationError
from casella.extras import require
from casella.inbox.files.storage import Folder, Storage


def folder_at(url: str, folder: Path) -> Path | None:
    """The folder of this machine that CASELLA_MEDIA_URL means, `folder` where it says nothing; None for no folder."""
    parts = urlsplit(url)
    if not url:
        return folder
    return Path(unquote(parts.path)) if parts.scheme == "file" and not parts.netloc and parts.path else None


def storage_at(url: str, folder: Path) -> Storage:
    """The storage of CASELLA_MEDIA_URL; `folder` where it says nothing. Raises ConfigurationError."""
    if (local := folder_at(url, folder)) is not None:
        return Folder(local)
    if urlsplit(url).scheme == "s3":
        require("s3")
        from casella.inbox.files.s3 import Bucket  # boto3 takes a quarter of a second to load: only who needs it pays

        return Bucket.at(url)
    raise ConfigurationError(
        "CASELLA_MEDIA_URL must be empty, file:///folder, or s3://bucket/prefix?endpoint=https://…"
    )
