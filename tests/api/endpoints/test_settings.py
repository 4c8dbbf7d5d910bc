"""What an agent chooses for himself: his alone, on all his screens, and what it says of when he is left in peace."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import partial
from zoneinfo import ZoneInfo

import httpx
import orjson
import pytest
from sqlalchemy import select

from casella.inbox.personal.settings import PersonalSettings, in_peace
from casella.store.tables import feed
from tests.api.conftest import Cast
from tests.together import together

OWN = "/api/v1/me/settings"
ROME = ZoneInfo("Europe/Rome")


def change(client: httpx.Client, **wanted: object) -> dict[str, object]:
    answer = client.patch(OWN, json=wanted)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def told(cast: Cast, kind: str) -> list[tuple[str | None, dict[str, object]]]:
    with cast.house.store.read() as db:
        rows = db.execute(select(feed).where(feed.c.kind == kind).order_by(feed.c.id)).all()
    return [(row.agent_id, orjson.loads(row.payload)) for row in rows]


def test_what_is_chosen_stands_everywhere(cast: Cast) -> None:
    desk, phone, bob = cast.client(cast.ann), cast.client(cast.ann), cast.client(cast.bob)
    before = desk.get(OWN).json()
    assert (before["version"], before["settings"]["theme"], before["quiet"]) == (0, "system", False)
    change(desk, theme="dark", sounds={"volume": 30})
    changed = change(phone, sounds={"chats": False})
    assert changed["version"] == 2
    assert phone.get(OWN).json() == desk.get("/api/v1/start").json()["settings"] == changed
    settings = PersonalSettings.model_validate(changed["settings"])
    assert (settings.theme, settings.sounds.volume, settings.sounds.chats) == ("dark", 30, False)
    assert settings.sounds.messages, "as it was"
    assert bob.get(OWN).json() == before, "nobody else's"
    assert [(who, event["version"]) for who, event in told(cast, "settings.updated")] == [(cast.ann, 1), (cast.ann, 2)]
    assert told(cast, "settings.updated")[-1][1] == changed
    change(desk, theme="dark")
    assert len(told(cast, "settings.updated")) == 2, "nothing has changed"


def test_colleagues_see_what_he_says_of_himself_and_no_more(cast: Cast) -> None:
    change(cast.client(cast.ann), status_message="At lunch 🍝", extension="214", theme="dark")
    people = {one["id"]: one for one in cast.client(cast.bob).get("/api/v1/start").json()["agents"]}
    assert (people[cast.ann]["status_message"], people[cast.ann]["extension"]) == ("At lunch 🍝", "214")
    assert people[cast.bob]["status_message"] == ""
    [(who, event)] = told(cast, "agent.updated")
    assert who is None
    assert set(event) == {"agent_id", "available", "do_not_disturb", "status_message", "extension"}
    assert event["status_message"] == "At lunch 🍝"


@pytest.mark.parametrize(
    "wrong",
    [
        {"theme": "pink"},
        {"tehme": "dark"},
        {"sounds": {"volume": 101}},
        {"sounds": None},
        {"status_message": "two\nlines"},
        {"status_message": "x" * 141},
        {"peace": {"hours": [{"days": ["someday"], "begins": "20:00", "ends": "08:00"}]}},
        {"peace": {"hours": [{"days": ["monday"], "begins": "24:00", "ends": "08:00"}]}},
        {"peace": {"hours": [{"days": [], "begins": "20:00", "ends": "08:00"}]}},
        {"peace": {"timezone": "../etc/passwd"}},
        {"peace": {"timezone": "Europe/Rom"}},
        {"peace": {"until": "2026-11-24T09:00:00"}},
    ],
)
def test_what_cannot_be_chosen_is_refused(lite_cast: Cast, wrong: dict[str, object]) -> None:
    answer = lite_cast.client(lite_cast.ann).patch(OWN, json=wrong)
    assert answer.status_code == 422, answer.text
    assert lite_cast.client(lite_cast.ann).get(OWN).json()["version"] == 0


def test_two_screens_that_choose_at_once_both_have_their_way(cast: Cast) -> None:
    wishes: list[Mapping[str, object]] = [
        {"theme": "dark"},
        {"density": "compact"},
        {"extension": "7"},
        {"sounds": {"volume": 1}},
    ]
    together(*(partial(change, cast.client(cast.ann), **wish) for wish in wishes))
    chosen = cast.client(cast.ann).get(OWN).json()
    assert chosen["version"] == 4
    settings = PersonalSettings.model_validate(chosen["settings"])
    assert (settings.theme, settings.density, settings.extension, settings.sounds.volume) == ("dark", "compact", "7", 1)


def test_the_switch_and_the_hours_both_leave_him_in_peace(cast: Cast) -> None:
    ann = cast.client(cast.ann)
    ann.put("/api/v1/me/availability", json={"available": True, "do_not_disturb": True})
    assert ann.get(OWN).json()["quiet"]
    ann.put("/api/v1/me/availability", json={"available": True, "do_not_disturb": False})
    assert not ann.get(OWN).json()["quiet"]
    until = cast.house.clock.now() + timedelta(hours=1)
    assert change(ann, peace={"until": until.isoformat()})["quiet"]
    cast.house.clock.move(hours=1)
    assert not ann.get(OWN).json()["quiet"]
    assert not change(ann, peace={"until": None})["quiet"]


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        ("2026-11-20 19:59", False),  # a Friday
        ("2026-11-20 20:00", True),
        ("2026-11-21 07:59", True),  # the night's other end
        ("2026-11-21 08:00", False),
        ("2026-11-22 00:00", True),  # the whole of Sunday
        ("2026-11-22 23:59", True),
        ("2026-11-23 00:00", False),
        ("2026-11-23 20:30", False),  # a Monday
    ],
)
def test_hours_are_those_of_his_place(at: str, expected: bool) -> None:
    friday_night = {"days": ["friday"], "begins": "20:00", "ends": "08:00"}
    sunday = {"days": ["sunday"], "begins": "00:00", "ends": "00:00"}
    chosen = PersonalSettings.model_validate({"peace": {"hours": [friday_night, sunday], "timezone": "Europe/Rome"}})
    assert in_peace(chosen, datetime.fromisoformat(at).replace(tzinfo=ROME), "Asia/Tokyo") is expected
