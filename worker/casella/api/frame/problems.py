"""Errors as application/problem+json (RFC 9457), with stable codes, in the reader's language; never a bare 500."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from http import HTTPStatus

import orjson
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ConfigDict, Field, JsonValue
from starlette.exceptions import HTTPException

from casella.errors import CasellaError
from casella.texts import DID_YOU_MEAN, Locale, locale_of, sentence, title
from casella.texts.field_errors import field_error, in_italian

MEDIA_TYPE = "application/problem+json"
_OF_STATUS = {
    400: ("malformed", "The request could not be read."),
    404: ("no_such_path", "There is no such path."),
    405: ("method_not_allowed", "This path does not take this method."),
    413: ("too_large", "The request is larger than this path takes."),
    415: ("unsupported_media_type", "Send the body as application/json."),
}
_KEY_REQUIRED = "Send an Idempotency-Key header, a new one for each new message."
_INTERNAL = "Something went wrong here; it has been noted. Try again, and name the request id if it stays."


class FieldProblem(BaseModel):
    """One thing that is wrong with a request."""

    loc: list[str | int] = Field(description="Where: body, query, path or header, then the field's name.")
    code: str = Field(description="What is wrong, for programs.")
    text: str = Field(description="What is wrong, for people.")


class Problem(BaseModel):
    """What went wrong, for programs (`code`) and for people (`title`, `detail`). Some codes carry more members: an
    `assignment_lost` names the `assignee_id` and `assignee_name` who has it."""

    model_config = ConfigDict(
        extra="allow",
        json_schema_extra={
            "examples": [
                {
                    "type": "urn:casella:problem:not_found",
                    "title": "Not found",
                    "status": 404,
                    "detail": "There is no such conversation, or it is not yours to see.",
                    "code": "not_found",
                    "request_id": "01KB2Z8Q4M7T1V3X5Y7Z9A1C3E",
                }
            ]
        },
    )

    type: str = Field(description="A URN that ends with the code.")
    title: str
    status: int
    detail: str
    code: str = Field(description="Stable; programs decide by it.")
    request_id: str | None = Field(None, description="Also in the header X-Request-Id and in the logs.")
    errors: list[FieldProblem] | None = Field(None, description="With the code `invalid`: every field that is wrong.")


def problem(
    request: Request,
    status: int,
    code: str,
    detail: str,
    *,
    extra: Mapping[str, JsonValue] | None = None,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """The answer for an error, in the language of Accept-Language."""
    locale = locale_of(request.headers.get("accept-language", ""))
    body = _body(request, status, code, detail, extra or {})
    given = {"Content-Language": locale, "Vary": "Accept-Language", **(headers or {})}
    return Response(orjson.dumps(body), status, given, MEDIA_TYPE)


def described(request: Request, error: CasellaError) -> dict[str, JsonValue]:
    """The problem that an error is, where it is told within an answer."""
    return _body(request, error.status, error.reason, error.text, error.extra)


def _body(
    request: Request, status: int, code: str, detail: str, extra: Mapping[str, JsonValue]
) -> dict[str, JsonValue]:
    locale = locale_of(request.headers.get("accept-language", ""))
    return {
        **extra,
        "type": f"urn:casella:problem:{code}",
        "title": title(code, locale) or HTTPStatus(status).phrase,
        "status": status,
        "detail": _with_nearest(sentence(detail, locale), extra.get("nearest"), locale),
        "code": code,
        "request_id": getattr(request.state, "request_id", None),
    }


def _with_nearest(text: str, near: object, locale: Locale) -> str:
    """The sentence, and the name that was probably meant where an error knows one."""
    return f"{text} {sentence(DID_YOU_MEAN, locale).format(near)}" if isinstance(near, str) else text


def install(app: FastAPI) -> None:
    """Let every exception of this application be answered as a problem."""
    app.add_exception_handler(CasellaError, _casella_error)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http_exception)
    app.add_exception_handler(Exception, _unexpected)


async def _casella_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, CasellaError)
    return of_error(request, error)


def of_error(request: Request, error: CasellaError) -> Response:
    """The problem that one of our errors is."""
    if error.status == 500:
        return problem(request, 500, "internal", _INTERNAL)
    headers = {}
    extra: dict[str, JsonValue] = dict(error.extra)
    if error.status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    if error.status in (429, 503):
        headers["Retry-After"] = str(extra.get("retry_after", 2))
    return problem(request, error.status, error.reason, error.text, extra=extra, headers=headers)


async def _invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    found: Sequence[Mapping[str, object]] = error.errors()
    if any(item["type"] == "json_invalid" for item in found):
        return problem(request, 400, "malformed_json", "The body is not valid JSON.")
    if any(item["loc"] == ("header", "Idempotency-Key") and item["type"] == "missing" for item in found):
        return problem(request, 400, "idempotency_key_required", _KEY_REQUIRED)
    if _wrong_media_type(request, found):
        return problem(request, 415, *_OF_STATUS[415])
    locale = locale_of(request.headers.get("accept-language", ""))
    errors: list[JsonValue] = [_field_problem(item, locale) for item in found[:50]]
    return problem(request, 422, "invalid", "The request's content is wrong.", extra={"errors": errors})


def _field_problem(item: Mapping[str, object], locale: Locale) -> dict[str, JsonValue]:
    """Without the input itself: it may be long, or a secret."""
    loc = item["loc"]
    parts: list[JsonValue] = (
        [part if isinstance(part, int) else clean(str(part)) for part in loc] if isinstance(loc, tuple) else []
    )
    return {"loc": parts, "code": str(item["type"]), "text": clean(_field_text(item, locale))}


def _field_text(item: Mapping[str, object], locale: Locale) -> str:
    """What is wrong: pydantic's own kinds by their parameters, ours by our sentence."""
    kind, context = str(item["type"]), item.get("ctx")
    parameters = context if isinstance(context, dict) else {}
    if kind in ("value_error", "assertion_error"):
        return field_error(str(parameters.get("error", item["msg"])), locale)
    known = in_italian(kind, parameters) if locale == "it" else None
    return known or sentence(str(item["msg"]), locale)


def clean(text: str) -> str:
    """Fit for JSON: names of unknown fields come from the request and may hold lone surrogates."""
    return text[:200].encode("utf-8", "replace").decode()


def _wrong_media_type(request: Request, found: Sequence[Mapping[str, object]]) -> bool:
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    is_json = media_type.startswith("application/") and (media_type.endswith(("/json", "+json")))
    about_body = any(item["loc"] == ("body",) and item["type"] != "missing" for item in found)
    return about_body and not is_json and not media_type.startswith("multipart/")


async def _http_exception(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    return of_status(request, error.status_code, error.headers)


def of_status(request: Request, status: int, headers: Mapping[str, str] | None = None) -> Response:
    """The problem for a status that the framework has chosen."""
    code, detail = _OF_STATUS.get(status, ("error", f"{HTTPStatus(status).phrase}."))
    return problem(request, status, code, detail, headers=headers)


async def _unexpected(request: Request, _error: Exception) -> Response:
    return problem(request, 500, "internal", _INTERNAL)
