"""What agents may open from a conversation: a call, the desk's links, what plugins bring; and nothing unsafe."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from casella.errors import NotFound
from casella.inbox.links import LinkView, offered
from casella.inbox.reading import Member
from casella.inbox.reading.members import find_member
from casella.plugin import ConversationLink, LinkQuestion
from casella.store.tables import conversations
from tests.house import ANNA, DESK, House

LINKS = """
links:
  meeting:
    label: {en: Start a meeting, it: Avvia una riunione}
    kind: meeting
    url: https://meet.example.com/{{ conversation.id }}?with={{ contact.name }}
  orders:
    label: Orders
    url: https://shop.example.com/orders?phone={{ contact.address }}&by={{ agent.key }}
    inboxes: [support]
"""


def member(house: House, key: str) -> Member:
    with house.rooms.store.read() as db:
        found = find_member(db, house.agent(key).id)
    assert found is not None
    return found


def links(house: House, key: str = "ann", locale: str = "en") -> dict[str, LinkView]:
    conversation = str(house.one(conversations)["id"])
    with house.rooms.store.read() as db:
        found = offered(db, house.rooms, member(house, key), conversation, "it" if locale == "it" else "en")
    assert [type(one) for one in found] == [LinkView] * len(found)
    return {one.key: one for one in found}


def test_a_number_can_be_called_and_the_desks_links_are_filled_in(house: House) -> None:
    house.apply(desk=DESK + LINKS)
    house.receive(house.says(contact_name="Ada & <Sons>"))
    found = links(house)
    assert list(found) == ["call", "meeting", "orders"]
    assert found["call"] == LinkView("call", "call", "Call", f"tel:{ANNA}")
    conversation = house.one(conversations)["id"]
    assert found["meeting"].url == f"https://meet.example.com/{conversation}?with=Ada%20%26%20%3CSons%3E"
    assert found["orders"].url == f"https://shop.example.com/orders?phone={ANNA}&by=ann"
    assert [one.label for one in links(house, locale="it").values()] == ["Chiama", "Avvia una riunione", "Orders"]


def test_a_link_that_needs_what_is_not_known_is_not_there(house: House) -> None:
    house.apply(desk=DESK + LINKS)
    house.receive(house.says())
    assert list(links(house)) == ["call", "orders"]


def test_who_does_not_see_the_conversation_is_offered_nothing(house: House) -> None:
    house.apply(desk=DESK.replace("  mara:", "  zoe: {name: Zoe, email: zoe@desk.example}\n  mara:") + LINKS)
    house.receive(house.says())
    with house.rooms.store.read() as db, pytest.raises(NotFound):
        offered(db, house.rooms, member(house, "zoe"), str(house.one(conversations)["id"]), "en")


def shares(question: LinkQuestion) -> str | None:
    return f"https://share.example.com/{question.conversation_id}/{question.agent_key}/{question.language}"


def never(question: LinkQuestion) -> str | None:
    return None


def breaks(question: LinkQuestion) -> str | None:
    raise RuntimeError(question.contact_address)


def script(question: LinkQuestion) -> str | None:
    return "javascript:alert(1)"


def padded(question: LinkQuestion) -> str | None:
    return "https://x.example/" + "a" * 3_000


@pytest.mark.parametrize("other", [never, breaks, script, padded], ids=lambda one: one.__name__)
def test_a_plugin_brings_links_and_one_that_fails_takes_no_other_along(
    house: House, other: Callable[[LinkQuestion], str | None]
) -> None:
    screen = ConversationLink("acme.screen", "co_browse", {"en": "Share the screen", "it": "Condividi"}, shares)
    house.host.links.register("acme", ConversationLink("acme.a_first", "other", {"en": "First"}, other))
    house.host.links.register("acme", screen)
    house.receive(house.says())
    for locale, label in (("en", "Share the screen"), ("it", "Condividi")):
        found = links(house, locale=locale)
        assert list(found) == ["call", "acme.screen"]
        assert (found["acme.screen"].label, found["acme.screen"].kind) == (label, "co_browse")
        assert found["acme.screen"].url.endswith(f"/ann/{locale}")
