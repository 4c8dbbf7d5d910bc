"""How much anybody may upload, in bytes a day: an agent or a visitor, a network address, and all of them together.
Asked before a file is read, by what its sender says of its size, and again when its size is known."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import ClassVar, Literal

from limits import RateLimitItemPerDay

from casella import metrics
from casella.api.limits.login_limits import network_of
from casella.api.limits.rate_limits import RateLimits
from casella.disk import MEGABYTE, free_bytes
from casella.errors import CasellaError, DiskFull
from casella.inbox.files import MediaStore
from casella.settings import Quotas

_KILOBYTE = 1024
_COPIES = 2
"""Of a file that comes in, in the folder for temporary files: as it is read, and as it is kept."""
Kind = Literal["agent", "visitor"]


class UploadQuotaUsed(CasellaError):
    """As much was uploaded as may be in a day; try again later."""

    code: ClassVar[str] = "upload_quota"
    status: ClassVar[int] = 429


class UploadQuota:
    """Ask `admit` before a file is read, and `count` it before it is kept."""

    def __init__(self, limits: RateLimits, quotas: Quotas, media: MediaStore) -> None:
        self._limits, self._media = limits, media
        self._day: Mapping[str, RateLimitItemPerDay] = {
            kind: RateLimitItemPerDay(megabytes * _KILOBYTE)
            for kind, megabytes in (
                ("agent", quotas.agent_upload_mb),
                ("visitor", quotas.visitor_upload_mb),
                ("address", quotas.address_upload_mb),
                ("house", quotas.house_upload_mb),
            )
            if megabytes
        }

    def admit(self, kind: Kind, who: str, address: str, size: int) -> None:
        """Raises UploadQuotaUsed with the seconds to wait and whose quota it is, DiskFull."""
        self._media.require_room()
        free = free_bytes(Path(tempfile.gettempdir()))
        if free is not None and free < size * _COPIES + MEGABYTE:
            raise DiskFull
        for of, key in self._counted(kind, who, address):
            seconds = self._limits.fits(self._day[of], _amount(size), "upload", of, key)
            if seconds is not None:
                metrics.quota_refusals.labels(f"upload_{of}").inc()
                raise UploadQuotaUsed(retry_after=seconds, quota=of)

    def count(self, kind: Kind, who: str, address: str, size: int) -> None:
        """Raises as `admit` does; what is refused is not counted."""
        self.admit(kind, who, address, size)
        for of, key in self._counted(kind, who, address):
            self._limits.spend(self._day[of], _amount(size), "upload", of, key)

    def _counted(self, kind: Kind, who: str, address: str) -> list[tuple[str, str]]:
        keys = ((kind, who), ("address", network_of(address)), ("house", ""))
        return [(of, key) for of, key in keys if of in self._day]


def _amount(size: int) -> int:
    return max(1, -(-size // _KILOBYTE))
