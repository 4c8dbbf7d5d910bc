"""Logs name no secret, and one message can be followed through them."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from casella import logs


@pytest.fixture
def written() -> Iterator[io.StringIO]:
    """What is logged as JSON during a test; logging is as it was afterwards."""
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    stream = io.StringIO()
    logs.set_up("debug", "json", stream)
    yield stream
    root.handlers[:] = before
    root.setLevel(level)
    structlog.reset_defaults()


def lines(stream: io.StringIO) -> list[dict[str, object]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_ours_and_the_libraries_lines_look_the_same(written: io.StringIO) -> None:
    with logs.about(message_id="01KB2Z8Q4M7T1V3X5Y7Z9A1C3E"):
        structlog.get_logger("casella.test").info("stored", lane=3)
        logging.getLogger("uvicorn.error").warning("slow %s", "client")
    structlog.get_logger("casella.test").info("later")
    ours, theirs, later = lines(written)
    assert (ours["event"], ours["lane"], ours["level"], ours["logger"]) == ("stored", 3, "info", "casella.test")
    assert (theirs["event"], theirs["level"], theirs["logger"]) == ("slow client", "warning", "uvicorn.error")
    assert ours["message_id"] == theirs["message_id"] == "01KB2Z8Q4M7T1V3X5Y7Z9A1C3E"
    assert "message_id" not in later
    assert set(theirs) >= {"timestamp", "logger", "level", "event"}


@pytest.mark.parametrize(
    "name", ["password", "auth_token", "Authorization", "secret_key", "set-cookie", "apiKey", "api_key", "signature"]
)
def test_what_is_named_like_a_secret_is_blanked(written: io.StringIO, name: str) -> None:
    structlog.get_logger("t").info("x", **{name: "hunter2", "nested": {name: "hunter2", "list": [{name: "hunter2"}]}})
    assert "hunter2" not in written.getvalue()


def test_secrets_and_addresses_are_shortened_wherever_they_stand(written: io.StringIO) -> None:
    logging.getLogger("lib").error("GET postgresql://bob:hunter2@db/x for %s", "+393331234567")
    structlog.get_logger("t").info("Bearer abcdefghijklmnop", mail="ann.long@example.com", token_text="csl_abc-DEF_123")
    try:
        raise ValueError("csl_abcdefgh to ann.long@example.com at %2B12025550143")
    except ValueError:
        structlog.get_logger("t").exception("broken")
    text = written.getvalue()
    for secret in ("hunter2", "3331234567", "abcdefghijklmnop", "ann.long", "csl_abc", "2025550143"):
        assert secret not in text
    assert "+39…67" in text
    assert "a…@example.com" in text


@pytest.mark.parametrize(
    "harmless",
    ["01KB2Z8Q4M7T1V3X5Y7Z9A1C3E", "2026-11-23T10:00:00.123456Z", "8125.90211", "took 12345 ms", "127.0.0.1:8000"],
)
def test_what_helps_is_left_alone(harmless: str) -> None:
    assert logs.shorten(harmless) == harmless


def test_numbers_and_nothing_survive(written: io.StringIO) -> None:
    structlog.get_logger("t").info("x", count=123456789012, nothing=None, truth=True, many=(1, 2), odd={1: object})
    (line,) = lines(written)
    assert (line["count"], line["nothing"], line["truth"], line["many"]) == (123456789012, None, True, [1, 2])


def test_text_on_a_terminal_json_elsewhere() -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    terminal = Terminal()
    logs.set_up("info", "auto", terminal)
    structlog.get_logger("t").info("hello")
    root.handlers[:] = before
    root.setLevel(level)
    structlog.reset_defaults()
    assert "hello" in terminal.getvalue()
    assert not terminal.getvalue().startswith("{")
