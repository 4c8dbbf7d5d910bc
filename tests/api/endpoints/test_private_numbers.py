"""Numbers that belong to one agent, and what becomes of them in a shared inbox (S-13, S-21, S-41, S-43, S-45, A-4)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from casella.inbox.reading.search import index_some
from casella.store.tables import contact_addresses, contacts, conversations, decisions, messages
from tests.house import ANNA, BERT, ENVIRONMENT
from tests.visibility.hearing import Hearing
from tests.visibility.world import CANNED, DESK, PLAIN, PRIVATE, RULES, World, open_world

HERS = "anns: {connection: acme, owner: ann"
JOINED = HERS.replace("owner: ann", "inbox: plain")
LIST = "/api/v1/conversations"
EVERYTHING = """
rules:
  - {name: Answer, when: [message_received, conversation_opened], if: always,
     then: [{reply: {text: Thank you}}, {tag: vip}]}
  - {name: Late, when: {conversation_waiting: 30m}, if: always, then: [{tag: vip}]}
  - {name: Over, when: conversation_closed, if: always, then: [{tag: vip}]}
"""


@pytest.fixture
def world(migrated_url: str, tmp_path: Path) -> Iterator[World]:
    with open_world(migrated_url, tmp_path) as opened:
        opened.house.clock.move(seconds=1)  # whoever is new has read what came in before
        yield opened


def apply(world: World, instead: str = HERS, rules: str = RULES) -> None:
    world.house.apply(desk=DESK.replace(HERS, instead), canned=CANNED, rules=rules, environment=ENVIRONMENT)


def listed(world: World, who: str, **query: str) -> list[dict[str, Any]]:
    given = {"world" if name == "within" else name: value for name, value in query.items()}
    answer = world.client(who).get(LIST, params={"status": "all", **given})
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["items"]
    return found


def texts(world: World, who: str, **query: str) -> list[str]:
    return [row["last_message_text"] for row in listed(world, who, **query)]


def write(world: World, who: str = "ann", to: str = ANNA, text: str = "Hi", channel: str = "anns") -> Mapping[str, Any]:
    body = {"channel": channel, "to": to, "text": text}
    answer = world.client(who).post(LIST, json=body, headers={"Idempotency-Key": f"{who}-{to}"})
    assert answer.status_code == 201, answer.text
    begun: Mapping[str, Any] = answer.json()
    return begun


def test_its_owner_writes_and_is_answered_and_nobody_else_sees_it(world: World) -> None:
    """S-13, S-21, S-75: by list, number, counts, search, and its address in `GET /start`."""
    begun = write(world, text="Shall we meet zqmeet")
    world.house.deliver()
    world.house.receive(world.house.says("At eight zqeight", to=PRIVATE))
    assert [row["id"] for row in listed(world, "ann", within="private")] == [begun["conversation_id"]]
    assert texts(world, "ann", within="private", channel="anns") == ["At eight zqeight"]
    counts = world.client("ann").get(f"{LIST}/counts", params={"world": "private"}).json()
    assert (counts["all"]["total"], counts["all"]["unread"], counts["all"]["unassigned"]) == (1, 1, 1)
    world.house.receive(world.house.says("In the shop"))
    assert texts(world, "ann") == ["In the shop"]
    while index_some(world.house.rooms):
        pass
    for who in ("rob", "mara", "sue", "max", "dora"):
        assert not listed(world, who, within="private")
        assert world.client(who).get(f"{LIST}/{begun['conversation_id']}").status_code == 404
        assert not world.client(who).get("/api/v1/search", params={"q": "zqeight"}).json()["items"]
        assert world.client(who).get("/api/v1/start").json()["numbers"] == []
        assert "anns" not in world.client(who).get("/api/v1/channels").text
        assert world.client(who).get(LIST, params={"world": "private", "channel": "anns"}).status_code == 404
        refusal = world.client(who).post(
            LIST, json={"channel": "anns", "to": ANNA, "text": "Hm"}, headers={"Idempotency-Key": "x"}
        )
        assert refusal.status_code in (403, 404), refusal.text
    assert len(world.client("ann").get("/api/v1/search", params={"q": "zqeight"}).json()["items"]) == 1
    [number] = world.client("ann").get("/api/v1/start").json()["numbers"]
    assert (number["key"], number["address"]) == ("anns", PRIVATE)


def test_its_contacts_are_its_owners_though_the_organisation_knows_the_same_number(world: World) -> None:
    world.house.receive(world.house.says("In the shop", ANNA, to=PLAIN, contact_name="Anna"))
    world.house.receive(world.house.says("To Ann", ANNA, to=PRIVATE), world.house.says("To Ann", BERT, to=PRIVATE))
    everybody = world.client("mara").get("/api/v1/contacts").json()["items"]
    assert [one["name"] for one in everybody] == ["Anna"]
    hers = [one for one in world.client("ann").get("/api/v1/contacts").json()["items"] if one["private"]]
    assert sorted(one["addresses"][0]["address"] for one in hers) == [ANNA, BERT]
    bert = next(one["id"] for one in hers if one["addresses"][0]["address"] == BERT)
    named = world.client("ann").patch(f"/api/v1/contacts/{bert}", json={"name": "Bertie"})
    assert named.status_code == 200, named.text
    for who in ("mara", "dora"):
        client = world.client(who)
        assert client.get(f"/api/v1/contacts/{bert}").status_code == 404
        assert client.get("/api/v1/contacts", params={"q": "Bertie"}).json()["items"] == []
        found = client.get("/api/v1/contacts", params={"q": BERT}).json()
        assert (found["items"], found["unknown_number"]) == ([], BERT), "to everybody else this number is nobody's"
        assert "Bertie" not in client.get("/api/v1/contacts/export").text
    made = world.client("mara").post("/api/v1/contacts", json={"name": "Bert of the shop", "numbers": [BERT]})
    assert made.status_code == 201, made.text
    merged = world.client("ann").post(f"/api/v1/contacts/{made.json()['id']}/merge", json={"contact": bert})
    assert (merged.status_code, merged.json()["code"]) == (409, "private_contact")


def test_a_private_contact_is_made_for_ones_own_number(world: World) -> None:
    ann = world.client("ann")
    made = ann.post("/api/v1/contacts", json={"name": "Mum", "numbers": [BERT], "private": True}).json()
    begun = ann.post(
        LIST, json={"channel": "anns", "contact": made["id"], "text": "Hi"}, headers={"Idempotency-Key": "mum"}
    )
    assert begun.status_code == 201, begun.text
    row = world.house.one(conversations)
    assert (row["world"], row["contact_id"], row["assignee_id"]) == ("private", made["id"], None)


def test_rules_hear_nothing_of_it(world: World) -> None:
    apply(world, rules=EVERYTHING)
    world.house.available("ann")
    begun = write(world)
    world.house.receive(world.house.says("Hello", to=PRIVATE), world.house.says("Hello", BERT, to=PRIVATE))
    world.house.later(hours=2)
    answer = world.client("ann").post(f"{LIST}/{begun['conversation_id']}/close")
    assert (answer.status_code, answer.json()["status"], answer.json()["tags"]) == (200, "closed", [])
    assert world.house.rows(decisions) == []
    assert [row["text"] for row in world.house.rows(messages, direction="out")] == ["Hi"]
    assert world.house.agent("ann").id not in {row["assignee_id"] for row in world.house.rows(conversations)}


def test_what_belongs_to_shared_conversations_is_refused_by_name(world: World) -> None:
    path = f"{LIST}/{write(world)['conversation_id']}"
    ann = world.client("ann")
    for verb, body in (
        ("assign", {"assignee": "me"}), ("tags", {"tag": "vip"}), ("notes", {"text": "Aha"}),
        ("assistant/suggest", {}), ("canned", {"key": "greeting"}), ("team", {"team": "shop"}),
        ("inbox", {"inbox": "plain"}), ("snooze", {"until": "2027-01-01T00:00:00Z"}),
    ):  # fmt: skip
        answer = ann.post(f"{path}/{verb}", json=body, headers={"Idempotency-Key": verb, "Accept-Language": "it"})
        assert (answer.status_code, answer.json()["code"]) == (409, "not_in_this_world"), f"{verb}: {answer.text}"
        assert answer.json()["title"] == "Solo nelle conversazioni condivise"


def test_its_owner_answers_closes_reads_and_drafts(world: World) -> None:
    world.house.receive(world.house.says("Hello", to=PRIVATE))
    [row] = listed(world, "ann", within="private")
    path, ann = f"{LIST}/{row['id']}", world.client("ann")
    assert row["mine"]["unread"] == 1
    assert ann.post(f"{path}/read").status_code == 204
    assert listed(world, "ann", within="private")[0]["mine"]["unread"] == 0
    assert ann.put(f"/api/v1/me/drafts/{row['id']}/reply", json={"text": "Dear"}).status_code == 200
    assert [one["text"] for one in ann.get("/api/v1/me/drafts").json()] == ["Dear"]
    assert ann.post(f"{path}/messages", json={"text": "Yes"}, headers={"Idempotency-Key": "1"}).status_code == 201
    world.house.deliver()
    assert [one["text"] for one in ann.get(f"{path}/messages").json()["items"]] == ["Hello", "Yes"]
    for verb, status in (("close", "closed"), ("reopen", "open"), ("close", "closed"), ("archive", "closed")):
        assert ann.post(f"{path}/{verb}").json()["status"] == status


def test_before_t_it_is_in_the_archived_tab_and_behind_it_in_open(world: World) -> None:
    """A-4, S-41, S-43, S-45: inbox members see both; before T, only the owner."""
    house = world.house
    house.receive(house.says("At T - 1 s", to=PRIVATE), house.says("Of Bert", BERT, to=PRIVATE))
    house.clock.move(seconds=1)
    assert texts(world, "mara", within="history") == []
    apply(world, JOINED)
    house.clock.move(seconds=1)
    house.receive(house.says("At T + 1 s", to=PRIVATE))
    for who in ("ann", "mara", "dora"):
        assert sorted(texts(world, who, within="history")) == ["At T - 1 s", "Of Bert"]
        assert texts(world, who, status="open") == ["At T + 1 s"]
        assert texts(world, who, within="private") == []
    assert texts(world, "sue", within="history") == texts(world, "sue") == []
    assert texts(world, "mara", archived="true") == []
    [old] = [row for row in listed(world, "mara", within="history") if row["last_message_text"] == "At T - 1 s"]
    [new] = listed(world, "mara")
    assert old["contact"]["id"] == new["contact"]["id"], "the organisation's contact of this number"
    assert texts(world, "mara", contact=new["contact"]["id"]) == ["At T + 1 s"]
    assert texts(world, "mara", contact=new["contact"]["id"], within="history") == ["At T - 1 s"]
    path, mara = f"{LIST}/{old['id']}", world.client("mara")
    assert [one["text"] for one in mara.get(f"{path}/messages").json()["items"]] == ["At T - 1 s"]
    read = mara.get(path).json()
    assert (read["status"], read["can_send"]["code"]) == ("closed", "read_only_history")
    for verb in ("reopen", "close", "archive", "messages", "notes"):
        answer = mara.post(f"{path}/{verb}", json={"text": "No"}, headers={"Idempotency-Key": verb})
        assert (answer.status_code, answer.json()["code"]) == (409, "not_in_this_world"), verb


def test_what_its_owner_has_noted_of_his_contacts_stays_his(world: World) -> None:
    house = world.house
    house.receive(house.says("Hello", to=PRIVATE))
    [mine] = world.client("ann").get("/api/v1/contacts").json()["items"]
    world.client("ann").patch(f"/api/v1/contacts/{mine['id']}", json={"name": "My darling"})
    apply(world, JOINED)
    [row] = listed(world, "mara", within="history")
    assert (row["contact"]["name"], row["contact"]["address"]) == (None, ANNA)
    assert "My darling" not in world.client("mara").get(f"{LIST}/{row['id']}/messages").text
    assert world.client("mara").get(f"/api/v1/contacts/{mine['id']}").status_code == 404
    assert world.client("ann").get(f"/api/v1/contacts/{mine['id']}").json()["name"] == "My darling"
    assert len(house.rows(contacts)) == len(house.rows(contact_addresses)) == 2


def test_the_former_owner_reads_it_though_he_is_no_member(world: World) -> None:
    world.house.receive(world.house.says("To Ann", to=PRIVATE))
    apply(world, HERS.replace("owner: ann", "inbox: sales"))
    assert texts(world, "ann", within="history") == texts(world, "sue", within="history") == ["To Ann"]
    assert texts(world, "mara", within="history") == []
    world.house.receive(world.house.says("To the shop", to=PRIVATE))
    assert (texts(world, "ann"), texts(world, "sue")) == ([], ["To the shop"])


def test_what_was_on_its_way_at_t_is_put_where_it_was_received(world: World) -> None:
    """By our own receiving time: stored before T, applied behind it; with and without anything written before."""
    house = world.house
    house.receive(house.says("Long before", to=PRIVATE))
    house.clock.move(minutes=1)
    first = house.webhook(house.says("Just before", to=PRIVATE), house.says("Just before, of Bert", BERT, to=PRIVATE))
    house.post(first)
    house.clock.move(seconds=1)
    apply(world, JOINED)
    house.post(house.webhook(house.says("Behind", to=PRIVATE)))
    house.drain()
    assert sorted(texts(world, "mara", within="history")) == ["Just before", "Just before, of Bert"]
    assert texts(world, "mara") == ["Behind"]
    assert {row["owner_id"] for row in house.rows(conversations, world="history")} == {house.agent("ann").id}
    joined = house.one(conversations, world="shared")
    assert joined["opened_at"] >= house.clock.now() - timedelta(seconds=1)


def test_a_process_that_has_not_heard_of_the_move_writes_nothing_to_the_wrong_place(world: World) -> None:
    """Both ways: another process applies the desk, and this one's directory is of before."""
    house, holder = world.house, world.house.rooms.directory
    before = holder.current
    apply(world, JOINED)
    holder._current = before  # as in a process that has read it before
    house.receive(house.says("To the shop", to=PRIVATE))
    assert texts(world, "mara") == ["To the shop"]
    shared = holder.current
    apply(world)
    holder._current = shared
    house.receive(house.says("To Ann alone", BERT, to=PRIVATE))
    assert (texts(world, "mara"), texts(world, "ann", within="private")) == (["To the shop"], ["To Ann alone"])


def test_a_number_that_goes_to_another_agent_takes_nothing_along(world: World) -> None:
    house = world.house
    begun = write(world, text="To a friend")
    apply(world, HERS.replace("owner: ann", "owner: rob"))
    house.receive(house.says("Who are you?", to=PRIVATE))
    assert texts(world, "rob", within="private") == ["Who are you?"]
    assert texts(world, "ann", within="private") == ["To a friend"]
    answer = world.client("ann").post(
        f"{LIST}/{begun['conversation_id']}/messages", json={"text": "Hm"}, headers={"Idempotency-Key": "2"}
    )
    assert (answer.status_code, answer.json()["code"]) == (422, "read_only_history")


def test_a_shared_number_that_becomes_private_answers_no_shared_conversation(world: World) -> None:
    house = world.house
    apply(world, JOINED)
    house.receive(house.says("To the shop", to=PRIVATE))
    [row] = listed(world, "mara")
    apply(world)
    house.receive(house.says("To Ann", to=PRIVATE))
    assert texts(world, "mara") == ["To the shop"]
    answer = world.client("mara").post(
        f"{LIST}/{row['id']}/messages", json={"text": "Hm"}, headers={"Idempotency-Key": "3"}
    )
    assert (answer.status_code, answer.json()["code"]) == (422, "read_only_history")


def test_its_events_are_told_to_its_owner_alone(world: World) -> None:
    hearing = Hearing(world)
    world.house.receive(world.house.says("Hello", to=PRIVATE))
    [row] = listed(world, "ann", within="private")
    ann = world.client("ann")
    ann.patch(f"/api/v1/contacts/{row['contact']['id']}", json={"name": "Anna"})
    ann.post(f"{LIST}/{row['id']}/read")
    ann.post(f"{LIST}/{row['id']}/close")
    assert not (problems := hearing.listen("on Ann's number")), "\n".join(problems)
    told = [event["kind"] for event in hearing.heard["ann"]]
    assert {"message.created", "contact.updated", "conversation.updated", "conversation.marked"} <= set(told)
    assert all(not hearing.heard[who] for who in ("rob", "mara", "sue", "max", "nina", "dora"))
