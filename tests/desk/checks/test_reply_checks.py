"""`casella check` knows which channels a reply can leave by, and what each of them takes."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from casella.desk import check_desk
from casella.plugin import Capabilities
from tests.desk.desks import SOUND, FakeSettings, catalogue, write_desk

SMS = Capabilities(address_kind="phone", text_limit=1600)
CHAT = Capabilities(address_kind="phone", text_limit=4096, buttons=2, button_title=8, list_rows=3, row_title=10)
KNOWN = replace(
    catalogue(), channel_types={"sms": FakeSettings, "chat": FakeSettings}, abilities={"sms": SMS, "chat": CHAT}
)
DESK = SOUND["desk.yaml"].replace(
    "channels:\n",
    '  ch: {type: chat, settings: {account: "1", token: "${TEST_TOKEN}"}}\n'
    "channels:\n"
    "  sales-chat: {connection: ch, inbox: sales, address: chat-1}\n",
)


def check(folder: Path, reply: str, test: str = "always") -> list[str]:
    rule = f"rules:\n  - {{name: Answer, when: message_received, if: {test}, then: [reply: {reply}]}}\n"
    desk = write_desk(folder, {"desk.yaml": DESK, "rules.yaml": rule})
    return [str(problem).partition(": ")[2] for problem in check_desk(desk, KNOWN)]


@pytest.mark.parametrize(
    ("reply", "test", "said"),
    [
        ("{text: Hi, buttons: [A, B]}", "always", ""),
        ("{text: Hi, buttons: [A, B, C]}", "always", "channel 'sales-chat' takes 2 buttons at most"),
        ("{text: Hi, buttons: [Far too long]}", "always", "'Far too long' is too long for channel 'sales-chat'"),
        ("{text: Hi, buttons: [A]}", "{channel: sms}", "none of its channels takes them"),
        ("{text: Hi, buttons: [A]}", "{inbox: support}", "none of its channels takes them"),
        ("{text: Hi, buttons: [A]}", "{any: [{channel: sms}, {channel: chat}]}", ""),
        ("{text: Hi, list: {button: B, rows: [A, B, C, D]}}", "always", "takes 3 lists at most"),
        ("{template: {name: t, language: en}}", "always", "replies with templates, and none of its channels"),
        ("{location: {latitude: 1, longitude: 2}}", "always", "replies with places, and none of its channels"),
        ("{text: Hi, buttons: [A, A]}", "always", "'A' is offered twice"),
        ("{text: Hi, buttons: []}", "always", "this list is empty"),
        ("{text: Hi, buttons: [A], list: {button: B, rows: [C]}}", "always", "cannot stand in one message"),
        ("{template: {name: t, language: en}, buttons: [A]}", "always", "stand beside words"),
        ("{text: Hi, template: {name: t, language: en}}", "always", "needs either a canned message"),
        ("{text: Hi, list: {button: B}}", "always", "needs either 'rows' or 'sections'"),
        ("{template: {name: t, language: en, body: ['{{ contakt.name }}']}}", "always", "unknown variable"),
    ],
)
def test_a_reply_is_checked_against_its_channels(tmp_path: Path, reply: str, test: str, said: str) -> None:
    found = check(tmp_path, reply, test)
    assert said in "\n".join(found)
    assert bool(found) == bool(said)
