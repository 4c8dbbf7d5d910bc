"""Logs: one line per thing that happened, of ours and of every library alike, as JSON or as text.

structlog stands on the standard library's logging, so uvicorn's, dramatiq's and SQLAlchemy's lines look like ours.
What is bound with `about(message_id=…)` follows one message through every room. Secrets are blanked and addresses
shortened in every line, whoever wrote it: the last step before a line is rendered.
"""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import Iterator, Mapping, MutableMapping, Sequence
from contextlib import contextmanager
from typing import TextIO

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

_BLANK = "[hidden]"
_SECRET_NAMES = re.compile(
    r"pass(word|wd|phrase)|secret|token|authori[sz]ation|cookie|credential|api_?key|signature|private_?key",
    re.IGNORECASE,
)
_SHORTENED: Sequence[tuple[re.Pattern[str], str]] = (
    (re.compile(r"csl_[\w-]+"), "csl_…"),
    (re.compile(r"(?i)\b(bearer|basic)\s+[\w.~+/=-]{8,}"), r"\1 …"),
    (re.compile(r"(://)[^/\s:@]*:[^/\s@]+@"), r"\1…@"),
    (re.compile(r"\b([\w.+-])[\w.+-]*@([\w-]+\.[\w.-]+)"), r"\1…@\2"),
    (re.compile(r"(?<![\w.])(\+|%2B)(\d{2})\d{4,11}(\d{2})(?!\d)", re.IGNORECASE), r"\1\2…\3"),
    (re.compile(r"(?<![\w.:+-])(\d{2})\d{6,11}(\d{2})(?![\w:.-])"), r"\1…\2"),
)


def set_up(level: str = "info", format: str = "auto", stream: TextIO | None = None) -> None:
    """Once per process, before anything is logged. `format`: json, text, or auto: text on a terminal."""
    target = stream or sys.stderr
    as_text = format == "text" or (format == "auto" and target.isatty())
    renderer: Processor = (
        structlog.dev.ConsoleRenderer(colors=target.isatty(), exception_formatter=structlog.dev.plain_traceback)
        if as_text
        else structlog.processors.JSONRenderer(ensure_ascii=False, default=str)
    )
    handler = logging.StreamHandler(target)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=_common(),
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.format_exc_info,
                redact,
                renderer,
            ],
        )
    )
    handler.addFilter(_is_worth_a_line)
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    _quieten(level)
    structlog.configure(
        processors=[*_common(), structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,  # loggers made at import must follow a later set_up
    )


@contextmanager
def about(**facts: object) -> Iterator[None]:
    """Every line logged inside, in this thread or task, carries these facts: `about(message_id=…)`."""
    with structlog.contextvars.bound_contextvars(**facts):
        yield


def redact(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Blank what is named like a secret, shorten what looks like an address. structlog calls it last."""
    for name, value in event.items():
        event[name] = _BLANK if _SECRET_NAMES.search(name) and not isinstance(value, bool) else _shortened(value, 3)
    return event


def _shortened(value: object, depth: int) -> object:
    if isinstance(value, str):
        return shorten(value)
    if depth == 0 or value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, Mapping):
        nested: MutableMapping[str, object] = {str(name): item for name, item in value.items()}
        return {
            name: _BLANK if _SECRET_NAMES.search(name) else _shortened(item, depth - 1) for name, item in nested.items()
        }
    if isinstance(value, list | tuple | set | frozenset):
        return [_shortened(item, depth - 1) for item in value]
    return shorten(str(value))


def shorten(text: str) -> str:
    """A text without tokens, and with e-mail addresses and phone numbers cut down to what tells them apart."""
    for pattern, shorter in _SHORTENED:
        text = pattern.sub(shorter, text)
    return text


def _common() -> list[Processor]:
    return [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]


_LOUD = (
    *("httpx", "httpcore", "hpack", "openai", "alembic", "limits", "multipart", "python_multipart"),
    *("boto3", "botocore", "s3transfer", "urllib3", "PIL"),
)


def _is_worth_a_line(record: logging.LogRecord) -> bool:
    """dramatiq calls every try to reach an absent broker critical. It is handled: the sweep goes on without bells, and
    `casella.jobs.redis_bell` says so, once."""
    return not (record.name.startswith("dramatiq.worker") and "connection error" in record.getMessage())


def _quieten(level: str) -> None:
    """Libraries that would repeat what our own lines say: uvicorn's access log, httpx' request lines (with URLs)."""
    logging.getLogger("uvicorn.access").disabled = True
    for name in _LOUD:
        logging.getLogger(name).setLevel(logging.WARNING if level.lower() != "debug" else logging.INFO)
