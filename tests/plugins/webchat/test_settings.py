"""Settings of a connection, options of a widget."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from casella_webchat.settings import WebchatSettings, WidgetOptions
from tests.plugins.webchat.test_conformance import SECRET


def settings(*origins: str) -> WebchatSettings:
    return WebchatSettings.model_validate({"secret": SECRET, "origins": origins})


@pytest.mark.parametrize(
    ("pattern", "origin", "admitted"),
    [
        ("https://shop.example", "https://shop.example", True),
        ("https://shop.example", "HTTPS://SHOP.example", True),
        ("https://shop.example", "http://shop.example", False),
        ("https://shop.example", "https://shop.example:444", False),
        ("https://shop.example", "https://shop.example.evil.example", False),
        ("https://shop.example", "https://evil-shop.example", False),
        ("https://*.shop.example", "https://a.b.shop.example", True),
        ("https://*.shop.example", "https://shop.example", False),
        ("https://*.shop.example", "https://evilshop.example", False),
        ("https://*.shop.example", "https://evil.example/.shop.example", False),
        ("https://*.shop.example", "https://evil.example#.shop.example", False),
        ("https://*.shop.example", "http://a.shop.example", False),
        ("http://localhost:*", "http://localhost:8010", True),
        ("http://localhost:*", "http://localhost:evil", False),
        ("http://localhost:*", "http://localhost.evil.example:1", False),
        ("https://shop.example", "null", False),
        ("https://shop.example", "", False),
    ],
)
def test_an_origin_is_compared_whole(pattern: str, origin: str, admitted: bool) -> None:
    assert settings(pattern).admits(origin) is admitted


@pytest.mark.parametrize(
    "origin", ["shop.example", "https://shop.example/", "*", "https://*", "ftp://a", "https://a b"]
)
def test_what_is_no_origin_is_refused(origin: str) -> None:
    with pytest.raises(ValidationError, match="an origin is"):
        settings(origin)


def test_at_least_one_origin_and_a_long_secret_are_needed() -> None:
    with pytest.raises(ValidationError):
        settings()
    with pytest.raises(ValidationError, match="at least 32 characters"):
        WebchatSettings.model_validate({"secret": "short", "origins": ["https://a.example"]})


def test_options_are_read_from_the_desks_texts() -> None:
    options = WidgetOptions({"pre_chat": "name*, email,,phone *,evil", "title": "Hi", "title.it": "Ciao"})
    assert options.pre_chat == [{"name": "name", "required": True}, {"name": "email", "required": False}]
    assert (options.text("title", "it"), options.text("title", "en"), options.text("away", "it")) == (
        "Ciao",
        "Hi",
        None,
    )
    assert WidgetOptions({}).pre_chat == []
