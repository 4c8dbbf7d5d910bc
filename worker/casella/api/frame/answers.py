"""Answers that are written as they are."""

from __future__ import annotations

import orjson
from fastapi import Response


def json_answer(content: object) -> Response:
    """Dataclasses, moments and all, in the form in which models write them. Nothing is checked: what is given has the
    shape that the endpoint's `response_model` documents, and a test holds them together."""
    return Response(orjson.dumps(content, option=orjson.OPT_UTC_Z), media_type="application/json")
