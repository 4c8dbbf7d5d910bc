"""One person's right: all that is kept of him as a file, and all of it gone."""

from casella.inbox.erasure.erasing import ErasureView, StillKept, delete_files, erase, list_erasures, preview
from casella.inbox.erasure.exporting import export

__all__ = ["ErasureView", "StillKept", "delete_files", "erase", "export", "list_erasures", "preview"]
