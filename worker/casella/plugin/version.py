"""Which plugins fit this contract.

The version is "major.minor". A new minor only adds: whatever was made for 1.0 runs with 1.4. A new major takes away or
changes; a plugin for another one is refused before any of it is called.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

CONTRACT_VERSION = "1.5"
"""The version of this contract; 1.1 adds `register_rules`, 1.2 `channel_options` and `address_problem`, 1.3
`ChannelSuspect`, `made_id` and what events say of echoes, groups and the order of changes, 1.4
`MessageReceived.subject` and what `OutgoingMessage.metadata` holds, 1.5 `register_links`. A plugin says what it needs
with `contract_version = "1.0"`, written out: the number that its author read, not whatever happens to be installed."""

SINCE: Mapping[str, str] = {
    "ChannelPlugin.channel_options": "1.2",
    "ChannelPlugin.address_problem": "1.2",
    "Capabilities.names": "1.2",
    "ChannelSuspect": "1.3",
    "made_id": "1.3",
    "MessageEchoed.contact_name": "1.3",
    "MessageEchoed.reply_to": "1.3",
    "MessageEchoed.aliases": "1.3",
    "MessageEdited.number": "1.3",
    "MessageEdited.by_business": "1.3",
    "MessageDeleted.by_business": "1.3",
    "ReactionChanged.by_business": "1.3",
    "ReactionChanged.participant": "1.3",
    "ConsentChanged.topic": "1.3",
    "AddressChanged.aliases": "1.3",
    "MessageReceived.subject": "1.4",
    "ConversationLink": "1.5",
}
"""What came later than 1.0 and can be seen in a plugin that uses it: the conformance kit compares."""

FIRST_VERSION = "1.0"
"""What a plugin that says nothing is taken to be made for. Never changed, so that it is refused one day."""

_FORM = re.compile(r"([0-9]{1,4})\.([0-9]{1,4})")


def contract_problem(wanted: object, offered: str = CONTRACT_VERSION) -> str:
    """Why a plugin that wants this version does not fit, with what to do about it; empty if it fits."""
    asked, here = (_FORM.fullmatch(version) if isinstance(version, str) else None for version in (wanted, offered))
    if asked is None or here is None:
        return f'says contract_version = {wanted!r:.40}; it must be text such as "{offered}"'
    major, minor = int(asked[1]), int(asked[2])
    if major != int(here[1]):
        what = "Casella" if major > int(here[1]) else "version of the plugin"
        return f"is made for plugin contract {wanted}, this Casella speaks {offered}; install a newer {what}"
    if minor > int(here[2]):
        return f"needs plugin contract {wanted}, this Casella speaks {offered}; install a newer Casella"
    return ""
