"""The API is what its OpenAPI document says, whatever is sent: schemathesis tries, on both databases."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis.errors import Unsatisfiable
from jsonschema import Draft202012Validator
from schemathesis import APIOperation, Case, GenerationMode
from schemathesis.core.failures import FailureGroup
from schemathesis.core.result import Ok
from schemathesis.schemas import BaseSchema
from schemathesis.specs.openapi.checks import negative_data_rejection, positive_data_acceptance
from starlette.types import ASGIApp

from tests.api.conftest import Cast, cast_of
from tests.api.house import House, open_house
from tests.budget import LONG
from tests.builders import make_attachment, make_conversation, make_message

EXAMPLES = 60 if LONG else 2  # of each kind per operation


@dataclass(frozen=True)
class Place:
    """A house in which something is to be found: its API, who is signed in there, and ids that are real in it."""

    api: ASGIApp
    signed_in: dict[str, str]
    real_ids: dict[str, list[str]]


@pytest.fixture
def places(migrated_sqlite_url: str, migrated_pg_url: str, tmp_path: Path) -> Iterator[Sequence[Place]]:
    """One on each database. What a request means is decided before a database hears of it, and making up requests takes
    longest: so each is tried in one of the two, more often in the one that is quicker."""
    with ExitStack() as stack:
        quick, other = (
            populated(stack.enter_context(open_house(url, tmp_path / name)))
            for url, name in ((migrated_sqlite_url, "sqlite"), (migrated_pg_url, "postgres"))
        )
        yield quick, quick, other


def populated(house: House) -> Place:
    cast = cast_of(house)
    channel = house.channel(cast.support)
    house.desk_changed()
    with house.store.write() as db:
        conversations = [make_conversation(db, channel_id=channel, tags=["vip"]) for _ in range(3)]
        messages = [make_message(db, conversation, text="Hello there") for conversation in conversations]
        attachments = [make_attachment(db, message, state="pending") for message in messages]
    shown = cast.client(cast.carla).get("/api/v1/conversations").json()["items"]
    ids = {
        "conversation_id": conversations,
        "message_id": messages,
        "attachment_id": attachments,
        "channel_id": [channel],
        "contact_id": [item["contact"]["id"] for item in shown],
    }
    return Place(house.api, {"Authorization": f"Bearer {house.token(cast.carla)}"}, ids)


def attempt_right(place: Place, case: Case[Any], real: bool) -> None:
    """Signed in, and about something that is there, if `real`."""
    for name, ids in place.real_ids.items():
        if name in case.path_parameters and real:
            case.path_parameters[name] = random.Random(repr(case.path_parameters)).choice(ids)
    # A well-formed request may still be refused for what it asks (a made-up cursor, a text without a word).
    case.call_and_validate(app=place.api, headers=place.signed_in, excluded_checks=[positive_data_acceptance])


SEVERAL_SHAPES = frozenset({"/api/v1/conversations/bulk"})
"""What breaks one shape of such a body may be another one, and is right to be taken: what is tried judges by the shape
that it has begun with. So there, a body that fits the document as a whole is none that must be refused."""


def fits(case: Case[Any]) -> bool:
    """Whether the body is as the document says, whatever was done to it."""
    document = case.operation.schema.raw_schema
    operation = document["paths"][case.operation.path][case.operation.method.lower()]
    schema = operation["requestBody"]["content"]["application/json"]["schema"]
    return Draft202012Validator({**schema, "components": document["components"]}).is_valid(case.body)


def attempt_wrong(place: Place, case: Case[Any], _real: bool) -> None:
    """Signed in, unless what is wrong is the signing in."""
    headers = {} if "Authorization" in case.headers else place.signed_in
    if case.operation.path in SEVERAL_SHAPES and fits(case):
        case.call_and_validate(app=place.api, headers=headers, excluded_checks=[negative_data_rejection])
    else:
        case.call_and_validate(app=place.api, headers=headers)


Attempt = Callable[[Place, Case[Any], bool], None]


@pytest.mark.slow
@pytest.mark.timeout(3600 if LONG else 600)
@pytest.mark.parametrize(
    ("mode", "attempt"),
    [(GenerationMode.POSITIVE, attempt_right), (GenerationMode.NEGATIVE, attempt_wrong)],
    ids=["right", "wrong"],
)
def test_every_operation_keeps_its_word(places: Sequence[Place], mode: GenerationMode, attempt: Attempt) -> None:
    schema = lightened(schemathesis.openapi.from_asgi("/api/v1/openapi.json", places[0].api), mode)
    tried = schema.exclude(path="/api/v1/events").exclude(path="/api/v1/session", method="DELETE")
    operations = [cast("Ok[APIOperation[Any, Any, Any, Any]]", found).ok() for found in tried.get_all_operations()]
    assert len(operations) > 30
    broken = [failure for operation in operations for failure in failures_of(operation, mode, attempt, places)]
    assert not broken, "\n\n".join(broken)


def lightened(schema: BaseSchema, mode: GenerationMode) -> BaseSchema:
    """Without what a pattern beside a length of 64 Ki costs: schemathesis makes one regular expression of them, which
    takes 200 MB and a second for each operation. Right requests have shorter texts; wrong ones have any character: the
    one that such a text must not have is tried in `test_bad_input`."""

    def lighten(part: object) -> None:
        if isinstance(part, dict):
            if "pattern" in part and part.get("maxLength", 0) >= 2_000:
                if mode is GenerationMode.POSITIVE:
                    part["maxLength"] = 200
                else:
                    del part["pattern"]
            for inner in part.values():
                lighten(inner)
        elif isinstance(part, list):
            for inner in part:
                lighten(inner)

    lighten(schema.raw_schema)
    return schema


def failures_of(
    operation: APIOperation[Any, Any, Any, Any], mode: GenerationMode, attempt: Attempt, places: Sequence[Place]
) -> Iterator[str]:
    """What schemathesis has against one operation, tried with requests that are right or with ones that are wrong. The
    first is about something real, the second is not, and so on; one that is tried again is what it was."""
    order: dict[str, int] = {}

    @settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
    @given(case=operation.as_strategy(generation_mode=mode))
    def tried(case: Case[Any]) -> None:
        asked = repr(case.body) + repr(case.query) + repr(case.path_parameters)
        number = order.setdefault(asked, len(order))
        attempt(random.Random(asked).choice(places), case, number % 2 == 0)

    try:
        tried()
    except Unsatisfiable:
        assert mode is GenerationMode.NEGATIVE, operation.label  # an operation without input has no wrong ones
    except FailureGroup as group:
        yield "\n".join([f"{operation.label} ({mode.value})", *(str(failure) for failure in group.exceptions)])


FOR_STRANGERS = ("/api/v1/session", "/api/v1/session/code", "/api/v1/sign-in")


def test_every_operation_is_described_for_people(lite_cast: Cast) -> None:
    document = lite_cast.client().get("/api/v1/openapi.json").json()
    operations = [
        operation for path in document["paths"].values() for name, operation in path.items() if name != "parameters"
    ]
    assert len(operations) > 30
    assert len({operation["operationId"] for operation in operations}) == len(operations)
    for operation in operations:
        assert operation["tags"]
        assert operation["description"].endswith(".")
    for path, item in document["paths"].items():
        if path.startswith("/api/v1") and path not in FOR_STRANGERS:
            for operation in item.values():
                assert operation["security"], path
                assert {"401", "503"} <= set(operation["responses"])
    assert "HTTPValidationError" not in document["components"]["schemas"]


def test_no_shape_is_called_by_the_place_of_our_code(lite_cast: Cast) -> None:
    """Two shapes of one name would be told apart by their modules, which are nobody else's business and move."""
    shapes = lite_cast.client(None).get("/api/v1/openapi.json").json()["components"]["schemas"]
    assert [name for name in shapes if "__" in name] == []
