"""Replies that would silently not leave, because customers of a channel come without a name, are hinted at."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import BaseModel

from casella.desk import Catalogue, load_desk
from casella.desk.checks.nameless import nameless_replies
from casella.plugin import Capabilities
from tests.desk.desks import SOUND, FakeSettings, write_desk


class ChatSettings(BaseModel):
    """None."""


def catalogue(**sms: bool) -> Catalogue:
    abilities = {"sms": Capabilities(address_kind="phone", text_limit=100, **sms)}
    abilities["chat"] = Capabilities(address_kind="v", text_limit=100)
    return Catalogue({"sms": FakeSettings, "chat": ChatSettings}, abilities=abilities)


DESK = (
    SOUND["desk.yaml"]
    .replace("channels:\n", "  ch: {type: chat}\nchannels:\n")
    .replace("teams:\n  front", "  web: {connection: ch, inbox: sales, address: w}\nteams:\n  front")
)
CANNED = """canned:
  named: {text: "Hello {{ contact.first_name }}!"}
  either: {text: "Hello {{ contact.first_name | default('there') }}!"}
  asked: {text: "Hello{% if contact.name %} {{ contact.name }}{% endif %}!"}
"""


def told(folder: Path, condition: str, reply: str, known: Catalogue) -> list[str]:
    rule = f"rules: [{{name: Greet, when: message_received, if: {condition}, then: [reply: {reply}]}}]\n"
    desk = load_desk(write_desk(folder, {"desk.yaml": DESK, "rules.yaml": rule, "canned.yaml": CANNED}), known)
    return [str(one).partition("desk/")[2] for one in nameless_replies(desk, known)]


def test_a_canned_message_that_needs_a_name_is_hinted_at(tmp_path: Path) -> None:
    assert told(tmp_path, "{inbox: support}", "{canned: named}", catalogue(names=False)) == [
        "rules.yaml:1:9: rule 'Greet' replies with the canned message 'named', which needs contact.first_name; "
        "on channel 'support-sms' customers come without a name, and then it is not sent. "
        "Write {{ contact.first_name | default('there') }}, or leave the name out with {% if %}"
    ]


@pytest.mark.parametrize(
    ("condition", "reply"),
    [
        ("{inbox: support}", "{canned: either}"),
        ("{inbox: support}", "{canned: asked}"),
        ("{inbox: support}", "{text: Hello}"),
        ("{channel: chat}", "{canned: named}"),
        ("{contact.name: {is_set: true}}", "{canned: named}"),
    ],
)
def test_what_leaves_without_a_name_or_never_lacks_one_is_fine(condition: str, reply: str, tmp_path: Path) -> None:
    assert told(tmp_path, condition, reply, catalogue(names=False)) == []


def test_a_text_of_a_rule_is_looked_at_and_a_channel_that_says_nothing_is_not_suspected(tmp_path: Path) -> None:
    text = '{text: "Dear {{ contact.name }}"}'
    assert (
        "replies with its text, which needs contact.name" in told(tmp_path, "always", text, catalogue(names=False))[0]
    )
    assert told(tmp_path, "always", text, catalogue()) == []
