"""The week that the demo has behind it is lived as it is written: nothing that somebody says in it is refused."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from casella import app
from casella.demo import chatter, life
from casella.inbox import chats
from casella.inbox.reading import find_member
from casella.settings import Settings
from casella.store.tables import chat_messages, conversations, messages
from tests.commands.demo_secrets import demo_environment
from tests.docs.pages import ROOT


@pytest.mark.slow
def test_everybody_says_what_is_written_and_each_sees_what_is_his(sqlite_url: str, tmp_path: Path) -> None:
    settings = Settings(
        database_url=sqlite_url, data_dir=tmp_path / "data", secret_key="k" * 32, private_hosts="127.0.0.1:9"
    )
    built = app.build(settings, serves=False)
    rooms = built.rooms
    app.apply_folder(rooms, ROOT / "examples" / "desk", demo_environment(sqlite_url, tmp_path))
    life.Life(rooms, ZoneInfo("Europe/Rome")).live()
    lines = [line for story in life.stories() for line in story["lines"]]  # type: ignore[attr-defined]  # from YAML
    with rooms.store.read() as db:
        said = Counter(db.execute(select(messages.c.text).where(messages.c.direction == "out")).scalars())
        missing = [text for _, who, *rest in lines for text in rest if " " not in who and who != "customer"
                   and not said[text]]  # fmt: skip
        assert missing == []
        spoken = Counter(db.execute(select(chat_messages.c.text)).scalars())
        assert spoken == Counter(str(line[2]) for script in chatter.scripts() for line in script["lines"])  # type: ignore[index]  # from YAML
        private = db.execute(select(conversations.c.id).where(conversations.c.world == "private")).all()
        assert len(private) == 2
        keys = {entry.key: entry.id for entry in rooms.directory.current.agents.values()}
        for who, chats_of_his in {"carla": 4, "bruno": 2, "ann": 1, "admin": 0}.items():
            member = find_member(db, keys[who])
            assert member is not None
            assert len(chats.list_chats(db, member, ("direct", "team"), None, 10).items) == chats_of_his, who
    built.close()
