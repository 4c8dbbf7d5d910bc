"""Every operation of the OpenAPI document of the running API, by everybody, before and after a move."""

from __future__ import annotations

import pytest

from tests.visibility.operations import Json, NotClassified, operations
from tests.visibility.walk import Walk
from tests.visibility.world import AGENTS, SALES, World

WHO = {"sqlite": AGENTS, "postgresql": ("ann", "sue", "dora")}
"""What a role may is decided before a database is asked: on the second one, a member, an outsider and an admin do."""


def test_every_operation_tells_everybody_only_what_is_his(world: World) -> None:
    every = operations(world.client("nobody").get("/api/v1/openapi.json").json())
    assert len(every) > 50
    subjects = world.subjects(len(every))
    walk = Walk(world, WHO[world.house.rooms.store.dialect])
    # What names no id at first: while nothing is moved, numbers and names of the other inbox are nobody's business.
    for operation, subject in sorted(zip(every, subjects, strict=True), key=lambda each: len(each[0].named)):
        walk.try_out(operation, subject)
    for operation in every:
        if not operation.named:
            walk.try_again(operation, subjects[-1])
    assert not walk.problems, "\n\n".join(walk.problems)


def test_an_id_of_others_in_a_query_or_a_body_is_answered_as_one_that_is_not_there(world: World) -> None:
    every = operations(world.client("nobody").get("/api/v1/openapi.json").json())
    variants = [(kind, variant) for operation in every for kind, variant in operation.variants()]
    assert len(variants) > 10
    subjects, [hidden] = world.subjects(len(variants)), world.subjects(1, to=SALES)
    walk = Walk(world)
    for (kind, variant), subject in zip(variants, subjects, strict=True):
        walk.try_other_ids(variant, kind, subject, hidden)
    assert not walk.problems, "\n\n".join(walk.problems)


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ({"parameters": [{"in": "path", "name": "parcel_id", "schema": {}}], "security": [{}]}, "add it to"),
        (
            {"parameters": [{"in": "query", "name": "of", "schema": {"description": "Its id."}}], "security": [{}]},
            "`of`",
        ),
        ({}, "needs no sign-in"),
        ({"security": [{}], "responses": {"200": {"content": {"text/event-stream": {}}}}}, "is a stream"),
    ],
)
def test_an_operation_that_cannot_be_judged_says_what_to_add(more: Json, told: str) -> None:
    operation = {"operationId": "new_one", "responses": {}, **more}
    with pytest.raises(NotClassified, match=told):
        operations({"paths": {"/parcels": {"get": operation}}, "components": {"schemas": {}}})
