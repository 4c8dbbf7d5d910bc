"""The pretended provider, and what the kit says about requests and logs."""

from __future__ import annotations

import logging

import httpx
import pytest
from pydantic import BaseModel, RootModel, SecretStr

from casella.plugin.testing import Answer, ExpectedRequest, Provider, SendCase, WebhookCase
from casella.plugin.testing.provider import difference, kept_log
from casella.plugin.testing.subject import secrets_in

URL = "https://toys.example/send"


def test_answers_come_in_order_and_the_last_again() -> None:
    provider = Provider((Answer(201), Answer.of_json(400, {"code": 1}), Answer.broken(httpx.ReadTimeout)))
    with provider.client() as http:
        assert http.post(URL).status_code == 201
        assert http.get(URL).json() == {"code": 1}
        for _ in range(2):
            with pytest.raises(httpx.ReadTimeout):
                http.get(URL)
    assert [request.method for request in provider.requests] == ["POST", "GET", "GET", "GET"]


def test_without_answers_the_provider_is_broken() -> None:
    with Provider(()).client() as http:
        assert http.get(URL).status_code == 500


@pytest.mark.parametrize(
    ("expected", "what"),
    [
        (ExpectedRequest(URL, form={"a": "1", "b": ["", "2"]}), ""),
        (ExpectedRequest(URL, form={"a": "1", "b": ["", "2"]}, headers={"x-key": "k"}), ""),
        (ExpectedRequest(URL), ""),
        (ExpectedRequest(URL, method="PUT"), "method"),
        (ExpectedRequest(f"{URL}?x"), "url"),
        (ExpectedRequest(URL, form={"a": "1"}), "form"),
        (ExpectedRequest(URL, form={"a": "1", "b": ["2", ""]}), "form"),
        (ExpectedRequest(URL, headers={"x-key": "other"}), "x-key"),
    ],
)
def test_a_request_is_compared_as_a_whole(expected: ExpectedRequest, what: str) -> None:
    request = httpx.Request("POST", URL, data={"a": "1", "b": ["", "2"]}, headers={"x-key": "k"})
    assert difference(request, expected).partition(":")[0] == what


def test_a_json_body_is_compared_as_json() -> None:
    request = httpx.Request("POST", URL, json={"a": [1]})
    assert difference(request, ExpectedRequest(URL, json={"a": [1]})) == ""
    assert difference(request, ExpectedRequest(URL, json={"a": 1})).startswith("json")


def test_the_log_is_kept_from_debug_up_and_left_as_it_was() -> None:
    root = logging.getLogger()
    before = (root.level, list(root.handlers))
    with kept_log() as lines:
        logging.getLogger("toy").debug("a %s", "secret")
        try:
            raise ValueError("in the traceback")
        except ValueError:
            logging.getLogger("toy").exception("oh")
    assert "a secret" in lines[0]
    assert "in the traceback" in lines[1]
    assert (root.level, list(root.handlers)) == before


def test_cases_are_named_by_their_labels() -> None:
    form = WebhookCase.of_form("a form", [("a", ""), ("a", "é")])
    assert (str(form), form.body) == ("a form", b"a=&a=%C3%A9")
    assert str(SendCase("a text")) == "a text"
    refused = form.refused("not signed", 403, signed=False)
    assert (refused.label, refused.outcome, refused.status, refused.signed) == ("not signed", "refused", 403, False)


def test_secrets_are_found_however_deep() -> None:
    class Inner(BaseModel):
        keys: dict[str, SecretStr]
        more: list[SecretStr]
        name: str = "open"

    class Outer(RootModel[Inner]):
        pass

    outer = Outer.model_validate({"keys": {"a": "one"}, "more": ["two"]})
    assert sorted(secrets_in(outer)) == ["one", "two"]
