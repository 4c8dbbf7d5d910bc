"""A provider that answers from a list, and the log of what was written meanwhile."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from urllib.parse import parse_qs

import httpx
import orjson

from casella.plugin.testing.cases import Answer, ExpectedRequest


class Provider:
    """Gives the answers in order, the last one again and again, and keeps the requests."""

    def __init__(self, answers: Sequence[Answer]) -> None:
        self.answers = answers
        self.requests: list[httpx.Request] = []

    @contextmanager
    def client(self) -> Iterator[httpx.Client]:
        """A client whose every request comes here, whatever its address."""
        with httpx.Client(transport=httpx.MockTransport(self._answer), timeout=5.0) as http:
            yield http

    def _answer(self, request: httpx.Request) -> httpx.Response:
        request.read()
        answer = self.answers[min(len(self.requests), len(self.answers) - 1)] if self.answers else Answer(500)
        self.requests.append(request)
        if answer.raises is not None:
            raise answer.raises("pretended by the conformance kit", request=request)
        return httpx.Response(answer.status, content=answer.body, headers=dict(answer.headers))


def difference(request: httpx.Request, expected: ExpectedRequest) -> str:
    """How a request differs from the expected one; empty if it does not."""
    found: list[tuple[str, object, object]] = [
        ("method", request.method, expected.method),
        ("url", str(request.url), expected.url),
        *((name, request.headers.get(name), value) for name, value in expected.headers.items()),
    ]
    if expected.form is not None:
        wanted = {name: [value] if isinstance(value, str) else list(value) for name, value in expected.form.items()}
        found.append(("form", parse_qs(request.content.decode(), keep_blank_values=True), wanted))
    if expected.json is not None:
        found.append(("json", orjson.loads(request.content), expected.json))
    return "; ".join(f"{what}: {has!r} instead of {wanted!r}" for what, has, wanted in found if has != wanted)


class _Keeper(logging.Handler):
    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(self.format(record))


@contextmanager
def kept_log() -> Iterator[list[str]]:
    """The lines written to Python's log meanwhile, from DEBUG up, with tracebacks."""
    keeper, root = _Keeper(), logging.getLogger()
    level, before = root.level, root.manager.disable
    root.addHandler(keeper)
    root.setLevel(logging.DEBUG)
    logging.disable(logging.NOTSET)
    try:
        yield keeper.lines
    finally:
        root.setLevel(level)
        root.removeHandler(keeper)
        logging.disable(before)
