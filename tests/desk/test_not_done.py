"""Whatever code says why an action was not done has a sentence for people."""

import re

from casella.desk.canned.messages import InputsMissing, TextTooLong
from casella.desk.not_done import has_sentence, why_not_done, why_not_filled
from tests.docs.pages import ROOT


def test_every_code_has_a_sentence() -> None:
    sources = (ROOT / "worker/casella/inbox").rglob("*.py")
    codes = {code for path in sources for code in re.findall(r"skip\(action, \"([a-z_]+)\"", path.read_text())}
    codes |= set(
        re.findall(r"_no\(\s*\"([a-z_]+)\"", (ROOT / "worker/casella/inbox/sending/permission.py").read_text())
    )
    assert len(codes) > 20
    assert {code for code in codes if not has_sentence(code)} == set()


def test_a_plugins_own_words_are_told_as_they_are() -> None:
    assert why_not_done("waits: the CRM does not answer") == "waits: the CRM does not answer"


def test_what_is_known_beyond_a_code_is_told() -> None:
    assert why_not_done("canned_inputs_missing: contact.name is not known") == "contact.name is not known"
    assert why_not_done("has_assignee").startswith("somebody has the conversation already")


def test_what_could_not_be_filled_names_what_is_missing() -> None:
    assert why_not_filled(InputsMissing(("contact.name",))).startswith("contact.name is not known")
    assert why_not_filled(InputsMissing(("contact.name", "agent.name"))).startswith("contact.name and agent.name are")
    assert "longer than any channel takes" in why_not_filled(TextTooLong())
