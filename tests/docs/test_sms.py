"""The SMS page: its connections are sound, its channels stand where it says, its table is the plugin's."""

from __future__ import annotations

import re

import pytest
import yaml

from casella.desk.parts.connections import check_settings
from casella.plugin import Channel, Connection
from casella_rules import read_yaml
from casella_rules.yaml.source import Mapping as MappingNode
from casella_sms.channel import SmsChannel
from casella_sms.settings import SmsSettings
from tests.docs.pages import ROOT, Block, blocks

PAGE = ROOT / "docs" / "channels" / "sms.md"
EXAMPLES = [block for block in blocks(PAGE) if block.language == "yaml"]
PLUGIN = SmsChannel()


@pytest.mark.parametrize("block", [one for one in EXAMPLES if "connections:" in one.text], ids=str)
def test_every_connection_is_sound(block: Block) -> None:
    tree, problem = read_yaml(block.text.encode(), "desk.yaml")
    assert isinstance(tree, MappingNode), problem
    _, connections = tree.entries["connections"]
    assert isinstance(connections, MappingNode)
    for _, connection in connections.entries.values():
        assert isinstance(connection, MappingNode)
        _, settings = connection.entries["settings"]
        assert [str(one) for one in check_settings(settings, SmsSettings, "desk.yaml")] == []


def test_every_provider_has_its_example() -> None:
    shown = {found for block in EXAMPLES for found in re.findall(r"provider: (\w+)", block.text)}
    assert shown == {"twilio", "vonage", "telnyx", "bandwidth"}


def test_registered_senders_may_write_to_the_united_states() -> None:
    [block] = [one for one in EXAMPLES if "channels:" in one.text]
    settings = SmsSettings.model_validate({"provider": "twilio", "account_sid": "AC00", "auth_token": "x"})
    for one in yaml.safe_load(block.text)["channels"].values():
        channel = Channel("c", one["address"], Connection("twilio", settings, "https://x"), one["options"])
        assert PLUGIN.refusal(channel, "+12025550143") is None
        assert not PLUGIN.registration(channel).blocks
