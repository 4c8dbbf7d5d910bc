"""What the people of the demo have written to each other in the week, from chats.yaml."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path

import yaml
from sqlalchemy import Connection

from casella.errors import CasellaError
from casella.inbox import chats
from casella.inbox.house import Rooms
from casella.inbox.reading import Member, find_member

_SCRIPT = Path(__file__).with_name("chats.yaml")


def scripts() -> Sequence[Mapping[str, Sequence[object]]]:
    found = yaml.safe_load(_SCRIPT.read_text(encoding="utf-8"))
    assert isinstance(found, list)
    return found


def talk(db: Connection, rooms: Rooms, moment: Callable[[str], datetime]) -> None:
    """A changed desk may lack some of them, or a team: what they would have said is left out."""
    for script in scripts():
        lines = [[str(part) for part in line] for line in script["lines"] if isinstance(line, list)]
        people = {who: _member(db, rooms, who) for _, who, _ in lines}
        said = [(moment(when), member, text) for when, who, text in lines if (member := people[who]) is not None]
        if not said:
            continue
        try:
            chat = _open(db, rooms, script, *said[0][:2])
            for at, member, text in said:
                chats.say(db, member, chat, text, at)
        except CasellaError:
            continue
        at, last, _ = said[-1]
        chats.read_up_to(db, last, chat, None, at)


def _open(db: Connection, rooms: Rooms, script: Mapping[str, Sequence[object]], at: datetime, first: Member) -> str:
    if "team" in script:
        return chats.open_team(db, rooms, first, str(script["team"]), at)
    keys = {str(one) for one in script["with"]}
    everybody = rooms.directory.current.agents.values()
    return chats.open_direct(db, rooms, first, [one.id for one in everybody if one.key in keys], at)


def _member(db: Connection, rooms: Rooms, key: str) -> Member | None:
    entry = next((one for one in rooms.directory.current.agents.values() if one.key == key), None)
    return find_member(db, entry.id) if entry is not None else None
