"""Whose waiting is a flood's own, and whose is not."""

from __future__ import annotations

import random
from typing import cast

from casella_simulator import Simulator, TwilioAccount
from tests.faults.traffic import Lookout, Traffic
from tests.integration.rig.customers import Customer
from tests.integration.rig.houses import House
from tests.integration.rig.streams import Seen


class Heard:
    """What a watcher was told."""

    def __init__(self) -> None:
        self.events: list[Seen] = []

    def tell(self, conversation: str, at: float, **message: object) -> None:
        body: dict[str, object] = {"payload": {"message": message, "conversation_id": conversation}}
        self.events.append(Seen("c", "message.created", body, at))


def test_who_floods_waits_for_himself_and_everybody_else_is_judged() -> None:
    heard, traffic = Heard(), Traffic(cast(House, None), cast(Simulator, None), random.Random(1))
    account = cast(TwilioAccount, None)
    flooding = Customer("+12025570001", traffic.provider, account, traffic.dice, 0.0, ["00001 from 0001"])
    traffic.watchers["mara"] = cast(Lookout, heard)
    traffic.flooding.append(flooding)
    heard.tell("of who floods", 1.0, id="1", direction="in", state="received", text="00001 from 0001")
    heard.tell("of another", 1.5, id="2", direction="in", state="received", text="00001 from 0002")
    heard.tell("of who floods", 2.0, id="3", direction="out", state="queued", text="Got it")
    heard.tell("of another", 3.0, id="4", direction="out", state="queued", text="Got it")
    heard.tell("of another", 4.0, id="4", direction="out", state="sent", text="Got it")
    assert [(one.name, one.over) for one in traffic.outbound()] == [("3", None), ("4", 4.0)]
    assert [one.name for one in traffic.outbound(floods=False)] == ["4"]
