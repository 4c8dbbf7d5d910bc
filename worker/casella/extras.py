"""What Casella can do beyond its bare install: each extra with the module that it brings."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.util import find_spec

from casella.errors import ConfigurationError

EXTRAS: Mapping[str, tuple[str, str]] = {
    "postgres": ("psycopg", "PostgreSQL"),
    "redis": ("redis", "Redis"),
    "s3": ("boto3", "Attachments in a bucket (s3:)"),
    "openai": ("openai", "A provider of type 'openai'"),
    "parquet": ("pyarrow", "Reports as Parquet"),
    "language": ("py3langid", "Telling languages apart"),
}
"""By the extra's name: the module, and what needs it."""


@cache
def has(extra: str) -> bool:
    """Whether it is installed."""
    return find_spec(EXTRAS[extra][0]) is not None


def sentence(extra: str) -> str:
    """What is missing, and how to get it."""
    module, what = EXTRAS[extra]
    return f"{what} needs {module}, which is not installed: pip install 'casella[{extra}]'"


def require(extra: str) -> None:
    """Raises ConfigurationError with the sentence where it is not installed."""
    if not has(extra):
        raise ConfigurationError(sentence(extra))
