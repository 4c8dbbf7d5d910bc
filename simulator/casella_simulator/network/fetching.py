"""Fetching the pictures a business sends, as a provider does when it is given their URLs."""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from functools import cached_property

import httpx


@dataclass(frozen=True, slots=True)
class Fetched:
    content: bytes
    content_type: str


class MediaFetcher:
    """One HTTP client, made on first use so that it belongs to the running event loop."""

    @cached_property
    def _client(self) -> httpx.AsyncClient:
        return httpx.AsyncClient(verify=ssl.create_default_context(), trust_env=False, timeout=15)

    async def fetch(self, url: str, limit: int) -> Fetched | None:
        """The file, or None when it cannot be had or is larger than the limit."""
        content = bytearray()
        try:
            async with self._client.stream("GET", url) as answer:
                if not answer.is_success:
                    return None
                async for chunk in answer.aiter_bytes():
                    content += chunk
                    if len(content) > limit:
                        return None
        except (httpx.HTTPError, httpx.InvalidURL):
            return None
        content_type = answer.headers.get("content-type", "application/octet-stream")
        return Fetched(bytes(content), content_type.partition(";")[0].strip())

    async def close(self) -> None:
        if "_client" in vars(self):
            await self._client.aclose()
