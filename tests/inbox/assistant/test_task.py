"""The channel's own measure: how long a text may be, in how many parts."""

from __future__ import annotations

import pytest

from casella.inbox.assistant.asking import setup_of
from casella.inbox.assistant.task import Asker, Wish, build_task
from casella.plugin import Channel, TextMeasure
from casella.store.tables import conversations
from casella_assistant.masking import Masks
from tests.fakes import AcmeChannel
from tests.house import DESK, House


class InSegments(AcmeChannel):
    """Counts as text messages are counted: 160 letters of one alphabet, or 70 of any other, less when in several."""

    def measure(self, channel: Channel, text: str) -> TextMeasure:  # type: ignore[override]  # no settings are read
        plain = text.isascii()
        single, each = (160, 153) if plain else (70, 67)
        parts = 1 if len(text) <= single else -(-len(text) // each)
        return TextMeasure(units=len(text), limit=1_600, parts=parts, encoding="GSM-7" if plain else "UCS-2")


@pytest.mark.parametrize(
    ("language", "parts", "characters"),
    [("en", 1, 160), ("en", 2, 306), ("it", 3, 459), ("ru", 1, 70), ("ru", 3, 201)],
)
def test_a_text_is_as_long_as_the_parts_allow_in_its_script(
    migrated_sqlite_url: str, tmp_path_factory: pytest.TempPathFactory, language: str, parts: int, characters: int
) -> None:
    with House(migrated_sqlite_url, tmp_path_factory.mktemp("house"), plugins=[InSegments()]) as house:
        house.apply(desk=f"{DESK}assistant: {{inboxes: {{support: {{parts: {parts}}}}}}}\n")
        house.receive(house.says("Hello"))
        with house.rooms.store.read() as db:
            setup = setup_of(db, house.rooms)
            wish = Wish("suggest", language=language)
            task = build_task(db, house.rooms, setup, house.one(conversations)["id"], wish, Asker())
        assert (task.limits.characters, task.limits.parts) == (characters, parts)
        assert task.limits.measure("a" * 161).parts == 2


def test_a_channel_that_does_not_count_parts_has_only_its_limit(house: House) -> None:
    house.receive(house.says("Hello"))
    with house.rooms.store.read() as db:
        setup = setup_of(db, house.rooms)
        task = build_task(db, house.rooms, setup, house.one(conversations)["id"], Wish("suggest"), Asker())
    assert task.limits.parts is None
    assert task.limits.characters == task.limits.measure("a").limit


def test_names_of_whoever_writes_do_not_leave(house: House) -> None:
    """issue 17.7: the contact's, and those of others in the conversation."""
    group = {"group": "G1", "participant": "+39055500099", "participant_name": "Gina Bianchi"}
    house.receive(house.says("This is Ada, with Gina.", contact_name="Ada Lovelace", metadata=group))
    with house.rooms.store.read() as db:
        setup = setup_of(db, house.rooms)
        task = build_task(db, house.rooms, setup, house.one(conversations)["id"], Wish("suggest"), Asker())
    masks = Masks(task.region, task.sensitive)
    leaving = masks.task(task)
    said = " ".join([*(turn.text for turn in leaving.turns), leaving.contact])
    assert not any(name in said for name in ("Ada", "Lovelace", "Gina", "Bianchi")), said
    assert masks.restore(leaving.contact) == "Ada Lovelace"
    assert masks.restore(leaving.turns[0].text) == "This is Ada, with Gina."
