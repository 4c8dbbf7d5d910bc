"""Erasing one person: nothing of him is left anywhere, nothing of anybody else is gone, what he has stopped holds."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from sqlalchemy import Connection, insert, select, text, update

from casella.errors import NotFound, SendRefused
from casella.ids import new_id
from casella.inbox import erasure, subscriptions
from casella.inbox.contacts import merging
from casella.inbox.reading import index_pending
from casella.store.tables import (
    agents,
    assistant_answers,
    assistant_proposals,
    attachments,
    contact_addresses,
    contacts,
    conversations,
    erasures,
    feed,
    idempotency_keys,
    kept_webhooks,
    messages,
    metadata,
    revisions,
)
from tests.house import DESK, PNG, House
from tests.inbox.personal.test_drafts_and_views import keep
from tests.inbox.personal.test_read_marks import member

HIS, OTHERS = "+390555777001", "+390555777002"
NEEDLE, HAY = "zebraquagga", "harmlesshay"
WITH_PRIVATE = DESK.replace(
    "  second:", '  anns: {connection: acme, owner: ann, address: "+15550003", name: Of Ann}\n  second:'
).replace("  mara:", "  dora: {name: Dora, email: dora@desk.example, role: admin}\n  mara:")


@pytest.fixture
def house(migrated_url: str, tmp_path: Path) -> Iterator[House]:
    with House(migrated_url, tmp_path, desk=WITH_PRIVATE, private_hosts="crm.example:443") as built:
        yield built


def contact_of(house: House, number: str, scope: str = "") -> str:
    return str(house.one(contact_addresses, address=number, scope=scope)["contact_id"])


def live(house: House, number: str, word: str) -> str:
    """Everything that may be kept of somebody. Returns the contact's id."""
    wish = subscriptions.Wish("https://crm.example/")
    with house.rooms.store.write() as db:
        subscriptions.subscribe(db, house.rooms, member(house, "dora"), wish, house.clock.now())
    name = f"Mr {word}"
    house.receive(house.says(f"I am {word}", number, contact_name=name))
    conversation = str(house.rows(conversations)[-1]["id"])
    house.reply(f"Dear {word}", conversation)
    house.deliver()
    house.receive(house.says(f"Private {word}", number, to="+15550003", contact_name=name))
    keep(house, "ann", conversation, f"Draft for {word}")
    with house.rooms.store.write() as db:
        _more(db, house, conversation, word, number)
        while index_pending(db, 100):
            pass
    while subscriptions.write_some(house.rooms):
        pass
    return contact_of(house, number)


def _more(db: Connection, house: House, conversation: str, word: str, number: str) -> None:
    now = house.clock.now()
    inbox = house.one(conversations, id=conversation)["inbox_id"]
    proposal = {
        "id": new_id(), "conversation_id": conversation, "inbox_id": inbox, "kind": "suggest", "provider": "offline",
        "language": "en", "question": f"What of {word}?", "text": word, "cites": [], "at": now,
    }  # fmt: skip
    db.execute(insert(assistant_proposals).values(proposal))
    answer = {"id": new_id(), "inbox_id": inbox, "proposal_id": proposal["id"], "question": word, "text": word}
    db.execute(insert(assistant_answers).values(**answer, at=now))
    first = db.execute(
        select(messages.c.id).where(messages.c.conversation_id == conversation).order_by(messages.c.sequence).limit(1)
    ).scalar_one()
    picture = house.rooms.media.put([PNG, word.encode()], most=1000).key
    file = {"id": new_id(), "message_id": first, "kind": "image", "mime": "image/png", "name": f"{word}.png"}
    db.execute(insert(attachments).values(**file, state="stored", storage_key=picture, created_at=now))
    key = {"agent_id": house.agent("ann").id, "key": new_id(), "fingerprint": "", "status": 200, "created_at": now}
    response = json.dumps({"id": first, "text": word, "number": number})
    db.execute(insert(idempotency_keys).values(**key, response=response))


def everything(house: House) -> str:
    """Every value of every table, and of the index of words."""
    with house.rooms.store.read() as db:
        found = [str(tuple(row)) for table in metadata.sorted_tables for row in db.execute(select(table)).all()]
        found += [str(tuple(row)) for row in db.execute(text("SELECT * FROM message_search")).all()]
    return "\n".join(found)


def erase(house: House, contact: str) -> erasure.ErasureView:
    with house.rooms.store.write() as db:
        done = erasure.erase(db, house.rooms, member(house, "dora"), contact, house.clock.now())
    erasure.delete_files(house.rooms)
    return done


def test_nothing_of_him_is_left_and_nothing_of_others_is_gone(house: House) -> None:
    his, others = live(house, HIS, NEEDLE), live(house, OTHERS, HAY)
    files = sorted(str(row["storage_key"]) for row in house.rows(attachments))
    before = everything(house)
    assert before.count(NEEDLE) > 15
    kept = before.count(HAY)
    with house.rooms.store.read() as db:
        counted = erasure.preview(db, member(house, "dora"), his)
    assert counted == {"conversations": 1, "messages": 2, "attachments": 1}
    assert erase(house, his).counts == counted

    after = everything(house)
    assert NEEDLE not in after
    assert HIS not in after
    assert after.count(HAY) == kept
    assert contact_of(house, OTHERS) == others
    assert sorted(key for key in files if house.rooms.media.has(key)) == [
        str(row["storage_key"]) for row in house.rows(attachments)
    ]
    [deed] = house.rows(erasures)
    assert (deed["agent_id"], deed["counts"]) == (house.agent("dora").id, counted)
    assert his not in str(deed)
    told = [row for row in house.rows(feed, kind="contact.erased") if row["agent_id"] is None]
    assert [json.loads(str(row["payload"])) for row in told] == [{"contact_id": his}]


def test_a_private_world_goes_with_him_and_only_its_owner_is_told(house: House) -> None:
    his = live(house, HIS, NEEDLE)
    ann = house.agent("ann").id
    twin = str(next(row["id"] for row in house.rows(contacts) if row["owner_id"] == ann))
    erase(house, his)
    assert [row["world"] for row in house.rows(conversations)] == []
    told = {row["agent_id"]: json.loads(str(row["payload"])) for row in house.rows(feed, kind="contact.erased")}
    assert told == {None: {"contact_id": his}, ann: {"contact_id": twin}}
    with house.rooms.store.write() as db, pytest.raises(NotFound):
        erasure.erase(db, house.rooms, member(house, "dora"), twin, house.clock.now())


def test_who_was_merged_into_him_is_gone_as_well(house: House) -> None:
    his, other = live(house, HIS, NEEDLE), live(house, OTHERS, f"{NEEDLE}too")
    with house.rooms.store.write() as db:
        merging.merge(db, house.rooms, member(house, "ann"), his, other, house.clock.now())
    erase(house, his)
    assert NEEDLE not in everything(house)
    assert OTHERS not in everything(house)


def test_what_he_has_stopped_stays_stopped_when_he_is_back(house: House) -> None:
    house.receive(house.says("Hello", HIS))
    consent = {"channel_address": "+15550001", "contact_address": HIS, "kind": "consent"}
    house.receive({**consent, "state": "opted_out", "source": "keyword", "evidence": "STOP"})
    erase(house, contact_of(house, HIS))
    assert HIS not in everything(house)
    house.receive(house.says("Hello again", HIS))
    back = str(house.one(conversations)["id"])
    with pytest.raises(SendRefused):
        house.reply("Welcome back", back)
    house.receive({**consent, "state": "opted_in", "source": "keyword", "evidence": "START"})
    house.reply("Welcome back", back)


def test_the_one_who_had_it_has_one_less(house: House) -> None:
    live(house, HIS, NEEDLE)
    with house.rooms.store.write() as db:
        ann = house.agent("ann").id
        db.execute(conversations.update().where(conversations.c.world == "shared").values(assignee_id=ann))
        db.execute(agents.update().where(agents.c.id == ann).values(open_conversations=3))
    erase(house, contact_of(house, HIS))
    assert house.one(agents, key="ann")["open_conversations"] == 2


def test_a_repeated_delivery_is_still_one(house: House) -> None:
    said = house.says("Hello", HIS)
    house.receive(said)
    erase(house, contact_of(house, HIS))
    house.receive(said)
    assert house.rows(conversations) == []


def test_a_word_of_others_that_waits_and_names_him_is_not_lost(house: House) -> None:
    """Nor is their edit that came before its message."""
    house.receive(house.says("Hello", HIS))
    his = contact_of(house, HIS)
    [answer] = house.post(house.webhook(house.says(f"Ask {HIS}, he has the key", OTHERS)))
    assert answer.status == 200
    early = {"channel_address": "+15550001", "contact_address": OTHERS, "kind": "message_edited", "external_id": "m-8"}
    [answer] = house.post(house.webhook({**early, "text": f"Or call {HIS}"}))
    assert answer.status == 200
    erase(house, his)
    house.drain()
    assert [row["text"] for row in house.rows(messages)] == [f"Ask {HIS}, he has the key"]
    assert [HIS in str(row["event"]) for row in house.rows(revisions)] == [True]


def kept_webhook(house: House, body: bytes, *, replayed: bool) -> None:
    row = {
        "id": new_id(), "connection_key": "acme", "reason": "no_such_plugin", "method": "POST", "query": "",
        "headers_sealed": "", "body": body, "received_at": house.clock.now(),
        "replayed_at": house.clock.now() if replayed else None,
    }  # fmt: skip
    with house.rooms.store.write() as db:
        db.execute(insert(kept_webhooks).values(row))


@pytest.mark.parametrize("body", [f'{{"from": "{HIS}"}}'.encode(), f"From={quote(HIS)}&Body=Hi".encode()])
def test_raw_webhooks_that_name_him_go_once_they_were_read_and_nobody_loses_what_waits_in_one(
    house: House, body: bytes
) -> None:
    house.receive(house.says("Hello", HIS))
    his = contact_of(house, HIS)
    kept_webhook(house, body, replayed=True)
    kept_webhook(house, b"of somebody else", replayed=True)
    kept_webhook(house, b"of somebody else", replayed=False)
    kept_webhook(house, body, replayed=False)
    with house.rooms.store.read() as db, pytest.raises(erasure.StillKept):
        erasure.preview(db, member(house, "dora"), his)
    with pytest.raises(erasure.StillKept, match="casella replay"):
        erase(house, his)
    assert len(house.rows(kept_webhooks)) == 4
    with house.rooms.store.write() as db:
        db.execute(update(kept_webhooks).values(replayed_at=house.clock.now()))
    erase(house, his)
    assert [row["body"] for row in house.rows(kept_webhooks)] == [b"of somebody else"] * 2


def test_clients_go_on_where_they_were(house: House) -> None:
    """What is erased leaves its places in the feed: behind one, nobody has to load everything anew."""
    house.receive(house.says("Hello", HIS))
    before = [(row["id"], row["xact"]) for row in house.rows(feed)]
    erase(house, contact_of(house, HIS))
    after = house.rows(feed)
    assert [(row["id"], row["xact"]) for row in after][: len(before)] == before
    left = [row for row in after if row["kind"] == "erased"]
    assert left
    assert all((row["agent_id"], row["conversation_id"], row["payload"]) == ("", None, "{}") for row in left)


def test_a_copy_of_everything_that_is_not_private(house: House) -> None:
    his, _ = live(house, HIS, NEEDLE), live(house, OTHERS, HAY)
    file = b"".join(erasure.export(house.rooms, member(house, "dora"), his))
    with zipfile.ZipFile(io.BytesIO(file)) as archive:
        names = archive.namelist()
        content = {name: archive.read(name) for name in names}
    lines = [json.loads(line) for name in names if name.endswith(".jsonl") for line in content[name].splitlines()]
    assert [line["text"] for line in lines] == [f"I am {NEEDLE}", f"Dear {NEEDLE}"]
    assert json.loads(content["contact.json"])["id"] == his
    assert [value for name, value in content.items() if name.startswith("files/")] == [PNG + NEEDLE.encode()]
    whole = b"".join(content.values())
    assert b"Private" not in whole
    assert HAY.encode() not in whole
