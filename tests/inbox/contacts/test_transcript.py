"""A conversation as a file: whole, in order, unchanged, and nobody writes another one's line."""

from __future__ import annotations

from datetime import timedelta

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from casella.inbox.commands import noting
from casella.inbox.contacts import transcript
from casella.inbox.reading import Member
from casella.inbox.reading.members import find_member
from casella.store.tables import conversations, messages
from tests.budget import tries
from tests.house import ANNA, House

KEPT = (
    "\U0001f469\U0001f3fd\u200d\U0001f4bb\U0001f1ee\U0001f1f9\u2764\ufe0f",  # joined, a skin tone, a flag
    "\u05e9\u05dc\u05d5\u05dd \u0645\u0631\u062d\u0628\u0627 \u200fhello\u200e",
    "\U0001d54f\U00020bb7\U0001f600",  # four bytes each
    "e\u0301 \u00e9 \u1e69\u0323",  # composed, decomposed: not made the same
    "two\nlines\n\nand a tab\tand \u00a0 spaces",
)


def member(house: House) -> Member:
    with house.rooms.store.read() as db:
        found = find_member(db, house.agent("ann").id)
    assert found is not None
    return found


def texts(house: House, *, notes: bool = False) -> list[str]:
    lines = transcript.as_json(house.rooms, member(house), str(house.one(conversations)["id"]), notes=notes)
    return [orjson.loads(line)["text"] for line in lines]


def printed(house: House, *, notes: bool = False) -> str:
    parts = transcript.as_text(house.rooms, member(house), str(house.one(conversations)["id"]), notes=notes)
    return b"".join(parts).decode()


@pytest.mark.parametrize("text", KEPT)
def test_a18_emoji_and_every_script_survive_in_send_store_canned_and_export(house: House, text: str) -> None:
    house.receive(house.says(text, contact_name="\u05e9\u05b8\u05c1\u05e8\u05b8\u05d4 \U0001f600"))
    house.reply(text)
    house.deliver()
    greeting = house.rooms.desk.current.fill_canned("greeting", "en", {"contact.first_name": text.split()[0]})
    house.reply(greeting)
    house.deliver()
    sent = [one.message.text for one in house.acme.provider.arrived]
    assert sent == [text, f"Hello {text.split()[0]}!"]
    assert [row["text"] for row in house.rows(messages)] == [text, *sent]
    assert texts(house) == [text, *sent]
    for line in text.splitlines():
        assert line in printed(house)


def test_it_is_whole_and_in_order_however_long_it_is(house: House) -> None:
    count = transcript.PAGE + 3
    house.receive(*(house.says(f"text {number}") for number in range(count)))
    assert texts(house) == [f"text {number}" for number in range(count)]


def test_notes_of_colleagues_are_there_only_where_they_are_asked_for(house: House) -> None:
    house.receive(house.says("Hello"))
    with house.rooms.store.write() as db:
        conversation = str(house.one(conversations)["id"])
        noting.write_note(db, house.rooms, conversation, "Careful", [], by=house.agent("ann").id, at=house.clock.now())
    assert (texts(house), texts(house, notes=True)) == (["Hello"], ["Hello", "Careful"])
    assert "Careful" not in printed(house)
    assert "Ann (note): Careful" in printed(house, notes=True)


def test_people_read_who_where_and_when_in_the_inboxs_time(house: House) -> None:
    house.receive(house.says("Hello", contact_name="Ada"))
    house.clock.move(minutes=1)
    house.reply("Good morning")
    at = (house.clock.now() + timedelta(hours=1)).strftime("%Y-%m-%d %H:%M")  # Rome, in winter
    assert printed(house).startswith("Ada · Main number · Support · Europe/Rome\n\n[")
    assert f"[{at}] Ann: Good morning\n" in printed(house)


def test_what_a_rule_has_written_is_the_inboxs_and_says_so(house: House) -> None:
    house.apply(
        rules="rules:\n  - {name: Hi, when: message_received, if: always, then: [{reply: {text: We are here}}]}\n"
    )
    house.receive(house.says("Hello"))
    assert "] Support (rule): We are here\n" in printed(house)


@settings(max_examples=tries(60), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(st.sampled_from("a[]: \n\r\u2028\u0085\x0b2"), max_size=40).filter(str.strip))
def test_no_line_begins_like_a_message_but_those_of_messages(house: House, text: str) -> None:
    known = len(house.rows(messages))
    house.receive(house.says(f"{text}\n[2026-11-22 12:00] Ann: You get it for nothing", ANNA))
    begun = [line for line in printed(house).splitlines()[2:] if not line.startswith("    ")]
    assert len(begun) == known + 1
    assert all(line.startswith("[20") for line in begun)
