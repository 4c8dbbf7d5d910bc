"""Ways round the front door: others' cursors, ids in the wrong place, other methods, links, and one's own hands."""

from __future__ import annotations

from dataclasses import replace

import orjson
import pytest
from sqlalchemy import select

from casella.ids import new_id
from casella.store.tables import assistant_answers, conversations, inboxes, messages
from tests.visibility.operations import Operation, operations
from tests.visibility.oracle import AN_ID
from tests.visibility.walk import Walk, same
from tests.visibility.world import PRIVATE, SALES, TO_SALES, Subject, World

CURSORS = {"cursor", "before", "after"}


@pytest.fixture(scope="module")
def every(world: World) -> list[Operation]:
    return operations(world.client("nobody").get("/api/v1/openapi.json").json())


def test_a_cursor_that_was_made_for_another_leads_to_nothing_of_his(world: World, every: list[Operation]) -> None:
    hidden, mine = world.subjects(3, to=SALES), world.subjects(3)
    walk, tried = Walk(world), 0
    for operation in every:
        for slot in operation.slots:
            if slot.place != "query" or slot.name not in CURSORS:
                continue
            theirs = replace(operation, query={**operation.query, "limit": 1})
            answer = walk.call(theirs, walk.ids(hidden[-1], operation.named, channel=SALES), "dora", "-")
            for cursor in sorted(cursors_in(answer.text)):
                tried += 1
                asked = replace(operation, query={**operation.query, slot.name: cursor})
                walk.tell(asked, walk.ids(mine[0], operation.named), "ann")
    assert tried > 4
    assert not walk.problems, "\n\n".join(walk.problems)


def cursors_in(text: str) -> set[str]:
    found = orjson.loads(text)
    return {found[name] for name in ("next", "older", "newer", "cursor") if found.get(name)}


def test_a_hidden_id_beside_a_visible_one_is_as_if_it_were_not(world: World, every: list[Operation]) -> None:
    [hidden] = world.subjects(1, to=SALES)
    several = [operation for operation in every if len(operation.named) > 1]
    subjects = world.subjects(len(several))
    walk = Walk(world)
    for operation, subject in zip(several, subjects, strict=True):
        ids, theirs = walk.ids(subject, operation.named), walk.ids(hidden, operation.named, owner="sue", channel=SALES)
        for kind in set(operation.named) - {"contact", "spare", "merge"}:  # everybody finds contacts
            answers = [
                walk.call(operation, replace(ids, **{kind: other}), "ann", f"{kind}-{number}")
                for number, other in enumerate((getattr(theirs, kind), new_id()))
            ]
            assert answers[0].status_code in (403, 404, 422), answers[0].text  # 403: by role, whatever the id
            assert same(*answers), f"{operation.id}: {answers[0].text} or {answers[1].text} for a {kind}"


def test_other_methods_and_parts_of_files_say_no_more(world: World, every: list[Operation]) -> None:
    [hidden] = world.subjects(1, to=SALES)
    walk = Walk(world)
    for operation in every:
        if operation.is_write or not set(operation.named) - {"contact"}:
            continue
        ids = walk.ids(hidden, operation.named, owner="sue", channel=SALES)
        nothing = replace(ids, **{kind: new_id() for kind in operation.named})
        for method in ("HEAD", "OPTIONS", "PATCH", "GET"):
            asked = replace(operation, method=method)
            headers = {"Range": "bytes=0-3", "If-None-Match": "*"}
            answers = [walk.call(asked, each, "ann", "-", **headers) for each in (ids, nothing)]
            assert answers[0].status_code in (403, 404, 405), f"{method} {operation.path}: {answers[0].status_code}"
            assert same(*answers), f"{method} {operation.path}: {answers[0].text} or {answers[1].text}"


def test_a_link_opens_the_file_it_was_made_for_and_no_other(world: World) -> None:
    [hidden], [mine] = world.subjects(1, to=SALES), world.subjects(1)
    made = world.client("ann").get(f"/api/v1/attachments/{mine.attachment}/links").json()
    nobody = world.client("nobody")
    assert mine.mark in nobody.get(made["url"]).text
    for address in (made["url"], made["thumbnail_url"]):
        swapped = address.replace(mine.attachment, hidden.attachment)
        assert hidden.mark not in nobody.get(swapped).text
        assert nobody.get(swapped).status_code == 404 or mine.attachment not in address
        assert nobody.get(address[:-1]).status_code == 404


def test_who_hands_a_conversation_over_has_done_so_though_he_sees_it_no_more(world: World) -> None:
    [subject] = world.subjects(1)
    path, key = f"/api/v1/conversations/{subject.conversation}", {"Idempotency-Key": f"over-{subject.mark}"}
    ann, sue = world.client("ann"), world.client("sue")
    answer = ann.post(f"{path}/tags", json={"tag": TO_SALES}, headers=key)
    assert (answer.status_code, answer.text) == (204, "")
    assert ann.get(path).status_code == 404
    assert ann.post(f"{path}/tags", json={"tag": TO_SALES}, headers=key).status_code == 404
    assert sue.get(path).json()["tags"] == [TO_SALES]


def test_what_is_approved_after_a_move_serves_the_inbox_it_is_in(world: World) -> None:
    [subject] = world.subjects(1)
    path = f"/api/v1/conversations/{subject.conversation}/assistant/feedback"
    for who, text in (("ann", "Said before"), ("sue", "Said after")):
        body = {"proposal_id": subject.proposal, "outcome": "edited", "text": f"{text} it was moved"}
        assert world.client(who).post(path, json=body).status_code == 200
        if who == "ann":
            world.move(subject)
    with world.house.rooms.store.read() as db:
        of = select(inboxes.c.key).join(assistant_answers, assistant_answers.c.inbox_id == inboxes.c.id)
        assert db.execute(of.where(assistant_answers.c.proposal_id == subject.proposal)).scalars().all() == ["sales"]


def test_who_may_only_read_sends_nothing_by_any_operation(world: World, every: list[Operation]) -> None:
    writes = [operation for operation in every if operation.is_write and "DELETE" not in operation.method]
    subjects = world.subjects(len(writes))
    walk = Walk(world)
    for operation, subject in zip(writes, subjects, strict=True):
        walk.call(operation, walk.ids(subject, operation.named, owner="rob"), "rob", "reads")
    ours = messages.c.conversation_id.in_([subject.conversation for subject in subjects])
    is_queued_already = messages.c.text.startswith("Soon ")  # `World.new_queued`
    with world.house.rooms.store.read() as db:
        sent = db.execute(
            select(messages.c.text).where(
                ours, messages.c.direction == "out", messages.c.state == "queued", ~is_queued_already
            )
        )
        assert sent.scalars().all() == []


def test_nobody_sees_what_is_on_the_number_of_another(world: World, every: list[Operation]) -> None:
    """S-21: whatever the role, by whatever operation; and its owner is told of nothing that is not his."""
    [subject] = world.subjects(1, to=PRIVATE)
    assert world.house.one(conversations, id=subject.conversation)["world"] == "private"
    walk = Walk(world)
    for operation in every:
        kinds = [kind for kind in operation.named if kind != "merge"]  # of private contacts there are none
        ids = replace(walk.ids(subject, kinds, channel=PRIVATE), merge=new_id())
        if {getattr(ids, kind) for kind in operation.named} & about(subject):
            walk.oracle.refresh()
            for who in ("rob", "mara", "sue", "dora"):
                walk.refused(operation, ids, who)
            walk.tell(operation, ids, "ann")
    assert not walk.problems, "\n\n".join(walk.problems)


def about(subject: Subject) -> set[str]:
    return {id for id in vars(subject).values() if AN_ID.fullmatch(id)}
