"""What counts as an answer, and links that nobody can make up."""

from __future__ import annotations

import pytest

from casella.desk import Survey
from casella.ids import new_id
from casella.inbox.surveys import SurveyAnswer, link_of, linked, read_answer
from tests.house import House

SCALE = Survey(question="q")
THUMBS = Survey(question="q", kind="thumbs")
WORDS = Survey(question="q", kind="text")


@pytest.mark.parametrize(
    ("survey", "text", "answer"),
    [
        (SCALE, " 4. ", SurveyAnswer(4)),
        (SCALE, "6", None),
        (SCALE, "4 stars", None),
        (THUMBS, "👍", SurveyAnswer(1)),
        (THUMBS, "👎🏽", SurveyAnswer(0)),
        (THUMBS, "Sì!", SurveyAnswer(1)),
        (THUMBS, "No.", SurveyAnswer(0)),
        (THUMBS, "no, wait", None),
        (THUMBS, "5", None),
        (WORDS, " All was well ", SurveyAnswer(None, "All was well")),
        (WORDS, "  ", None),
        (Survey(question="q", kind="text", by="link"), "All was well", None),
    ],
)
def test_what_a_text_says_to_a_question(survey: Survey, text: str, answer: SurveyAnswer | None) -> None:
    assert read_answer(survey, text) == answer


def test_a_link_leads_to_its_own_sending_and_to_no_other(house: House) -> None:
    one, other = new_id(), new_id()
    signed = link_of(house.rooms, one).rsplit("/", 1)[1]
    assert linked(house.rooms, signed) == one
    signature = signed.split(".", 1)[1]
    for forged in (f"{other}.{signature}", signed[:-1], f"{signed}x", one, "", "é", f"{one}.", signature):
        assert linked(house.rooms, forged) is None, forged
