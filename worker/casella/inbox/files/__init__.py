"""Bytes of attachments: their store, their links, fetching them under guard."""

from casella.inbox.files.fetching import FetchRefused, fetch, guarded_exchange, guarded_post
from casella.inbox.files.media import (
    ALLOWED,
    LINK_SECONDS,
    THUMBNAIL_MIME,
    FileLinks,
    FileTooBig,
    MediaStore,
    StoredFile,
)
from casella.inbox.files.names import fitting_name
from casella.inbox.files.storage import MediaStoreUnavailable
from casella.inbox.files.storage_url import folder_at, storage_at

__all__ = [
    "ALLOWED",
    "LINK_SECONDS",
    "THUMBNAIL_MIME",
    "FetchRefused",
    "FileLinks",
    "FileTooBig",
    "MediaStore",
    "MediaStoreUnavailable",
    "StoredFile",
    "fetch",
    "fitting_name",
    "folder_at",
    "guarded_exchange",
    "guarded_post",
    "storage_at",
]
