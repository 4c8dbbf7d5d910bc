"""Fields that plugins bring: gathered where a rule of the desk asks for them, guarded and with a time limit.

One that cannot be had has no value; why is kept with the decision, so that "not available" is not taken for "not set".
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from casella.errors import PluginFailed
from casella.inbox.house import Rooms
from casella.inbox.routing.rule_events import Happening
from casella.plugin import FieldUnavailable, RuleQuestion, clean_text
from casella_rules import FactValue


def gathered(
    rooms: Rooms, happening: Happening, values: Mapping[str, FactValue], now: datetime
) -> tuple[dict[str, FactValue], dict[str, str]]:
    """The values of every field of plugins that the desk's rules ask for, and which of them are not available."""
    found: dict[str, FactValue] = {}
    unavailable: dict[str, str] = {}
    asked = question(happening, values, now)
    for name in rooms.desk.current.guest_fields:
        try:
            found[name] = rooms.host.rules.gather(name, asked)
        except PluginFailed as error:
            unavailable[name] = error.text
        except FieldUnavailable as error:
            unavailable[name] = clean_text(error.text)[:200]
    return found, unavailable


def question(happening: Happening, values: Mapping[str, FactValue], now: datetime) -> RuleQuestion:
    """The event as plugins see it."""
    conversation = happening.conversation
    return RuleQuestion(
        happening.trigger, now, conversation.id, conversation.address.contact.id, conversation.address.address,
        dict(values),
    )  # fmt: skip
