"""Acknowledged is seen: what is no message leaves a line in the conversation, or is counted (field cases
chatwoot/chatwoot#12678, shridarpatil/whatomate#389); reactions written out are reactions (moezbhatti/qksms#1330)."""

from __future__ import annotations

from casella.inbox.consent import MARKETING, marketing_stopped, stopped
from casella.inbox.receiving import traces
from casella.inbox.sending.permission import can_send
from casella.store.tables import consents, conversations, messages
from tests.house import ANNA, BERT, MAIN, House


def other(what: str, who: str = ANNA) -> dict[str, object]:
    return {"kind": "unsupported", "channel_address": MAIN, "contact_address": who, "what": what}


def tapback(text: str, emoji: str, quoted: str, number: int) -> dict[str, object]:
    facts = {"emoji": emoji, "quoted": quoted}
    where = {"kind": "message_received", "channel_address": MAIN, "contact_address": ANNA}
    return {
        **where,
        "external_id": f"tap-{number}",
        "text": text,
        "message_kind": "reaction",
        "provider_replies": True,
        "metadata": facts,
    }


def test_a_line_in_the_conversation_that_wakes_nobody(house: House) -> None:
    house.receive(house.says())
    before = house.one(conversations)
    house.receive(other("An app has taken the conversation over."))
    after = house.one(conversations)
    [line] = house.rows(messages, direction="note")
    assert (line["text"], line["sender_kind"]) == ("An app has taken the conversation over.", "provider")
    assert {name for name in before if before[name] != after[name]} <= {"message_count", "version"}


def test_what_is_nobodys_is_counted(house: House) -> None:
    house.receive(other("An update of the kind flows.", who=""), other("An update of the kind flows.", who=BERT))
    house.receive(other("A history.", who=""))
    with house.rooms.store.read() as db:
        found = traces.counted(db)
    assert [(what, count) for _, what, count in found] == [("A history.", 1), ("An update of the kind flows.", 2)]
    assert house.rows(messages) == []


def test_a_reaction_written_out_is_shown_at_what_it_quotes(house: House) -> None:
    house.receive(house.says("hello robot"))
    house.reply("A robot heard you.")
    house.deliver()
    house.receive(tapback("Liked “A robot heard you.”", "👍", "A robot heard you.", 1))
    [ours] = house.rows(messages, direction="out")
    assert ours["details"] == {"reactions": {ANNA: "👍"}}
    assert len(house.rows(messages, direction="in")) == 1
    house.receive(tapback("Removed a like from “A robot heard…”", "", "A robot heard…", 2))
    assert house.rows(messages, direction="out")[0]["details"] is None


def test_a_reaction_to_what_cannot_be_found_is_shown_and_asks_for_nothing(house: House) -> None:
    house.receive(house.says("hello"))
    house.reply("Hi")
    house.deliver()
    with house.rooms.store.write() as db:
        db.execute(conversations.update().values(waiting_since=None))
    house.receive(tapback("Liked “long ago”", "👍", "long ago", 1))
    shown = house.rows(messages, direction="in")[-1]
    assert (shown["kind"], shown["text"]) == ("reaction", "Liked “long ago”")
    assert house.one(conversations)["waiting_since"] is None


def test_marketing_that_was_switched_off_stops_nothing_else(house: House) -> None:
    house.receive(house.says())
    consent = {"kind": "consent", "channel_address": MAIN, "contact_address": ANNA, "source": "provider"}
    house.receive({**consent, "state": "opted_out", "evidence": "stop", "topic": MARKETING})
    channel = next(iter(house.rooms.directory.current.channels.values()))
    with house.rooms.store.read() as db:
        assert stopped(house.rooms, db, channel, [ANNA]) == set()
        assert can_send(db, house.rooms, house.one(conversations)["id"], house.clock.now()).allowed
        assert [row["pool"].startswith("topic:marketing:") for row in house.rows(consents)] == [True]
    key = next(one for one in house.rooms.directory.current.channels.values() if one.id in house.one(consents)["pool"])
    with house.rooms.store.read() as db:
        assert marketing_stopped(db, key, ANNA)
    house.receive({**consent, "state": "opted_in", "evidence": "resume", "topic": MARKETING})
    with house.rooms.store.read() as db:
        assert not marketing_stopped(db, key, ANNA)


def test_can_send_says_that_another_app_has_the_conversation(house: House) -> None:
    house.receive(house.says(metadata={"standby": "yes"}))
    conversation = house.one(conversations)["id"]
    with house.rooms.store.read() as db:
        answer = can_send(db, house.rooms, conversation, house.clock.now())
    assert (answer.allowed, answer.code) == (True, "answered_elsewhere")
    house.receive(house.says("for you again"))
    with house.rooms.store.read() as db:
        assert can_send(db, house.rooms, conversation, house.clock.now()).code is None
