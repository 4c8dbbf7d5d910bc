"""The OpenAPI document: the same errors described once, as problem+json, for every path that may answer them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from casella.api.frame.problems import MEDIA_TYPE, Problem

Responses = dict[int | str, dict[str, Any]]  # FastAPI's own type

DESCRIPTION = """\
The inbox, for agents' programs and pages.

Sign in with a bearer token (`Authorization: Bearer csl_…`) or with the session cookie. Every error is
`application/problem+json` with a stable `code`. Lists go on by cursor. Every write takes an `Idempotency-Key`, and
sending a message needs one: the same key gives the same answer, and the deed is done once. What is not yours to see is
not there (404).
"""
TAGS = [
    {"name": "sign in", "description": "Sessions for browsers, tokens for programs."},
    {"name": "conversations", "description": "Lists, and what is done to a conversation."},
    {"name": "messages", "description": "Reading, answering, attachments."},
    {"name": "events", "description": "What happens, as it happens."},
    {"name": "organisation", "description": "Inboxes, channels, agents, teams, contacts."},
    {"name": "assistant", "description": "Texts proposed to agents; nothing of it is sent by itself."},
    {"name": "managers", "description": "What managers look after."},
    {"name": "server", "description": "Health."},
]
_WHEN = {
    400: "The request cannot be read, or lacks its Idempotency-Key.",
    401: "Not signed in.",
    403: "Signed in, but not allowed.",
    404: "Not there, or not yours to see.",
    409: "Somebody was faster, the key was used before, or it is switched off.",
    410: "The cursor is older than what is kept.",
    413: "Too large.",
    415: "Of a content type that is not taken.",
    422: "The content is wrong, or may not be sent.",
    429: "Too many attempts, or today's budget is used up; see Retry-After.",
    503: "The database does not answer; see Retry-After.",
}


PROBLEM_CONTENT = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}


def errors(*statuses: int) -> Responses:
    """For `responses=` of a path. 401, 422 and 503 may come from every path of agents."""
    wanted = sorted({401, 422, 503, *statuses})
    return {status: {"description": _WHEN[status], "content": PROBLEM_CONTENT} for status in wanted}


WRITE_ERRORS = (400, 403, 404, 409, 413, 415)


def document(app: FastAPI) -> Mapping[str, Any]:
    """Made once, on first demand."""
    if app.openapi_schema is None:
        found = get_openapi(
            title=app.title,
            version=app.version,
            description=app.description,
            routes=app.routes,
            tags=TAGS,
        )
        schemas = found.setdefault("components", {}).setdefault("schemas", {})
        model = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
        schemas.update(model.pop("$defs", {}))
        schemas["Problem"] = model
        for unused in ("HTTPValidationError", "ValidationError"):
            schemas.pop(unused, None)
        app.openapi_schema = found
    return app.openapi_schema
