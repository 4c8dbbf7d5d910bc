"""Law 15: told is visible, visible is told. Whatever happens to a conversation, and wherever it goes, each of several
people is told what he sees and nothing else, and what the events say is what the lists answer."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from itertools import count
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection

from casella.api.endpoints import models
from casella.errors import CasellaError
from casella.inbox.commands import opt_outs, prioritizing, tagging
from casella.inbox.personal import read_marks
from casella.inbox.reading import Filters, Member, find_member, lists, presence
from casella.inbox.views import labelled
from tests.house import DESK, House

TWO = (
    DESK.replace("inboxes:\n", "inboxes:\n  shop: {name: Shop, teams: [sales]}\n", 1)
    .replace("teams:\n  front", "teams:\n  sales: {name: Sales}\n  front", 1)
    .replace(
        "agents:\n",
        "agents:\n  sam: {name: Sam, email: sam@desk.example, teams: [sales]}\n"
        "  olga: {name: Olga, email: olga@desk.example, teams: [sales, front]}\n"
        "  root: {name: Root, email: root@desk.example, role: admin}\n",
        1,
    )
)
RULES = """
rules:
  - name: Orders are the shop's
    when: message_received
    if: {text: {contains_word: order}}
    then:
      - move: shop
      - note: An order
  - name: Questions are support's
    when: message_received
    if: {text: {contains_word: question}}
    then:
      - tag: [quiet]
      - assign: {team: front}
      - move: support
  - name: Thanks
    when: message_received
    if: {text: {contains_word: thanks}}
    then:
      - reply: {text: You are welcome}
      - close
"""
PEOPLE = ("ann", "sam", "olga", "root", "mara")
Act = Callable[[str], object]
NUMBERS = count(10**6)
Sight = dict[str, dict[str, Any]]
SAID = ("Hello", "My order", "A question", "Many thanks", "An order, thanks")


def acts(house: House, contact: str) -> dict[str, Act]:
    """What may happen to the open conversation, by name. What people do, Ann does."""
    rooms, at, by = house.rooms, house.clock.now(), house.agent("ann").id

    def says(text: str) -> Act:
        return lambda _: house.receive(house.says(text, contact))

    def hand(act: Callable[[Connection, str], object]) -> Act:
        def done(conversation: str) -> None:
            with rooms.store.write() as db:
                act(db, conversation)

        return done

    def opt_out(resolve: str | None) -> Act:
        return hand(lambda db, id: opt_outs.opt_out(db, rooms, id, reason="so", resolve=resolve, by=by, at=at))

    return {
        **{f"says {text}": says(text) for text in SAID},
        "reply": lambda id: house.reply("Here", id),
        "deliver": lambda _: house.deliver(),
        "tag": hand(lambda db, id: tagging.add_tag(db, rooms, id, "vip", by=by, at=at)),
        "untag": hand(lambda db, id: tagging.remove_tag(db, rooms, id, "vip", by=by, at=at)),
        "priority": hand(lambda db, id: prioritizing.set_priority(db, rooms, id, "high", by=by, at=at)),
        "types": hand(lambda db, id: presence.agent_types(db, rooms, id, by=by, at=at)),
        "reads": hand(lambda db, id: read_marks.read(db, rooms, member_of(db, by), id, None, at)),
        "opts out": opt_out(None),
        "resolves": opt_out("On its way"),
        "opts in": hand(lambda db, id: opt_outs.opt_in(db, rooms, id, reason="so", by=by, at=at)),
        "close": lambda id: house.close_conversation(id),
    }


def member_of(db: Connection, agent_id: str) -> Member:
    member = find_member(db, agent_id)
    assert member is not None
    return member


def sight(house: House, key: str) -> Sight:
    """Every conversation the agent sees, as the API gives it out, with its messages by their ids."""
    with house.rooms.store.read() as db:
        member = member_of(db, house.agent(key).id)
        page = lists.list_conversations(db, member, Filters(status="all"), None, 100)
        seen = {}
        for view in labelled(db, house.rooms, page.items):
            summary = models.ConversationSummary.model_validate(view).model_dump(mode="json")
            items = lists.list_messages(db, member, view.id, 100).items
            summary["messages"] = {m.id: models.Message.model_validate(m).model_dump(mode="json") for m in items}
            seen[view.id] = summary
        return seen


def follow(known: Sight, events: list[dict[str, Any]], before: Sight) -> None:
    """What a client knows that believes every event, and asks for nothing but the older messages of a conversation
    that is new to him."""
    for event in events:
        payload, id = event["payload"], event["conversation_id"]
        if id is None:
            continue
        if event["kind"] == "conversation.gone":
            known.pop(id, None)
            continue
        messages = known.get(id, before.get(id, {})).get("messages", {})
        if message := payload.get("message"):
            messages = {**messages, message["id"]: message}
        known[id] = {**payload["conversation"], "messages": messages}


def settled(seen: Sight) -> Sight:
    """What is known of the contact himself is told with his open conversation, not with each that is over."""
    return {id: {**row, "contact": None} if row["status"] == "closed" else row for id, row in seen.items()}


def allowed(deed: Act, conversation: str) -> None:
    """Done, or refused like a person's request is."""
    with suppress(CasellaError):
        deed(conversation)


@settings(max_examples=5, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_who_follows_the_events_sees_what_the_lists_show(house: House, data: st.DataObject) -> None:
    if "shop" not in [inbox.key for inbox in house.rooms.directory.current.inboxes.values()]:
        house.apply(desk=TWO, rules=RULES)
        house.available("ann", "olga")
    contact = f"+39055{next(NUMBERS)}"
    known = {key: sight(house, key) for key in PEOPLE}
    conversation = ""
    for _ in range(data.draw(st.integers(1, 7), "steps")):
        deeds = acts(house, contact)
        name = data.draw(st.sampled_from(sorted(deeds) if conversation else [f"says {text}" for text in SAID]), "act")
        cursor, before = house.newest(), sight(house, "root")
        allowed(deeds[name], conversation)
        for key in PEOPLE:
            follow(known[key], house.told(key, cursor), before)
            assert settled(known[key]) == settled(sight(house, key)), (name, key)
        every = sight(house, "root")
        conversation = max((id for id in every if every[id]["contact"]["address"] == contact), default="")
