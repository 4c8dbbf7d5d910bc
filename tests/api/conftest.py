"""The house, once on SQLite and once on PostgreSQL, with two inboxes and the people of the scenarios."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from tests.api.house import House, open_house
from tests.builders import make_agent, make_inbox


@pytest.fixture
def house(migrated_url: str, tmp_path: Path) -> Iterator[House]:
    with open_house(migrated_url, tmp_path) as opened:
        yield opened


@pytest.fixture
def lite_house(migrated_sqlite_url: str, tmp_path: Path) -> Iterator[House]:
    """On SQLite only: for what does not ask the database anything of its own."""
    with open_house(migrated_sqlite_url, tmp_path) as opened:
        yield opened


@dataclass
class Cast:
    """Ann and Bob answer in `support`, Carla manages it, Dora is an admin, Eve belongs to `sales` alone."""

    house: House
    support: str
    sales: str
    ann: str
    bob: str
    carla: str
    dora: str
    eve: str

    def client(self, agent_id: str | None = None, **headers: str) -> httpx.Client:
        return self.house.client(agent_id, **headers)


def cast_of(house: House) -> Cast:
    with house.store.write() as db:
        support, sales = make_inbox(db, key="support", name="Support"), make_inbox(db, key="sales", name="Sales")
        people = [
            make_agent(
                db, name=name, key=name.lower(), email=f"{name.lower()}@casella.test", role=role, inboxes=[inbox]
            )
            for name, role, inbox in (
                ("Ann", "agent", support),
                ("Bob", "agent", support),
                ("Carla", "manager", support),
                ("Dora", "admin", sales),
                ("Eve", "agent", sales),
            )
        ]
    house.desk_changed()
    return Cast(house, support, sales, *people)


@pytest.fixture
def cast(house: House) -> Cast:
    return cast_of(house)


@pytest.fixture
def lite_cast(lite_house: House) -> Cast:
    return cast_of(lite_house)
