"""Whatever a stranger writes costs work in proportion to its length: every function of ours that is given one text is
found by its signature and fed with texts made to be hard, short and four times as long.

What is counted are the lines of Python that run, whoever's they are, and not time: a machine that has other things to
do changes nothing. What a regular expression or another extension does within a line is not seen here; others' patterns
are RE2's, which is linear by construction.
"""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import sys
from collections.abc import Callable, Iterator, Mapping
from types import FrameType
from typing import Any

import pytest

from tests.budget import LONG

ROOMS = ("casella", "casella_rules", "casella_assistant", "casella_sms", "casella_whatsapp", "casella_meta",
         "casella_webchat")  # fmt: skip
NOT_IN_THE_HOUSE = (
    "casella.cli",
    "casella.commands",
    "casella.demo",
    "casella.plugin.testing",
    "casella.store.migrations",
)
"""What an operator or a developer runs, with what he writes himself."""
BY_DESIGN: Mapping[str, str] = {
    "casella.desk.applying.passwords.hashed": "a hash that must be slow",
    "casella.doctor._checks": "asks a running server",
    "casella.api.limits.rate_limits._redis": "opens a connection",
    "casella.jobs.redis_bell.redis_bell": "opens a connection",
    "casella_assistant.evaluation.cases.read_cases": "a file of the operator's own, as PyYAML reads it",
}
HARD: Mapping[str, str] = {
    "one letter": "a",
    "spaces": " ",
    "line breaks": "\n",
    "digits": "1",
    "numbers with separators": "4-1 ",
    "opening brackets": "[(",
    "braces": "{{ ",
    "quotes": "\"'",
    "addresses": "a@b.",
    "links": "http://a.",
    "combining marks": "e\u0301\u0301",
    "families of emoji": "\U0001f469\u200d",
    "what turns round": "\u202e\u2066x",
    "escapes": "\\&amp;%41",
    "words": "IT60 X054 password: is ",
}
SHORT = 600 if LONG else 150
TIMES = 4
ALLOWED = 1.6
"""How much more than in proportion: what is done once a call is gone by then, and doublings round up."""
ONCE = 2_000
"""Lines that any call may cost: tables made at the first call, errors made for people."""
Subject = Callable[[str], object]


def subjects() -> Iterator[tuple[str, Subject]]:
    """Every function that needs one text and nothing else."""
    for room in ROOMS:
        package = importlib.import_module(room)
        for found in pkgutil.walk_packages(package.__path__, f"{room}."):
            if not found.name.startswith(NOT_IN_THE_HOUSE):
                yield from _of(importlib.import_module(found.name))


def _of(module: Any) -> Iterator[tuple[str, Subject]]:
    for name, value in vars(module).items():
        plain = inspect.unwrap(value) if callable(value) else value
        if not inspect.isfunction(plain) or plain.__module__ != module.__name__:
            continue
        needed = [one for one in inspect.signature(plain).parameters.values() if one.default is one.empty]
        if (
            [str(one.annotation) for one in needed if one.kind is one.POSITIONAL_OR_KEYWORD]
            == ["str"]
            == [str(one.annotation) for one in needed]
        ):
            yield f"{module.__name__}.{name}", plain


SUBJECTS = dict(subjects())


def lines_of(subject: Subject, text: str) -> int:
    """How many lines run until it ends, however it ends."""
    counted = 0

    def local(_frame: FrameType, event: str, _argument: object) -> object:
        nonlocal counted
        counted += event == "line"
        return local

    before = sys.gettrace()
    sys.settrace(lambda _frame, _event, _argument: local)  # type: ignore[arg-type,return-value]  # it returns itself
    try:
        subject(text)
    except Exception:  # noqa: BLE001 - refusing is an answer; how much work it took is the question
        pass
    finally:
        sys.settrace(before)
    return counted


def test_what_is_left_out_exists() -> None:
    assert set(BY_DESIGN) <= set(SUBJECTS)
    assert len(SUBJECTS) > 200


@pytest.mark.parametrize("kind", HARD)
def test_four_times_the_text_is_four_times_the_work(kind: str) -> None:
    unit, steep = HARD[kind], {}
    for name, subject in SUBJECTS.items():
        if name in BY_DESIGN:
            continue
        texts = [(unit * (size // len(unit) + 1))[:size] for size in (SHORT, SHORT * TIMES)]
        lines_of(subject, texts[0][:8])  # what is loaded at the first call
        short, long = (lines_of(subject, text) for text in texts)
        if long > short * TIMES * ALLOWED + ONCE:
            steep[name] = (short, long)
    assert steep == {}


def test_what_is_steep_is_seen() -> None:
    def every_pair(text: str) -> int:
        return sum(1 for one in text for other in text if one == other)

    short, long = (lines_of(every_pair, "a" * size) for size in (SHORT, SHORT * TIMES))
    assert long > short * TIMES * ALLOWED + ONCE
