"""A house with contacts who have agreed to marketing or have not, and a campaign as Mara (its manager) makes it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from casella.inbox import campaigns
from casella.inbox.campaigns import CampaignView, Filter, Wish, Words
from casella.inbox.contacts import editing
from casella.inbox.contacts.editing import Details
from casella.inbox.reading.members import Member, find_member
from casella.store import bulk
from casella.store.tables import campaign_recipients, consents
from tests.house import MAIN, House

TEXT = "Hello {{ contact.first_name | default('there') }}, the sale begins."
NIGHTLESS: dict[str, Any] = {"purpose": "service", "reason": "An appointment", "quiet": None}
"""A campaign that asks for no consent and knows no quiet hours."""


def member(house: House, key: str = "mara") -> Member:
    with house.rooms.store.read() as db:
        found = find_member(db, house.agent(key).id)
    assert found is not None
    return found


def number(index: int) -> str:
    return f"+39055501{index:04}"


def people(house: House, count: int, *, first: int = 0, **more: Any) -> list[str]:
    """So many new contacts with numbers; their ids."""
    with house.rooms.store.write() as db:
        return [
            editing.add(
                db, house.rooms, Details(f"Ada {index}", more.get("locale"), [number(index)],
                more.get("attributes", {}), more.get("tags", ())), house.clock.now(),
            )
            for index in range(first, first + count)
        ]  # fmt: skip


def contact(house: House, name: str | None, *numbers: str) -> str:
    with house.rooms.store.write() as db:
        return editing.add(db, house.rooms, Details(name, None, numbers), house.clock.now())


def says_of_marketing(house: House, state: str, *indexes: int, address: str = MAIN) -> None:
    _write(house, [f"topic:marketing:{house.channel(address).id}"], state, indexes)


def stops(house: House, *indexes: int, state: str = "opted_out", address: str = MAIN) -> None:
    """By their own STOP."""
    _write(house, [house.channel(address).id], state, indexes)


def _write(house: House, pools: list[str], state: str, indexes: tuple[int, ...]) -> None:
    entry: Mapping[str, object] = {
        "state": state, "source": "keyword", "evidence": "x", "agent_id": None, "message_id": None,
        "at": house.clock.now(),
    }  # fmt: skip
    with house.rooms.store.write() as db:
        bulk.insert(db, consents, [{"pool": p, "address": number(i), **entry} for p in pools for i in indexes])


def wish(**more: Any) -> Wish:
    given: dict[str, Any] = {"name": "Spring", "channel": "main", "words": Words(text=TEXT), **more}
    if "filter" not in given and "contacts" not in given:
        given["filter"] = Filter(everyone=True)
    return Wish(**given)


def made(house: House, by: str = "mara", **more: Any) -> CampaignView:
    with house.rooms.store.write() as db:
        return campaigns.create(db, house.rooms, member(house, by), wish(**more), house.clock.now())


def scheduled(house: House, **more: Any) -> str:
    id = made(house, **more).id
    act(house, "schedule", id, None)
    return id


def act(house: House, what: str, id: str, *more: Any, by: str = "mara") -> CampaignView:
    command = {name: getattr(campaigns, name) for name in ("schedule", "pause", "resume", "cancel")}[what]
    with house.rooms.store.write() as db:
        view: CampaignView = command(db, house.rooms, member(house, by), id, *more, house.clock.now())
    return view


def shown(house: House, id: str) -> CampaignView:
    with house.rooms.store.read() as db:
        return campaigns.find(db, member(house), id, house.clock.now())


def previewed(house: House, id: str, behind: int = 0, limit: int = 50) -> campaigns.CampaignPreview:
    with house.rooms.store.read() as db:
        return campaigns.preview(db, house.rooms, member(house), id, behind, limit, house.clock.now())


def tried(house: House, id: str) -> campaigns.CampaignTrial:
    with house.rooms.store.read() as db:
        return campaigns.dry_run(db, house.rooms, member(house), id, house.clock.now())


def reported(house: House, id: str) -> campaigns.CampaignReport:
    with house.rooms.store.read() as db:
        return campaigns.report(db, house.rooms, member(house), id, house.clock.now())


def step(house: House) -> None:
    """All that is due at this moment is put into the outbox."""
    while campaigns.feed_some(house.rooms):
        pass


def run(house: House, seconds: int = 60) -> None:
    """So long, second by second."""
    for _ in range(seconds):
        step(house)
        house.deliver()
        house.clock.move(seconds=1)


def states(house: House, id: str) -> dict[str, int]:
    found: dict[str, int] = {}
    for row in house.rows(campaign_recipients, campaign_id=id):
        found[row["state"]] = found.get(row["state"], 0) + 1
    return found
