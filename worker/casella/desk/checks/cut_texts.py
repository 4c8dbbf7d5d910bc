"""Proposals that would make a loss for good: a text that a ` #` has cut, written into what to write instead."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from casella_rules import Problem

_PLAIN_BEFORE_COMMENT = re.compile(r"(?P<text>[^\s\"'\[{&*!|>%@`#].*?)(?P<behind>\s+#[^\s#].*)$")
"""As YAML reads it: a comment begins with a ` #`. One glued to what follows it (`#12`) is no comment of a person."""


def with_whole_texts(problems: Iterable[Problem], lines: Mapping[str, Sequence[str]]) -> Iterator[Problem]:
    """The same problems; one that proposes the text at its place, in quotes, proposes it as it stands in the file."""
    for problem in problems:
        yield _whole(problem, lines.get(problem.file, ()))


def _whole(problem: Problem, lines: Sequence[str]) -> Problem:
    line = lines[problem.line - 1] if 0 < problem.line <= len(lines) else ""
    found = _PLAIN_BEFORE_COMMENT.match(line, problem.column - 1)
    if found is None or (cut := f'"{found["text"]}"') not in problem.hint:
        return problem
    whole = found[0].rstrip()
    fits = not {'"', "\\"} & set(whole)
    hint = problem.hint.replace(cut, f'"{whole}"' if fits else '"…"')
    return replace(problem, message=f"{problem.message}: what stands behind ' #' is a comment", hint=hint)
