"""What a text says to a survey's question."""

from __future__ import annotations

import re
from dataclasses import dataclass

from casella.desk import Survey
from casella_rules.language.text import fold

_NUMBER = re.compile(r"\s*([0-9]{1,2})\s*[.!]?\s*")
_TONES = re.compile("[\U0001f3fb-\U0001f3ff\ufe0f]")
_UP = frozenset({"👍", "+1", "1", "yes", "y", "si", "sì", "oui", "ja"})
_DOWN = frozenset({"👎", "-1", "0", "no", "n", "non", "nein"})


@dataclass(frozen=True, slots=True)
class SurveyAnswer:
    """`score`: 1 or 0 for thumbs; None where words were asked for. `comment`: in words."""

    score: int | None
    comment: str | None = None


def range_of(survey: Survey) -> tuple[int, int] | None:
    """The lowest and the highest score; None where words are asked for."""
    match survey.kind:
        case "thumbs":
            return 0, 1
        case "text":
            return None
    return survey.lowest, survey.highest


def read_answer(survey: Survey, text: str) -> SurveyAnswer | None:
    """None for what is no answer. Words count as one where words are asked for on the channel itself."""
    if survey.kind == "text":
        return SurveyAnswer(None, text.strip()) if survey.by == "channel" and text.strip() else None
    if survey.kind == "thumbs":
        said = fold(_TONES.sub("", text).strip().rstrip(".!"))
        return SurveyAnswer(1) if said in _UP else SurveyAnswer(0) if said in _DOWN else None
    number = _NUMBER.fullmatch(text)
    score = int(number[1]) if number else None
    is_fit = score is not None and survey.lowest <= score <= survey.highest
    return SurveyAnswer(score) if is_fit else None
