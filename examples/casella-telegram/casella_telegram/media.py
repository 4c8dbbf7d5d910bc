"""Where a file is. Telegram is asked at the moment of the download: the address works for an hour."""

from __future__ import annotations

import re

import httpx
from pydantic import BaseModel, Field, ValidationError

from casella.plugin import Channel, MediaRef, MediaRequest, MediaUnavailable
from casella_telegram import api
from casella_telegram.settings import TelegramSettings

_FILE_ID = re.compile(r"[A-Za-z0-9_-]{1,256}")
_FILE_PATH = re.compile(r"[A-Za-z0-9_./-]{1,300}")


class FilePath(BaseModel):
    file_path: str = Field(min_length=1)


def locate(channel: Channel[TelegramSettings], ref: MediaRef, http: httpx.Client) -> MediaRequest:
    """Raises MediaUnavailable: for good if the file is too large for bots (20 MB) or gone."""
    if not _FILE_ID.fullmatch(ref.ref):
        raise MediaUnavailable
    settings = channel.settings
    try:
        response = api.call(settings, http, "getFile", {"file_id": ref.ref})
    except httpx.RequestError as error:
        raise MediaUnavailable(retryable=True) from error
    if response.status_code == 429 or response.status_code >= 500:
        raise MediaUnavailable(f"Telegram answered {response.status_code}.", retryable=True)
    answer = api.read(response)
    if not response.is_success or answer is None:
        raise MediaUnavailable("Telegram gives bots no files of more than 20 MB, and none that are gone.")
    try:
        path = FilePath.model_validate(answer.result).file_path
    except ValidationError as error:
        raise MediaUnavailable from error
    if not _FILE_PATH.fullmatch(path) or ".." in path:
        raise MediaUnavailable
    url = f"{settings.base_url}/file/bot{settings.token.get_secret_value()}/{path}"
    return MediaRequest(url, allowed_hosts=(settings.host,))
