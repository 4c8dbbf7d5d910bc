"""Why somebody is left out of a campaign is said as a sentence, English and Italian, for every reason there is."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from casella.api.endpoints.campaigns.shapes import CampaignPreview
from casella.texts import READER, Locale
from casella.texts.left_out import LEFT_OUT, why_left_out

DOCUMENTED = re.compile(r"^\| `([a-z_]+)` \| ")


def test_every_documented_reason_has_its_sentence() -> None:
    page = (Path(__file__).parents[2] / "docs" / "campaigns.md").read_text(encoding="utf-8")
    table = page.partition("| left out as |")[2].partition("\n\n")[0]
    reasons = {found[1] for line in table.splitlines() if (found := DOCUMENTED.match(line))}
    assert reasons == LEFT_OUT.keys()


@pytest.mark.parametrize("locale", ["en", "it"])
@pytest.mark.parametrize("reason", [*LEFT_OUT, "unregistered_number", "outside_window"])
def test_each_is_a_sentence_in_either_language(reason: str, locale: Locale) -> None:
    said = why_left_out(reason, locale)
    assert said[0].isupper()
    assert said.endswith(".")
    assert reason not in said
    assert said != why_left_out(reason, "en" if locale == "it" else "it")


def test_an_answer_says_the_reasons_that_it_counts() -> None:
    reading = READER.set("it")
    try:
        answer = CampaignPreview(planned=1, left_out={"contact_stopped": 2}, too_many=False, items=[], next=None)
        assert answer.model_dump()["because"] == {"contact_stopped": "Il contatto non vuole più messaggi."}
    finally:
        READER.reset(reading)
