"""What is noticed where messages are held reaches the rules: whichever way it came, once, and without delay."""

from __future__ import annotations

import dataclasses

import pytest

from casella.inbox.commands import opt_outs
from casella.inbox.house.bell import SilentBell
from casella.inbox.receiving.lanes import drain_lane
from casella.inbox.sending.delivery import Delivery
from casella.plugin import ContactStopped
from casella.store.tables import timers
from tests.house import ANNA, House, until
from tests.inbox.rule_texts import decided, matched, rule, tags, the, use

OUT = rule("tag: quiet", name="out", when="contact_opted_out", condition="{contact.opted_out: true}")
IN = rule("untag: quiet", name="in", when="contact_opted_in", condition="{contact.opted_out: false}")
LEFT = rule("tag: order", name="left", when="message_sent")


class Heard(SilentBell):
    """Counts the rings for timers."""

    def __init__(self) -> None:
        self.rung = 0

    def timers(self) -> None:
        self.rung += 1


def stop(house: House, by: str) -> None:
    if by == "keyword":
        house.receive({"kind": "consent", "channel_address": "+15550001", "contact_address": ANNA, "state": "opted_out",
                       "source": "keyword", "evidence": "STOP", "external_id": "s1"})  # fmt: skip
    elif by == "agent":
        with house.rooms.store.write() as db:
            opt_outs.opt_out(db, house.rooms, the(house)["id"], reason="By phone", resolve=None,
                           by=house.agent("ann").id, at=house.clock.now())  # fmt: skip
    else:
        house.reply()
        house.deliver()
        if by == "receipt":
            problem = {"code": "21610", "text": "Stopped.", "stops_contact": True}
            house.receive(house.receipt("acme-1", "failed", problem=problem))


@pytest.mark.parametrize("by", ["keyword", "agent", "refusal", "receipt"])
def test_an_opt_out_wakes_rules_whatever_way_it_came(house: House, by: str) -> None:
    use(house, OUT, IN)
    house.receive(house.says())
    if by == "refusal":
        house.acme.provider.answers[ANNA] = [ContactStopped()]
    stop(house, by)
    house.fire()
    assert (tags(house), matched(house, "contact_opted_out")) == ({"quiet"}, ["out"])
    house.fire()
    assert len(decided(house, "contact_opted_out")) == 1


def test_an_agent_who_lets_somebody_back_in_wakes_rules_and_what_changes_nothing_does_not(house: House) -> None:
    use(house, OUT, IN)
    house.receive(house.says())
    stop(house, "agent")
    stop(house, "agent")
    with house.rooms.store.write() as db:
        opt_outs.opt_in(db, house.rooms, the(house)["id"], reason="By phone", by=house.agent("ann").id,
                      at=house.clock.now())  # fmt: skip
    assert (matched(house, "contact_opted_out"), matched(house, "contact_opted_in")) == (["out"], ["in"])
    assert tags(house) == set()


def test_several_messages_refused_because_of_one_opt_out_are_one_event(house: House) -> None:
    use(house, OUT)
    house.receive(house.says())
    house.acme.provider.answers[ANNA] = [ContactStopped()]
    house.reply("one")
    house.reply("two")
    house.deliver()
    house.fire()
    assert len(decided(house, "contact_opted_out")) == 1


@pytest.mark.parametrize("listens", [True, False])
def test_the_bell_is_rung_for_a_message_that_has_left(house: House, listens: bool) -> None:
    """So that rules need not wait for the next sweep; and not where no rule wants to know."""
    use(house, *([LEFT] if listens else []))
    house.receive(house.says())
    bell = Heard()
    delivery = Delivery(dataclasses.replace(house.rooms, bell=bell))
    delivery.start()
    house.reply()
    delivery.wake()
    until(lambda: house.acme.provider.texts())
    delivery.stop(10)
    assert (bell.rung > 0, len(house.rows(timers, kind="event"))) == (listens, int(listens))


def test_the_bell_is_rung_for_what_receipts_tell(house: House) -> None:
    use(house, rule("tag: refund", when="message_failed"))
    house.receive(house.says())
    house.reply()
    house.deliver()
    house.post(house.webhook(house.receipt("acme-1", "failed", problem={"code": "1", "text": "Gone."})))
    bell = Heard()
    for lane in house.waiting_lanes():
        drain_lane(dataclasses.replace(house.rooms, bell=bell), lane)
    assert bell.rung == 1


def test_workers_who_hear_it_fire_what_is_due(house: House) -> None:
    use(house, LEFT)
    house.receive(house.says())
    house.start_workers()
    house.reply()
    house.rooms.bell.deliveries()
    until(lambda: tags(house) == {"order"})
    assert matched(house, "message_sent") == ["left"]
