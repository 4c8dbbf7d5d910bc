"""The list, one conversation, and what is done to it, over HTTP."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from datetime import timedelta

import httpx
import pytest
from sqlalchemy import insert, select, update

from casella.ids import new_id
from casella.store.tables import conversations, decisions, feed, inboxes, rule_sets
from tests.api.conftest import Cast
from tests.builders import NOW, make_contact, make_conversation, make_message, make_team

LIST = "/api/v1/conversations"


def names(answer: httpx.Response) -> list[str]:
    """The subjects of a page, in order."""
    assert answer.status_code == 200, answer.text
    return [item["subject"] for item in answer.json()["items"]]


def channel(cast: Cast, inbox: str) -> str:
    made = cast.house.channel(inbox)
    cast.house.desk_changed()
    return made


def fill(cast: Cast, subjects: Sequence[str], **columns: object) -> list[str]:
    """Conversations in support, one minute after another, each with a message as old as itself."""
    made = channel(cast, cast.support)
    found = []
    with cast.house.store.write() as db:
        for number, subject in enumerate(subjects):
            at = NOW + timedelta(minutes=number)
            found.append(make_conversation(db, channel_id=made, subject=subject, at=at, **columns))  # type: ignore[arg-type]  # any column
            make_message(db, found[-1], at=at)
    return found


def test_a_row_shows_what_a_list_needs(cast: Cast) -> None:
    made = channel(cast, cast.support)
    with cast.house.store.write() as db:
        contact = make_contact(db, name="Zoë", address="+393331234567")
        team = make_team(db, name="Night")
        conversation = make_conversation(
            db, channel_id=made, contact_id=contact, assignee_id=cast.ann, team_id=team, tags=["vip", "order"]
        )
        make_message(db, conversation, text="Ciao")
    (item,) = cast.client(cast.ann).get(LIST).json()["items"]
    assert item["contact"] == {
        "id": contact,
        "name": "Zoë",
        "address": "+393331234567",
        "linked": False,
        "display_name": "+393331234567",
        "opted_out": False,
    }
    assert item["assignee"] == {"id": cast.ann, "key": "ann", "name": "Ann"}
    assert (item["team"]["name"], item["inbox"]["key"], item["channel"]["channel_type"]) == (
        "Night",
        "support",
        "quiet",
    )
    assert (item["tags"], item["last_message_text"], item["message_count"]) == (["order", "vip"], "Ciao", 1)


def test_an_agent_sees_his_inboxes_an_admin_all(cast: Cast) -> None:
    fill(cast, ["ours"])
    with cast.house.store.write() as db:
        make_conversation(db, inbox_id=cast.sales, subject="theirs")
        make_conversation(db, inbox_id=cast.support, subject="private", world="private")
    assert names(cast.client(cast.ann).get(LIST)) == ["ours"]
    assert names(cast.client(cast.carla).get(LIST)) == ["ours"]
    assert names(cast.client(cast.eve).get(LIST)) == ["theirs"]
    assert set(names(cast.client(cast.dora).get(LIST))) == {"ours", "theirs"}
    assert cast.client(cast.ann).get(LIST, params={"inbox": "sales"}).status_code == 404


def test_message_sorts_put_the_empty_one_first_both_ways(cast: Cast) -> None:
    """A-5."""
    made = channel(cast, cast.support)
    with cast.house.store.write() as db:
        make_conversation(db, channel_id=made, subject="empty")
        for subject, minutes in (("old", 1), ("new", 2)):
            conversation = make_conversation(db, channel_id=made, subject=subject)
            make_message(db, conversation, at=NOW + timedelta(minutes=minutes))
    client = cast.client(cast.ann)
    assert names(client.get(LIST, params={"sort": "recent_messages"})) == ["empty", "new", "old"]
    assert names(client.get(LIST, params={"sort": "oldest_messages"})) == ["empty", "old", "new"]


def test_conversation_sorts_go_by_the_last_turn(cast: Cast) -> None:
    """A-6: created on Monday, closed on Friday, sorts by Friday."""
    made = channel(cast, cast.support)
    with cast.house.store.write() as db:
        make_conversation(
            db, channel_id=made, subject="mon-fri", at=NOW, status="closed", closed_at=NOW + timedelta(days=4)
        )
        make_conversation(db, channel_id=made, subject="wed", at=NOW + timedelta(days=2))
    client = cast.client(cast.ann)
    recent = client.get(LIST, params={"sort": "recent_conversations", "status": "all"})
    oldest = client.get(LIST, params={"sort": "oldest_conversations", "status": "all"})
    assert names(recent) == ["mon-fri", "wed"]
    assert names(oldest) == ["wed", "mon-fri"]


@pytest.mark.parametrize("sort", ["recent_conversations", "oldest_conversations", "recent_messages", "oldest_messages"])
@pytest.mark.parametrize("agent", ["ann", "dora"])
def test_pages_give_everything_once_in_order(cast: Cast, sort: str, agent: str) -> None:
    fill(cast, [str(number) for number in range(7)])
    with cast.house.store.write() as db:
        for number in range(3):
            make_conversation(db, inbox_id=cast.support, subject=f"empty {number}")
        for number in range(4):  # the same instant: the id breaks the tie
            conversation = make_conversation(db, inbox_id=cast.sales, subject=f"same {number}")
            make_message(db, conversation, at=NOW)
    client = cast.client(getattr(cast, agent))
    whole = names(client.get(LIST, params={"sort": sort, "limit": 100}))
    assert len(whole) == (10 if agent == "ann" else 14)
    walked: list[str] = []
    cursor: str | None = None
    while True:
        query: dict[str, str | int] = {"sort": sort, "limit": 2, **({"cursor": cursor} if cursor else {})}
        answer = client.get(LIST, params=query)
        walked += names(answer)
        cursor = answer.json()["next"]
        if cursor is None:
            break
    assert walked == whole


def test_filters_give_the_intersection(cast: Cast) -> None:
    """A-17."""
    mine, bobs, _ = fill(cast, ["mine", "bobs", "nobodys"])
    with cast.house.store.write() as db:
        make_conversation(db, inbox_id=cast.support, subject="closed", status="closed", closed_at=NOW)
        for conversation, assignee in ((mine, cast.ann), (bobs, cast.bob)):
            db.execute(update(conversations).where(conversations.c.id == conversation).values(assignee_id=assignee))
        contact = db.execute(select(conversations.c.contact_id).where(conversations.c.id == bobs)).scalar_one()
    client = cast.client(cast.ann)

    def found(**query: str) -> set[str]:
        return set(names(client.get(LIST, params=query)))

    assert found() == {"mine", "bobs", "nobodys"}
    assert found(status="closed") == {"closed"}
    assert found(assignee="me") == {"mine"}
    assert found(assignee="others") == {"bobs"}
    assert found(assignee="unassigned") == {"nobodys"}
    assert found(assignee=cast.bob) == {"bobs"}
    assert found(contact=contact, status="all") == {"bobs"}
    assert found(inbox="support", assignee="me", status="open", sort="recent_conversations") == {"mine"}
    assert found(inbox="support", assignee="me", status="closed") == set()
    client.post(f"{LIST}/{mine}/tags", json={"tag": "vip"})
    assert found(tag="vip") == {"mine"}
    assert found(tag="vip", assignee="others") == set()


@pytest.mark.parametrize(
    "query",
    [
        {"cursor": "nonsense"},
        {"cursor": "WyJjIl0"},
        {"cursor": "é"},
        {"limit": "0"},
        {"limit": "101"},
        {"limit": "99999999999999999999999"},
        {"sort": "by name"},
        {"status": "lost"},
        {"tag": "\x00"},
        {"inbox": "x" * 201},
        {"colour": "blue"},
    ],
)
def test_a_wrong_query_is_refused_with_words(lite_cast: Cast, query: dict[str, str]) -> None:
    answer = lite_cast.client(lite_cast.ann).get(LIST, params=query)
    assert answer.status_code == 422
    assert answer.json()["code"] in ("invalid", "bad_cursor", "unknown_parameter")


def test_a_cursor_of_another_sort_is_refused(cast: Cast) -> None:
    fill(cast, ["a", "b", "c"])
    client = cast.client(cast.ann)
    cursor = client.get(LIST, params={"limit": 1}).json()["next"]
    answer = client.get(LIST, params={"cursor": cursor, "sort": "oldest_messages"})
    assert answer.json()["code"] == "bad_cursor"


def test_one_conversation_says_whether_a_reply_may_be_sent(cast: Cast) -> None:
    (conversation,) = fill(cast, ["ours"])
    client = cast.client(cast.ann)
    shown = client.get(f"{LIST}/{conversation}").json()
    assert shown["can_send"]["allowed"] is True
    assert cast.client(cast.eve).get(f"{LIST}/{conversation}").status_code == 404
    client.post(f"{LIST}/{conversation}/close")
    closed = client.get(f"{LIST}/{conversation}").json()
    assert (closed["status"], closed["can_send"]["allowed"]) == ("closed", False)
    assert closed["can_send"]["code"]


def test_bob_takes_over_and_ann_is_told_once(cast: Cast) -> None:
    """A-1."""
    (conversation,) = fill(cast, ["ours"])
    url = f"{LIST}/{conversation}/assign"
    assert cast.client(cast.ann).post(url, json={"assignee": "me"}).json()["assignee"]["name"] == "Ann"
    taken = cast.client(cast.bob).post(url, json={"assignee": "me", "expected": cast.ann})
    assert taken.json()["assignee"]["name"] == "Bob"
    with cast.house.store.read() as db:
        notices = db.execute(select(feed).where(feed.c.kind == "notice")).all()
    assert [notice.agent_id for notice in notices] == [cast.ann]


def test_two_claim_at_once_one_wins_and_the_other_learns_who(cast: Cast) -> None:
    (conversation,) = fill(cast, ["ours"])
    start = threading.Barrier(2)
    answers: dict[str, httpx.Response] = {}

    def claim(name: str, client: httpx.Client) -> None:
        start.wait()
        answers[name] = client.post(f"{LIST}/{conversation}/assign", json={"assignee": "me", "expected": None})

    threads = [
        threading.Thread(target=claim, args=(name, cast.client(agent)))
        for name, agent in (("Ann", cast.ann), ("Bob", cast.bob))
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    winner = next(name for name, answer in answers.items() if answer.status_code == 200)
    loser = answers["Bob" if winner == "Ann" else "Ann"]
    assert loser.status_code == 409
    problem = loser.json()
    assert (problem["code"], problem["assignee_name"]) == ("assignment_lost", winner)
    assert problem["assignee_id"] == getattr(cast, winner.lower())


def test_who_may_assign_whom(cast: Cast) -> None:
    """A-2."""
    (conversation,) = fill(cast, ["ours"])
    url = f"{LIST}/{conversation}/assign"
    assert cast.client(cast.ann).post(url, json={"assignee": cast.bob}).status_code == 403
    assert cast.client(cast.carla).post(url, json={"assignee": cast.bob}).status_code == 200
    with cast.house.store.write() as db:
        db.execute(update(inboxes).where(inboxes.c.id == cast.support).values(assignment_mode=False))
    cast.house.desk_changed()
    refused = cast.client(cast.carla).post(url, json={"assignee": cast.ann, "expected": cast.bob})
    assert (refused.status_code, refused.json()["code"]) == (409, "assignment_off")
    kept = cast.client(cast.ann).get(f"{LIST}/{conversation}").json()
    assert kept["assignee"]["name"] == "Bob"


def test_an_assignment_is_repeated_by_its_key(cast: Cast) -> None:
    (conversation,) = fill(cast, ["ours"])
    client = cast.client(cast.ann)
    body, headers = {"assignee": "me", "expected": None}, {"Idempotency-Key": "take"}
    first = client.post(f"{LIST}/{conversation}/assign", json=body, headers=headers)
    again = client.post(f"{LIST}/{conversation}/assign", json=dict(reversed(body.items())), headers=headers)
    assert (again.status_code, again.json()) == (200, first.json())


def test_close_and_reopen(cast: Cast) -> None:
    (conversation,) = fill(cast, ["ours"])
    client = cast.client(cast.ann)
    closed = client.post(f"{LIST}/{conversation}/close").json()
    assert (closed["status"], closed["closed_at"]) == ("closed", "2026-11-23T10:00:00Z")
    assert client.post(f"{LIST}/{conversation}/close").json()["version"] == closed["version"]
    assert client.post(f"{LIST}/{conversation}/reopen").json()["status"] == "open"
    assert cast.client(cast.eve).post(f"{LIST}/{conversation}/close").status_code == 404


@pytest.mark.parametrize(
    ("deed", "body"),
    [("close", None), ("assign", {"assignee": "me"}), ("tags", {"tag": "vip"}), ("tags/remove", {"tag": "vip"})],
)
def test_what_rules_answer_to_it_leaves_at_once(cast: Cast, deed: str, body: dict[str, str] | None) -> None:
    (conversation,) = fill(cast, ["ours"])
    assert cast.client(cast.ann).post(f"{LIST}/{conversation}/{deed}", json=body).status_code == 200
    assert cast.house.bell.rung[-2:] == ["deliveries", "feed"]


def test_tags_are_added_and_removed_once(cast: Cast) -> None:
    (conversation,) = fill(cast, ["ours"])
    client, url = cast.client(cast.ann), f"{LIST}/{conversation}/tags"
    before = client.get(f"{LIST}/{conversation}").json()["version"]
    assert client.post(url, json={"tag": "vip"}).json()["tags"] == ["vip"]
    assert client.post(url, json={"tag": "vip"}).json()["version"] == before + 1
    assert client.post(url, json={"tag": "città"}).json()["tags"] == ["città", "vip"]
    assert client.post(f"{url}/remove", json={"tag": "vip"}).json()["tags"] == ["città"]
    assert client.post(f"{url}/remove", json={"tag": "vip"}).json()["tags"] == ["città"]
    with cast.house.store.read() as db:
        told = db.execute(select(feed.c.payload).order_by(feed.c.id)).scalars().all()
    assert ['"tags":["vip"]' in text for text in told] == [True, False, False]
    for wrong in ("", " x", "a\nb", "x" * 65):
        assert client.post(url, json={"tag": wrong}).status_code == 422


def test_decisions_are_shown_as_they_were_stored(cast: Cast) -> None:
    (conversation,) = fill(cast, ["ours"])
    with cast.house.store.write() as db:
        db.execute(insert(rule_sets).values(digest="abc", source=[], first_used_at=NOW))
        for number in range(3):
            values = {"id": new_id(), "conversation_id": conversation, "cause_id": str(number), "rule_set": "abc"}
            db.execute(
                insert(decisions).values(
                    **values,
                    event="message_received",
                    facts='["message_received", {"kind": "text"}]',
                    outcome='{"skipped": []}',
                    at=NOW,
                )
            )
    client, url = cast.client(cast.ann), f"{LIST}/{conversation}/decisions"
    page = client.get(url, params={"limit": 2}).json()
    assert [item["cause_id"] for item in page["items"]] == ["2", "1"]
    assert page["items"][0]["facts"] == ["message_received", {"kind": "text"}]
    rest = client.get(url, params={"limit": 2, "cursor": page["next"]}).json()
    assert ([item["cause_id"] for item in rest["items"]], rest["next"]) == (["0"], None)
    assert cast.client(cast.eve).get(url).status_code == 404
