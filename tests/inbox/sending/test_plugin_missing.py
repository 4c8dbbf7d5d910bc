"""A plugin that is not installed any more, or not yet: what is to be sent waits until it is there again."""

from __future__ import annotations

from pathlib import Path

import pytest

from casella.inbox.commands import tagging
from casella.inbox.sending.outbox import Draft
from casella.inbox.sending.permission import can_send
from casella.inbox.sending.preview import preview
from casella.store.tables import conversations, messages, outbox
from tests.fakes import AcmeChannel
from tests.house import House

RULES = """
rules:
  - name: Important people are thanked
    when: conversation_tagged
    if: {conversation.tags: vip}
    then:
      - reply: {text: Thank you}
"""


@pytest.mark.parametrize("whose", ["an agent's", "a rule's"])
def test_what_is_written_while_the_plugin_is_missing_waits_for_it(house: House, tmp_path: Path, whose: str) -> None:
    house.apply(rules=RULES)
    house.receive(house.says("Hello"))
    conversation = house.one(conversations)["id"]

    plugins = [AcmeChannel("other")]  # what is installed instead
    with House(house.settings.database_url, tmp_path, plugins=plugins, desk=None, clock=house.clock) as without:
        at, by = house.clock.now(), house.agent("ann").id
        if whose == "an agent's":
            without.reply("Hello yourself", conversation)
        else:
            with without.rooms.store.write() as db:
                tagging.add_tag(db, without.rooms, conversation, "vip", by=by, at=at)
        with without.rooms.store.read() as db:
            gate = can_send(db, without.rooms, conversation, at, by)
            draft = preview(db, without.rooms, conversation, Draft("Hello", sender_id=by), at)
        assert (gate.allowed, gate.code) == (True, "channel_set_aside")
        assert (draft.permission.allowed, draft.measure) == (True, None)
        assert without.deliver() == 0
        assert without.one(outbox)["state"] == "queued"

    assert house.deliver() == 1
    assert house.one(messages, direction="out")["state"] == "sent"
