"""The API is what its OpenAPI document says, whatever is sent: schemathesis tries, on both databases."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import APIOperation, BaseSchema, Case, GenerationMode
from schemathesis.core.failures import FailureGroup
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import positive_data_acceptance

from tests.api.conftest import Cast, cast_of
from tests.api.house import open_house
from tests.builders import make_attachment, make_conversation, make_message

EXAMPLES = {"sqlite": 12, "postgresql": 4}
"""Of each kind per operation. What a request means is decided before a database hears of it: the second one is there
for what only it refuses."""
real_ids: dict[str, list[str]] = {}
signed_in: dict[str, str] = {}


def populated(cast: Cast) -> None:
    """Something to be found: half of the ids that are tried are real."""
    channel = cast.house.channel(cast.support)
    cast.house.desk_changed()
    with cast.house.store.write() as db:
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
    real_ids.update(ids)


def schema_of(url: str, folder: Path) -> Iterator[BaseSchema]:
    with open_house(url, folder) as house:
        cast = cast_of(house)
        real_ids.clear()
        populated(cast)
        signed_in["Authorization"] = f"Bearer {house.token(cast.carla)}"
        schema = schemathesis.openapi.from_asgi("/api/v1/openapi.json", house.api)
        yield schema.exclude(path="/api/v1/events").exclude(path="/api/v1/session", method="DELETE")


def attempt_right(case: Case[Any]) -> None:
    """Signed in, and half of the ids are real."""
    chance = random.Random(repr(case.body) + repr(case.query))
    for name, ids in real_ids.items():
        if name in case.path_parameters and chance.random() < 0.5:
            case.path_parameters[name] = chance.choice(ids)
    # A well-formed request may still be refused for what it asks (a made-up cursor, a text without a word).
    case.call_and_validate(headers=signed_in, excluded_checks=[positive_data_acceptance])


def attempt_wrong(case: Case[Any]) -> None:
    """Signed in, unless what is wrong is the signing in."""
    case.call_and_validate(headers={} if "Authorization" in case.headers else signed_in)


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_every_operation_keeps_its_word(migrated_url: str, tmp_path: Path) -> None:
    for schema in schema_of(migrated_url, tmp_path):
        operations = [cast("Ok[APIOperation[Any, Any, Any, Any]]", found).ok() for found in schema.get_all_operations()]
        assert len(operations) > 30
        tries = settings(
            max_examples=EXAMPLES[migrated_url.partition(":")[0].partition("+")[0]],
            deadline=None,
            suppress_health_check=list(HealthCheck),
        )
        broken = [failure for operation in operations for failure in failures_of(operation, tries)]
        assert not broken, "\n\n".join(broken)


def failures_of(operation: APIOperation[Any, Any, Any, Any], tries: settings) -> Iterator[str]:
    """What schemathesis has against one operation, tried with requests that are right and with ones that are wrong."""
    for mode, attempt in ((GenerationMode.POSITIVE, attempt_right), (GenerationMode.NEGATIVE, attempt_wrong)):
        try:
            tries(given(case=operation.as_strategy(generation_mode=mode))(attempt))()
        except Unsatisfiable:
            assert mode is GenerationMode.NEGATIVE, operation.label  # an operation without input has no wrong ones
        except FailureGroup as group:
            yield "\n".join([f"{operation.label} ({mode.value})", *(str(failure) for failure in group.exceptions)])


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
        if path.startswith("/api/v1") and path != "/api/v1/session":
            for operation in item.values():
                assert operation["security"], path
                assert {"401", "503"} <= set(operation["responses"])
    assert "HTTPValidationError" not in document["components"]["schemas"]
