"""A conversation that a rule has moved: everything told of it afterwards is told in its new inbox."""

from __future__ import annotations

from casella.inbox.sending.claims import claim_due
from casella.inbox.sending.outcomes import Outcome, record_outcomes
from casella.plugin import Sent
from casella.store.tables import conversations, feed, inboxes
from tests.house import DESK, House

RULES = """
rules:
  - name: Orders are the shop's
    when: message_received
    if: {text: {contains_word: order}}
    then:
      - move: shop
"""


def test_the_old_inbox_hears_nothing_more_of_it(house: House) -> None:
    two = DESK.replace("  support: {name: Support, teams", "  shop: {name: Shop}\n  support: {name: Support, teams", 1)
    house.apply(desk=two, rules=RULES)
    house.receive(house.says("My order"))
    conversation = house.one(conversations)
    shop = house.one(inboxes, key="shop")["id"]
    assert conversation["inbox_id"] == shop

    message = house.reply("It is on its way", conversation["id"])
    now = house.clock.now()
    with house.rooms.store.write() as db:
        claims, _ = claim_due(house.rooms, db, 10, now)
        record_outcomes(house.rooms, db, [Outcome(claim, now, now, Sent("out-1")) for claim in claims], now)
    house.receive(house.receipt("out-1", "delivered"))

    told = [row for row in house.rows(feed) if row["kind"] == "message.updated" and message in row["payload"]]
    assert len(told) >= 2
    assert {row["inbox_id"] for row in told} == {shop}
