"""The media shelf: pictures and files that phones sent or received, in memory, up to a cap."""

from __future__ import annotations

import secrets
from collections import OrderedDict
from dataclasses import dataclass


class MediaTooLarge(Exception):
    """The file is larger than the simulator keeps. Send a smaller one or raise `media_file_limit`."""

    code = "media_too_large"


@dataclass(frozen=True, slots=True)
class MediaFile:
    """One file, as a phone sent it or a provider fetched it."""

    id: str
    name: str
    content_type: str
    content: bytes

    def summary(self) -> dict[str, object]:
        return {
            "id": self.id,
            "name": self.name,
            "content_type": self.content_type,
            "size": len(self.content),
            "url": f"/_sim/media/{self.id}",
        }


class MediaShelf:
    """Keeps the newest files; the oldest go when all together weigh more than the cap."""

    def __init__(self, total_limit: int, file_limit: int) -> None:
        self.file_limit = file_limit
        self._total_limit = total_limit
        self._files: OrderedDict[str, MediaFile] = OrderedDict()
        self._total = 0

    def put(self, content: bytes, content_type: str, name: str = "") -> MediaFile:
        if len(content) > self.file_limit:
            raise MediaTooLarge(f"{len(content)} bytes, at most {self.file_limit} are kept")
        file = MediaFile(secrets.token_hex(16), name, content_type, content)
        self._files[file.id] = file
        self._total += len(content)
        while self._total > self._total_limit and len(self._files) > 1:
            self._drop_oldest()
        return file

    def get(self, media_id: str) -> MediaFile | None:
        return self._files.get(media_id)

    def remove(self, media_id: str) -> bool:
        file = self._files.pop(media_id, None)
        self._total -= len(file.content) if file else 0
        return file is not None

    def clear(self) -> None:
        self._files.clear()
        self._total = 0

    def _drop_oldest(self) -> None:
        _, file = self._files.popitem(last=False)
        self._total -= len(file.content)
