"""Attachments in a bucket of Amazon S3 or of anything that speaks its protocol.

    s3://bucket/prefix?endpoint=https://s3.example:9000&region=eu-south-1&path_style=1

`endpoint` and `region` may be left out for Amazon's own; `path_style=1` for stores without a host name per bucket
(the default when there is an endpoint). Credentials are never part of the address: they come from the environment
(AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, a profile, or the machine's role), as boto3 finds them, and are not
logged.
The bucket stays private: everything is given out by Casella, after its own checks.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING, BinaryIO, Protocol, cast
from urllib.parse import parse_qsl, unquote, urlsplit

import boto3
from boto3.s3.transfer import TransferConfig
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from casella.errors import ConfigurationError
from casella.inbox.files.storage import MediaStoreUnavailable, check_key

if TYPE_CHECKING:
    from collections.abc import Mapping

_MISSING = frozenset({"NoSuchKey", "404", "NotFound"})
_OPTIONS = frozenset({"endpoint", "region", "path_style"})
_WHOLE = TransferConfig(multipart_threshold=16 * 1024 * 1024, max_concurrency=2, use_threads=False)
"""Parts of 16 MB, one after the other: many workers write at once already."""
_BUFFER = 256 * 1024


class Body(Protocol):
    """What an answer of the store is read from."""

    def read(self, amount: int | None = None) -> bytes: ...

    def close(self) -> None: ...


class S3Client(Protocol):
    """What we use of boto3's client, which has no types of its own."""

    def upload_fileobj(self, file: io.RawIOBase, bucket: str, key: str, *, Config: object) -> None: ...

    def head_object(self, *, Bucket: str, Key: str) -> Mapping[str, object]: ...

    def get_object(self, *, Bucket: str, Key: str, Range: str) -> Mapping[str, object]: ...

    def delete_object(self, *, Bucket: str, Key: str) -> Mapping[str, object]: ...


class Bucket:
    """One bucket, or a part of it."""

    def __init__(self, client: S3Client, bucket: str, prefix: str = "") -> None:
        self._client, self._bucket = client, bucket
        self._prefix = f"{prefix.strip('/')}/" if prefix.strip("/") else ""

    @classmethod
    def at(cls, url: str) -> Bucket:
        """The bucket of an address. Raises ConfigurationError."""
        parts = urlsplit(url)
        options = dict(parse_qsl(parts.query))
        if not parts.hostname or parts.username or set(options) - _OPTIONS:
            raise ConfigurationError(
                "CASELLA_MEDIA_URL must look like s3://bucket/prefix?endpoint=https://…&region=…, without credentials: "
                "those come from AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"
            )
        endpoint = options.get("endpoint")
        if endpoint is not None and not endpoint.startswith(("https://", "http://")):
            raise ConfigurationError("The endpoint in CASELLA_MEDIA_URL must begin with https:// (or http://)")
        by_path = options.get("path_style", "1" if endpoint else "0") == "1"
        config = Config(
            connect_timeout=5,
            read_timeout=20,
            retries={"max_attempts": 3, "mode": "standard"},
            s3={"addressing_style": "path" if by_path else "auto"},
            # Stores other than Amazon's do not all know the newer checksums.
            request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
        )
        region = options.get("region") or ("us-east-1" if endpoint else None)
        try:
            client = boto3.client("s3", endpoint_url=endpoint, region_name=region, config=config)
        except (BotoCoreError, ValueError) as error:
            raise ConfigurationError(f"CASELLA_MEDIA_URL cannot be used: {type(error).__name__}") from error
        return cls(cast(S3Client, client), parts.netloc, unquote(parts.path))

    def keep(self, key: str, file: IO[bytes]) -> None:
        file.seek(0)
        with _answering():
            self._client.upload_fileobj(_Unclosed(file), self._bucket, self._name(key), Config=_WHOLE)

    def open(self, key: str) -> BinaryIO:
        name = self._name(key)
        with _answering():
            head = self._client.head_object(Bucket=self._bucket, Key=name)
        size = head["ContentLength"]
        assert isinstance(size, int), "S3 says the length of every object"
        return io.BufferedReader(_Object(self._client, self._bucket, name, size), _BUFFER)

    def delete(self, key: str) -> None:
        with _answering():
            self._client.delete_object(Bucket=self._bucket, Key=self._name(key))

    def free(self) -> int | None:
        return None  # a bucket has no end

    def _name(self, key: str) -> str:
        return f"{self._prefix}{check_key(key)}"


class _Object(io.RawIOBase):
    """An object read from wherever one has sought to: one request, streamed, until somebody seeks again."""

    def __init__(self, client: S3Client, bucket: str, name: str, size: int) -> None:
        self._client, self._bucket, self._name, self._size = client, bucket, name, size
        self._at = 0
        self._body: Body | None = None

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence]
        if (target := max(0, start + offset)) != self._at:
            self._hang_up()
        self._at = target
        return target

    def tell(self) -> int:
        return self._at

    def readinto(self, buffer: bytearray | memoryview, /) -> int:  # type: ignore[override]  # what BufferedReader gives
        if self._at >= self._size:
            return 0
        with _answering():
            if self._body is None:
                wanted = f"bytes={self._at}-"
                answer = self._client.get_object(Bucket=self._bucket, Key=self._name, Range=wanted)
                self._body = cast(Body, answer["Body"])
            chunk = self._body.read(len(buffer))
        if not chunk:
            raise MediaStoreUnavailable("The store of attachments ended an answer early; try again.")
        buffer[: len(chunk)] = chunk
        self._at += len(chunk)
        return len(chunk)

    def close(self) -> None:
        self._hang_up()
        super().close()

    def _hang_up(self) -> None:
        if self._body is not None:
            self._body.close()
            self._body = None


class _Unclosed(io.RawIOBase):
    """A file that boto3 may close without closing ours."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        return self._file.tell()

    def read(self, size: int = -1, /) -> bytes:
        return self._file.read(size)


@contextmanager
def _answering() -> Iterator[None]:
    """Inside it, a missing object becomes FileNotFoundError, and everything else that goes wrong
    MediaStoreUnavailable, without repeating texts that may hold addresses."""
    try:
        yield
    except ClientError as error:
        code = str(error.response.get("Error", {}).get("Code", ""))
        if code in _MISSING:
            raise FileNotFoundError(code) from None
        raise MediaStoreUnavailable(f"The store of attachments refused: {code or 'no reason given'}.") from error
    except (BotoCoreError, OSError) as error:
        if isinstance(error, FileNotFoundError):
            raise
        raise MediaStoreUnavailable(
            f"The store of attachments does not answer ({type(error).__name__}); try again."
        ) from error
